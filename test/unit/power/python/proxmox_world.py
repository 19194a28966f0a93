"""Proxmox's API as far as the power controller asks it, and one virtual machine there, box."""

from __future__ import annotations

from typing import Any, cast
from unittest import mock

from box_world import WithWorld
from fakes import quiet
from support import policy

import hosts
import proxmox_sleep
import way_proxmox
import ways
from model import Settings
from proxmox import ProxmoxError
from record import Record

ACCESS = {
    "id": 151,
    "host": "pve-b",
    "endpoints": ["https://192.0.2.1:8006", "https://192.0.2.2:8006"],
    "tokenFile": "/dev/null",
    "hosts": {"pve-b": "02:00:00:00:00:0b"},
    "storage": "ceph-pool",
}
VIRTUAL = {"proxmox": ACCESS, "method": "poweroff", "mac": None}
SETTINGS = cast("Settings", {"broadcast": "192.0.2.255"})

START = "/nodes/pve-b/qemu/151/status/start"
OFF = ("/nodes/pve-b/qemu/151/status/shutdown", {"timeout": "300"})
SUSPEND = ("/nodes/pve-b/qemu/151/status/suspend", {"todisk": "1", "statestorage": "ceph-pool"})
TASK = "/nodes/pve-b/tasks/UPID:pve-b:1/status"
TASKS = "/nodes/pve-b/tasks"
ROOM = "/nodes/pve-b/storage/ceph-pool/status"
SHUTDOWN = ("/nodes/pve-b/status", {"command": "shutdown"})


class FakeApi:
    """Answers by path; an exception is raised."""

    def __init__(self) -> None:
        self.box: dict[str, Any] = {
            **{"type": "qemu", "vmid": 151, "name": "box", "node": "pve-b", "status": "stopped"},
        }
        self.online = {"pve-a": True, "pve-b": True, "pve-c": True}
        self.others: list[dict[str, Any]] = []
        self.denied: set[str] = set()
        self.answers: dict[str, Any] = {
            TASKS: [{"type": "qmshutdown", "endtime": 1767355100}],
            "/nodes/pve-b/ceph/mon": ProxmoxError("Proxmox: 500 binary not installed: /usr/bin/ceph-mon"),
        }
        self.posts: list[tuple[str, dict[str, str]]] = []

    def get(self, path: str, /, **query: str) -> Any:
        nodes = [{"node": name, "name": name, "type": "node", "online": int(on)} for name, on in self.online.items()]
        if path == "/cluster/resources":
            return [
                {**self.box},
                *self.others,
                *({**n, "status": "online" if n["online"] else "offline"} for n in nodes),
            ]
        if path == "/access/permissions":
            names = ("VM.PowerMgmt", "VM.Audit", "Sys.Audit", "VM.Config.Disk", "Datastore.AllocateSpace")
            return {query["path"]: {name: 1 for name in names if f"{name} {query['path']}" not in self.denied}}
        if path.endswith("/status/current"):
            return {"status": self.box["status"]}
        if path == "/cluster/status":
            return self.answers.get(path, [{"type": "cluster", "nodes": len(nodes), "quorate": 1}, *nodes])
        answer = self.answers[path]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def post(self, path: str, /, **values: str) -> str:
        self.posts.append((path, values))
        if path == START:
            self.answers["/nodes/pve-b/tasks/UPID:pve-b:1/status"] = {"status": "stopped", "exitstatus": "OK"}
        return "UPID:pve-b:1"


class WithApi(WithWorld):
    changes = VIRTUAL

    def setUp(self) -> None:
        super().setUp()
        self.api = FakeApi()
        self.packets: list[str] = []
        for module in (way_proxmox, proxmox_sleep, hosts):
            patch = mock.patch.object(module, "Proxmox", lambda _access: self.api)
            patch.start()
            self.addCleanup(patch.stop)
        sender = mock.patch("way_magic_packet.send", lambda mac, *_rest: self.packets.append(mac))
        sender.start()
        self.addCleanup(sender.stop)
        self.way = way_proxmox.create(SETTINGS, mock.Mock())
        self.world.ways = [self.way]

    def wake(self) -> str:
        with quiet() as out:
            ways.wake([self.way], self.world.only())
        return out.getvalue()


class WithMachine(WithApi):
    """The machine runs; it goes off by an order whose task ends well, and runs again after a start."""

    def setUp(self) -> None:
        super().setUp()
        self.api.box.update(status="running", maxmem=8 * 2**30)
        self.api.answers.update({ROOM: {"avail": 9 * 2**30}, TASK: {"status": "stopped", "exitstatus": "OK"}})
        sent = self.api.post

        def post(path: str, /, **values: str) -> str:
            task = sent(path, **values)
            if path == START:
                self.turn("running")
            elif str(self.api.answers[TASK].get("exitstatus")) in ("OK", "WARNINGS: 1"):
                self.turn("stopped", "suspended" if path == SUSPEND[0] else "")
            return task

        patch = mock.patch.object(self.api, "post", post)
        patch.start()
        self.addCleanup(patch.stop)

    def turn(self, status: str, lock: str = "") -> None:
        self.api.box.update(status=status, lock=lock)
        self.world.machines.up = self.world.kube.alive = status == "running"

    def paths(self) -> list[str]:
        """What was ordered, in turn."""
        return [path for path, _ in self.api.posts]

    def check_later(self) -> Record:
        self.world.let_pass(policy()["sleepTimeout"] + 1)
        return cast("Record", self.check()[1])
