"""Hosts of Proxmox VE that sleep: one is switched off when nothing runs on it. Its machines' wake switches it on."""

from __future__ import annotations

import re
from contextlib import ExitStack
from typing import Any

from lock import Busy
from model import Policy
from proxmox import Proxmox, ProxmoxError, is_online, may, resources
from say import say
from times import in_spans
from way import WakeError
from world import World

# Requests older than that are served by then.
LIFETIME = 900

# What Proxmox says of Ceph where there is none.
WITHOUT_CEPH = re.compile(r"not installed|not initialized|not configured", re.IGNORECASE)


def rest(world: World) -> None:
    """At most one host each time: Proxmox takes some time to notice that another is off."""
    sleepers = [policy for policy in world.settings["machines"] if policy.get("proxmox")]
    names = sorted({name for policy in sleepers for name in policy["proxmox"]["hosts"]})
    if not names:
        return
    try:
        api = Proxmox(sleepers[0]["proxmox"])
        known = resources(api)
        for name in names:
            if is_online(name, known) and _rest_one(name, _on(name, sleepers, known), api, world):
                return
    except (WakeError, OSError) as error:
        say(f"no host is switched off: {error}")


def _on(host: str, sleepers: list[Policy], known: list[dict[str, Any]]) -> list[Policy]:
    """The machines that sleep and are on it now."""
    numbers = {each.get("vmid") for each in known if each.get("type") == "qemu" and each.get("node") == host}
    return [policy for policy in sleepers if policy["proxmox"]["id"] in numbers]


def _rest_one(host: str, here: list[Policy], api: Proxmox, world: World) -> bool:
    """Whether it was switched off. No check and no wake has one of its machines meanwhile."""
    try:
        with ExitStack() as locks:
            for policy in here:
                locks.enter_context(world.store.lock(policy["name"]))
            if not here or not all(_has_slept(policy, world) for policy in here):
                return False
            why = against(host, api)
            if why is None:
                say(f"{host}: switched off: nothing runs on it")
                api.post(f"/nodes/{host}/status", command="shutdown")
                return True
            say(f"{host}: stays on: {why}")
    except Busy:
        pass
    except (WakeError, OSError) as error:
        say(f"{host}: stays on: {error}")
    return False


def _has_slept(policy: Policy, world: World) -> bool:
    """Asleep for some time, and not about to be woken; nor is this a time at which nothing is put to sleep."""
    record, now = world.store.load(policy["name"]), world.now()
    return (
        record.state == "asleep"
        and now - record.since >= policy["minimumAsleep"]
        and not world.store.requests(policy["name"], LIFETIME)
        and not in_spans(policy, policy["quietHours"], now)
    )


def against(host: str, api: Proxmox) -> str | None:
    """Why the host must stay on, in words, by what is there now: somebody may have started a machine meanwhile."""
    for path, right in (("/vms", "VM.Audit"), (f"/nodes/{host}", "Sys.Audit"), ("/", "Sys.Audit")):
        if not may(api, path, right):
            return f"the token does not see all that is on it: {right} on {path} is missing"
    guests = [each for each in resources(api) if each.get("type") in ("qemu", "lxc") and each.get("node") == host]
    running = [
        f"{each.get('vmid')} {each.get('name', '')}".strip() for each in guests if each.get("status") != "stopped"
    ]
    if running:
        return f"{', '.join(running)} runs on it"
    # The list holds some that have just ended, too.
    tasks = [each for each in api.get(f"/nodes/{host}/tasks", source="active") if not each.get("endtime")]
    if tasks:
        return f"a task is under way: {tasks[0].get('type')}"
    return _needed_by_cluster(host, api) or _needed_by_ceph(host, api)


def _needed_by_cluster(host: str, api: Proxmox) -> str | None:
    status = api.get("/cluster/status")
    cluster = next((each for each in status if each.get("type") == "cluster"), None)
    if cluster is None:
        # A host by itself.
        return None
    if not cluster.get("quorate"):
        return "the cluster has no quorum"
    left = [each for each in status if each.get("type") == "node" and each.get("online") and each.get("name") != host]
    nodes = int(cluster.get("nodes", 0))
    needed = nodes // 2 + 1
    if len(left) < needed:
        return f"quorum of {nodes} hosts needs {needed}, and {len(left)} would be left"
    return None


def _needed_by_ceph(host: str, api: Proxmox) -> str | None:
    try:
        # By the host itself: who answers for the cluster may have no Ceph, and this one may.
        api.get(f"/nodes/{host}/ceph/mon")
    except ProxmoxError as error:
        if WITHOUT_CEPH.search(str(error)):
            return None
        raise
    metadata = api.get("/cluster/ceph/metadata")
    for kind, title in (("mon", "a monitor"), ("osd", "an OSD"), ("mgr", "a manager"), ("mds", "a metadata server")):
        if host in _hosts_of(metadata.get(kind)):
            return f"it carries {title} of Ceph"
    return None


def _hosts_of(daemons: Any) -> set[str]:
    """OSDs are a list; the others are an object by NAME@HOST, or by name."""
    if isinstance(daemons, dict):
        named = {str(name).rpartition("@")[2] for name in daemons}
        return named | {str(each.get("hostname")) for each in daemons.values() if isinstance(each, dict)}
    return {str(each.get("hostname")) for each in daemons or () if isinstance(each, dict)}
