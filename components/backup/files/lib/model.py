"""The shapes of what the backup reads and passes on: its configuration, what it has kept, and what restic tells."""

from __future__ import annotations

from typing import TypedDict


class Machine(TypedDict):
    name: str
    address: str
    port: int
    sleeps: bool
    offline: bool


class Pods(TypedDict):
    """What must release the old folder once another one is in its place."""

    namespace: str
    selector: str


class _Where(TypedDict, total=False):
    # Absent on the controller itself.
    machine: Machine
    # Of a repository, whose check is reported like an item.
    check: bool


class Reported(_Where):
    name: str
    set: str


class _ItemOptions(TypedDict, total=False):
    pods: Pods


class Item(Reported, _ItemOptions):
    """Something that is backed up by itself. `kind`: etcd, tree or archive; see render-settings.ts."""

    kind: str
    paths: list[str]
    leaveOut: list[str]


class SetSettings(TypedDict):
    """Of a set of items: how many backups are kept, and from which age on (seconds) one is overdue."""

    keepLast: int
    keepWithin: str
    maxAge: float
    checkMaxAge: float


class _AccessFiles(TypedDict, total=False):
    cacert: str
    cert: str
    key: str


class Access(_AccessFiles):
    """What etcdctl logs in with."""

    endpoint: str


class MemberSettings(TypedDict, total=False):
    """How etcd runs here. `kind`: unit, pod or rke2 (K3s's too); the others as the kind has them."""

    kind: str
    file: str
    unit: str
    manifests: str
    program: str


class EtcdSettings(TypedDict):
    access: Access
    member: MemberSettings


class Kubectl(TypedDict):
    program: str
    kubeconfig: str


class Settings(TypedDict):
    """backup.json as a whole."""

    cluster: str
    repository: str
    mount: str
    minimumFree: float
    holdSeconds: int
    checkSubset: str
    metrics: str
    sets: dict[str, SetSettings]
    items: list[Item]
    etcd: EtcdSettings
    kubectl: Kubectl


class Told(TypedDict):
    """What etcd was told when it was started."""

    name: str
    data: str
    peer: str
    cluster: str
    token: str


class Facts(TypedDict):
    """What an etcd holds."""

    keys: int
    revision: int
    hash: int


class Manifest(Facts):
    """What a snapshot of etcd holds, and the file's digest and size."""

    sha256: str
    size: int


class _Unread(TypedDict, total=False):
    unread: list[str]


class Kept(_Unread):
    """A snapshot that was made. `unread`: what is there and could not be read."""

    snapshot: str
    size: int
    added: int


class _Only(TypedDict, total=False):
    # Nothing else of it is restored.
    include: str


class Snapshot(_Only):
    """`at` is `time` in seconds."""

    id: str
    short: str
    time: str
    at: float
    item: str
    incomplete: bool
    paths: list[str]


class Shown(TypedDict):
    """A snapshot as it is listed."""

    set: str
    item: str
    time: str
    id: str
    short: str
    incomplete: bool


class _EntryFacts(TypedDict, total=False):
    error: str | None
    noticed: dict[str, float]
    snapshot: str
    size: int
    added: int
    seconds: float


class Entry(_EntryFacts):
    """What is known of an item's backups. `since`: when it was first known; from then on one is due."""

    since: float
    success: float | None
    failed: bool
