"""Every Service with a selector has something behind it, unless that sleeps."""

from __future__ import annotations

import kube
from kube import Object
from model import Settings
from result import Check, Group, Observations

# What is looked at for it.
NEEDS = ("nodes", "pods", "services", "endpointslices")


def check(seen: Observations, settings: Settings, now: float) -> list[Check]:
    group = Group("services")
    group.attempt("endpoints", _endpoints, seen)
    return group.checks


def _endpoints(group: Group, seen: Observations) -> None:
    away = seen.away()
    pods = [p for p in seen.items("pods") if not kube.over(p)]
    alive = {_owner(s) for s in seen.items("endpointslices") if _has_ready(s)}
    bad, count = [], 0
    for service in seen.items("services"):
        selector = service["spec"].get("selector")
        if not selector:
            continue
        count += 1
        if kube.full_name(service) in alive:
            continue
        behind = [
            p
            for p in pods
            if kube.matches(selector, p) and p["metadata"]["namespace"] == service["metadata"]["namespace"]
        ]
        if behind and all(kube.sleeps_with(p, away) for p in behind):
            continue
        bad.append(kube.full_name(service))
    group.judge(
        "endpoints",
        bad,
        "a ready endpoint behind every Service",
        "look at the pods that the Service selects",
        f"{count} Services",
    )


def _owner(item: Object) -> str:
    return f"{item['metadata']['namespace']}/{kube.labels(item).get('kubernetes.io/service-name')}"


def _has_ready(item: Object) -> bool:
    return any(e.get("conditions", {}).get("ready", True) for e in item.get("endpoints") or [])
