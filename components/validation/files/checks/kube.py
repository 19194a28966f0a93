"""Reading Kubernetes objects: names, conditions, and which machines are asleep on purpose."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from marks import ANY_MACHINE, SLEEPS_WITH, STATE_LABEL

# An object of the API, as it came.
Object = dict[str, Any]


# States in which a machine may be away: the power controller put it to sleep, or is waking it.
AWAY = {"draining", "asleep", "waking"}


def name(item: Object) -> str:
    return str(item["metadata"]["name"])


def full_name(item: Object) -> str:
    namespace = item["metadata"].get("namespace")
    return f"{namespace}/{name(item)}" if namespace else name(item)


def labels(item: Object) -> dict[str, str]:
    return item["metadata"].get("labels") or {}


def condition(item: Object, kind: str) -> str | None:
    """The status of a condition: "True", "False", "Unknown"; None where there is none."""
    for each in item.get("status", {}).get("conditions") or []:
        if each["type"] == kind:
            return str(each["status"])
    return None


def ready(item: Object) -> bool:
    return condition(item, "Ready") == "True"


def over(pod: Object) -> bool:
    """Whether a pod has ended and only its record is left: done, evicted, or ended with its machine."""
    return pod["status"].get("phase") in ("Succeeded", "Failed")


def crash_loop(container: Object) -> str | None:
    """
    How a container shows that it ends again and again; None where it does not. Most of the time it waits to be started
    again; between two waits it has just ended, or runs and is not ready yet.
    """
    state = container.get("state", {})
    waits = state.get("waiting", {}).get("reason")
    if waits == "CrashLoopBackOff":
        return str(waits)
    if waits is not None or container.get("ready") or container.get("restartCount", 0) < 2:
        return None
    end = state.get("terminated") or container.get("lastState", {}).get("terminated") or {}
    code = end.get("exitCode", 0)
    return f"ended with {code}" if code else None


def asleep(nodes: list[Object]) -> set[str]:
    """Names of the machines that are away on purpose: not ready, and the power controller says why."""
    return {name(n) for n in nodes if not ready(n) and labels(n).get(STATE_LABEL) in AWAY}


def away(nodes: list[Object], offline: Collection[str]) -> set[str]:
    """Names of the machines that nobody expects to answer: asleep, or `offline` by the configuration."""
    return asleep(nodes) | {name(n) for n in nodes if not ready(n) and name(n) in offline}


def sleeps_with(pod: Object, away: Collection[str]) -> bool:
    """Whether a pod is away with its machine: bound to it, or waiting for it, or for any machine, under the mark."""
    machine = pod.get("spec", {}).get("nodeName")
    mark = labels(pod).get(SLEEPS_WITH)
    return machine in away if machine else mark in away or (mark == ANY_MACHINE and len(away) > 0)


def matches(selector: Mapping[str, str] | None, item: Object) -> bool:
    return selector is not None and len(selector) > 0 and selector.items() <= labels(item).items()
