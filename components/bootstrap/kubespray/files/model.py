"""The shapes of what is recorded of a cluster, what is wanted of it, and the steps in between; see plan_steps.py."""

from __future__ import annotations

from typing import Any, Callable, TypedDict, Union

# An object of the API, as it came.
Object = dict[str, Any]

# {setting: value} of what shows of a cluster; see observe.py.
Observed = dict[str, Union[str, list[str]]]

# The same, before what does not show is left out.
Seen = dict[str, Union[str, list[str], None]]

Tell = Callable[[str], None]


class Vars(TypedDict, total=False):
    """A machine's variables in the inventory, as far as they are read here."""

    ansible_host: str
    ansible_port: int
    ansible_user: str
    ip: str
    access_ip: str
    node_labels: dict[str, str]
    node_taints: list[str]
    upstream_dns_servers: list[str]


class Key(TypedDict, total=False):
    """The host key, by which a new machine under an old name is known; a record of before has none."""

    key: str | None


class Machine(Key):
    """`digest` is None where another hand installed the machine."""

    roles: list[str]
    version: str
    digest: str | None
    offline: bool
    sleeps: bool
    mac: str | None
    vars: Vars


# The command that runs words on a machine.
Ssh = Callable[[Machine], list[str]]


class Networks(TypedDict):
    podCidr: str | None
    serviceCidr: str | None


class Record(TypedDict, total=False):
    """What is known of the cluster that runs."""

    clusterName: str | None
    kubernetesVersion: str
    kubespray: str | None
    networks: Networks
    machines: dict[str, Machine]
    groups: dict[str, str] | None
    fixed: dict[str, str]
    observable: Observed


class Effect(Record, total=False):
    """What the record gains, and the machines that it loses."""

    removed: list[str]


class Step(TypedDict):
    playbook: str
    limit: list[str]
    tags: list[str]
    extra: dict[str, Any]
    joining: list[str]
    reason: str
    effect: Effect


class FixedSetting(TypedDict):
    """A key that a running cluster keeps. `when`: which change it keeps it against."""

    key: str
    value: str
    when: str
    instead: str
    byHand: bool


class Group(TypedDict):
    """A group of variables: the tags that apply it, and whether it is in the control plane's manifests."""

    tags: list[str]
    manifests: bool
    digest: str


class Snapshot(TypedDict):
    enabled: bool
    directory: str
    keep: int


class Wanted(TypedDict):
    """wanted.json, which render-wanted.ts writes."""

    clusterName: str
    kubernetesVersion: str
    kubespray: str
    existing: str
    resetClusterName: str | None
    allowRemoval: bool
    networks: Networks
    machines: dict[str, Machine]
    groups: dict[str, Group]
    fixed: list[FixedSetting]
    observable: Observed
    snapshot: Snapshot
    broadcast: str
    wakeTimeout: float
