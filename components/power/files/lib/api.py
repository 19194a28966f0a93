"""The Kubernetes API's objects, as far as the controller reads them. What the API leaves out is not there."""

from __future__ import annotations

from typing import Any, TypedDict


class OwnerReference(TypedDict, total=False):
    kind: str
    uid: str
    controller: bool


class _Names(TypedDict, total=False):
    namespace: str
    uid: str
    resourceVersion: str
    deletionTimestamp: str
    labels: dict[str, str]
    annotations: dict[str, str]
    ownerReferences: list[OwnerReference]


class Metadata(_Names):
    name: str


class HasMetadata(TypedDict):
    metadata: Metadata


class Expression(TypedDict, total=False):
    key: str
    operator: str
    values: list[str]


class Selector(TypedDict, total=False):
    """A LabelSelector."""

    matchLabels: dict[str, str]
    matchExpressions: list[Expression]


class NodeTerm(TypedDict, total=False):
    matchExpressions: list[Expression]
    matchFields: list[Expression]


class NodeTerms(TypedDict):
    nodeSelectorTerms: list[NodeTerm]


class NodeAffinity(TypedDict, total=False):
    requiredDuringSchedulingIgnoredDuringExecution: NodeTerms


class PodTerm(TypedDict, total=False):
    topologyKey: str
    labelSelector: Selector
    namespaceSelector: Selector
    namespaces: list[str]


class PodAffinity(TypedDict, total=False):
    requiredDuringSchedulingIgnoredDuringExecution: list[PodTerm]


class Affinity(TypedDict, total=False):
    nodeAffinity: NodeAffinity
    podAffinity: PodAffinity
    podAntiAffinity: PodAffinity


class Toleration(TypedDict, total=False):
    key: str
    operator: str
    value: str
    effect: str


class Taint(TypedDict, total=False):
    key: str
    value: str
    effect: str


class Spread(TypedDict, total=False):
    """A topology spread constraint."""

    maxSkew: int
    topologyKey: str
    whenUnsatisfiable: str
    labelSelector: Selector
    minDomains: int
    nodeAffinityPolicy: str
    nodeTaintsPolicy: str
    matchLabelKeys: list[str]


class Resources(TypedDict, total=False):
    requests: dict[str, str]


class ContainerPort(TypedDict, total=False):
    hostPort: int
    hostIP: str
    protocol: str


class Container(TypedDict, total=False):
    name: str
    restartPolicy: str
    resources: Resources
    ports: list[ContainerPort]


class ContainerStatus(TypedDict, total=False):
    name: str
    resources: Resources
    allocatedResources: dict[str, str]


class ClaimSource(TypedDict):
    claimName: str


class _VolumeSources(TypedDict, total=False):
    persistentVolumeClaim: ClaimSource


class PodVolume(_VolumeSources):
    name: str


class Condition(TypedDict, total=False):
    type: str
    status: str
    reason: str


class PodSpec(TypedDict, total=False):
    nodeName: str
    nodeSelector: dict[str, str]
    affinity: Affinity
    tolerations: list[Toleration]
    topologySpreadConstraints: list[Spread]
    containers: list[Container]
    initContainers: list[Container]
    resources: Resources
    overhead: dict[str, str]
    volumes: list[PodVolume]
    schedulerName: str


class PodStatus(TypedDict, total=False):
    phase: str
    conditions: list[Condition]
    containerStatuses: list[ContainerStatus]
    initContainerStatuses: list[ContainerStatus]


class _PodStatus(TypedDict, total=False):
    status: PodStatus


class Pod(HasMetadata, _PodStatus):
    spec: PodSpec


class NodeSpec(TypedDict, total=False):
    unschedulable: bool
    taints: list[Taint]


class NodeStatus(TypedDict, total=False):
    conditions: list[Condition]
    allocatable: dict[str, str]


class Node(HasMetadata):
    spec: NodeSpec
    status: NodeStatus


class Phase(TypedDict, total=False):
    phase: str


class _Phase(TypedDict, total=False):
    status: Phase


class ClaimSpec(TypedDict, total=False):
    volumeName: str
    storageClassName: str
    accessModes: list[str]
    volumeMode: str
    volumeAttributesClassName: str
    resources: Resources
    selector: Selector


class Claim(HasMetadata, _Phase):
    """A PersistentVolumeClaim."""

    spec: ClaimSpec


class ClaimReference(TypedDict):
    namespace: str
    name: str


class CsiSource(TypedDict, total=False):
    driver: str


class VolumeAffinity(TypedDict, total=False):
    required: NodeTerms


class VolumeSpec(TypedDict, total=False):
    capacity: dict[str, str]
    claimRef: ClaimReference
    csi: CsiSource
    nodeAffinity: VolumeAffinity
    storageClassName: str
    accessModes: list[str]
    volumeMode: str
    volumeAttributesClassName: str


class Volume(HasMetadata, _Phase):
    """A PersistentVolume."""

    spec: VolumeSpec


class Topology(TypedDict, total=False):
    matchLabelExpressions: list[Expression]


class _ClassOptions(TypedDict, total=False):
    volumeBindingMode: str
    allowedTopologies: list[Topology]


class StorageClass(HasMetadata, _ClassOptions):
    provisioner: str


class DriverSpec(TypedDict, total=False):
    storageCapacity: bool


class Driver(HasMetadata):
    """A CSIDriver."""

    spec: DriverSpec


class _NodeDriverOptions(TypedDict, total=False):
    # "count": how many volumes it attaches.
    allocatable: dict[str, int]


class NodeDriver(_NodeDriverOptions):
    name: str


class CsiNodeSpec(TypedDict, total=False):
    drivers: list[NodeDriver]


class CsiNode(HasMetadata):
    spec: CsiNodeSpec


class Cluster(TypedDict, total=False):
    """One reading of the API, by kind. CSINode is missing where nobody knows how many volumes the nodes attach."""

    Node: list[Node]
    Pod: list[Pod]
    PersistentVolumeClaim: list[Claim]
    PersistentVolume: list[Volume]
    StorageClass: list[StorageClass]
    CSIDriver: list[Driver]
    CSINode: list[CsiNode]


class Service(TypedDict):
    spec: dict[str, str]


# An object of the API whose kind is not known yet.
Object = dict[str, Any]
