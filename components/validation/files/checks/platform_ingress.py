"""The ingress answers: its Service has the address that was asked for, and a pod of it is Ready."""

from __future__ import annotations

from typing import Any

import kube
from result import Group, Observations

# What is looked at for it.
NEEDS = ("pods", "services")


def check(group: Group, seen: Observations, settings: dict[str, Any], now: float) -> None:
    group.attempt("ingress", _answers, seen, settings)


def _answers(group: Group, seen: Observations, settings: dict[str, Any]) -> None:
    namespace, wanted = settings["namespace"], settings["address"]
    given = [
        point.get("ip")
        for service in seen.items("services")
        if service["metadata"]["namespace"] == namespace and kube.name(service) == settings["service"]
        for point in service["status"].get("loadBalancer", {}).get("ingress") or []
    ]
    pods = [p for p in seen.items("pods") if p["metadata"]["namespace"] == namespace and not kube.over(p)]
    bad = []
    if wanted not in given:
        bad.append(f"it has {', '.join(map(str, given)) or 'no address'} and not {wanted}")
    if not any(kube.ready(pod) for pod in pods):
        bad.append("none of its pods is ready")
    group.judge(
        "ingress",
        bad,
        "a pod that is ready, at its address",
        f"kubectl -n {namespace} get services,pods says what it waits for",
        f"answers at {wanted}",
    )
