"""What runs on the control plane, no matter who installed it. `parse_found` is pure; `look` asks."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from typing import Any, Callable

from model import Machine, Object, Record, Vars, Wanted
from observe import FILES, MARKS, observed, scalar, shown_settings

ADMIN = ["/usr/local/bin/kubectl", "--kubeconfig", "/etc/kubernetes/admin.conf"]
KUBECTL = [*ADMIN, "--request-timeout=30s"]
ROLE = "node-role.kubernetes.io/control-plane"


def kind_of(exists: Callable[[str], bool]) -> str | None:
    """Who installed the cluster, by the files that each installer leaves; None where there is none."""
    if exists("/etc/rancher/rke2") or exists("/etc/rancher/k3s"):
        return "rke2"
    if not exists("/etc/kubernetes/admin.conf"):
        return "worker" if exists("/etc/kubernetes/kubelet.conf") else None
    # Kubespray writes the kubelet's flags here; kubeadm alone has them in /var/lib/kubelet.
    return "kubespray" if exists("/etc/kubernetes/kubelet.env") else "kubeadm"


def look(with_record: bool) -> tuple[str | None, Record | None]:
    """(kind, record): the record has no groups, for another hand installed it."""
    kind = kind_of(os.path.exists)
    if kind != "kubespray" or not with_record:
        return kind, None
    found = parse_found(ask("version"), ask("get", "nodes"), *ask_workings(), read_files())
    return kind, found


def ask(*words: str) -> Any:
    answer = subprocess.run([*KUBECTL, *words, "-o", "json"], check=True, capture_output=True, text=True, timeout=60)
    return json.loads(answer.stdout or "{}")


def ask_workings() -> tuple[Object, Object, Object]:
    return (
        ask("-n", "kube-system", "get", "configmaps"),
        ask("get", "ippools.crd.projectcalico.org", "--ignore-not-found"),
        ask("get", "deployments,daemonsets,replicasets", "--all-namespaces"),
    )


def read_files() -> dict[str, str]:
    return {p: read(p) for p in FILES if os.path.exists(p)} | {p: "" for p in MARKS if os.path.exists(p)}


def shown() -> dict[str, str]:
    """What shows now of the keys that a running cluster keeps; less where its API does not answer."""
    try:
        return shown_settings(observed(read_files(), *ask_workings()))
    except (OSError, subprocess.SubprocessError, ValueError):
        return shown_settings(observed(read_files(), {"items": []}, {}, None))


def is_ready(name: str) -> bool:
    """Whether the cluster hears from the node's kubelet."""
    words = [*KUBECTL, "get", "node", name, "-o", "json"]
    answer = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    if answer.returncode != 0:
        return False
    conditions = json.loads(answer.stdout)["status"].get("conditions", [])
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def read(path: str) -> str:
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def parse_found(
    version: Object,
    nodes: Object,
    configmaps: Object,
    pools: Object,
    workloads: Object | None = None,
    files: Mapping[str, str] | None = None,
) -> Record:
    kubeadm = next(
        (c["data"]["ClusterConfiguration"] for c in configmaps["items"] if c["metadata"]["name"] == "kubeadm-config"),
        "",
    )
    return {
        "clusterName": None,
        "kubernetesVersion": version["serverVersion"]["gitVersion"].lstrip("v").split("+")[0],
        "kubespray": None,
        "networks": {"podCidr": scalar(kubeadm, "podSubnet"), "serviceCidr": scalar(kubeadm, "serviceSubnet")},
        "machines": {n["metadata"]["name"]: machine(n) for n in sorted(nodes["items"], key=first_control)},
        "groups": None,
        "observable": observed(files or {}, configmaps, pools, workloads),
    }


def first_control(node: Object) -> tuple[bool, str]:
    return (ROLE not in node["metadata"]["labels"], node["metadata"]["creationTimestamp"])


def machine(node: Object) -> Machine:
    """etcd and worker are no roles that a Node object shows: `adopt` takes them from the configuration."""
    return {
        "roles": ["control-plane"] if ROLE in node["metadata"]["labels"] else ["worker"],
        "version": node["status"]["nodeInfo"]["kubeletVersion"].lstrip("v"),
        "digest": None,
        "offline": False,
        "sleeps": False,
        "mac": None,
        "vars": {
            "ansible_host": address_of(node),
            "node_labels": node["metadata"]["labels"],
            "node_taints": [taint_of(t) for t in node.get("spec", {}).get("taints", [])],
        },
    }


def taint_of(taint: Mapping[str, str]) -> str:
    """As a configuration writes it: KEY=VALUE:EFFECT, or KEY:EFFECT."""
    value = f"={taint['value']}" if taint.get("value") else ""
    return f"{taint['key']}{value}:{taint['effect']}"


def address_of(node: Object) -> str:
    return str(next(a["address"] for a in node["status"]["addresses"] if a["type"] == "InternalIP"))


def has_all(wanted: Vars, found: Vars) -> bool:
    """Whether the node has every label and taint that is wanted; others that it has may stay."""
    labels = found["node_labels"]
    return all(labels.get(key) == value for key, value in wanted["node_labels"].items()) and all(
        taint in found["node_taints"] for taint in wanted["node_taints"]
    )


def adopt(found: Record, wanted: Wanted) -> Record:
    """The found cluster as a record. Roles that match as far as they show are taken as they are wanted."""
    machines = {}
    for name, there in found["machines"].items():
        described = wanted["machines"].get(name)
        if described is None or ("control-plane" in described["roles"]) != ("control-plane" in there["roles"]):
            # One that the configuration does not know cannot be reached: it has no key of ours.
            machines[name] = there | {"offline": True}
            continue
        digest = described["digest"] if has_all(described["vars"], there["vars"]) else None
        known_by = there["vars"]["ansible_host"]
        machines[name] = described | {
            "version": there["version"],
            "digest": digest,
            "vars": described["vars"] | {"ip": known_by, "access_ip": known_by},
        }
    return found | {"machines": machines, "fixed": shown_settings(found["observable"])}
