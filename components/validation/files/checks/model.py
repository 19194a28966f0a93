"""What the checks are told: validation.json, which render-settings.ts writes."""

from __future__ import annotations

from typing import TypedDict


class _Own(TypedDict, total=False):
    """Where the machines have a network for themselves: the address that the Node has."""

    clusterAddress: str


class Machine(_Own):
    address: str
    taints: list[str]


class Least(TypedDict):
    """What a machine has to have: cores, and bytes."""

    cpu: float
    memory: float


class PodLimits(TypedDict):
    pendingFor: float
    restarts: int


class Endpoint(TypedDict):
    """The API server's virtual address, and the control planes that may hold it."""

    address: str
    port: int
    machines: list[str]


class Virtual(TypedDict):
    """What a virtual machine was given: processors, and bytes."""

    cpu: float
    memory: int
    disk: int


class _Optional(TypedDict, total=False):
    """Absent where the stack has none."""

    endpoint: Endpoint
    # By name.
    hypervisor: dict[str, Virtual]
    # Addresses, by name, of machines that the configuration calls so; they are not among `machines`.
    offline: dict[str, str]


class Settings(_Optional):
    """`prometheus` is None, and `endpoints` empty, where the stack has no monitoring. Times are seconds."""

    # The groups of checks, in their order.
    groups: list[str]
    machines: dict[str, Machine]
    gateway: str
    dnsServer: str
    encapsulation: str
    # Those that have a pod on each machine.
    daemonSets: list[str]
    internalName: str
    externalName: str
    namespaces: list[str]
    monitoringNamespace: str
    endpoints: dict[str, str]
    prometheus: str | None
    nodes: Least
    pods: PodLimits
    diskUsed: float
    targetsDown: float
    certificates: float
    clockOffset: float


class Clock(TypedDict):
    """A machine's clock: seconds that it is ahead, and whether it is kept."""

    offset: float
    synchronised: bool
