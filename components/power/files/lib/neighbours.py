"""Rules about the pods beside a pod: host ports, affinity between pods, and their spread. Pure.

A sleeping machine's own taints pass when it wakes; those of the other machines count as they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Final, Literal

from api import Expression, Node, Pod, PodAffinity, PodTerm, Selector, Spread
from labels import is_empty, labels_of, matches_selector
from resources import stays
from view import View

REQUIRED: Final = "requiredDuringSchedulingIgnoredDuringExecution"
SPREAD_KEYS = {
    *("maxSkew", "topologyKey", "whenUnsatisfiable", "labelSelector", "minDomains"),
    *("nodeAffinityPolicy", "nodeTaintsPolicy", "matchLabelKeys"),
}


def _host_ports(pod: Pod) -> Iterator[tuple[str, str, int]]:
    containers = [*pod["spec"].get("containers", ()), *filter(stays, pod["spec"].get("initContainers", ()))]
    for container in containers:
        for port in container.get("ports") or ():
            if port.get("hostPort"):
                yield port.get("hostIP") or "0.0.0.0", port.get("protocol") or "TCP", port["hostPort"]


def has_ports(pod: Pod, there: Iterable[Pod]) -> bool:
    """Whether no pod there holds a port of the host that this one wants."""
    held = [port for other in there for port in _host_ports(other)]
    return not any(
        (protocol, number) == (other_protocol, other_number) and ("0.0.0.0" in (address, other) or address == other)
        for address, protocol, number in _host_ports(pod)
        for other, other_protocol, other_number in held
    )


def terms_of(pod: Pod, kind: Literal["podAffinity", "podAntiAffinity"]) -> list[PodTerm]:
    """Required terms; `kind`: podAffinity or podAntiAffinity."""
    affinity: PodAffinity = (pod["spec"].get("affinity") or {}).get(kind) or {}
    return affinity.get(REQUIRED) or []


def _is_meant(term: PodTerm, owner: Pod, pod: Pod, unknown: bool) -> bool:
    """Whether the term of the pod `owner` selects `pod`. `unknown` where that hangs on the labels of a namespace."""
    if not matches_selector(term.get("labelSelector"), labels_of(pod)):
        return False
    selector = term.get("namespaceSelector")
    namespaces = term.get("namespaces") or ([] if selector is not None else [owner["metadata"]["namespace"]])
    if pod["metadata"]["namespace"] in namespaces or (selector is not None and is_empty(selector)):
        return True
    return unknown if selector is not None else False


def keeps_company(pod: Pod, node: Node, view: View) -> bool:
    """Affinity and anti-affinity between pods, in both directions."""
    return _keeps_apart(pod, node, view) and _finds_company(pod, node, view)


def _keeps_apart(pod: Pod, node: Node, view: View) -> bool:
    there = labels_of(node)
    own = terms_of(pod, "podAntiAffinity")
    for other_node, other in view.running():
        labels = labels_of(other_node)
        apart = [t for t in own if _is_meant(t, pod, other, True)]
        apart += [t for t in terms_of(other, "podAntiAffinity") if _is_meant(t, other, pod, True)]
        for key in (term["topologyKey"] for term in apart):
            if key in there and there[key] == labels.get(key):
                return False
    return True


def _finds_company(pod: Pod, node: Node, view: View) -> bool:
    terms = terms_of(pod, "podAffinity")
    if any(term.get("namespaceSelector") and not is_empty(term["namespaceSelector"]) for term in terms):
        raise ValueError("affinity to pods in namespaces by their labels")
    keys = [term["topologyKey"] for term in terms]
    there = labels_of(node)
    if any(key not in there for key in keys):
        return False
    near, anywhere = set(), False
    for other_node, other in view.running():
        if terms and all(_is_meant(term, pod, other, False) for term in terms):
            labels = labels_of(other_node)
            anywhere = anywhere or any(key in labels for key in keys)
            near |= {key for key in keys if labels.get(key) == there[key]}
    if near >= set(keys):
        return True
    # The first of several that want to be together has nobody to join yet.
    return not anywhere and all(_is_meant(term, pod, pod, False) for term in terms)


def spreads(pod: Pod, node: Node, view: View, is_eligible: Callable[[Spread, Node], bool]) -> bool:
    """Constraints of topology spread that forbid; `is_eligible(policy, value, node)`: whether a node counts."""
    constraints = [
        each
        for each in pod["spec"].get("topologySpreadConstraints") or ()
        if each["whenUnsatisfiable"] == "DoNotSchedule"
    ]
    keys = [each["topologyKey"] for each in constraints]
    if any(key not in labels_of(node) for key in keys):
        return False
    nodes = [each for each in view.nodes.values() if all(key in labels_of(each) for key in keys)]
    return all(_is_even(pod, node, view, each, nodes, is_eligible) for each in constraints)


def _is_even(
    pod: Pod, node: Node, view: View, constraint: Spread, nodes: list[Node], is_eligible: Callable[[Spread, Node], bool]
) -> bool:
    if set(constraint) - SPREAD_KEYS:
        raise ValueError("a constraint of an unknown kind")
    key, selector = constraint["topologyKey"], _with_keys(constraint, labels_of(pod))
    counts: Counter[str] = Counter()
    for each in nodes:
        if is_eligible(constraint, each):
            counts[labels_of(each)[key]] += _count(pod, view.there(each["metadata"]["name"]), selector)
    if not counts:
        return True
    least = min(counts.values()) if len(counts) >= constraint.get("minDomains", 1) else 0
    itself = int(matches_selector(selector, labels_of(pod)))
    return counts[labels_of(node)[key]] + itself - least <= constraint["maxSkew"]


def _with_keys(constraint: Spread, labels: dict[str, str]) -> Selector | None:
    selector = constraint.get("labelSelector")
    keys = [key for key in constraint.get("matchLabelKeys") or () if key in labels]
    if selector is None or not keys:
        return selector
    own: list[Expression] = [{"key": key, "operator": "In", "values": [labels[key]]} for key in keys]
    return {**selector, "matchExpressions": [*(selector.get("matchExpressions") or ()), *own]}


def _count(pod: Pod, there: Iterable[Pod], selector: Selector | None) -> int:
    if selector is None or is_empty(selector):
        return 0
    return sum(
        other["metadata"]["namespace"] == pod["metadata"]["namespace"]
        and "deletionTimestamp" not in other["metadata"]
        and matches_selector(selector, labels_of(other))
        for other in there
    )
