"""The pods of every namespace: crash loops, image pulls, waiting too long, restarts."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import kube
from kube import Object
from model import Settings
from result import Check, Group, Observations

PULL_FAULTS = {"ImagePullBackOff", "ErrImagePull", "InvalidImageName", "ErrImageNeverPull"}
START_FAULTS = {"CreateContainerConfigError", "CreateContainerError", "RunContainerError"}

# What is looked at for it.
NEEDS = ("nodes", "pods")


def check(seen: Observations, settings: Settings, now: float) -> list[Check]:
    group = Group("pods")
    group.attempt("crash loops", _crash_loops, seen)
    group.attempt(
        "images",
        _waiting,
        seen,
        "images",
        PULL_FAULTS,
        "check the image's name, and whether the machine reaches its registry",
    )
    group.attempt("start", _waiting, seen, "start", START_FAULTS, "kubectl describe pod POD")
    group.attempt("pending", _pending, seen, settings, now)
    group.attempt("restarts", _restarts, seen, settings)
    return group.checks


def _here(seen: Observations) -> list[Object]:
    """Pods that are not away with their machine, and that have not ended."""
    away = seen.away()
    return [p for p in seen.items("pods") if not kube.over(p) and not kube.sleeps_with(p, away)]


def _containers(pod: Object) -> list[Object]:
    status = pod["status"]
    return (status.get("initContainerStatuses") or []) + (status.get("containerStatuses") or [])


def _waiting(group: Group, seen: Observations, title: str, reasons: Collection[str], advice: str) -> None:
    bad = []
    for pod in _here(seen):
        for container in _containers(pod):
            reason = container.get("state", {}).get("waiting", {}).get("reason")
            if reason in reasons:
                bad.append(f"{kube.full_name(pod)} ({container['name']}: {reason})")
    group.judge(title, bad, "none", advice, "none")


def _crash_loops(group: Group, seen: Observations) -> None:
    found = [(pod, c["name"], kube.crash_loop(c)) for pod in _here(seen) for c in _containers(pod)]
    bad = [f"{kube.full_name(pod)} ({name}: {how})" for pod, name, how in found if how]
    group.judge("crash loops", bad, "none", "kubectl logs --previous POD", "none")


def _pending(group: Group, seen: Observations, settings: Settings, now: float) -> None:
    limit = settings["pods"]["pendingFor"]
    bad = [kube.full_name(p) for p in _here(seen) if p["status"].get("phase") == "Pending" and _age(p, now) > limit]
    group.judge(
        "pending",
        bad,
        f"no pod waits longer than {limit} s",
        "kubectl describe pod POD: its events say what it waits for",
        "none",
    )


def _age(pod: Object, now: float) -> float:
    return now - datetime.strptime(pod["metadata"]["creationTimestamp"], "%Y-%m-%dT%H:%M:%S%z").timestamp()


def _restarts(group: Group, seen: Observations, settings: Settings) -> None:
    limit = settings["pods"]["restarts"]
    bad = [
        f"{kube.full_name(p)} ({c['name']}: {c['restartCount']})"
        for p in _here(seen)
        for c in _containers(p)
        if c.get("restartCount", 0) > limit
    ]
    group.judge(
        "restarts",
        bad,
        f"no container restarted more than {limit} times",
        "kubectl logs --previous POD; delete the pod when the cause is fixed",
        "none",
    )
