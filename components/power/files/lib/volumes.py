"""Whether a pod's volumes can be used from a node, as the scheduler decides it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from api import Claim, Node, Pod, StorageClass, Volume
from labels import labels_of, matches_expression, matches_selector, matches_terms
from quantity import parse_quantity
from view import View

# Sources that any node can give to a pod. Of all others but claims nobody here knows where they can be used.
ANYWHERE = (*("configMap", "secret", "emptyDir", "hostPath", "downwardAPI", "projected", "nfs", "image", "csi"),)

BIND_COMPLETED = "pv.kubernetes.io/bind-completed"
SELECTED_NODE = "volume.kubernetes.io/selected-node"
NO_PROVISIONER = "kubernetes.io/no-provisioner"
ONE_POD = "ReadWriteOncePod"

ZONES = (
    *("topology.kubernetes.io/zone", "topology.kubernetes.io/region"),
    *("failure-domain.beta.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/region"),
)


def claim_names(pod: Pod) -> list[tuple[str, str | None]]:
    """Names of the claims that the pod uses; ValueError where it has a volume of which nothing is known."""
    names: list[tuple[str, str | None]] = []
    for volume in pod["spec"].get("volumes") or ():
        source = next((key for key in volume if key != "name"), None)
        if source == "persistentVolumeClaim":
            names.append((volume["persistentVolumeClaim"]["claimName"], None))
        elif source == "ephemeral":
            # The controller makes the claim for this pod; another of that name is not used.
            names.append((f"{pod['metadata']['name']}-{volume['name']}", pod["metadata"]["uid"]))
        elif source not in ANYWHERE:
            raise ValueError(f"volume of kind {source}")
    return names


def claims_of(pod: Pod, view: View) -> list[Claim]:
    """The pod's claims; LookupError where one is not there."""
    found = []
    for name, owner in claim_names(pod):
        claim = view.claims[(pod["metadata"]["namespace"], name)]
        owners = [each["uid"] for each in claim["metadata"].get("ownerReferences", ()) if each.get("controller")]
        if owner is not None and owner not in owners:
            raise LookupError(name)
        found.append(claim)
    return found


def reaches_volumes(pod: Pod, node: Node, view: View) -> bool:
    """Whether the volumes that the pod's claims are or can be bound to can be used from the node."""
    claims = claims_of(pod, view)
    if any("deletionTimestamp" in c["metadata"] or c.get("status", {}).get("phase") == "Lost" for c in claims):
        return False
    unbound = [claim for claim in claims if not is_bound(claim)]
    bound = [view.volumes[claim["spec"]["volumeName"]] for claim in claims if is_bound(claim)]
    return (
        all(_is_reachable(volume, node) for volume in bound)
        and not _is_taken(pod, claims, view)
        and _can_attach(bound, node, view)
        and _can_bind(unbound, node, view)
    )


def is_bound(claim: Claim) -> bool:
    annotations = claim["metadata"].get("annotations") or {}
    return bool(claim["spec"].get("volumeName")) and BIND_COMPLETED in annotations


def _is_reachable(volume: Volume, node: Node) -> bool:
    required = (volume["spec"].get("nodeAffinity") or {}).get("required")
    if required is not None and not matches_terms(required["nodeSelectorTerms"], node):
        return False
    own, there = labels_of(volume), labels_of(node)
    return all(there.get(key) in own[key].split("__") for key in ZONES if key in own)


def _is_taken(pod: Pod, claims: list[Claim], view: View) -> bool:
    """Whether another pod uses a claim that only one may use."""
    alone = {c["metadata"]["name"] for c in claims if ONE_POD in c["spec"].get("accessModes", ())}
    if not alone:
        return False
    for _, other in view.running():
        if other["metadata"]["namespace"] == pod["metadata"]["namespace"]:
            used = [v.get("persistentVolumeClaim", {}).get("claimName") for v in other["spec"].get("volumes") or ()]
            if alone & set(used):
                return True
    return False


def _driver(volume: Volume) -> str | None:
    return (volume["spec"].get("csi") or {}).get("driver")


