"""A machine and a cluster that stand in for the real ones: they do as they are told, and fail where told to."""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
from collections.abc import Iterator
from typing import Any, Callable, cast

from support import NOON, policy

from api import Cluster, Node, Pod, Service
from clock import Clock
from kube import CORDONED_BY, KubeError
from machines import AgentError
from model import Policy, Sample, Settings
from record import Record
from store import Store
from way import WakeError, Way

# What was done, in words.
Log = list[tuple[object, ...]]


def node_object(name: str = "box", **changes: Any) -> Node:
    made: dict[str, Any] = {
        "kind": "Node",
        "metadata": {
            "name": name,
            "resourceVersion": "7",
            "labels": {},
            "annotations": {},
            **changes.pop("metadata", {}),
        },
        "spec": changes.pop("spec", {}),
        "status": {
            "conditions": [{"type": "Ready", "status": "True"}],
            "allocatable": {"cpu": "4", "memory": "8134532Ki", "pods": "110"},
            **changes.pop("status", {}),
        },
    }
    return cast("Node", made)


def pod_object(name: str = "app", node: str | None = "box", **changes: Any) -> Pod:
    """A pod of a ReplicaSet, bound to `node`; None: unschedulable."""
    conditions = [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}]
    made: dict[str, Any] = {
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": "media",
            "uid": f"uid-{name}",
            "labels": changes.pop("labels", {}),
            "annotations": changes.pop("annotations", {}),
            "ownerReferences": [{"kind": changes.pop("owner", "ReplicaSet"), "controller": True}],
        },
        "spec": {
            "containers": [{"resources": {"requests": changes.pop("requests", {"cpu": "1"})}}],
            **({"nodeName": node} if node else {}),
            **changes,
        },
        "status": {"phase": "Running"} if node else {"phase": "Pending", "conditions": conditions},
    }
    return cast("Pod", made)


