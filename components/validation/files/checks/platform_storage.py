"""The storage classes are there with their drivers, one of them at most is the default, and Ceph answers."""

from __future__ import annotations

import json
from typing import Any

import kube
from collect import Looker, execute
from kube import Object
from result import Group, Observations

# What is looked at for it.
NEEDS = ("storageclasses", "csinodes", "nodes", "cephmonitors")

DEFAULT = "storageclass.kubernetes.io/is-default-class"


def check(group: Group, seen: Observations, settings: dict[str, Any], now: float) -> None:
    group.attempt("storage classes", _classes, seen, settings["classes"])
    if settings["drivers"]:
        group.attempt("storage drivers", _drivers, seen, settings["drivers"])
    if settings.get("monitors"):
        group.attempt("Ceph's monitors", _monitors, seen, settings["monitors"])


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


def _monitors(group: Group, seen: Observations, wanted: list[str]) -> None:
    group.judge(
        "Ceph's monitors",
        seen.get("cephmonitors"),
        "each of vmstation:platform.storage.ceph.monitors answers",
        "on a host of Ceph: ceph mon dump shows their addresses, and ceph status whether they run",
        f"{len(wanted)} answer",
    )


def _ask_monitors(looker: Looker) -> object:
    """What is said of those that do not answer, by what `up` asked them with."""
    # Of a stack without the part nobody asks.
    settings: dict[str, Any] = dict(looker.settings).get("platform", {}).get("storage", {})  # type: ignore[attr-defined]
    if not settings.get("monitors"):
        return []
    done = execute(["python3", settings["askMonitors"], *settings["monitors"]])
    if done.stderr:
        raise RuntimeError(done.stderr.strip()[-300:])
    return done.stdout.splitlines()


def _list(looker: Looker, kind: str) -> object:
    return json.loads(looker.kubectl("get", kind, "-o", "json"))


# Its own ways to look, by what they look at.
LOOKS = {
    "storageclasses": lambda looker: _list(looker, "storageclasses"),
    "csinodes": lambda looker: _list(looker, "csinodes"),
    "cephmonitors": _ask_monitors,
}
