"""The move of a machine to another host, which fakepve answers and does not do.

As qemu-server has it (PVE::API2::Qemu, migrate_vm): the right is checked by the API's schema, what can be seen early is
refused at once, and a task moves the machine. One that high availability manages is moved by that.
"""

from __future__ import annotations

from typing import Any

from fakepve import PveError
from fakepve.routing import StatefulRoutes, param_error


class MoveApi(StatefulRoutes):  # type: ignore[misc]
    def _routes_moves(self) -> list[tuple[str, str, Any]]:
        return [("POST", "/nodes/{node}/qemu/{vmid}/migrate", self._move)]

    async def _move(self, values: dict[str, Any], user: str) -> Any:
        target = values["target"]
        if target == values["node"]:
            raise param_error(target="target is local node.")
        self.need_quorum()
        if target not in self.nodes:
            raise PveError(500, f"no such cluster node '{target}'")
        vm = self.vm(int(values["vmid"]))
        if vm.node != values["node"]:
            file = f"nodes/{values['node']}/qemu-server/{vm.vmid}.conf"
            raise PveError(500, f"Configuration file '{file}' does not exist")
        if vm.lock is not None:
            raise PveError(500, f"VM is locked ({vm.lock})")
        if vm.status == "running" and not values.get("online"):
            raise PveError(500, "can't migrate running VM without --online")
        return await self.migrate(vm.vmid, target, user=user)

    def host_of(self, vmid: int) -> str:
        return str(self.vm(vmid).node)

    def move_by_hand(self, vmid: int, node: str) -> None:
        self.vm(vmid).node = node
