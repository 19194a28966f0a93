"""Proxmox VE's API, by fakepve: it checks each request against the API's own schema, and keeps what was asked for.

Each line on standard input is a list: the name of a method of FakePve or of one below, and its arguments. Each gets
one line as its answer, in JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from fake_sdn import SdnApi
from fakepve import FakePve, shapes

TOKEN = "vmstation@pve!pulumi"


def with_pending(vm: Any) -> dict[str, Any]:
    whole = {**vm.config, **vm.pending}
    return {key: value for key, value in whole.items() if value is not None}


class Api(SdnApi, FakePve):  # type: ignore[misc]
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

    def status(self, vmid: int) -> str:
        return str(self.vm(vmid).status)

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

    def waiting(self, vmid: int) -> dict[str, Any]:
        """What counts from the machine's next start on."""
        return dict(self.vm(vmid).pending)

    def storage(self, name: str, content: str) -> None:
        self.storages[name]["content"] = content

    def heal(self) -> None:
        self.failures.clear()
        self.regain_quorum()


async def main(host: str, port: str, certificate: str, key: str) -> None:
    pve = Api(host=host, port=int(port))
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
