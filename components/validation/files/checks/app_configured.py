"""Apps from the configuration: what a chart or a folder has made stays in the frame that the stack gave it."""

from __future__ import annotations

from typing import TypedDict

import kube
from kube import Object
from result import Group, Observations

# What is looked at for it.
NEEDS = ("pods", "services")


class App(TypedDict):
    """One app: `machine` is None where it may run on any that is always on."""

    machine: str | None
    service: str
    nodePorts: list[int]
    folders: list[str]


ADVICE = "change the values of the chart or the files, so that the stack's file alone says it; see docs/apps.md"


def check(group: Group, seen: Observations, apps: dict[str, App], _now: float) -> None:
    group.attempt("frames", _pods, seen, apps)
    group.attempt("ports", _ports, seen, apps)
    group.attempt("namespaces", _namespaces, seen, apps)


def _pods(group: Group, seen: Observations, apps: dict[str, App]) -> None:
    bad: list[str] = []
    count = 0
    for pod in seen.items("pods"):
        app = apps.get(pod["metadata"]["namespace"])
        if app is None or kube.over(pod):
            continue
        count += 1
        bad += [f"{kube.full_name(pod)}: {fault}" for fault in _faults(pod, app)]
    expected = "pods of apps on their machine, marked, with no folder of it beside the app's volumes"
    group.judge("frames", bad, expected, ADVICE, f"{count} pods")


def _faults(pod: Object, app: App) -> list[str]:
    spec = pod["spec"]
    node = spec.get("nodeName")
    paths = [v["hostPath"]["path"] for v in spec.get("volumes") or [] if "hostPath" in v]
    return [
        *([f"on {node}, not on {app['machine']}"] if app["machine"] not in (None, node) and node else []),
        *([] if "vmstation.io/app" in kube.labels(pod) else ["without the app's label"]),
        *[f"the hostPath {path}" for path in paths if not _is_own(path, app)],
    ]


def _is_own(path: str, app: App) -> bool:
    return any(path == folder or path.startswith(f"{folder}/") for folder in app["folders"])


def _ports(group: Group, seen: Observations, apps: dict[str, App]) -> None:
    bad: list[str] = []
    count = 0
    for service in seen.items("services"):
        app = apps.get(service["metadata"]["namespace"])
        if app is None:
            continue
        count += 1
        kind = service["spec"].get("type", "ClusterIP")
        ports = [p["nodePort"] for p in service["spec"].get("ports") or [] if p.get("nodePort")]
        own = service["metadata"]["name"] == app["service"]
        strange = [port for port in ports if not own or port not in app["nodePorts"]]
        if kind == "LoadBalancer" or strange:
            opened = "".join(f", port {port}" for port in strange)
            bad.append(f"{kube.full_name(service)}: type {kind}{opened}")
    group.judge("ports", bad, "NodePorts that the stack's file names, and no others", ADVICE, f"{count} Services")


def _namespaces(group: Group, seen: Observations, apps: dict[str, App]) -> None:
    """Helm marks what it makes by the release; one in another namespace is outside of every policy of the app."""
    bad: list[str] = []
    for item in [*seen.items("pods"), *seen.items("services")]:
        marks = item["metadata"].get("annotations") or {}
        app = marks.get("meta.helm.sh/release-namespace")
        if app in apps and item["metadata"]["namespace"] != app:
            bad.append(f"{kube.full_name(item)} of the app {app}")
    group.judge("namespaces", bad, "all that an app has in its own namespace", ADVICE, f"{len(apps)} apps")
