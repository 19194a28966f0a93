"""Whether a pod could run on a node: the scheduler's rules, of which a sleeping machine's fate hangs. Pure.

Pods and nodes are the API's own objects. What is not known here counts as no: a machine that is woken for nothing, or a
pod that is moved to where it cannot run, is worse than one that waits.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from api import Node, Pod, Spread, Taint
from labels import labels_of, matches_terms
from neighbours import REQUIRED, has_ports, keeps_company, spreads, terms_of
from resources import has_room
from view import View
from volumes import reaches_volumes

# Taints that come and go with a machine's sleep; they say nothing about it awake.
PASSING = (
    "node.kubernetes.io/unschedulable",
    "node.kubernetes.io/not-ready",
    "node.kubernetes.io/unreachable",
)

# Parts of a pod's spec that do not decide where it runs, and those that are looked at here.
IRRELEVANT = {
    *("ephemeralContainers", "restartPolicy", "terminationGracePeriodSeconds", "activeDeadlineSeconds"),
    *("dnsPolicy", "dnsConfig", "serviceAccountName", "serviceAccount", "automountServiceAccountToken"),
    *("hostNetwork", "hostPID", "hostIPC", "hostUsers", "shareProcessNamespace", "securityContext"),
    *("imagePullSecrets", "hostname", "subdomain", "hostAliases", "hostnameOverride", "setHostnameAsFQDN"),
    *("priorityClassName", "priority", "preemptionPolicy", "readinessGates", "runtimeClassName"),
    *("enableServiceLinks", "os"),
}
LOOKED_AT = {
    *("volumes", "initContainers", "containers", "nodeSelector", "nodeName", "affinity", "schedulerName"),
    *("tolerations", "overhead", "topologySpreadConstraints", "resources"),
}
# Others decide for these: devices (resourceClaims), groups (workloadRef), and who holds a pod back (schedulingGates).
DECIDED_ELSEWHERE = {"resourceClaims", "schedulingGates", "workloadRef"}


def tolerates(pod: Pod, taint: Taint) -> bool:
    for toleration in pod["spec"].get("tolerations") or ():
        if toleration.get("effect") not in (None, "", taint["effect"]):
            continue
        operator = toleration.get("operator") or "Equal"
        if operator == "Exists" and toleration.get("key") in (None, "", taint["key"]):
            return True
        own = (taint["key"], taint.get("value") or "")
        if operator == "Equal" and (toleration.get("key"), toleration.get("value") or "") == own:
            return True
    return False


def is_tainted(pod: Pod, node: Node, passing: Collection[str] = PASSING) -> bool:
    """`passing`: keys of taints that do not count."""
    return any(
        taint["effect"] in ("NoSchedule", "NoExecute") and taint["key"] not in passing and not tolerates(pod, taint)
        for taint in node["spec"].get("taints") or ()
    )


def is_selected(pod: Pod, node: Node) -> bool:
    """Whether nodeSelector and required node affinity allow the node."""
    labels = labels_of(node)
    if any(labels.get(k) != v for k, v in (pod["spec"].get("nodeSelector") or {}).items()):
        return False
    required = ((pod["spec"].get("affinity") or {}).get("nodeAffinity") or {}).get(REQUIRED)
    return required is None or matches_terms(required["nodeSelectorTerms"], node)


def is_known(pod: Pod) -> bool:
    """Whether nothing decides where the pod runs but what is looked at here."""
    spec = pod["spec"]
    return not set(spec) - IRRELEVANT - LOOKED_AT and spec.get("schedulerName", "default-scheduler") == (
        "default-scheduler"
    )


def _spreads(pod: Pod, node: Node, view: View) -> bool:
    def is_eligible(constraint: Spread, each: Node) -> bool:
        affinity = constraint.get("nodeAffinityPolicy", "Honor")
        taints = constraint.get("nodeTaintsPolicy", "Ignore")
        passing = PASSING if each is node else ()
        return (affinity != "Honor" or is_selected(pod, each)) and (
            taints != "Honor" or not is_tainted(pod, each, passing)
        )

    return spreads(pod, node, view, is_eligible)


def _allows(pod: Pod, node: Node, view: View) -> bool:
    return is_known(pod) and not is_tainted(pod, node) and is_selected(pod, node) and reaches_volumes(pod, node, view)


def _or_no(look: Callable[[Pod, Node, View], bool], pod: Pod, node: Node, view: View) -> bool:
    """Of what cannot be read, or is of an unknown kind, nobody knows whether it fits."""
    try:
        return look(pod, node, view)
    except (ValueError, TypeError, LookupError, AttributeError):
        return False


def allows(pod: Pod, node: Node, view: View) -> bool:
    """Whether the node is one that the pod may run on, were it empty and awake."""
    return _or_no(_allows, pod, node, view)


def _fits(pod: Pod, node: Node, view: View) -> bool:
    there = view.there(node["metadata"]["name"])
    return (
        _allows(pod, node, view)
        and has_room(pod, node, there)
        and has_ports(pod, there)
        and keeps_company(pod, node, view)
        and _spreads(pod, node, view)
    )


def fits(pod: Pod, node: Node, view: View) -> bool:
    """Whether the scheduler would let the pod run on the node, were that awake."""
    return _or_no(_fits, pod, node, view)


def is_particular(pod: Pod) -> bool:
    """Whether rules about its neighbours bear on where the pod may run; when it is gone, they have changed."""
    return bool(
        terms_of(pod, "podAffinity")
        or terms_of(pod, "podAntiAffinity")
        or any(
            spread.get("whenUnsatisfiable") == "DoNotSchedule"
            for spread in pod["spec"].get("topologySpreadConstraints") or ()
        )
    )
