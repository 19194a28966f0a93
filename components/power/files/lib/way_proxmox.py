"""A virtual machine, through the API of Proxmox VE; its host, which may be off, by a magic packet before."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import way_magic_packet
from model import Memory, Policy, Settings
from proxmox import Proxmox, ProxmoxError, Silent, is_online, machine_of, may, resources
from way import NotSaved, Run, Way

# Of Proxmox's high availability: who is not in one of these states is started again.
LEFT_BY_HA = (None, "", "ignored")

# Beside the memory Proxmox keeps this much for the state of the devices (QemuConfig.pm of qemu-server).
DEVICES = 500 * 2**20
# Seconds between two looks at a task.
LOOK = 2


def check(policy: Policy) -> None:
    """Whether it could be woken again: it has no clock that wakes it, so nothing else would."""
    api = Proxmox(policy["proxmox"])
    found = machine_of(policy, resources(api))
    if found.get("hastate") not in LEFT_BY_HA:
        raise ProxmoxError(
            f"Proxmox's high availability would start it at once: take vm:{found['vmid']} out of its resources"
        )
    if found.get("lock"):
        raise ProxmoxError(f"it is locked in Proxmox ({found['lock']}){_unlock(found)}")
    path = f"/vms/{found['vmid']}"
    if not may(api, path, "VM.PowerMgmt"):
        raise ProxmoxError(f"the token may not start it: VM.PowerMgmt on {path} is missing")
    if policy["method"] == "hibernate":
        _check_room(policy, found, api)


def _unlock(found: dict[str, Any]) -> str:
    """A lock that Proxmox leaves behind where it could not save a machine's memory."""
    if found.get("lock") != "suspending":
        return ""
    return f": where no task of it is under way on {found['node']}, type there: qm unlock {found['vmid']}"


def _check_room(policy: Policy, found: dict[str, Any], api: Proxmox) -> None:
    """Whether its memory could be saved. Proxmox finds that out after it has locked the machine, and leaves it so."""
    storage = policy["proxmox"]["storage"]
    for path, right in (
        (f"/vms/{found['vmid']}", "VM.Config.Disk"),
        (f"/storage/{storage}", "Datastore.AllocateSpace"),
    ):
        if not may(api, path, right):
            raise ProxmoxError(f"the token may not save its memory: {right} on {path} is missing")
    needed = int(found.get("maxmem") or 0) + DEVICES
    left = int(api.get(f"/nodes/{found['node']}/storage/{storage}/status").get("avail") or 0)
    if left < needed:
        raise ProxmoxError(f"{storage} has {left // 2**20} MiB left, and its memory needs {needed // 2**20} MiB there")


def hibernate(policy: Policy, pause: Callable[[float], None]) -> None:
    api = Proxmox(policy["proxmox"])
    found = machine_of(policy, resources(api))
    host, number = found["node"], found["vmid"]
    storage = policy["proxmox"]["storage"]
    task = str(api.post(f"/nodes/{host}/qemu/{number}/status/suspend", todisk="1", statestorage=storage))
    waited = 0
    while waited < policy["sleepTimeout"]:
        end = _end_of(api, task)
        # Proxmox ends a task that has warned with "WARNINGS: 1".
        if end == "OK" or (end or "").startswith("WARNINGS"):
            return
        if end:
            raise NotSaved(
                f"Proxmox has not saved its memory: {end}. It may be locked now; on {host}: qm unlock {number}"
            )
        pause(LOOK)
        waited += LOOK
    raise NotSaved(f"its memory is not saved within {policy['sleepTimeout']} s: power.sleepTimeout may be longer")


def memory(policy: Policy) -> Memory:
    """By the lock that Proxmox keeps on a machine meanwhile. Where it could not save the memory, "suspending" stays."""
    api = Proxmox(policy["proxmox"])
    found = machine_of(policy, resources(api))
    if found.get("lock") == "suspending":
        if _is_saving(found, api):
            return "saving"
        # The task may have ended between the two looks.
        found = machine_of(policy, resources(api))
    return "saved" if found.get("lock") == "suspended" else "running"


def _is_saving(found: dict[str, Any], api: Proxmox) -> bool:
    """The token sees its own tasks. The list holds some that have just ended, too."""
    tasks = api.get(f"/nodes/{found['node']}/tasks", source="active", vmid=str(found["vmid"]))
    return any(each.get("type") == "qmsuspend" and not each.get("endtime") for each in tasks)


class Starter:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        # By machine: where its last start is noted in Proxmox.
        self.tasks: dict[str, str] = {}

    def wake(self, policy: Policy) -> None:
        try:
            api = Proxmox(policy["proxmox"])
            known = resources(api)
        except Silent:
            # The host that is off may be the only one.
            self._wake_host(policy, policy["proxmox"]["host"])
            raise
        found = machine_of(policy, known)
        host = str(found["node"])
        if not is_online(host, known):
            if not self._wake_host(policy, host):
                raise ProxmoxError(f"its host {host} is off")
        elif found.get("status") != "running":
            self._start(api, policy, found)

    def _start(self, api: Proxmox, policy: Policy, found: dict[str, Any]) -> None:
        """Started again where it has stopped since: the last start has failed, and why is said."""
        name, host = policy["name"], found["node"]
        last = self.tasks.pop(name, None)
        end = _end_of(api, last)
        if end is None:
            # Under way.
            self.tasks[name] = str(last)
            return
        self.tasks[name] = str(api.post(f"/nodes/{host}/qemu/{found['vmid']}/status/start"))
        if end not in ("", "OK"):
            raise ProxmoxError(f"the last start has failed: {end}")

    def _wake_host(self, policy: Policy, host: str) -> bool:
        """Whether it is one that sleeps."""
        mac = policy["proxmox"]["hosts"].get(host)
        if mac is not None:
            way_magic_packet.send(mac, (self.settings["broadcast"],), host)
        return mac is not None


def _end_of(api: Proxmox, task: str | None) -> str | None:
    """What a task ended with: "" for none, None while it runs."""
    if task is None:
        return ""
    with contextlib.suppress(ProxmoxError):
        # UPID:HOST:...
        status = api.get(f"/nodes/{task.split(':')[1]}/tasks/{task}/status")
        if isinstance(status, dict):
            return None if status.get("status") == "running" else str(status.get("exitstatus", ""))
    return ""


def create(settings: Settings, _run: Run) -> Way:
    return Way(
        after=lambda policy: 0 if policy.get("proxmox") else None,
        wake=Starter(settings).wake,
        repeats=True,
        hibernate=hibernate,
        memory=memory,
        check=check,
    )