def _can_attach(bound: list[Volume], node: Node, view: View) -> bool:
    """Whether the node's CSI drivers attach so many volumes more."""
    drivers = {driver for driver in map(_driver, bound) if driver is not None}
    if not drivers:
        return True
    if view.csi_nodes is None:
        return False
    name = node["metadata"]["name"]
    there = view.csi_nodes.get(name)
    offered = {d["name"]: d for d in (there["spec"].get("drivers") or [] if there else [])}
    attached = {v["metadata"]["name"]: _driver(v) for pod in view.there(name) for v in _bound_of(pod, view)}
    attached.update({volume["metadata"]["name"]: _driver(volume) for volume in bound})
    for driver in drivers:
        limit = offered[driver].get("allocatable", {}).get("count") if driver in offered else None
        if limit is not None and list(attached.values()).count(driver) > limit:
            return False
    return True


def _bound_of(pod: Pod, view: View) -> Iterator[Volume]:
    for volume in pod["spec"].get("volumes") or ():
        name = volume.get("persistentVolumeClaim", {}).get("claimName", f"{pod['metadata']['name']}-{volume['name']}")
        claim = view.claims.get((pod["metadata"]["namespace"], name))
        if claim is not None and claim["spec"].get("volumeName") in view.volumes:
            yield view.volumes[claim["spec"]["volumeName"]]


def _asked(claim: Claim) -> Fraction:
    return parse_quantity(claim["spec"]["resources"]["requests"]["storage"])


def _capacity(volume: Volume) -> Fraction:
    return parse_quantity(volume["spec"]["capacity"]["storage"])


def _can_bind(claims: list[Claim], node: Node, view: View) -> bool:
    """Whether claims that wait for their first pod find a volume there, or one can be made for them."""
    taken: set[str] = set()
    for claim in sorted(claims, key=_asked):
        # Bound at once or never: what is not bound has no volume, and waits for one.
        storage_class = view.classes.get(claim["spec"].get("storageClassName") or "")
        if claim["spec"].get("volumeName") or storage_class is None:
            return False
        if storage_class.get("volumeBindingMode") != "WaitForFirstConsumer":
            return False
        selected = (claim["metadata"].get("annotations") or {}).get(SELECTED_NODE)
        if selected is not None and selected != node["metadata"]["name"]:
            return False
        volume = None if selected else _find_volume(claim, node, view, taken)
        if volume is not None:
            taken.add(volume["metadata"]["name"])
        elif not _is_provisioned(storage_class, node, view):
            return False
    return True


def _find_volume(claim: Claim, node: Node, view: View, taken: set[str]) -> Volume | None:
    """The smallest free volume for the claim."""
    meta, free = claim["metadata"], []
    for name, volume in view.volumes.items():
        owner = volume["spec"].get("claimRef")
        if owner is not None and (owner["namespace"], owner["name"]) == (meta["namespace"], meta["name"]):
            # It is about to be bound, or must not be: that is decided elsewhere.
            return None
        if owner is None and name not in taken and _suits(volume, claim) and _is_reachable(volume, node):
            free.append(volume)
    return min(free, key=_capacity, default=None)


def _suits(volume: Volume, claim: Claim) -> bool:
    wanted, offered = claim["spec"], volume["spec"]
    return (
        "deletionTimestamp" not in volume["metadata"]
        and volume.get("status", {}).get("phase") == "Available"
        and offered.get("storageClassName") == wanted["storageClassName"]
        and offered.get("volumeMode", "Filesystem") == wanted.get("volumeMode", "Filesystem")
        and offered.get("volumeAttributesClassName") == wanted.get("volumeAttributesClassName")
        and set(wanted.get("accessModes", ())) <= set(offered.get("accessModes", ()))
        and _capacity(volume) >= _asked(claim)
        and ("selector" not in wanted or matches_selector(wanted["selector"], labels_of(volume)))
    )


def _is_provisioned(storage_class: StorageClass, node: Node, view: View) -> bool:
    """Whether its provisioner makes a volume for the node. Where it counts its space first, nobody knows here."""
    provisioner = storage_class["provisioner"]
    driver = view.drivers.get(provisioner)
    if provisioner == NO_PROVISIONER or (driver and driver["spec"].get("storageCapacity")):
        return False
    topologies = storage_class.get("allowedTopologies")
    labels = labels_of(node)
    return not topologies or any(
        all(
            matches_expression({**each, "operator": "In"}, labels)
            for each in topology.get("matchLabelExpressions") or ()
        )
        for topology in topologies
    )
