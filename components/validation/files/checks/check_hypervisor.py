"""Virtual machines run with what the configuration gives them: a change counts from their next start on."""

from __future__ import annotations

import kube
from model import Settings
from quantity import parse_quantity
from result import Check, Group, Observations

# What is looked at for it.
NEEDS = ("nodes",)

# The kernel, and the file system, keep a part for themselves.
LEAST_MEMORY = 0.9
LEAST_DISK = 0.8


def applies(settings: Settings) -> bool:
    return "hypervisor" in settings


def check(seen: Observations, settings: Settings, now: float) -> list[Check]:
    group = Group("hypervisor")
    group.attempt("size", _size, seen, settings)
    return group.checks


def _size(group: Group, seen: Observations, settings: Settings) -> None:
    bad = []
    for node in seen.items("nodes"):
        name = kube.name(node)
        wanted = settings["hypervisor"].get(name)
        # Another one says what it had before.
        if wanted is None or kube.condition(node, "Ready") != "True":
            continue
        capacity = node["status"]["capacity"]
        if parse_quantity(capacity["cpu"]) != wanted["cpu"]:
            bad.append(f"{name} runs with {capacity['cpu']} processors instead of {wanted['cpu']:g}")
        memory = parse_quantity(capacity["memory"])
        if not LEAST_MEMORY * wanted["memory"] <= memory <= wanted["memory"]:
            bad.append(f"{name} runs with {capacity['memory']} of memory instead of {wanted['memory'] // 2**20}Mi")
        disk = capacity.get("ephemeral-storage")
        if disk is not None and parse_quantity(disk) < LEAST_DISK * wanted["disk"]:
            bad.append(f"{name} uses {disk} of its disk of {wanted['disk'] // 2**30}Gi")
    group.judge(
        "size",
        bad,
        "processors, memory and disk as vmstation:machines has them",
        "npx vmstation restart MACHINE; if it was changed in Proxmox, npx vmstation refresh and up first",
    )
