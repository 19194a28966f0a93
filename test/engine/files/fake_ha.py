"""Proxmox's high availability, of which fakepve keeps nothing but a machine's state: resources, and rules for them.

As Proxmox VE 9 has it: a resource is a machine that is there; a rule with nodes names resources that are there, each of
which is in one such rule; a resource that leaves is taken out of the rules, and a rule without resources goes.

Errors are worded as in pve-ha-manager (PVE::API2::HA::Resources and Rules, PVE::HA::Config): the provider reads them.
"""

from __future__ import annotations

from typing import Any

from fakepve import PveError
from fakepve.routing import StatefulRoutes, split_list

OWN = {"sid", "rule", "digest", "delete"}
FLAGS = ("failback", "disable", "strict")


class HaApi(StatefulRoutes):  # type: ignore[misc]
    """A part of the fake: `ha_resources` by "vm:NUMBER", `ha_rules` by name."""

    ha_resources: dict[str, dict[str, Any]]
    ha_rules: dict[str, dict[str, Any]]

    def _routes_ha(self) -> list[tuple[str, str, Any]]:
        self.ha_resources = {}
        self.ha_rules = {}
        resources, rules = "/cluster/ha/resources", "/cluster/ha/rules"
        return [
            ("GET", resources, self._ha_list),
            ("POST", resources, self._ha_create),
            ("GET", f"{resources}/{{sid}}", self._ha_read),
            ("PUT", f"{resources}/{{sid}}", self._ha_update),
            ("DELETE", f"{resources}/{{sid}}", self._ha_delete),
            ("POST", f"{resources}/{{sid}}/migrate", self._ha_migrate),
            ("GET", rules, self._rule_list),
            ("POST", rules, self._rule_create),
            ("GET", f"{rules}/{{rule}}", self._rule_read),
            ("PUT", f"{rules}/{{rule}}", self._rule_update),
            ("DELETE", f"{rules}/{{rule}}", self._rule_delete),
        ]

    def _ha_machine(self, sid: str) -> Any:
        for vm in self.vms:
            if sid == f"vm:{vm.vmid}":
                return vm
        raise PveError(500, f"resource '{sid}' does not exist in cluster")

    def _ha_known(self, sid: str, words: str = "no such resource '{}'") -> dict[str, Any]:
        if sid not in self.ha_resources:
            raise PveError(500, words.format(sid))
        return self.ha_resources[sid]

    async def _ha_list(self, values: dict[str, Any], _user: str) -> list[dict[str, Any]]:
        kind = values.get("type")
        return [
            {"sid": sid, "type": "vm", **kept}
            for sid, kept in sorted(self.ha_resources.items())
            if kind in (None, sid.split(":")[0])
        ]

    async def _ha_create(self, values: dict[str, Any], _user: str) -> None:
        self.need_quorum()
        sid = values["sid"]
        vm = self._ha_machine(sid)
        if sid in self.ha_resources:
            raise PveError(500, f"create resource failed: resource ID '{sid}' already defined")
        self.ha_resources[sid] = _kept(values)
        vm.ha_state = values.get("state", "started")

    async def _ha_read(self, values: dict[str, Any], _user: str) -> dict[str, Any]:
        sid = values["sid"]
        return {"sid": sid, "type": "vm", "digest": "0" * 40, **self._ha_known(sid)}

    async def _ha_update(self, values: dict[str, Any], _user: str) -> None:
        self.need_quorum()
        kept = self._ha_known(values["sid"], "update resources config failed: no such resource '{}'")
        kept.update(_kept(values))
        for key in split_list(values.get("delete")):
            kept.pop(key, None)
        self._ha_machine(values["sid"]).ha_state = kept.get("state", "started")

    async def _ha_delete(self, values: dict[str, Any], _user: str) -> None:
        self.need_quorum()
        sid = values["sid"]
        self._ha_known(sid, "cannot delete service '{}', not HA managed!")
        self._ha_forget(sid)

    def _ha_forget(self, sid: str) -> None:
        self.ha_resources.pop(sid, None)
        for vm in self.vms:
            if sid == f"vm:{vm.vmid}":
                vm.ha_state = None
        for name, rule in list(self.ha_rules.items()):
            left = [each for each in split_list(rule["resources"]) if each != sid]
            rule["resources"] = ",".join(left)
            if not left:
                del self.ha_rules[name]

    async def _ha_migrate(self, values: dict[str, Any], _user: str) -> dict[str, Any]:
        self.need_quorum()
        sid, node = values["sid"], values["node"]
        self._ha_known(sid, "resource '{}' is not HA managed")
        self._ha_machine(sid).node = node
        return {"sid": sid, "requested-node": node}

    async def _rule_list(self, values: dict[str, Any], _user: str) -> list[dict[str, Any]]:
        kind, sid = values.get("type"), values.get("resource")
        return [
            {"rule": name, **rule}
            for name, rule in sorted(self.ha_rules.items())
            if kind in (None, rule["type"]) and (sid is None or sid in split_list(rule["resources"]))
        ]

    async def _rule_create(self, values: dict[str, Any], _user: str) -> None:
        self.need_quorum()
        name = values["rule"]
        if name in self.ha_rules:
            raise PveError(500, f"create ha rule failed: HA rule '{name}' already defined")
        self._rule_check("create ha rule failed", name, values)
        self.ha_rules[name] = _enabled(_kept(values))

    def _rule_check(self, what: str, name: str, values: dict[str, Any]) -> None:
        for node in split_list(values.get("nodes")):
            if node.split(":")[0] not in self.nodes:
                raise PveError(500, f"{what}: cannot use non-existent node(s) {node}.")
        for sid in split_list(values.get("resources")):
            if sid not in self.ha_resources:
                raise PveError(500, f"{what}: cannot use unmanaged resource(s) {sid}.")
            for other, rule in self.ha_rules.items():
                if other != name and values["type"] == rule["type"] == "node-affinity":
                    if sid in split_list(rule["resources"]):
                        raise PveError(500, f"{what}: Rule '{name}' is invalid.")

    def _rule_known(self, name: str, words: str = "no such ha rule '{}'") -> dict[str, Any]:
        if name not in self.ha_rules:
            raise PveError(500, words.format(name))
        return self.ha_rules[name]

    async def _rule_read(self, values: dict[str, Any], _user: str) -> dict[str, Any]:
        return {"rule": values["rule"], "digest": "0" * 40, **self._rule_known(values["rule"])}

    async def _rule_update(self, values: dict[str, Any], _user: str) -> None:
        self.need_quorum()
        kept = self._rule_known(values["rule"], "update HA rules failed: HA rule '{}' does not exist")
        self._rule_check("update HA rules failed", values["rule"], values)
        # A rule that is disabled stays so: Proxmox skips `disable=0`, and wants the key deleted.
        kept.update(_enabled(_kept(values)))
        for key in split_list(values.get("delete")):
            kept.pop(key, None)

    async def _rule_delete(self, values: dict[str, Any], _user: str) -> None:
        self.need_quorum()
        self.ha_rules.pop(values["rule"], None)

    def available(self) -> dict[str, Any]:
        return {"resources": self.ha_resources, "rules": self.ha_rules}

    def ha_by_hand(self, sid: str, values: dict[str, Any] | None) -> None:
        """As somebody does in Proxmox's own pages; nothing takes the resource out."""
        vm = self._ha_machine(sid)
        if values is None:
            self._ha_forget(sid)
            return
        self.ha_resources.setdefault(sid, {"state": "started"}).update(values)
        vm.ha_state = self.ha_resources[sid]["state"]

    def ha_rule_by_hand(self, name: str, sid: str, nodes: str) -> None:
        self.ha_rules[name] = {"type": "node-affinity", "resources": sid, "nodes": nodes}

    def ha_rule_disabled(self, name: str) -> None:
        self.ha_rules[name]["disable"] = 1

    def fail_over(self, vmid: int, node: str) -> None:
        """High availability has started the machine on another host."""
        self._ha_machine(f"vm:{vmid}").node = node

    def ha_error(self, vmid: int) -> None:
        """It has given up on the machine, which its resource does not show."""
        self._ha_machine(f"vm:{vmid}").ha_state = "error"

    def ha_empty(self) -> None:
        self.ha_resources.clear()
        self.ha_rules.clear()
        for vm in self.vms:
            vm.ha_state = None


def _kept(values: dict[str, Any]) -> dict[str, Any]:
    """Flags as Proxmox tells them, whatever they were sent as."""
    return {
        key: (1 if value in (True, 1, "1", "true", "yes", "on") else 0) if key in FLAGS else value
        for key, value in values.items()
        if key not in OWN and value is not None
    }


def _enabled(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key != "disable" or value}
