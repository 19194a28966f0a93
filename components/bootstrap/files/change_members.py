"""Takes machines out of a cluster without playbooks, by what runs now; change_members.py SPEC arrivals|departures.

arrivals: before machines join. What joins again, as a new machine or with new roles, leaves first; departures: those
that left the configuration leave. Both refuse first what members.py refuses of the whole change.
Exit code 0: done; 1: refused.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

import etcd_members
from members import Change, Member, Refused, Rules, changes, describe

STEPS = "/var/lib/vmstation/steps/bootstrap-nodes"
KEYS = "/var/lib/vmstation/bootstrap/host-keys.json"
CONTROL_PLANE = "node-role.kubernetes.io/control-plane"
# A kubelet says every ten seconds that it runs.
LISTEN_SECONDS = 35
# What kubectl says where no API server answers yet: K3s ends, and starts again, where its machine was too slow.
UNANSWERED = ("was refused", "Unable to connect", "does not answer", "unable to handle the request")
ANSWER_SECONDS = 120


class Wanted(Member):
    address: str
    # Whether it may be silent because it sleeps.
    sleeps: bool


class Spec(TypedDict):
    machines: dict[str, Wanted]
    rules: Rules
    kubectl: list[str]
    # How etcd is asked; empty where the method's servers do that themselves when a Node is deleted.
    etcdctl: list[str]
    # The service by which a server would join again after that.
    service: str | None


class Cluster(TypedDict):
    """What runs: Nodes by name, and etcd's members where they can be asked."""

    nodes: dict[str, Any]
    members: dict[str, etcd_members.Found]


def tell(line: str) -> None:
    print(line, flush=True)


def kubectl(spec: Spec, *words: str, seconds: int = 60) -> str:
    command = [*spec["kubectl"], *words]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds)
        why = ran.stderr.strip()[-600:]
    except subprocess.TimeoutExpired:
        why = f"it does not answer within {seconds} s"
    else:
        if ran.returncode == 0:
            return ran.stdout
    raise Refused(
        f"kubectl {' '.join(words[:3])} fails: {why}",
        "see above; where the API server does not answer, look at its logs on the controller",
    )


def ask(spec: Spec, *words: str) -> Any:
    return json.loads(kubectl(spec, *words, "-o", "json") or '{"items": []}')


def ask_nodes(spec: Spec) -> Any:
    """An API server that was just started may be away for a moment."""
    until = time.monotonic() + ANSWER_SECONDS
    while True:
        try:
            return ask(spec, "get", "nodes")["items"]
        except Refused as refusal:
            if time.monotonic() > until or not any(text in str(refusal) for text in UNANSWERED):
                raise
        time.sleep(1)


def look(spec: Spec) -> Cluster:
    nodes = {node["metadata"]["name"]: node for node in ask_nodes(spec)}
    addresses = {name: one["address"] for name, one in spec["machines"].items()}
    controls = {name for name, one in spec["machines"].items() if "control-plane" in one["roles"]}
    controls |= {name for name, node in nodes.items() if CONTROL_PLANE in node["metadata"]["labels"]}
    # The only member does not come and go.
    return {"nodes": nodes, "members": etcd_members.look(spec["etcdctl"], addresses) if len(controls) > 1 else {}}


def ours(text: str, wanted: Mapping[str, Wanted]) -> set[str]:
    """The machines that the nodes' step has recorded, and those of the configuration: no others are touched."""
    rows = [line.split("\t") for line in text.splitlines()]
    return {row[1] for row in rows if row[0] == "node" and len(row) > 1} | set(wanted)


def found(cluster: Cluster, names: set[str], keys: Mapping[str, str]) -> dict[str, Member]:
    """What runs, as members.py takes it. A member of etcd whose Node is gone belongs to a machine that is gone."""
    out: dict[str, Member] = {}
    for name in sorted(names & (set(cluster["nodes"]) | set(cluster["members"]))):
        node = cluster["nodes"].get(name)
        control = name in cluster["members"] or (node is not None and CONTROL_PLANE in node["metadata"]["labels"])
        roles = ["control-plane", "etcd"] if control else ["worker"]
        lost = node is None and not cluster["members"][name]["runs"]
        key = "its Node is gone" if lost else keys.get(name)
        out[name] = {"roles": roles, "key": key, "offline": False}
    return out


def described(spec: Spec) -> dict[str, Member]:
    """What is wanted. etcd is a part of every control plane here. The silence of one that sleeps tells nothing."""
    return {
        name: {
            "roles": ["control-plane", "etcd"] if "control-plane" in one["roles"] else ["worker"],
            "key": None if one["sleeps"] else one["key"] or "unknown",
            "offline": one["offline"],
        }
        for name, one in spec["machines"].items()
    }


def is_heard(node: Any) -> bool:
    conditions = node["status"].get("conditions", [])
    return any(c["type"] == "Ready" and c["status"] != "Unknown" for c in conditions)


