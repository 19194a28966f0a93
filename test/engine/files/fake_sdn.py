"""Proxmox's SDN, of which fakepve keeps nothing: zones and vnets are noted first, and count once they are applied.

What waits is told as Proxmox VE 9 tells it: beside the values that count, only those that differ, and of a new object
all of them.
"""

from __future__ import annotations

from typing import Any

from fakepve import PveError
from fakepve.routing import StatefulRoutes

KINDS = {"zone": "zones", "vnet": "vnets"}
OWN = {"type", "digest", "lock-token", "delete"}


class SdnApi(StatefulRoutes):  # type: ignore[misc]
    """A part of the fake: `noted` and `running` hold the objects, by kind and name."""

    noted: dict[str, dict[str, dict[str, Any]]]
    running: dict[str, dict[str, dict[str, Any]]]

    def _routes_sdn(self) -> list[tuple[str, str, Any]]:
        self.noted = {kind: {} for kind in KINDS}
        self.running = {kind: {} for kind in KINDS}
        routes: list[tuple[str, str, Any]] = [("PUT", "/cluster/sdn", self._sdn_apply)]
        for kind, folder in KINDS.items():
            where = f"/cluster/sdn/{folder}"
            one = f"{where}/{{{kind}}}"
            routes += [
                ("GET", where, self._sdn_list(kind)),
                ("POST", where, self._sdn_create(kind)),
                ("GET", one, self._sdn_read(kind)),
                ("PUT", one, self._sdn_update(kind)),
                ("DELETE", one, self._sdn_delete(kind)),
            ]
        return routes

    def _sdn_list(self, kind: str) -> Any:
        async def index(_values: dict[str, Any], _user: str) -> list[dict[str, Any]]:
            base = {"type": "vxlan" if kind == "zone" else "vnet", "digest": "0" * 40}
            return [{kind: name, **base, **noted} for name, noted in sorted(self.noted[kind].items())]

        return index

    def _sdn_create(self, kind: str) -> Any:
        async def create(values: dict[str, Any], _user: str) -> None:
            self.need_quorum()
            name = values[kind]
            if name in self.noted[kind]:
                raise PveError(500, f"sdn {kind} object ID '{name}' already defined")
            self.noted[kind][name] = self._sdn_kept(kind, values)

        return create

    def _sdn_read(self, kind: str) -> Any:
        async def read(values: dict[str, Any], _user: str) -> dict[str, Any]:
            name = values[kind]
            noted = self.noted[kind].get(name)
            if noted is None:
                raise PveError(500, f"sdn '{name}' does not exist")
            base = {kind: name, "type": "vxlan" if kind == "zone" else "vnet"}
            if not values.get("pending"):
                return {**base, **noted}
            running = self.running[kind].get(name)
            waiting = {key: value for key, value in noted.items() if (running or {}).get(key) != value}
            gone = {key: "deleted" for key in running or {} if key not in noted}
            told = {**base, **(running or {})}
            if waiting or gone:
                told |= {"pending": waiting | gone, "state": "changed" if running else "new"}
            return told

        return read

    def _sdn_update(self, kind: str) -> Any:
        async def update(values: dict[str, Any], _user: str) -> None:
            self.need_quorum()
            noted = self.noted[kind][values[kind]]
            noted.update(self._sdn_kept(kind, values))
            for key in str(values.get("delete") or "").split(","):
                noted.pop(key, None)

        return update

    def _sdn_delete(self, kind: str) -> Any:
        async def delete(values: dict[str, Any], _user: str) -> None:
            del self.noted[kind][values[kind]]

        return delete

    async def _sdn_apply(self, _values: dict[str, Any], user: str) -> Any:
        async def body() -> None:
            for kind, objects in self.noted.items():
                self.running[kind] = {name: dict(values) for name, values in objects.items()}

        return await self.task(sorted(self.nodes)[0], "reloadnetworkall", "", user, body)

    @staticmethod
    def _sdn_kept(kind: str, values: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in values.items() if key not in OWN | {kind}}

    def sdn_alias(self, name: str, alias: str) -> Any:
        """As somebody writes it in Proxmox's own pages; answers what it was."""
        before = self.noted["vnet"][name].get("alias")
        self.noted["vnet"][name]["alias"] = alias
        return before

    def in_effect(self) -> dict[str, Any]:
        return self.running
