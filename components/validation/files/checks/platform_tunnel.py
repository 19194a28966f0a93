"""The tunnel is connected to Cloudflare: a pod of it is Ready only then."""

from __future__ import annotations

from typing import Any

import kube
from result import Group, Observations

# What is looked at for it.
NEEDS = ("pods",)


def check(group: Group, seen: Observations, settings: dict[str, Any], now: float) -> None:
    group.attempt("tunnel", _connected, seen, settings)


def _connected(group: Group, seen: Observations, settings: dict[str, Any]) -> None:
    namespace, wanted = settings["namespace"], settings["replicas"]
    pods = [p for p in seen.items("pods") if p["metadata"]["namespace"] == namespace and not kube.over(p)]
    bad = [f"{kube.name(p)} has no connection to Cloudflare" for p in pods if not kube.ready(p)]
    if not pods:
        bad = ["its pods are not there: is the token of vmstation:platform.tunnel.tokenSecret set?"]
    group.judge(
        "tunnel",
        bad,
        "each pod is connected to Cloudflare",
        f"the log says why: kubectl -n {namespace} logs deployment/cloudflared",
        f"{len(pods)} of {wanted} pods connected",
    )
