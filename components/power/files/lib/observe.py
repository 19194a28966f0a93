"""Gathers what the decision rests on: see Seen in model.py. What fails to be read becomes None, never a guess."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any, TypeVar

import load
import placement
import probes as app_probes
import ways
from api import Cluster, Node, Pod
from kube import CORDONED_BY, KubeError
from machines import AgentError
from marks import ANY_MACHINE, KEEP_AWAKE, SLEEPS_WITH
from model import Identity, NodeSeen, OfAgent, OfCluster, Order, PodSeen, Policy, Seen
from record import Record
from say import say
from shapes import Check, each, is_inhibitor, is_number, is_sample, is_text
from triggers import TRIGGERS
from view import View
from way import WakeError
from world import Api, World

T = TypeVar("T")

PROTECTED = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/etcd")

FAILED: Any = object()

# A request that nobody fulfilled by then has been given up.
REQUEST_LIFETIME = 900


def read_cluster(kube: Api) -> Cluster | None:
    """What the API says, or None."""
    try:
        return kube.read()
    except KubeError as error:
        say(f"cannot read the cluster: {error}")
        return None


def observe(policy: Policy, record: Record, cluster: Cluster | None, world: World) -> Seen:
    """One machine. `world`: kube, machines, store, settings; see main.py."""
    name = policy["name"]
    reachable = not policy.get("offline") and world.machines.answers(policy)
    by_api = _or_nothing(name, NO_CLUSTER, of_cluster, name, cluster)
    if cluster is not None and by_api["waiting"] is not None and record.state in ("asleep", "failed"):
        by_api = {**by_api, "waiting": assign(cluster, world).get(name, [])}
    silence = of_silence()
    return {
        "reachable": reachable,
        "spunDown": world.store.is_spun_down(),
        "requests": world.store.requests(name, REQUEST_LIFETIME),
        "holds": world.store.holds(name),
        **by_api,
        **(_or_nothing(name, silence, of_agent, policy, record, world) if reachable else silence),
        "probes": _or_nothing(name, {}, of_probes, policy, world) if reachable else {},
        "looks": of_triggers(policy, world),
        "order": _or_nothing(name, None, of_order, policy, record, world),
    }


def of_order(policy: Policy, record: Record, world: World) -> Order | None:
    """Nobody is asked about a machine that was not told to sleep."""
    if not record.told:
        return "none"
    try:
        return ways.order(world.ways, policy)
    except (WakeError, OSError) as error:
        say(f"{policy['name']}: cannot read what has become of its order to sleep: {error}")
        return None


def of_triggers(policy: Policy, world: World) -> dict[str, Any]:
    """What each trigger's own look has read; one that fails is left out."""
    looks = {name: trigger.look for name, trigger in TRIGGERS.items() if trigger.look is not None}
    found = {name: _or_nothing(policy["name"], FAILED, look, policy, world) for name, look in looks.items()}
    return {name: value for name, value in found.items() if value is not FAILED}


def _or_nothing(name: str, nothing: T, look: Callable[..., T], *arguments: object) -> T:
    """What a look gives; one that fails in a way that nobody has thought of has seen nothing."""
    try:
        return look(*arguments)
    except Exception:  # pylint: disable=broad-except
        say(f"{name}: {traceback.format_exc()}")
        return nothing


NO_CLUSTER: OfCluster = {"node": None, "pods": None, "waiting": None, "neededBy": []}


def of_cluster(name: str, cluster: Cluster | None) -> OfCluster:
    if cluster is None:
        return NO_CLUSTER
    view = View(cluster)
    node = view.nodes.get(name)
    if node is None:
        return NO_CLUSTER
    return {
        "node": of_node(node),
        "waiting": [identity(pod) for pod in waiting(view, node)],
        "neededBy": needed_by(view, node),
        # Last, as pods are moved in thought.
        "pods": of_pods(view, name),
    }


def of_node(node: Node) -> NodeSeen:
    labels = node["metadata"].get("labels", {})
    return {
        "ready": is_ready(node),
        "protected": any(label in labels for label in PROTECTED),
        "keepAwake": node["metadata"].get("annotations", {}).get(KEEP_AWAKE),
    }


def is_ready(node: Node) -> bool:
    return any(c["type"] == "Ready" and c["status"] == "True" for c in node["status"].get("conditions", []))


def full_name(pod: Pod) -> str:
    return f"{pod['metadata']['namespace']}/{pod['metadata']['name']}"


def owner(pod: Pod) -> str | None:
    for reference in pod["metadata"].get("ownerReferences", []):
        if reference.get("controller"):
            return reference["kind"]
    return None


def of_pods(view: View, name: str) -> list[PodSeen]:
    """The machine's pods; those that may move are placed one after the other, so that all fit together."""
    return [of_pod(pod, view, name) for pod in list(view.there(name))]


def of_pod(pod: Pod, view: View, name: str) -> PodSeen:
    annotations = pod["metadata"].get("annotations", {})
    mark = pod["metadata"].get("labels", {}).get(SLEEPS_WITH)
    return {
        "namespace": pod["metadata"]["namespace"],
        "name": pod["metadata"]["name"],
        "owner": owner(pod),
        "stays": "kubernetes.io/config.mirror" in annotations,
        "leaves": mark == ANY_MACHINE,
        "sleepsWith": mark == name,
        "keepAwake": annotations.get(KEEP_AWAKE),
        "movable": is_movable(pod, view, name),
    }


