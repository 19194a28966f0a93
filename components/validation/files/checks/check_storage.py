"""Volumes, claims, and room on the machines' disks."""

from __future__ import annotations

import json
import re

import kube
from collect import Looker, attempt
from model import Settings
from result import Check, Group, Observations, Sources

# What is looked at for it.
NEEDS = ("nodes", "volumes", "claims", "summaries", "fileSystems")


def check(seen: Observations, settings: Settings, now: float) -> list[Check]:
    group = Group("storage")
    group.attempt("volumes", _volumes, seen)
    group.attempt("claims", _claims, seen)
    group.attempt("disks", _disks, seen, settings)
    if settings["prometheus"] is not None:
        group.attempt("file systems", _file_systems, seen, settings)
    return group.checks


def _volumes(group: Group, seen: Observations) -> None:
    """A volume that is Available waits for its claim, which the claims' check looks at."""
    bad = [
        f"{kube.name(v)} is {v['status']['phase']}"
        for v in seen.items("volumes")
        if v["status"]["phase"] in ("Failed", "Released")
    ]
    group.judge(
        "volumes",
        bad,
        "no volume Failed or Released",
        "to bind a Released volume again, remove claimRef.uid from it: kubectl edit pv NAME",
    )


def _claims(group: Group, seen: Observations) -> None:
    bad = [
        f"{kube.full_name(c)} is {c['status']['phase']}"
        for c in seen.items("claims")
        if c["status"]["phase"] != "Bound"
    ]
    group.judge("claims", bad, "every claim is Bound", "kubectl describe pvc CLAIM")


def _disks(group: Group, seen: Observations, settings: Settings) -> None:
    away = seen.away()
    limit = settings["diskUsed"]
    bad = []
    for machine, summary in seen.get("summaries").items():
        if machine in away:
            continue
        if "error" in summary:
            bad.append(f"{machine}: {summary['error']}")
            continue
        disk = summary["ok"]["node"]["fs"]
        used = 1 - disk["availableBytes"] / disk["capacityBytes"]
        if used > limit:
            bad.append(f"{machine}: {used:.0%} used")
    group.judge(
        "disks", bad, f"at most {limit:.0%} used", "free space there: crictl rmi --prune, journalctl --vacuum-size=200M"
    )


def _file_systems(group: Group, seen: Observations, settings: Settings) -> None:
    """Also those that no kubelet knows of: the volumes' and the media's."""
    away = seen.away()
    limit = settings["diskUsed"]
    awake = {m: found for m, found in sorted(seen.get("fileSystems").items()) if m not in away}
    bad = []
    for machine, found in awake.items():
        if "error" in found:
            bad.append(f"{machine}: {found['error']}")
            continue
        bad += [
            f"{machine}: {folder} is {used:.0%} used" for folder, used in sorted(found["ok"].items()) if used > limit
        ]
    group.judge(
        "file systems",
        bad,
        f"at most {limit:.0%} used",
        "free space there, or enlarge the disk",
        f"{len(awake)} machines",
    )


def _summaries(looker: Looker) -> Sources:
    path = "/api/v1/nodes/{}/proxy/stats/summary"
    return {
        kube.name(n): attempt(lambda n=n: json.loads(looker.kubectl("get", "--raw", path.format(kube.name(n)))))
        for n in looker.awake()
    }


def _fill_levels(looker: Looker) -> Sources:
    return looker.of_each_machine(lambda address: parse_file_systems(looker.metrics(address)))


def parse_file_systems(metrics: str) -> dict[str, float]:
    """The used share (0 to 1) of each file system that can be written to, by its folder."""
    found: dict[str, dict[str, float]] = {}
    for name, labels, value in re.findall(
        r"^node_filesystem_(avail_bytes|size_bytes|readonly)\{([^}]*)\} (\S+)$", metrics, re.M
    ):
        folder = re.search(r'mountpoint="([^"]*)"', labels)
        if folder:
            found.setdefault(folder.group(1), {})[name] = float(value)
    if not found:
        raise ValueError("node-exporter tells nothing of the file systems")
    return {
        folder: 1 - each["avail_bytes"] / each["size_bytes"]
        for folder, each in found.items()
        if each.get("readonly") != 1 and each.get("size_bytes") and "avail_bytes" in each
    }


# Its own ways to look, by what they look at.
LOOKS = {
    "summaries": _summaries,
    "fileSystems": _fill_levels,
}
