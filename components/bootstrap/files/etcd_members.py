"""The members of etcd, by etcdctl: which there are, which of them run, and one taken out."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from members import Refused

SETTLE_SECONDS = 30


class Found(TypedDict):
    id: str
    # One that only listens has no vote.
    votes: bool
    runs: bool


def look(etcdctl: Sequence[str], addresses: Mapping[str, str]) -> dict[str, Found]:
    """By name. A member that was announced and has never run has none: its address says whose it is."""
    if not etcdctl:
        return {}
    listed = json.loads(call(etcdctl, "member", "list"))
    # It fails where any member does not run, and says which.
    health = call(etcdctl, "endpoint", "health", "--cluster", may_fail=True)
    healthy = {one["endpoint"] for one in json.loads(health or "[]") if one["health"]}
    hosts = {f"//{address}:": name for name, address in addresses.items()}
    found = {}
    for one in listed["members"]:
        urls = one.get("peerURLs", [])
        name = one.get("name") or next((n for host, n in hosts.items() for url in urls if host in url), urls[0])
        runs = any(url in healthy for url in one.get("clientURLs", []))
        found[str(name)] = Found(id=f"{one['ID']:x}", votes=not one.get("isLearner", False), runs=runs)
    return found


def dead(found: Mapping[str, Found]) -> list[str]:
    """Members with a vote that do not run."""
    return [name for name, one in found.items() if one["votes"] and not one["runs"]]


def forget(etcdctl: Sequence[str], one: Found) -> None:
    """etcd lets no member go for some seconds after another one has come back: it calls that unhealthy."""
    until = time.monotonic() + SETTLE_SECONDS
    while True:
        try:
            call(etcdctl, "member", "remove", one["id"])
            return
        except Refused as refusal:
            if "unhealthy cluster" not in str(refusal) or time.monotonic() > until:
                raise
            time.sleep(1)


def call(etcdctl: Sequence[str], *words: str, may_fail: bool = False) -> str:
    ran: Any = subprocess.run([*etcdctl, *words, "-w", "json"], capture_output=True, text=True, check=False, timeout=60)
    if ran.returncode != 0 and not may_fail:
        raise Refused(
            f"etcdctl {' '.join(words)} fails: {ran.stderr.strip()[-600:]}",
            "etcd has to answer before machines come or go: look at its logs on the controller",
        )
    return str(ran.stdout)
