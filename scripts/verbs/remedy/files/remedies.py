"""The remedies: what each would do to the cluster as it is, as actions that are shown first and run later."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Callable

import kube
from jobs import failed_jobs
from kube import Object
from world import Failed, World

# How long what was restarted may take until it is Ready, in seconds.
PATIENCE = 180


@dataclass(frozen=True)
class Action:
    """`id` names the very object that was seen; `run` gets the world and raises Failed."""

    id: str
    does: str
    why: str
    run: Callable[[World], object] = field(repr=False)


@dataclass(frozen=True)
class Refusal:
    """Something that looks like the problem and is left alone."""

    what: str
    why: str


def _pods(world: World, target: str) -> list[Object]:
    """Of the namespace or the one pod that `target` names; of all where it is empty."""
    away = world.away()
    return [
        p
        for p in world.items("pods", "--all-namespaces")
        if not kube.sleeps_with(p, away) and target in ("", p["metadata"]["namespace"], kube.full_name(p))
    ]


def _delete_pod(pod: Object) -> Callable[[World], None]:
    meta = pod["metadata"]
    path = f"/api/v1/namespaces/{meta['namespace']}/pods/{meta['name']}"
    return lambda world: world.delete(path, meta["uid"])


def _owner(pod: Object) -> str | None:
    """The kind of what makes the pod again; None for a pod of nobody's."""
    owners = [o for o in pod["metadata"].get("ownerReferences") or [] if o.get("controller")]
    return owners[0]["kind"] if owners else None


def _loops(pod: Object) -> list[Object]:
    status = pod["status"]
    containers = (status.get("initContainerStatuses") or []) + (status.get("containerStatuses") or [])
    return [c for c in containers if kube.crash_loop(c)]


def crash_loops(world: World, target: str) -> Iterator[Action | Refusal]:
    for pod in _pods(world, target):
        looping = _loops(pod)
        if not looping:
            continue
        name, owner = kube.full_name(pod), _owner(pod)
        why = ", ".join(f"{c['name']} restarted {c.get('restartCount', 0)} times" for c in looping)
        if owner is None:
            yield Refusal(f"pod {name}", "nothing creates it again after it is deleted")
        elif owner == "Node":
            yield Refusal(f"pod {name}", "the kubelet runs it from a file on its machine")
        else:
            yield Action(
                f"pod/{name}/{pod['metadata']['uid']}",
                f"delete pod {name}, so that its {owner} starts a new one at once",
                why,
                _delete_pod(pod),
            )


def evicted_pods(world: World, target: str) -> Iterator[Action | Refusal]:
    for pod in _pods(world, target):
        status = pod["status"]
        if status.get("phase") == "Failed" and status.get("reason") == "Evicted":
            name = kube.full_name(pod)
            yield Action(
                f"pod/{name}/{pod['metadata']['uid']}",
                f"delete the evicted pod {name}",
                status.get("message", "").split("\n")[0],
                _delete_pod(pod),
            )


def not_ready_node(world: World, target: str) -> Iterator[Action | Refusal]:
    """The kubelet is restarted by who runs this, over SSH; the action waits until the cluster sees it."""
    nodes = world.items("nodes")
    away = kube.asleep(nodes)
    if target and target not in {kube.name(n) for n in nodes}:
        raise Failed(f"there is no machine {target} in the cluster")
    for node in nodes:
        name = kube.name(node)
        if target not in ("", name) or kube.ready(node):
            continue
        if name in away:
            yield Refusal(f"machine {name}", f"it is asleep; to wake it: vmstation wake {name}")
            continue
        yield ready_again(f"node/{name}")


def ready_again(action: str) -> Action:
    """The action of a machine, by its id."""
    name = action.removeprefix("node/")
    does = f"restart the kubelet on {name}, and its container runtime if that is down"
    return Action(
        action,
        does,
        "it is not Ready",
        lambda world: world.kubectl(
            "wait", "--for=condition=Ready", f"node/{name}", f"--timeout={PATIENCE}s", seconds=PATIENCE
        ),
    )


def coredns(world: World, _target: str) -> Iterator[Action | Refusal]:
    found = world.items("deployments", "--all-namespaces", "-l", "k8s-app=kube-dns")
    if not found:
        raise Failed("there is no Deployment of CoreDNS (label k8s-app=kube-dns)")
    for each in found:
        space, name = each["metadata"]["namespace"], kube.name(each)
        yield Action(
            f"deployment/{space}/{name}",
            f"restart the Deployment {space}/{name}, one pod at a time",
            "you asked for it",
            partial(_roll_out, space=space, name=name),
        )


def _roll_out(world: World, space: str, name: str) -> None:
    world.kubectl("-n", space, "rollout", "restart", f"deployment/{name}")
    world.kubectl("-n", space, "rollout", "status", f"deployment/{name}", f"--timeout={PATIENCE}s", seconds=PATIENCE)


def cni(world: World, target: str) -> Iterator[Action | Refusal]:
    """Machine by machine: a rollout of the DaemonSet would wait for those that are asleep."""
    away = world.away()
    found = [
        p
        for p in world.items("pods", "--all-namespaces", "-l", "k8s-app=calico-node")
        if target in ("", p["spec"].get("nodeName")) and p["spec"].get("nodeName") not in away
    ]
    if not found:
        raise Failed(f"there is no pod of Calico on {target or 'any machine that is awake'}")
    for pod in sorted(found, key=lambda p: p["spec"]["nodeName"]):
        machine = pod["spec"]["nodeName"]
        yield Action(
            f"pod/{kube.full_name(pod)}/{pod['metadata']['uid']}",
            f"restart Calico on {machine}, and wait until it is Ready",
            "you asked for it",
            partial(_replace, pod=pod),
        )


def _replace(world: World, pod: Object) -> None:
    space, machine = pod["metadata"]["namespace"], pod["spec"]["nodeName"]
    _delete_pod(pod)(world)

    def is_replaced() -> bool:
        there = world.items(
            "pods", "-n", space, "-l", "k8s-app=calico-node", f"--field-selector=spec.nodeName={machine}"
        )
        return any(kube.ready(p) and p["metadata"]["uid"] != pod["metadata"]["uid"] for p in there)

    world.until(is_replaced, PATIENCE, f"Calico on {machine} is not Ready")


def _failed_jobs(world: World, target: str) -> Iterator[Action | Refusal]:
    for what, job, run in failed_jobs(world, target):
        name = kube.full_name(job)
        yield Action(f"job/{name}/{job['metadata']['uid']}", what, "it failed", run)


REMEDIES = {
    "crash-loops": crash_loops,
    "evicted-pods": evicted_pods,
    "failed-jobs": _failed_jobs,
    "not-ready-node": not_ready_node,
    "coredns": coredns,
    "cni": cni,
}