def renewed(spec: Spec, name: str) -> str:
    words = ["-n", "kube-node-lease", "get", "lease", name, "--ignore-not-found", "-o", "jsonpath={.spec.renewTime}"]
    return kubectl(spec, *words)


def runs(spec: Spec, cluster: Cluster, name: str) -> bool:
    """Whether its kubelet is heard of, here and now: for a while the cluster takes it to run also when it does not."""
    node = cluster["nodes"].get(name)
    if node is None or not is_heard(node):
        return False
    before, until = renewed(spec, name), time.monotonic() + LISTEN_SECONDS
    while time.monotonic() < until:
        time.sleep(1)
        if renewed(spec, name) != before:
            return True
    return False


def plan(spec: Spec, cluster: Cluster, names: set[str], keys: Mapping[str, str]) -> list[Change]:
    before, after = found(cluster, names, keys), described(spec)
    # One that runs is the same machine, whose host key was made again.
    for name, one in before.items():
        new = after.get(name)
        if new and one["key"] and new["key"] and one["key"] != new["key"] and runs(spec, cluster, name):
            one["key"] = new["key"]
    silent = [n for n in before if n in cluster["nodes"] and not is_heard(cluster["nodes"][n])]
    dead = {*silent, *etcd_members.dead(cluster["members"]), *(n for n in before if n not in cluster["nodes"])}
    planned = changes(before, after, spec["rules"], dead)
    check_services(spec, planned)
    check_volumes(spec, [one["machine"] for one in planned if not one["joins"] and one["machine"] not in after])
    return planned


def check_services(spec: Spec, planned: Sequence[Change]) -> None:
    service = spec["service"]
    running = [one["machine"] for one in planned if one["member"] and not one["joins"] and one["alive"]]
    if service is not None and running:
        raise Refused(
            f"{', '.join(running)} still runs {service}, which would join the cluster again as a new server",
            f"run there: sudo systemctl disable --now {service}; a minute later run `up` again",
        )


def check_volumes(spec: Spec, leaving: Sequence[str]) -> None:
    """Volumes that a provisioner has made on a machine's own disk are in reach of nobody once it has left."""
    if not leaving:
        return
    kept = [text for one in ask(spec, "get", "pv")["items"] for text in claims_on(one, leaving)]
    if kept:
        raise Refused(
            f"claims keep their data on a machine that leaves: {', '.join(sorted(kept))}",
            "move what they hold and delete these claims, or put the machine back",
        )


def claims_on(volume: Any, machines: Sequence[str]) -> list[str]:
    claim = volume["spec"].get("claimRef")
    made = "pv.kubernetes.io/provisioned-by" in volume["metadata"].get("annotations", {})
    terms = volume["spec"].get("nodeAffinity", {}).get("required", {}).get("nodeSelectorTerms", [])
    hosts = {v for t in terms for e in t.get("matchExpressions", []) for v in e.get("values", [])}
    if claim is None or not made or volume["status"].get("phase") != "Bound":
        return []
    return [f"{claim['namespace']}/{claim['name']} on {name}" for name in machines if name in hosts]


def leave(spec: Spec, cluster: Cluster, one: Change) -> None:
    name = one["machine"]
    tell(describe(one))
    if one["alive"] and name in cluster["nodes"]:
        words = ["--ignore-daemonsets", "--delete-emptydir-data", "--timeout=5m"]
        kubectl(spec, "drain", name, *words, seconds=330)
    if name in cluster["members"]:
        etcd_members.forget(spec["etcdctl"], cluster["members"][name])
    kubectl(spec, "delete", "node", name, "--ignore-not-found", "--timeout=120s", seconds=150)


def is_now(one: Change, phase: str, wanted: Mapping[str, Wanted]) -> bool:
    return not one["joins"] and (one["machine"] in wanted) == (phase == "arrivals")


def main(path: str, phase: str) -> None:
    spec: Spec = json.loads(read(path))
    names = ours(read(STEPS), spec["machines"])
    keys: dict[str, str] = json.loads(read(KEYS) or "{}")
    cluster = look(spec)
    for one in plan(spec, cluster, names, keys):
        if is_now(one, phase, spec["machines"]):
            leave(spec, cluster, one)
    if phase == "departures":
        # Once each of them has joined.
        joined = {name: one for name, one in spec["machines"].items() if name in cluster["nodes"]}
        save(KEYS, {name: one["key"] for name, one in joined.items() if one["key"]})


def read(path: str) -> str:
    if not os.path.exists(path):
        return ""
    with open(path, encoding="utf-8") as file:
        return file.read()


def save(path: str, value: object) -> None:
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    with open(f"{path}.new", "w", encoding="utf-8") as file:
        json.dump(value, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(f"{path}.new", path)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Refused as refusal:
        sys.exit(f"{refusal}\nto do: {refusal.advice}")
