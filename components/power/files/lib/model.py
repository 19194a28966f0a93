"""The shapes of what the controller reads and passes on: its configuration, what it sees, and what it remembers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypedDict

# A span of the local day, "HH:MM"; one that ends before it begins goes past midnight.
Span = TypedDict("Span", {"from": str, "until": str})


class CalendarEntry(Span):
    days: list[str]


class Thresholds(TypedDict):
    """Shares of a CPU, and bytes a second."""

    cpu: float
    network: float
    disk: float


class Watts(TypedDict):
    awake: float
    asleep: float


class Bmc(TypedDict):
    address: str
    user: str
    passwordFile: str


class _ProxmoxOptions(TypedDict, total=False):
    # Of authorities and of the hosts themselves, in PEM form; without them the authorities that the system trusts.
    certificateAuthority: str


class ProxmoxAccess(_ProxmoxOptions):
    """How a virtual machine is found in Proxmox VE.

    `hosts`: MAC address of each that sleeps. `storage`: where its memory is saved.
    """

    id: int
    host: str
    endpoints: list[str]
    tokenFile: str
    hosts: dict[str, str]
    storage: str


class _PolicyOptions(TypedDict, total=False):
    offline: bool
    storage: bool
    watts: Watts
    bmc: Bmc
    proxmox: ProxmoxAccess
    # Absent where no magic packet wakes it.
    mac: str


class Policy(_PolicyOptions):
    """A machine's entry of power.json; render-settings.ts writes it. Times are seconds."""

    name: str
    address: str
    sshPort: int
    method: str
    evict: bool
    idleAfter: float
    wakeTimeout: float
    sleepTimeout: float
    checkEvery: float
    minimumAwake: float
    minimumAsleep: float
    maxChangesPerDay: int
    testEvery: float
    thresholds: Thresholds
    timeZone: str
    quietHours: list[Span]
    calendar: list[CalendarEntry]
    apps: list[str]


class Port(TypedDict):
    """A port that the controller holds while the app's machine sleeps. `speaks`: see first_words.py."""

    port: int
    servicePort: int
    speaks: str


class Probe(TypedDict, total=False):
    """The app's own way to ask who uses it; see probes.py. `keyFile`: with the secret that it is given."""

    file: str
    keyFile: str


class App(TypedDict):
    """An app's entry of power.json."""

    app: str
    # As people call it.
    title: str
    machine: str
    namespace: str
    kind: str
    workload: str
    service: str
    probePort: int
    probe: Probe
    advertised: list[Port]


class Page(TypedDict):
    """What the configuration says of the page that a browser is shown; `texts`: those that it replaces."""

    language: str
    texts: dict[str, str]


class _SettingsOptions(TypedDict, total=False):
    page: Page


class Settings(_SettingsOptions):
    """power.json as a whole."""

    key: str
    knownHosts: str
    agentUser: str
    kubectl: str
    kubeconfig: str
    stateDirectory: str
    metrics: str
    connections: str
    broadcast: str
    machines: list[Policy]
    apps: list[App]


class Stamp(TypedDict):
    """A moment by both clocks; see clock.py."""

    boot: str
    ticks: float
    wall: float


class Request(TypedDict):
    """Who asked for a machine, in words, and when."""

    why: str
    set: Stamp


class _HoldEnd(TypedDict, total=False):
    until: float


class Item(Request, _HoldEnd):
    """An item of a list's file: a request, or a hold, which has an end."""


class Held(TypedDict):
    """A hold as it is shown."""

    why: str
    until: float


class Sample(TypedDict):
    """A machine's counters; see power-agent.py."""

    boot: str
    at: float
    busy: float
    total: float
    network: float
    disk: float
    operations: float


class Inhibitor(TypedDict):
    who: str
    why: str


class Identity(TypedDict):
    uid: str
    name: str


class NodeSeen(TypedDict):
    ready: bool
    protected: bool
    keepAwake: str | None


class PodSeen(TypedDict):
    namespace: str
    name: str
    owner: str | None
    stays: bool
    leaves: bool
    sleepsWith: bool
    keepAwake: str | None
    movable: bool


class Exports(TypedDict):
    open: float
    operations: float


class Rates(TypedDict):
    cpu: float
    network: float
    disk: float


class OfCluster(TypedDict):
    """What the API says of one machine.

    None is what could not be read. `pods`: bound to it and not done. `waiting`: unschedulable pods that it would take.
    `neededBy`: names of unschedulable pods that no other Ready worker could ever take.
    """

    node: NodeSeen | None
    pods: list[PodSeen] | None
    waiting: list[Identity] | None
    neededBy: list[str]


class OfAgent(TypedDict):
    """What a machine's agent says; None is what could not be read."""

    sessions: list[str] | None
    # Who is about to log in; None of an agent of an earlier version as well.
    arriving: list[str] | None
    inhibitors: list[Inhibitor] | None
    exports: Exports | None
    rates: Rates | None
    sample: Sample | None


# What has become of an order to sleep, by the word of the hypervisor: nothing (any more), the memory is being saved,
# the machine shuts down, or it is off by it. Of a real machine nobody knows of any.
Order = Literal["none", "saving", "stopping", "obeyed"]


class Seen(OfCluster, OfAgent):
    """An observation of one machine."""

    # Whether its sshd answers.
    reachable: bool
    # Whether the whole cluster is down on purpose.
    spunDown: bool
    # Who asked for it.
    requests: list[str]
    holds: list[Held]
    # By app; None where nobody knows how many use it.
    probes: Mapping[str, int | None]
    # By trigger: what its own look has read. One that failed is not there.
    looks: Mapping[str, Any]
    # Of a machine that was told to sleep; None: nobody knows.
    order: Order | None


class Row(TypedDict):
    """One machine as people and scripts are shown it; times are Unix seconds, durations seconds."""

    machine: str
    state: str
    since: float
    reasons: list[str]
    checkedAt: float
    nextCheckAt: float
    proved: bool
    lastWakeAt: float | None
    lastWakeSeconds: float | None
    asleepSeconds7d: float
    asleepSeconds: float
    wakes: int
    failedWakes: int
    holds: list[Held]
    spunDown: bool
    savedWattHours: float | None


class CycleShown(TypedDict):
    sleptAt: float
    wokenAt: float
    wakeSeconds: float | None
    trigger: str


class Analysis(TypedDict):
    """The cycles of a machine's last 7 days."""

    machine: str
    cycles: list[CycleShown]
    asleepSeconds: float
    asleepShare: float
    meanWakeSeconds: float | None
    slowestWakeSeconds: float | None
    failedWakes: int
