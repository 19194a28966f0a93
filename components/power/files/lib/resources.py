"""What a pod asks for and whether a node has that much left, as the scheduler counts it. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from fractions import Fraction

from api import Container, ContainerStatus, Node, Pod
from quantity import parse_quantity

# What a pod may ask for as a whole, which then counts instead of what its containers ask for.
POD_LEVEL = ("cpu", "memory")

NOTHING = Fraction(0)
Amounts = dict[str, Fraction]


def _add(total: dict[str, Fraction], more: dict[str, Fraction]) -> None:
    for name, amount in more.items():
        total[name] = total.get(name, NOTHING) + amount


def _raise(total: dict[str, Fraction], other: dict[str, Fraction]) -> None:
    for name, amount in other.items():
        total[name] = max(total.get(name, NOTHING), amount)


def _amounts(listed: Mapping[str, str] | None) -> dict[str, Fraction]:
    return {name: parse_quantity(text) for name, text in (listed or {}).items()}


def _asked(container: Container, statuses: dict[str | None, ContainerStatus]) -> dict[str, Fraction]:
    """One that is resized while it runs counts as the largest of what it has, gets and wants."""
    asked = _amounts(container.get("resources", {}).get("requests"))
    status: ContainerStatus = statuses.get(container.get("name")) or {}
    _raise(asked, _amounts((status.get("resources") or {}).get("requests")))
    _raise(asked, _amounts(status.get("allocatedResources")))
    return asked


def stays(container: Container) -> bool:
    """Whether an init container goes on running beside the others: a sidecar."""
    return container.get("restartPolicy") == "Always"


def _of_containers(pod: Pod) -> dict[str, Fraction]:
    """Either all that run side by side, or the init container that takes most beside the sidecars before it."""
    spec, status = pod["spec"], pod.get("status", {})
    listed = [*status.get("containerStatuses", ()), *status.get("initContainerStatuses", ())]
    statuses = {each.get("name"): each for each in listed}
    total: Amounts = {}
    sidecars: Amounts = {}
    most: Amounts = {}
    for container in spec.get("containers", ()):
        _add(total, _asked(container, statuses))
    for container in spec.get("initContainers", ()):
        if stays(container):
            asked = _asked(container, statuses)
            _add(total, asked)
            _add(sidecars, asked)
            _raise(most, sidecars)
        else:
            alone = dict(sidecars)
            _add(alone, _asked(container, {}))
            _raise(most, alone)
    _raise(total, most)
    return total


def requests(pod: Pod) -> dict[str, int]:
    """Name of a resource → what the pod takes of it: CPU in thousandths, all else as whole numbers, rounded up."""
    total = _of_containers(pod)
    for name, amount in _amounts(pod["spec"].get("resources", {}).get("requests")).items():
        if name in POD_LEVEL or name.startswith("hugepages-"):
            total[name] = amount
    _add(total, _amounts(pod["spec"].get("overhead")))
    return {**{name: _round(name, amount) for name, amount in total.items()}, "pods": 1}


def _round(name: str, amount: Fraction) -> int:
    return math.ceil(amount * 1000 if name == "cpu" else amount)


def has_room(pod: Pod, node: Node, there: Iterable[Pod]) -> bool:
    """Whether the node's allocatable resources hold the pod beside the pods `there`."""
    offered = _amounts(node["status"].get("allocatable"))
    left = {name: _round(name, amount) for name, amount in offered.items()}
    for other in there:
        for name, amount in requests(other).items():
            left[name] = left.get(name, 0) - amount
    return all(left.get(name, 0) >= amount for name, amount in requests(pod).items() if amount > 0)