class FakeKube:
    """The API's objects in memory. `fail`: names of calls that the API refuses."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self.fail: set[str] = set()
        self.nodes = {"box": node_object()}
        self.pods: dict[str, Pod] = {}
        self.workloads = {("media", "Deployment", "jellyfin"): 1}
        self.leases = {"box": 0}
        self.alive = True

    def _call(self, name: str, *details: object) -> None:
        if name in self.fail:
            raise KubeError(f"{name} refused")
        self.log.append((name, *details))

    def read(self) -> Cluster:
        if "read" in self.fail:
            raise KubeError("read refused")
        return {
            "Node": list(self.nodes.values()),
            "Pod": list(self.pods.values()),
            "PersistentVolumeClaim": [],
            "PersistentVolume": [],
        }

    def node(self, name: str) -> Node:
        if "node" in self.fail:
            raise KubeError("node refused")
        return self.nodes[name]

    def renewed(self, name: str) -> str:
        if "renewed" in self.fail:
            raise KubeError("renewed refused")
        if self.alive:
            self.leases[name] += 1
        return f"2026-01-01T00:00:{self.leases[name]:02d}Z"

    def service(self, _namespace: str, _name: str) -> Service:
        if "service" in self.fail:
            raise KubeError("service refused")
        return {"spec": {"clusterIP": "127.0.0.1"}}

    def cordon(self, node: Node) -> None:
        if node["spec"].get("unschedulable"):
            return
        self._call("cordon", node["metadata"]["name"])
        node["spec"]["unschedulable"] = True
        node["metadata"]["annotations"][CORDONED_BY] = "power"

    def uncordon(self, name: str) -> None:
        node = self.nodes[name]
        if node["metadata"]["annotations"].get(CORDONED_BY) != "power":
            return
        self._call("uncordon", name)
        del node["metadata"]["annotations"][CORDONED_BY]
        node["spec"]["unschedulable"] = False

    def mark(self, name: str, state: str, _reason: str) -> None:
        self._call("mark", name, state)
        self.nodes[name]["metadata"]["labels"]["vmstation.io/power-state"] = state

    def evict(self, namespace: str, name: str) -> None:
        self._call("evict", namespace, name)
        del self.pods[name]

    def replicas(self, namespace: str, kind: str, name: str) -> int:
        self._call("replicas", name)
        return self.workloads[(namespace, kind, name)]

    def scale(self, namespace: str, kind: str, name: str, replicas: int) -> None:
        self._call("scale", name, replicas)
        self.workloads[(namespace, kind, name)] = replicas
        if replicas == 0:
            self.pods.pop(name, None)


class FakeMachines:
    """One machine. `fail`: verbs that its agent refuses; `deaf`: packets do nothing; `stubborn`: it stays up."""

    def __init__(self, log: Log, kube: FakeKube) -> None:
        self.log = log
        self.kube = kube
        self.fail: set[str] = set()
        self.up = True
        self.deaf = False
        self.stubborn = False
        self.packets = 0
        self.looks = 0
        self.answer: dict[str, Any] = {
            "sessions": [],
            "arriving": [],
            "inhibitors": [],
            "openFiles": 0,
            "errors": {},
            "sample": {
                **{"boot": "b", "at": 900, "busy": 10, "total": 1000},
                **{"network": 0, "disk": 0, "operations": 0},
            },
        }
        self.on_verb: Callable[[str], object] = lambda verb: None

    def agent(self, _policy: Policy, verb: str, timeout: float = 30) -> dict[str, Any]:
        if verb in self.fail or not self.up:
            raise AgentError(f"{verb}: refused")
        if verb == "observe":
            self.looks += 1
            sample = self.answer["sample"]
            moved = {key: sample[key] * self.looks for key in ("at", "busy", "total")}
            return {**self.answer, "sample": {**sample, **moved}}
        self.log.append(("agent", verb))
        if verb in ("suspend", "poweroff") and not self.stubborn:
            self.up = self.kube.alive = False
        self.on_verb(verb)
        return {}

    def answers(self, _policy: Policy, timeout: float = 2.0) -> bool:
        return self.up

    def is_silent(self, _policy: Policy, timeout: float = 2.0) -> bool:
        return not self.up

    def send_packet(self, _policy: Policy) -> None:
        self.packets += 1
        if not self.deaf:
            self.up = self.kube.alive = True

    def bmc_on(self, _policy: Policy) -> None:
        self.log.append(("bmc",))
        if "bmc" in self.fail:
            raise WakeError("ipmitool: refused")
        self.up = self.kube.alive = True


# What is kept is synced, which takes its time on a disk.
FAST = "/dev/shm" if "TMPDIR" not in os.environ and os.access("/dev/shm", os.W_OK) else None


class FakeWorld:
    """Time passes only where the code waits."""

    def __init__(self, **changes: Any) -> None:
        self.log: Log = []
        self.time = NOON
        self.folder = tempfile.TemporaryDirectory(dir=FAST)
        self.elapsed = 0.0
        self.boot = "this boot"
        self.clock = Clock(self.now, self.ticks, lambda: self.boot)
        self.store = Store(self.folder.name, self.clock)
        self.kube = FakeKube(self.log)
        self.machines = FakeMachines(self.log, self.kube)
        self.ways = [
            Way(lambda _policy: 0, self.send_packet, repeats=True),
            Way(lambda policy: 45 if policy.get("bmc") else None, self.bmc_on),
        ]
        settings: dict[str, Any] = {
            "machines": [policy(**changes)],
            "connections": f"{self.folder.name}/connections.json",
            "metrics": f"{self.folder.name}/vmstation.prom",
            "apps": [],
        }
        self.settings = cast("Settings", settings)
        self.states: list[str] = []

    def send_packet(self, policy: Policy) -> None:
        self.machines.send_packet(policy)

    def bmc_on(self, policy: Policy) -> None:
        self.machines.bmc_on(policy)

    def now(self) -> float:
        return self.time

    def ticks(self) -> float:
        return self.elapsed

    def pause(self, seconds: float) -> None:
        self.let_pass(seconds)

    def let_pass(self, seconds: float) -> None:
        """Both clocks go on; to change `time` alone is to set the wall clock."""
        self.time += seconds
        self.elapsed += seconds

    def publish(self) -> None:
        self.states.append(self.store.load("box").state)

    def policy(self, name: str) -> Policy:
        return {p["name"]: p for p in self.settings["machines"]}[name]

    def only(self) -> Policy:
        return self.settings["machines"][0]

    def add_jellyfin(self) -> None:
        self.settings["apps"].append(
            {
                "app": "jellyfin",
                "title": "Jellyfin",
                "machine": "box",
                "namespace": "media",
                "kind": "Deployment",
                "workload": "jellyfin",
                "service": "jellyfin",
                "probePort": 8096,
                "probe": {},
                "advertised": [{"port": 30096, "servicePort": 8096, "speaks": "http"}],
            }
        )
        self.only()["apps"].append("jellyfin")
        self.connections(0)

    def connections(self, number: int) -> None:
        with open(self.settings["connections"], "w", encoding="utf-8") as file:
            file.write(f'{{"jellyfin": {number}}}')

    def did(self, *names: str) -> list[tuple[object, ...]]:
        """What was done, without labels and reads."""
        return [entry for entry in self.log if entry[0] not in ("mark", "replicas", *names)]

    def close(self) -> None:
        self.folder.cleanup()


SAMPLE: Sample = {"boot": "b", "at": 0, "busy": 0, "total": 0, "network": 0, "disk": 0, "operations": 0}

IDLE = Record(
    state="idle",
    since=NOON - 9000,
    idle_since=NOON - 9000,
    checked_at=NOON - 900,
    proved_at=NOON - 86400,
    sample=SAMPLE,
)


@contextlib.contextmanager
def quiet() -> Iterator[io.StringIO]:
    """Swallows what the code logs."""
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(out):
        yield out
