"""One reading of the API, ordered by what is asked of it. Pure."""

from __future__ import annotations

from collections import defaultdict


class View:
    """`kinds`: see Kube.read. `placed`: (node's name, pod) of pods that are thought of as running there already."""

    def __init__(self, kinds, placed=()):
        self.kinds = kinds
        self.nodes = {node["metadata"]["name"]: node for node in kinds.get("Node", ())}
        self.bound = defaultdict(list)
        for pod in kinds.get("Pod", ()):
            if pod["spec"].get("nodeName") and not is_done(pod):
                self.bound[pod["spec"]["nodeName"]].append(pod)
        for name, pod in placed:
            self.bound[name].append(pod)
        self.claims = {
            (c["metadata"]["namespace"], c["metadata"]["name"]): c
            for c in kinds.get("PersistentVolumeClaim", ())
        }
        self.volumes = _by_name(kinds, "PersistentVolume")
        self.classes = _by_name(kinds, "StorageClass")
        self.drivers = _by_name(kinds, "CSIDriver")
        # None: nobody knows how many volumes the nodes attach.
        self.csi_nodes = _by_name(kinds, "CSINode") if "CSINode" in kinds else None

    def there(self, name):
        """Pods bound to the machine that are not done."""
        return self.bound.get(name, [])

    def place(self, name, pod):
        """From now on the pod is thought of as running there."""
        self.bound[name].append(pod)

    def running(self):
        """(node, pod) of every pod on a node that there is."""
        for name, pods in self.bound.items():
            if name in self.nodes:
                for pod in pods:
                    yield self.nodes[name], pod


def is_done(pod):
    return pod.get("status", {}).get("phase") in ("Succeeded", "Failed")


def _by_name(kinds, kind):
    return {item["metadata"]["name"]: item for item in kinds.get(kind, ())}
