"""How a virtual machine goes to sleep: Proxmox shuts it down, or saves its memory. Each order is given once.

Never by force. What Proxmox says of its own task, and of the machine after it, is what counts.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from model import Order, Policy
from proxmox import Proxmox, ProxmoxError, Unanswered, end_of, machine_of, may, resources, running_task
from way import NotObeyed

# Of Proxmox's high availability: who is not in one of these states is started again.
LEFT_BY_HA = (None, "", "ignored")

# Beside the memory Proxmox keeps this much for the state of the devices (QemuConfig.pm of qemu-server).
DEVICES = 500 * 2**20
# Seconds between two looks at a task, and looks for one that may have begun although nobody answered.
LOOK = 2
LOST_LOOKS = 5
# Seconds that Proxmox may take beyond the time that it gives the guest: for the machine's disks.
CLEAN_UP = 30


@dataclass(frozen=True)
class Method:
    # The API's word for it, and the type of the task by which Proxmox carries it out.
    verb: str
    task: str
    # What the order has come to meanwhile.
    meanwhile: Order
    values: Callable[[Policy], dict[str, str]]
    # Seconds that the task may take.
    limit: Callable[[Policy], int]
    # (machine in Proxmox, how the task ended) → what people read.
    failed: Callable[[dict[str, Any], str], str]
    late: str


METHODS = {
    "poweroff": Method(
        verb="shutdown",
        task="qmshutdown",
        meanwhile="stopping",
        values=lambda policy: {"timeout": str(int(policy["sleepTimeout"]))},
        limit=lambda policy: int(policy["sleepTimeout"]) + CLEAN_UP,
        failed=lambda found, end: f"Proxmox has not shut it down: {end}{_look_at(found, end)}",
        late="Proxmox does not end its shutdown",
    ),
    "hibernate": Method(
        verb="suspend",
        task="qmsuspend",
        meanwhile="saving",
        values=lambda policy: {"todisk": "1", "statestorage": policy["proxmox"]["storage"]},
        limit=lambda policy: int(policy["sleepTimeout"]),
        failed=lambda found, end: (
            f"Proxmox has not saved its memory: {end}. It may be locked now; "
            f"on {found['node']}: qm unlock {found['vmid']}"
        ),
        late="its memory is not saved",
    ),
}


def _look_at(found: dict[str, Any], end: str) -> str:
    """Where the guest was asked and did not go off."""
    return f". What it waits for, on {found['name']}: systemctl list-jobs" if "powerdown" in end else ""


def check(policy: Policy) -> None:
    """Whether it could be woken again: it has no clock that wakes it, so nothing else would."""
    api = Proxmox(policy["proxmox"])
    found = _at_rest(policy, api)
    path = f"/vms/{found['vmid']}"
    if not may(api, path, "VM.PowerMgmt"):
        raise ProxmoxError(f"the token may not start it: VM.PowerMgmt on {path} is missing")
    if policy["method"] == "hibernate":
        _check_room(policy, found, api)


def _at_rest(policy: Policy, api: Proxmox) -> dict[str, Any]:
    """The machine, where nothing of Proxmox works on it or would start it."""
    found = machine_of(policy, resources(api))
    if found.get("hastate") not in LEFT_BY_HA:
        raise ProxmoxError(
            f"Proxmox's high availability would start it at once: take vm:{found['vmid']} out of its resources"
        )
    if found.get("lock"):
        raise ProxmoxError(f"it is locked in Proxmox ({found['lock']}){_unlock(found)}")
    return found


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


def give(policy: Policy, agree: Callable[[], object], pause: Callable[[float], None]) -> None:
    """The order, right after the machine's agent has agreed, until Proxmox says that the machine is off."""
    method = METHODS.get(policy["method"])
    if method is None:
        raise ProxmoxError(f"Proxmox puts no machine to sleep by {policy['method']}")
    api = Proxmox(policy["proxmox"])
    found = _at_rest(policy, api)
    agree()
    task = _send(method, policy, found, api, pause)
    for _ in range(0, method.limit(policy), LOOK):
        end = end_of(api, task)
        if end and not _is_well(end):
            raise NotObeyed(method.failed(found, end))
        if end is not None:
            off = _is_off(found, api)
            if off:
                return
            if end and off is False:
                raise NotObeyed("Proxmox had it off, and says that it runs again")
        pause(LOOK)
    raise NotObeyed(f"{method.late} within {method.limit(policy)} s: power.sleepTimeout may be longer")


def _is_well(end: str) -> bool:
    """Proxmox ends a task that has warned with "WARNINGS: 1"."""
    return end == "OK" or end.startswith("WARNINGS")


def _send(
    method: Method, policy: Policy, found: dict[str, Any], api: Proxmox, pause: Callable[[float], None]
) -> str | None:
    """The task that carries the order out; None where the machine is off already.

    Where nobody has answered Proxmox is asked what it does, and nothing is sent again.
    """
    path = f"/nodes/{found['node']}/qemu/{found['vmid']}/status/{method.verb}"
    try:
        return str(api.post(path, **method.values(policy)))
    except Unanswered as lost:
        for _ in range(LOST_LOOKS):
            pause(LOOK)
            with contextlib.suppress(ProxmoxError):
                task = running_task(api, found, method.task)
                if task is not None or _is_off(found, api):
                    return task
        raise NotObeyed(f"{lost}. Proxmox is not seen to do what it was asked ({method.verb})") from lost


def _is_off(found: dict[str, Any], api: Proxmox) -> bool | None:
    """None: nobody knows. The list of all machines may be some seconds old; this is the machine's own answer."""
    with contextlib.suppress(ProxmoxError):
        status = api.get(f"/nodes/{found['node']}/qemu/{found['vmid']}/status/current").get("status")
        return None if status is None else bool(status == "stopped")
    return None


def order(policy: Policy) -> Order:
    """What has become of an order that this controller has given, or has been about to give.

    By the lock that Proxmox keeps on a machine meanwhile: where it could not save the memory, "suspending" stays. A
    shutdown has no lock, and the machine that has obeyed is off.
    """
    api = Proxmox(policy["proxmox"])
    found = machine_of(policy, resources(api))
    if found.get("lock") == "suspending":
        if running_task(api, found, METHODS["hibernate"].task):
            return "saving"
        # The task may have ended between the two looks.
        found = machine_of(policy, resources(api))
    if found.get("lock") == "suspended":
        return "obeyed"
    if policy["method"] != "poweroff":
        return "none"
    if running_task(api, found, METHODS["poweroff"].task):
        return "stopping"
    off = _is_off(found, api)
    if off is None:
        raise ProxmoxError("Proxmox does not say whether it is off")
    return "obeyed" if off else "none"
