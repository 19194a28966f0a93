"""Proxmox VE's API, by fakepve: it checks each request against the API's own schema, and keeps what was asked for.

Each line on standard input is a list: the name of a method of FakePve or of one below, and its arguments. Each gets
one line as its answer, in JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from fake_ha import HaApi
from fake_moves import MoveApi
from fake_sdn import SdnApi
from fakepve import FakePve, shapes

TOKEN = "vmstation@pve!pulumi"


def with_pending(vm: Any) -> dict[str, Any]:
    """What waits as numbers too, where the API's description has numbers and fakepve keeps what was sent."""
    whole = {**vm.config, **vm.pending}
    numbers = ("cores", "sockets", "balloon")
    return {key: int(value) if key in numbers else value for key, value in whole.items() if value is not None}


class BothForms:
    """A router that takes a path with a slash at its end as well: Proxmox skips the empty parts of a path
    (PVE::RESTHandler, find_handler), and the provider sends such a slash where it makes or lists."""

    def __init__(self, router: Any) -> None:
        self.router = router

    def add_route(self, method: str, path: str, handler: Any) -> None:
        self.router.add_route(method, path, handler)
        if not path.endswith("}"):
            self.router.add_route(method, f"{path}/", handler)


class Api(HaApi, MoveApi, SdnApi, FakePve):  # type: ignore[misc]
    # Requests that are never answered, as [method, end of the path], and the paths of those that came.
    silent: list[list[str]]
    unanswered: list[str]
    # Requests that are carried out and whose answer is lost, as [method, end of the path].
    lost: list[list[str]]
    # Seconds that every answer takes.
    late = 0.0

    def hush(self, requests: list[list[str]]) -> None:
        self.silent = requests
        self.unanswered = []

    def lose(self, requests: list[list[str]]) -> None:
        self.lost = requests

    def pace(self, scale: float) -> None:
        """Seconds that one second of Proxmox's takes; 0: a task ends before its request is answered."""
        self.time_scale = scale

    def delay(self, seconds: float) -> None:
        self.late = seconds

    def came(self) -> list[str]:
        return sorted(set(self.unanswered))

    async def _answer(self, request: Any, *args: Any) -> Any:
        """What is not answered is not done either: the one who asks is killed meanwhile."""
        for method, end in self.silent:
            if request.method == method and request.path.endswith(end):
                self.unanswered.append(request.path)
                await asyncio.Event().wait()
        await asyncio.sleep(self.late)
        answer = await super()._answer(request, *args)
        if any(request.method == method and request.path.endswith(end) for method, end in self.lost):
            request.transport.abort()
        return answer

    def _register_stateful(self, router: Any, prefixes: Any) -> None:
        super()._register_stateful(BothForms(router), prefixes)

    def asked(self) -> list[list[str]]:
        """Each request that changed something, as [method, path, body]; then they are forgotten."""
        changes = [
            [method, path, body.decode() if isinstance(body, bytes) else str(body or "")]
            for method, path, body in self.requests
            if method != "GET"
        ]
        self.requests.clear()
        return changes

    def config(self, vmid: int) -> dict[str, Any]:
        return with_pending(self.vm(vmid))

    async def _config_get(self, request: Any) -> Any:
        """By the API's description with what waits for a restart, where fakepve leaves that out."""
        vm = self._vm(request, "VM.Audit")
        kept, vm.config = vm.config, with_pending(vm)
        try:
            return await super()._config_get(request)
        finally:
            vm.config = kept

    def _routes_pending(self) -> list[tuple[str, str, Any]]:
        async def pending(values: dict[str, Any], _user: str) -> list[dict[str, Any]]:
            """What counts now, and what counts from the next start on (qemu-server, vm_pending)."""
            vm = self.vm(int(values["vmid"]))
            told = {key: {"key": key, "value": str(value)} for key, value in vm.config.items()}
            for key, value in vm.pending.items():
                later = {"delete": 1} if value is None else {"pending": str(value)}
                told[key] = {"key": key, **told.get(key, {}), **later}
            return [told[key] for key in sorted(told)]

        return [("GET", "/nodes/{node}/qemu/{vmid}/pending", pending)]

    def status(self, vmid: int) -> str:
        return str(self.vm(vmid).status)

    def lock_of(self, vmid: int) -> Any:
        return self.vm(vmid).lock

    def allow(self, rights: dict[str, list[str]]) -> None:
        """These rights of the token, by path, and no other."""
        self.acl = None
        for path, names in rights.items():
            self.grant(TOKEN, path, *names)

    def require(self, user: str, path: str, priv: str) -> None:
        """For a download, fakepve asks for rights to the cluster. In the API's schema one to the host is enough."""
        hosts = [f"/nodes/{name}" for name in self.nodes]
        if path == "/" and any(self.allowed(user, each, "Sys.AccessNetwork") for each in hosts):
            return
        super().require(user, path, priv)

    async def _permissions(self, v: Any, user: str) -> dict[str, Any]:
        """By the API's description: for one path what holds there, by its pool too, which fakepve leaves out."""
        path = v.get("path")
        if path is None:
            return dict(await super()._permissions(v, user))
        return {path: {name: 1 for name in shapes.PRIVILEGES if self.allowed(user, path, name)}}

    def make(self, vmid: int, name: str, node: str) -> None:
        """A machine of the pool that is there without anybody having asked for it."""
        self.add_vm(vmid, name=name, node=node, status="stopped", pool="vmstation")

    def hide(self, vmid: int, name: str, node: str) -> None:
        """A machine in no pool."""
        self.add_vm(vmid, name=name, node=node)

    def change(self, vmid: int, **values: Any) -> None:
        for key, value in values.items():
            setattr(self.vm(vmid), key, value)

    def by_hand(self, vmid: int, values: dict[str, Any]) -> None:
        """As somebody does in Proxmox's own pages: an empty value takes a key away."""
        vm = self.vm(vmid)
        for key, value in values.items():
            vm.pending.pop(key, None)
            if value is None:
                vm.config.pop(key, None)
            else:
                vm.config[key] = value

    def agent_address(self, vmid: int, address: str) -> None:
        """What the machine's guest agent tells."""
        vm = self.vm(vmid)
        vm.config["agent"] = "1"
        own = [{"ip-address": address, "ip-address-type": "ipv4", "prefix": 24}]
        vm.agent = {"interfaces": [{"name": "ens18", "hardware-address": "bc:24:11:00:00:63", "ip-addresses": own}]}

    def waiting(self, vmid: int) -> dict[str, Any]:
        """What counts from the machine's next start on."""
        return dict(self.vm(vmid).pending)

    def storage(self, name: str, content: str) -> None:
        self.storages[name]["content"] = content

    def share(self, name: str, is_shared: bool) -> None:
        """Whether a storage is one for all hosts, or each has its own by that name."""
        self.storages[name]["shared"] = 1 if is_shared else 0

    def replicate(self, vmid: int, target: str) -> None:
        """A job that copies a machine's disk to another host."""
        self.jobs.append({"id": f"{vmid}-{len(self.jobs)}", "guest": vmid, "target": target, "type": "local"})

    def _routes_replication(self) -> list[tuple[str, str, Any]]:
        self.jobs: list[dict[str, Any]] = []

        async def jobs(_values: dict[str, Any], user: str) -> list[dict[str, Any]]:
            return [job for job in self.jobs if self.allowed(user, f"/vms/{job['guest']}", "VM.Audit")]

        return [("GET", "/cluster/replication", jobs)]

    def pool_names(self) -> list[str]:
        return sorted(self.pools)

    def pool_comment(self, name: str, comment: str) -> None:
        self.pool_info[name]["comment"] = comment

    def forget_pool(self, name: str) -> None:
        self.pools.pop(name, None)
        self.pool_info.pop(name, None)

    def room(self, name: str, left: int | None) -> None:
        """Bytes that a storage has left; as before for none."""
        self.storages[name].pop("avail", None)
        if left is not None:
            self.storages[name]["avail"] = left

    def machines(self) -> list[int]:
        return sorted(vm.vmid for vm in self.vms)

    def empty(self) -> None:
        """No machine any more, and storages as they were."""
        self.ha_empty()
        self.jobs.clear()
        self.vms.clear()
        self.storages["local"]["content"] = "iso,vztmpl,backup,import"

    def heal(self) -> None:
        self.failures.clear()
        self.hush([])
        self.lose([])
        self.pace(0)
        self.regain_quorum()


async def main(host: str, port: str, certificate: str, key: str) -> None:
    pve = Api(host=host, port=int(port))
    pve.hush([])
    pve.lose([])
    pve.nodes = {name: {"online": True} for name in ("pve-a", "pve-b")}
    pve.apitokens[TOKEN] = "secret-of-the-token"
    pve.add_ceph_storage("ceph-pool", "rbd")
    pve.storages["local"]["content"] = "iso,vztmpl,backup,import"
    pve.pools["vmstation"] = set()
    pve.pool_info["vmstation"] = {"comment": None, "storage": set()}
    await pve.start(certificate, key)
    print(json.dumps(pve.port), flush=True)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        name, *args = json.loads(line)
        keywords = args.pop() if args and isinstance(args[-1], dict) and name == "change" else {}
        answer = getattr(pve, name)(*args, **keywords)
        print(json.dumps(answer, default=str), flush=True)


asyncio.run(main(*sys.argv[1:]))
