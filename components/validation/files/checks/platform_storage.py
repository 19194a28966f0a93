"""The storage classes are there, one of them at most is the default, and each machine has their drivers."""

from __future__ import annotations

import json
from typing import Any

import kube
from collect import Looker
from kube import Object
from result import Group, Observations

# What is looked at for it.
NEEDS = ("storageclasses", "csinodes", "nodes")

DEFAULT = "storageclass.kubernetes.io/is-default-class"


def check(group: Group, seen: Observations, settings: dict[str, Any], now: float) -> None:
    group.attempt("storage classes", _classes, seen, settings["classes"])
    if settings["drivers"]:
        group.attempt("storage drivers", _drivers, seen, settings["drivers"])


def _classes(group: Group, seen: Observations, wanted: dict[str, str]) -> None:
    there = {kube.name(each): each for each in seen.items("storageclasses")}
    bad = [f"{name} is missing" for name in wanted if name not in there]
    bad += [
        f"{name} is made by {there[name]['provisioner']}, not by {provisioner}"
        for name, provisioner in wanted.items()
        if name in there and there[name]["provisioner"] != provisioner
    ]
    defaults = sorted(name for name, each in there.items() if _is_default(each))
    if len(defaults) > 1:
        bad.append(f"{' and '.join(defaults)} are all the default: Kubernetes takes the newest")
    group.judge(
        "storage classes",
        bad,
        "the classes of vmstation:platform.storage, and one default class at most",
        "vmstation up; a class of somebody else's loses the mark by: kubectl annotate storageclass NAME "
        f"{DEFAULT}- --overwrite",
        ", ".join(sorted(wanted)),
    )


def _is_default(storage_class: Object) -> bool:
    return bool((storage_class["metadata"].get("annotations") or {}).get(DEFAULT) == "true")


def _drivers(group: Group, seen: Observations, drivers: list[str]) -> None:
    away = seen.away()
    registered = {
        kube.name(node): {driver["name"] for driver in node["spec"].get("drivers") or []}
        for node in seen.items("csinodes")
    }
    awake = [kube.name(node) for node in seen.items("nodes") if kube.name(node) not in away]
    bad = [
        f"{machine} has no {driver}"
        for machine in sorted(awake)
        for driver in drivers
        if driver not in registered.get(machine, set())
    ]
    group.judge(
        "storage drivers",
        bad,
        "each machine that is awake can mount volumes of the classes",
        "look at the driver's pod there: kubectl get pods --all-namespaces -o wide",
        f"{', '.join(drivers)} on {len(awake)} machines",
    )


def _list(looker: Looker, kind: str) -> object:
    return json.loads(looker.kubectl("get", kind, "-o", "json"))


# Its own ways to look, by what they look at.
LOOKS = {
    "storageclasses": lambda looker: _list(looker, "storageclasses"),
    "csinodes": lambda looker: _list(looker, "csinodes"),
}
