"""The device of the tailnet is logged in: its pod is Ready only then."""

from __future__ import annotations

from typing import Any

import kube
from result import Group, Observations

# What is looked at for it.
NEEDS = ("pods",)


def check(group: Group, seen: Observations, settings: dict[str, Any], now: float) -> None:
    group.attempt("tailnet", _device, seen, settings["namespace"])


def _device(group: Group, seen: Observations, namespace: str) -> None:
    pods = [p for p in seen.items("pods") if p["metadata"]["namespace"] == namespace and not kube.over(p)]
    bad = [f"{kube.name(p)} is not logged in" for p in pods if not kube.ready(p)]
    if not pods:
        bad = ["its pod is not there: is the key of vmstation:platform.tailnet.authSecret set?"]
    group.judge(
        "tailnet",
        bad,
        "the device is logged in to the tailnet",
        f"its log says why: kubectl -n {namespace} logs deployment/tailnet",
        "logged in",
    )
