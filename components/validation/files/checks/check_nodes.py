"""The machines: what they have, what presses them, the taints and the addresses that the configuration names."""

from __future__ import annotations

import kube
from kube import Object
from marks import STATE_LABEL
from model import Settings
from quantity import parse_quantity
from result import Check, Group, Observations

PRESSURES = ("MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable")

# What is looked at for it.
NEEDS = ("nodes",)


def check(seen: Observations, settings: Settings, now: float) -> list[Check]:
    group = Group("nodes")
    group.attempt("resources", _resources, seen, settings)
    group.attempt("pressure", _pressure, seen)
    group.attempt("taints", _taints, seen, settings)
    if any("clusterAddress" in machine for machine in settings["machines"].values()):
        group.attempt("addresses", _addresses, seen, settings)
    group.attempt("power", _power, seen)
    return group.checks


def _resources(group: Group, seen: Observations, settings: Settings) -> None:
    least = settings["nodes"]
    bad = []
    for node in seen.items("nodes"):
        capacity = node["status"]["capacity"]
        if parse_quantity(capacity["cpu"]) < least["cpu"]:
            bad.append(f"{kube.name(node)} has {capacity['cpu']} cores")
        # The kernel keeps a part for itself: a machine of exactly the least size is enough.
        if parse_quantity(capacity["memory"]) < least["memory"] * 0.93:
            bad.append(f"{kube.name(node)} has {capacity['memory']} of memory")
    group.judge(
        "resources",
        bad,
        f"{least['cpu']} cores and {least['memory'] / 1e9:g} GB of memory",
        "give the machine more, or lower vmstation:validation.nodes",
    )


def _pressure(group: Group, seen: Observations) -> None:
    nodes = seen.items("nodes")
    away = seen.away()
    bad = [
        f"{kube.name(n)}: {kind}"
        for n in nodes
        if kube.name(n) not in away
        for kind in PRESSURES
        if kube.condition(n, kind) == "True"
    ]
    group.judge("pressure", bad, "no machine short of memory, disk, processes or network", "kubectl describe node NAME")


def _taints(group: Group, seen: Observations, settings: Settings) -> None:
    bad = []
    for node in seen.items("nodes"):
        have = {_render(t) for t in node["spec"].get("taints") or []}
        machine = settings["machines"].get(kube.name(node))
        wanted = machine["taints"] if machine else []
        bad += [f"{kube.name(node)} lacks {taint}" for taint in wanted if taint not in have]
    group.judge("taints", bad, "the taints of the configuration", "run pulumi up")


def _addresses(group: Group, seen: Observations, settings: Settings) -> None:
    bad = []
    for node in seen.items("nodes"):
        machine = settings["machines"].get(kube.name(node))
        have = [a["address"] for a in node["status"].get("addresses", []) if a["type"] == "InternalIP"]
        wanted = machine.get("clusterAddress") if machine else None
        if wanted is not None and wanted not in have:
            bad.append(f"{kube.name(node)} is known by {', '.join(have) or 'no address'}, not by {wanted}")
    group.judge(
        "addresses",
        bad,
        "each Node has the clusterAddress of its machine",
        "see whether clusterNic has it (ip -4 address), and restart the kubelet, k3s or rke2 there",
    )


def _render(taint: Object) -> str:
    value = f"={taint['value']}" if taint.get("value") else ""
    return f"{taint['key']}{value}:{taint['effect']}"


def _power(group: Group, seen: Observations) -> None:
    bad = [
        kube.name(n)
        for n in seen.items("nodes")
        if kube.labels(n).get(STATE_LABEL) == "failed" and kube.name(n) not in seen.offline
    ]
    group.judge(
        "power",
        [f"{n} did not wake" for n in bad],
        "no machine failed to sleep or wake",
        "'vmstation power' shows why; 'vmstation wake MACHINE' tries again",
    )
