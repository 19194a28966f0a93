"""Whether a pod could run on a node: the part of the scheduler's rules that a sleeping machine's fate hangs on. Pure.

Pods and nodes are the API's own objects. What this file does not know (affinity between pods, topology
spread, extended resources that the node does not offer) is reported by `is_particular` or counts as no fit.
"""

from __future__ import annotations

from quantity import parse_quantity

# Taints that come and go with a machine's sleep; they say nothing about it awake.
PASSING = (
    "node.kubernetes.io/unschedulable",
    "node.kubernetes.io/not-ready",
    "node.kubernetes.io/unreachable",
)


def requests(pod):
    """What the pod asks for: the larger of its containers' sum and its largest init container, and overhead."""
    spec = pod["spec"]
    total = {"pods": 1}
    for container in spec.get("containers", []):
        for name, amount in _asked(container).items():
            total[name] = total.get(name, 0) + parse_quantity(amount)
    for container in spec.get("initContainers", []):
        for name, amount in _asked(container).items():
            total[name] = max(total.get(name, 0), parse_quantity(amount))
    for name, amount in spec.get("overhead", {}).items():
        total[name] = total.get(name, 0) + parse_quantity(amount)
    return total


def _asked(container):
    return container.get("resources", {}).get("requests", {})


def has_room(pod, node, there):
    """Whether the node's allocatable resources hold the pod beside the pods `there`."""
    allocatable = {k: parse_quantity(v) for k, v in node["status"].get("allocatable", {}).items()}
    used = {}
    for other in there:
        for name, amount in requests(other).items():
            used[name] = used.get(name, 0) + amount
    return all(
        used.get(name, 0) + amount <= allocatable.get(name, 0)
        for name, amount in requests(pod).items()
        if amount > 0
    )


def tolerates(pod, taint):
    for toleration in pod["spec"].get("tolerations", []):
        if toleration.get("effect") not in (None, "", taint["effect"]):
            continue
        if toleration.get("operator", "Equal") == "Exists":
            if toleration.get("key") in (None, "", taint["key"]):
                return True
        elif (toleration.get("key"), toleration.get("value", "")) == (
            taint["key"],
            taint.get("value", ""),
        ):
            return True
    return False


def is_tainted(pod, node):
    return any(
        taint["effect"] in ("NoSchedule", "NoExecute")
        and taint["key"] not in PASSING
        and not tolerates(pod, taint)
        for taint in node["spec"].get("taints", [])
    )


def _matches(expression, values):
    found = values.get(expression["key"])
    operator, wanted = expression["operator"], expression.get("values", [])
    if operator == "In":
        return found in wanted
    if operator == "NotIn":
        return found not in wanted
    if operator == "Exists":
        return found is not None
    if operator == "DoesNotExist":
        return found is None
    if found is None or not found.lstrip("-").isdigit():
        return False
    return int(found) > int(wanted[0]) if operator == "Gt" else int(found) < int(wanted[0])


def matches_terms(terms, node):
    """Node selector terms: one of them must match with all its expressions; an empty term matches nothing."""
    labels = node["metadata"].get("labels", {})
    own = {"metadata.name": node["metadata"]["name"]}
    for term in terms:
        expressions = term.get("matchExpressions", [])
        named = term.get("matchFields", [])
        if not expressions and not named:
            continue
        if all(_matches(e, labels) for e in expressions) and all(_matches(e, own) for e in named):
            return True
    return False


def is_selected(pod, node):
    """Whether nodeSelector and required node affinity allow the node."""
    labels = node["metadata"].get("labels", {})
    if any(labels.get(k) != v for k, v in pod["spec"].get("nodeSelector", {}).items()):
        return False
    affinity = pod["spec"].get("affinity", {}).get("nodeAffinity", {})
    required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution")
    return required is None or matches_terms(required["nodeSelectorTerms"], node)


def reaches_volumes(pod, node, claims, volumes):
    """Whether the volumes that the pod's claims are bound to can be used from the node.

    `claims`: (namespace, name) → PersistentVolumeClaim; `volumes`: name → PersistentVolume.
    """
    for volume in pod["spec"].get("volumes", []):
        if "persistentVolumeClaim" not in volume:
            continue
        key = (pod["metadata"]["namespace"], volume["persistentVolumeClaim"]["claimName"])
        if key not in claims:
            return False
        bound = volumes.get(claims[key]["spec"].get("volumeName"))
        required = (bound or {}).get("spec", {}).get("nodeAffinity", {}).get("required")
        if required is not None and not matches_terms(required["nodeSelectorTerms"], node):
            return False
    return True


def allows(pod, node, claims, volumes):
    """Whether the node is one that the pod may run on, were it empty and awake."""
    return (
        not is_tainted(pod, node)
        and is_selected(pod, node)
        and reaches_volumes(pod, node, claims, volumes)
    )


def fits(pod, node, there, claims, volumes):
    try:
        return allows(pod, node, claims, volumes) and has_room(pod, node, there)
    except (ValueError, TypeError, LookupError, AttributeError):
        # Of what cannot be read nobody knows whether it fits.
        return False


def is_particular(pod):
    """Whether rules that this file does not evaluate bear on where the pod may run."""
    affinity = pod["spec"].get("affinity", {})
    required = "requiredDuringSchedulingIgnoredDuringExecution"
    return (
        bool(affinity.get("podAffinity", {}).get(required))
        or bool(affinity.get("podAntiAffinity", {}).get(required))
        or any(
            spread.get("whenUnsatisfiable") == "DoNotSchedule"
            for spread in pod["spec"].get("topologySpreadConstraints", [])
        )
    )
