"""The Kubernetes API by way of kubectl, with the controller's own account. Every failure is a KubeError."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from typing import Any, cast

from api import Cluster, Node, Object, Service
from marks import STATE_LABEL
from say import say

READ = "nodes,pods,persistentvolumeclaims,persistentvolumes"
STORAGE = "storageclasses,csidrivers,csinodes"
KINDS = (
    *("Node", "Pod", "PersistentVolumeClaim", "PersistentVolume"),
    *("StorageClass", "CSIDriver", "CSINode"),
)

# Whose cordon it is: set together with `unschedulable`, so that a human's cordon is never taken for ours.
CORDONED_BY = "vmstation.io/cordoned-by"
REASON = "vmstation.io/power-reason"


class KubeError(Exception):
    """kubectl failed, or the API refused."""


def needs_storage(item: Object) -> bool:
    """Whether it is a claim that waits for a volume, or a volume that a driver attaches."""
    spec = item["spec"]
    if item["kind"] == "PersistentVolume":
        return "csi" in spec
    return bool(spec.get("storageClassName")) and not spec.get("volumeName")


class Kube:
    def __init__(
        self,
        kubectl: str,
        kubeconfig: str,
        timeout: float = 20,
        run: Callable[..., subprocess.CompletedProcess[str]] = subprocess.run,
    ) -> None:
        self.command = [kubectl, f"--kubeconfig={kubeconfig}", "--request-timeout=15s"]
        self.timeout = timeout
        self.run = run

    def call(self, *arguments: str, stdin: str = "") -> str:
        try:
            done = self.run(
                [*self.command, *arguments],
                input=stdin,
                capture_output=True,
                text=True,
                timeout=self.timeout,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise KubeError(f"kubectl {arguments[0]}: {error}") from error
        if done.returncode != 0:
            last = done.stderr.strip().splitlines()[-1:] or ["no message"]
            raise KubeError(f"kubectl {arguments[0]}: {last[0]}")
        return done.stdout

    def read(self) -> Cluster:
        """Everything that the decisions rest on, by kind: {"Node": [...], "Pod": [...], ...}."""
        kinds: dict[str, list[Object]] = {kind: [] for kind in KINDS}
        for item in self._json("get", READ, "--all-namespaces", "--output=json")["items"]:
            kinds[item["kind"]].append(item)
        if any(needs_storage(item) for item in [*kinds["PersistentVolumeClaim"], *kinds["PersistentVolume"]]):
            self._read_storage(kinds)
        return cast(Cluster, kinds)

    def _read_storage(self, kinds: dict[str, list[Object]]) -> None:
        """Without them, pods with such volumes count as ones that fit nowhere; all else goes on."""
        try:
            for item in self._json("get", STORAGE, "--output=json")["items"]:
                kinds[item["kind"]].append(item)
        except KubeError as error:
            say(f"cannot read how volumes are made: {error}")
            del kinds["CSINode"]

    def _json(self, *arguments: str) -> Any:
        try:
            return json.loads(self.call(*arguments))
        except ValueError as error:
            raise KubeError(f"kubectl {arguments[0]}: no JSON: {error}") from error

    def node(self, name: str) -> Node:
        node: Node = self._json("get", "node", name, "--output=json")
        return node

    def renewed(self, name: str) -> str:
        """When the kubelet last renewed its lease, RFC 3339; it does every 10 s."""
        lease = self._json("get", "lease", name, "--namespace=kube-node-lease", "--output=json")
        return str(lease["spec"]["renewTime"])

    def service(self, namespace: str, name: str) -> Service:
        service: Service = self._json("get", "service", name, f"--namespace={namespace}", "--output=json")
        return service

    def _patch(self, name: str, patch: Object) -> None:
        self.call("patch", "node", name, "--type=merge", f"--patch={json.dumps(patch)}")

    def cordon(self, node: Node) -> None:
        """Cordons the node object; one that is cordoned already stays somebody else's. A conflict fails."""
        meta = node["metadata"]
        if node["spec"].get("unschedulable"):
            return
        self._patch(
            meta["name"],
            {
                "metadata": {
                    "resourceVersion": meta["resourceVersion"],
                    "annotations": {CORDONED_BY: "power"},
                },
                "spec": {"unschedulable": True},
            },
        )

    def uncordon(self, name: str) -> None:
        """Undoes our own cordon, and no other."""
        node = self.node(name)
        if node["metadata"].get("annotations", {}).get(CORDONED_BY) != "power":
            return
        self._patch(
            name,
            {"metadata": {"annotations": {CORDONED_BY: None}}, "spec": {"unschedulable": None}},
        )

    def mark(self, name: str, state: str, reason: str) -> None:
        self._patch(
            name,
            {"metadata": {"labels": {STATE_LABEL: state}, "annotations": {REASON: reason}}},
        )

    def evict(self, namespace: str, name: str) -> None:
        """Asks for the pod's eviction; a PodDisruptionBudget may refuse it."""
        body = {
            "apiVersion": "policy/v1",
            "kind": "Eviction",
            "metadata": {"namespace": namespace, "name": name},
        }
        path = f"/api/v1/namespaces/{namespace}/pods/{name}/eviction"
        self.call("create", f"--raw={path}", "--filename=-", stdin=json.dumps(body))

    def replicas(self, namespace: str, kind: str, name: str) -> int:
        workload = self._json("get", kind.lower(), name, f"--namespace={namespace}", "--output=json")
        return int(workload["spec"].get("replicas", 1))

    def scale(self, namespace: str, kind: str, name: str, replicas: int) -> None:
        self.call("scale", kind.lower(), name, f"--namespace={namespace}", f"--replicas={replicas}")
