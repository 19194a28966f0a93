"""One reading of the API, ordered by what is asked of it. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TypeVar

from api import Cluster, HasMetadata, Node, Pod

Named = TypeVar("Named", bound=HasMetadata)


class View:
    """`kinds`: see Kube.read. `placed`: (node's name, pod) of pods that are thought of as running there already."""

    def __init__(self, kinds: Cluster, placed: Iterable[tuple[str, Pod]] = ()) -> None:
        self.kinds = kinds
        self.nodes = _by_name(kinds.get("Node", ()))
        self.bound: defaultdict[str, list[Pod]] = defaultdict(list)
        for pod in kinds.get("Pod", ()):
            if pod["spec"].get("nodeName") and not is_done(pod):
                self.bound[pod["spec"]["nodeName"]].append(pod)
        for name, pod in placed:
            self.bound[name].append(pod)
        self.claims = {
            (c["metadata"]["namespace"], c["metadata"]["name"]): c for c in kinds.get("PersistentVolumeClaim", ())
        }
        self.volumes = _by_name(kinds.get("PersistentVolume", ()))
        self.classes = _by_name(kinds.get("StorageClass", ()))
        self.drivers = _by_name(kinds.get("CSIDriver", ()))
        # None: nobody knows how many volumes the nodes attach.
        self.csi_nodes = _by_name(kinds["CSINode"]) if "CSINode" in kinds else None

    def there(self, name: str) -> list[Pod]:
        """Pods bound to the machine that are not done."""
        return self.bound.get(name, [])

    def place(self, name: str, pod: Pod) -> None:
        """From now on the pod is thought of as running there."""
        self.bound[name].append(pod)

    def running(self) -> Iterator[tuple[Node, Pod]]:
        """(node, pod) of every pod on a node that there is."""
        for name, pods in self.bound.items():
            if name in self.nodes:
                for pod in pods:
                    yield self.nodes[name], pod


def is_done(pod: Pod) -> bool:
    return pod.get("status", {}).get("phase") in ("Succeeded", "Failed")


def _by_name(items: Iterable[Named]) -> dict[str, Named]:
    return {item["metadata"]["name"]: item for item in items}