def is_movable(pod: Pod, view: View, name: str) -> bool:
    """Whether an eviction would have the pod started again on a machine that is awake."""
    if owner(pod) not in ("ReplicaSet", "StatefulSet") or placement.is_particular(pod):
        return False
    if any("emptyDir" in volume for volume in pod["spec"].get("volumes", [])):
        return False
    for node in awake_others(view, name):
        if placement.fits(pod, node, view):
            view.place(node["metadata"]["name"], pod)
            return True
    return False


def waiting(view: View, node: Node) -> list[Pod]:
    """Unschedulable pods that the node would take, awake; none where somebody else has cordoned it."""
    if node["spec"].get("unschedulable") and not is_ours(node):
        return []
    return [pod for pod in unschedulable(view.kinds) if placement.fits(pod, node, view)]


def identity(pod: Pod) -> Identity:
    return {"uid": pod["metadata"]["uid"], "name": full_name(pod)}


# Who is woken for a pod that several could take: one that is on its way, then one that is known to wake.
WAKE_ORDER = ("waking", "asleep", "failed")


def assign(cluster: Cluster, world: World) -> dict[str, list[Identity]]:
    """Machine name → unschedulable pods to wake it for; each pod goes to one machine, as far as room allows."""
    sleeping = []
    for policy in world.settings["machines"]:
        record = world.store.load(policy["name"])
        if record.state in WAKE_ORDER and not policy.get("offline"):
            sleeping.append((WAKE_ORDER.index(record.state), policy["name"], record))
    view = View(cluster)
    taken = set()
    assigned: dict[str, list[Identity]] = {}
    for _, name, record in sorted(sleeping, key=lambda entry: entry[0]):
        refused = {uid for uid, _ in record.refused}
        for pod in waiting(view, view.nodes[name]) if name in view.nodes else []:
            uid = pod["metadata"]["uid"]
            # What has been promised to a machine by now may leave no room for it.
            if uid not in taken and uid not in refused and placement.fits(pod, view.nodes[name], view):
                view.place(name, pod)
                taken.add(uid)
                assigned.setdefault(name, []).append(identity(pod))
    return assigned


def awake_others(view: View, name: str) -> list[Node]:
    return [
        node
        for other, node in view.nodes.items()
        if other != name and is_ready(node) and not node["spec"].get("unschedulable")
    ]


def unschedulable(cluster: Cluster) -> list[Pod]:
    return [pod for pod in cluster["Pod"] if is_unschedulable(pod)]


def is_unschedulable(pod: Pod) -> bool:
    """Whether the scheduler has found no machine for it. What sleeps with a machine wakes none."""
    return (
        not pod["spec"].get("nodeName")
        and "deletionTimestamp" not in pod["metadata"]
        and owner(pod) != "DaemonSet"
        and SLEEPS_WITH not in pod["metadata"].get("labels", {})
        and any(
            c["type"] == "PodScheduled" and c["status"] == "False" and c.get("reason") == "Unschedulable"
            for c in pod.get("status", {}).get("conditions", [])
        )
    )


def needed_by(view: View, node: Node) -> list[str]:
    """Unschedulable pods that may run here and on no other Ready machine, however full this one is now."""
    others = awake_others(view, node["metadata"]["name"])
    return [
        full_name(pod)
        for pod in unschedulable(view.kinds)
        if placement.allows(pod, node, view) and not any(placement.allows(pod, other, view) for other in others)
    ]


def is_ours(node: Node) -> bool:
    return node["metadata"].get("annotations", {}).get(CORDONED_BY) == "power"


def of_silence() -> OfAgent:
    return {
        "sessions": None,
        "arriving": None,
        "inhibitors": None,
        "exports": None,
        "rates": None,
        "sample": None,
    }


def of_agent(policy: Policy, record: Record, world: World) -> OfAgent:
    try:
        answer = world.machines.agent(policy, "observe")
    except AgentError as error:
        say(f"{policy['name']}: {error}")
        return of_silence()
    errors = answer.get("errors")
    for part, why in errors.items() if isinstance(errors, dict) else ():
        say(f"{policy['name']}: cannot read {part}: {why}")
    parts = {part: _part(policy, answer, part, kind) for part, kind in AGENT_PARTS.items()}
    return {
        "sessions": parts["sessions"],
        "arriving": parts["arriving"],
        "inhibitors": parts["inhibitors"],
        "exports": load.export_use(parts["openFiles"], record.sample, parts["sample"]),
        "rates": load.rates(record.sample, parts["sample"]),
        "sample": parts["sample"],
    }


# What each part of an agent's answer must be.
AGENT_PARTS: dict[str, Check] = {
    "sessions": each(is_text),
    "arriving": each(is_text),
    "inhibitors": each(is_inhibitor),
    "openFiles": is_number,
    "sample": is_sample,
}


def _part(policy: Policy, answer: dict[str, Any], part: str, kind: Check) -> Any:
    """None where the agent could not read it, or says something else: nobody knows then what a machine does."""
    found = answer.get(part)
    if found is None or kind(found):
        return found
    say(f"{policy['name']}: its agent says of {part}: {str(found)[:100]}")
    return None


def of_probes(policy: Policy, world: World) -> dict[str, int | None]:
    found: dict[str, int | None] = {}
    for app in world.settings["apps"]:
        if app["app"] in policy["apps"]:
            try:
                address = world.kube.service(app["namespace"], app["service"])["spec"]["clusterIP"]
            except (KubeError, KeyError):
                found[app["app"]] = None
                continue
            found[app["app"]] = app_probes.users(app, address, world.settings)
    return found
