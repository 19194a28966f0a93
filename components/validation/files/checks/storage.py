"""Volumes, claims, and room on the machines' disks."""

import kube
from result import Group


def check(seen, settings, now):
    group = Group("storage")
    group.attempt("volumes", _volumes, seen)
    group.attempt("claims", _claims, seen)
    group.attempt("disks", _disks, seen, settings)
    return group.checks


def _volumes(group, seen):
    """A volume that is Available waits for its claim, which the claims' check looks at."""
    bad = [f"{kube.name(v)} is {v['status']['phase']}" for v in seen.items("volumes")
           if v["status"]["phase"] in ("Failed", "Released")]
    group.judge("volumes", bad, "no volume Failed or Released",
                "a Released volume is bound again once claimRef.uid is taken out of it")


def _claims(group, seen):
    bad = [f"{kube.full_name(c)} is {c['status']['phase']}" for c in seen.items("claims")
           if c["status"]["phase"] != "Bound"]
    group.judge("claims", bad, "every claim is Bound", "kubectl describe pvc CLAIM")


def _disks(group, seen, settings):
    away = kube.asleep(seen.items("nodes"))
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
    group.judge("disks", bad, f"at most {limit:.0%} used",
                "free room there: crictl rmi --prune, journalctl --vacuum-size=200M")
