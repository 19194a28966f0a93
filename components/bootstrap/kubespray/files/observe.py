"""What shows of Kubespray's variables on a control plane: compared before a cluster of another hand is adopted. Pure.

`observed` returns {setting: value}, with the same names as the wanted state's "observable"; a list where any of its
members may be wanted. What does not show, such as where programs were downloaded from, is not compared.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from model import Object, Observed, Seen

MANIFESTS = "/etc/kubernetes/manifests"
# Read where they are there.
FILES = (
    f"{MANIFESTS}/kube-apiserver.yaml",
    f"{MANIFESTS}/kube-controller-manager.yaml",
    "/etc/kubernetes/kubelet-config.yaml",
    "/etc/cni/net.d/10-calico.conflist",
    "/etc/etcd.env",
)
# Where Kubespray lays down the manifests of an add-on: one that is there without is somebody else's.
ADDONS = {
    "metricsServer": "/etc/kubernetes/addons/metrics_server",
    "certManager": "/etc/kubernetes/addons/cert_manager",
    "metallb": "/etc/kubernetes/metallb.yaml",
    "registry": "/etc/kubernetes/addons/registry",
}
# Their being there says it.
MARKS = ("/usr/local/bin/helm", "/etc/systemd/system/k8s-certs-renew.timer", *ADDONS.values())


def flag(manifest: str, name: str) -> str | None:
    """The value of a program's option in a static pod's manifest."""
    match = re.search(rf"^\s*- --{name}=(\S+)\s*$", manifest, re.MULTILINE)
    return match.group(1) if match else None


def scalar(yaml: str, key: str) -> str | None:
    match = re.search(rf"^\s*{key}:\s*\"?([^\s\"]+)\"?\s*$", yaml, re.MULTILINE)
    return match.group(1) if match else None


def block(yaml: str, key: str, *names: str) -> str | None:
    """Scalars below a top-level key, joined: "500m 512Mi"."""
    match = re.search(rf"^{key}:\n((?:[ ]+.*\n)*)", yaml, re.MULTILINE)
    values = [scalar(match.group(1), name) for name in names] if match else [None]
    known = [value for value in values if value is not None]
    return " ".join(known) if len(known) == len(values) else None


def items(yaml: str, key: str) -> list[str]:
    """A list of scalars below a key, one to a line."""
    match = re.search(rf"^( *){key}:\n((?:\1 *- .*\n)*)", yaml, re.MULTILINE)
    return re.findall(r"- \"?([^\s\"]+)\"?", match.group(2)) if match else []


def switch(is_on: object) -> str:
    return "on" if is_on else "off"


def mtu_of(conflist: str) -> str | None:
    try:
        plugins = json.loads(conflist)["plugins"]
    except (ValueError, KeyError):
        return None
    return next((str(p["mtu"]) for p in plugins if "mtu" in p), None)


def from_files(files: Mapping[str, str]) -> Seen:
    """`files` holds the text of FILES, and something for each of MARKS, as far as they are there."""
    api, manager = (files.get(f"{MANIFESTS}/kube-{n}.yaml") for n in ("apiserver", "controller-manager"))
    kubelet, etcd = files.get("/etc/kubernetes/kubelet-config.yaml", ""), files.get("/etc/etcd.env")
    conflist = files.get("/etc/cni/net.d/10-calico.conflist", "")
    seen: Seen = {
        "maxPods": scalar(kubelet, "maxPods"),
        "systemReserved": block(kubelet, "systemReserved", "cpu", "memory"),
        "kubeReserved": block(kubelet, "kubeReserved", "cpu", "memory"),
        "calicoMtu": mtu_of(conflist),
        "helm": switch(MARKS[0] in files),
        "certificateRenewal": switch(MARKS[1] in files),
        "laidDown": [name for name, folder in ADDONS.items() if folder in files],
    }
    if api is not None:
        seen["apiServerPort"] = flag(api, "secure-port")
        seen["audit"] = switch(flag(api, "audit-policy-file"))
        seen["encryption"] = switch(flag(api, "encryption-provider-config"))
        seen["notReadySeconds"] = flag(api, "default-not-ready-toleration-seconds")
    if manager is not None:
        seen["nodeMonitorGracePeriod"] = flag(manager, "node-monitor-grace-period")
    if etcd is not None:
        urls = re.search(r"^ETCD_LISTEN_METRICS_URLS=.*:(\d+)\s*$", etcd, re.MULTILINE)
        seen["etcdMetricsPort"] = urls.group(1) if urls else "none"
    return seen


def from_workloads(workloads: Object | None) -> Seen:
    """`workloads` are the Deployments, DaemonSets and ReplicaSets of all namespaces, or None where unknown."""
    if workloads is None:
        return {}
    found = {(w["metadata"]["namespace"], w["metadata"]["name"]): w for w in workloads["items"]}
    names = {name for _, name in found}
    coredns = found.get(("kube-system", "coredns"), {"spec": {"template": {"spec": {}}}})
    selector = coredns["spec"]["template"]["spec"].get("nodeSelector", {})
    return {
        "metricsServer": switch("metrics-server" in names),
        "nodeLocalDns": switch("nodelocaldns" in names),
        "certManager": switch("cert-manager" in names),
        "registry": switch("registry" in names),
        "metallb": switch(any(namespace.startswith("metallb") for namespace, _ in found)),
        "calicoApiServer": switch("calico-apiserver" in names),
        "coreDnsSelector": " ".join(f"{k}={v}" for k, v in sorted(selector.items()) if k != "kubernetes.io/os"),
    }


def observed(files: Mapping[str, str], configmaps: Object, pools: Object, workloads: Object | None) -> Observed:
    data = {c["metadata"]["name"]: c.get("data", {}) for c in configmaps["items"]}
    kubeadm = data.get("kubeadm-config", {}).get("ClusterConfiguration", "")
    pool: Object = next((each["spec"] for each in pools.get("items", [])), {})
    proxy = data.get("kube-proxy", {}).get("config.conf", "")
    seen = {
        "proxyMode": scalar(proxy, "mode"),
        "proxyMetrics": scalar(proxy, "metricsBindAddress"),
        "ipipMode": pool.get("ipipMode"),
        "vxlanMode": pool.get("vxlanMode"),
        "calicoBackend": data.get("calico-config", {}).get("calico_backend"),
        "certificateNames": items(kubeadm, "certSANs") or None,
    }
    seen |= from_files(files) | from_workloads(workloads)
    return {key: value for key, value in seen.items() if value is not None}


def differences(found: Observed, wanted: Observed) -> list[str]:
    """One line for each setting that shows and is another than the wanted one."""
    lines = []
    for key, value in sorted(wanted.items()):
        if key not in found:
            continue
        if isinstance(value, list):
            missing = [one for one in value if one not in found[key]]
            lines += [f"{key} lacks {', '.join(missing)}"] if missing else []
        elif found[key] != value:
            lines.append(f"{key} is {found[key] or 'none'}, wanted {value}")
    return lines


# The configuration's keys that show as a switch, by the name above.
SWITCHES = {
    "bootstrap.addons.helm": "helm",
    "bootstrap.addons.metricsServer": "metricsServer",
    "bootstrap.addons.certManager": "certManager",
    "bootstrap.addons.metallb": "metallb",
    "bootstrap.addons.registry": "registry",
    "bootstrap.encryption": "encryption",
    "bootstrap.renewCertificates": "certificateRenewal",
}


def encapsulation_of(found: Observed) -> str | None:
    """As vmstation:network.encapsulation has it; None where no pool was seen."""
    if "ipipMode" not in found or "vxlanMode" not in found:
        return None
    for kind, mode in (("IPIP", found["ipipMode"]), ("VXLAN", found["vxlanMode"])):
        if mode != "Never":
            return kind if mode == "Always" else f"{kind}{mode}"
    return "None"


def shown_settings(found: Observed) -> dict[str, str]:
    """{key: value} of the configuration's keys, as far as they show in what `observed` returns."""
    values = {"on": "true", "off": "false"}
    shown = {key: values.get(str(found.get(name))) for key, name in SWITCHES.items()}
    for key, name in SWITCHES.items():
        if name in ADDONS and name not in found.get("laidDown", []):
            shown[key] = "false"
    port = found.get("apiServerPort")
    shown["bootstrap.apiServerPort"] = None if port is None else str(port)
    shown["network.encapsulation"] = encapsulation_of(found)
    return {key: value for key, value in shown.items() if value is not None}
