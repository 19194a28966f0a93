"""Looks at the cluster from the control plane. Only looking: nothing here changes anything."""

from __future__ import annotations

import base64
import calendar
import glob
import json
import os
import re
import subprocess
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Callable

import dns
import kube
from kube import Object
from model import Clock, Settings
from result import Source, Sources

SECONDS = 20

# Where Calico writes down the address of a machine's tunnel, by the encapsulation; without one there is no tunnel.
TUNNEL_ADDRESS = {
    "IPIP": "projectcalico.org/IPv4IPIPTunnelAddr",
    "VXLAN": "projectcalico.org/IPv4VXLANTunnelAddr",
}
OPEN_NAMESPACES = ("kube-system", "calico-system")

LISTS = {
    "nodes": ["nodes"],
    "pods": ["pods", "--all-namespaces"],
    "daemonsets": ["daemonsets", "--all-namespaces"],
    "services": ["services", "--all-namespaces"],
    "endpointslices": ["endpointslices", "--all-namespaces"],
    "volumes": ["persistentvolumes"],
    "claims": ["persistentvolumeclaims", "--all-namespaces"],
    "networkpolicies": ["networkpolicies", "--all-namespaces"],
}

# What each group of checks looks at; every one of them needs to know which machines are asleep.
NEEDS = {
    "cluster": ("readyz", "nodes", "pods", "daemonsets"),
    "monitoring": ("nodes", "pods", "http", "targets"),
    "network": ("nodes", "dns", "gateway", "podNetwork", "networkpolicies"),
    "nodes": ("nodes",),
    "pods": ("nodes", "pods"),
    "storage": ("nodes", "volumes", "claims", "summaries", "fileSystems"),
    "services": ("nodes", "pods", "services", "endpointslices"),
    "certificates": ("certificates",),
    "time": ("nodes", "clocks", "ownClock"),
}

# Of Kubespray, of kubeadm, of RKE2; etcd's own.
CERTIFICATES = (
    "/etc/kubernetes/ssl/*.crt",
    "/etc/kubernetes/pki/*.crt",
    "/etc/kubernetes/pki/etcd/*.crt",
    "/etc/ssl/etcd/ssl/*.pem",
    "/var/lib/kubelet/pki/kubelet-client-current.pem",
    "/var/lib/rancher/rke2/server/tls/*.crt",
    "/var/lib/rancher/rke2/server/tls/etcd/*.crt",
)
KUBECONFIGS = (
    "/etc/kubernetes/admin.conf",
    "/etc/rancher/rke2/rke2.yaml",
)


def execute(command: list[str], text: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = dict(os.environ, LC_ALL="C")
    return subprocess.run(
        command, input=text, capture_output=True, text=True, timeout=SECONDS, check=False, env=environment
    )


def run(command: list[str], text: str | None = None) -> str:
    """Standard output of a command; its own words as the error where it fails."""
    return output(execute(command, text))


def output(done: subprocess.CompletedProcess[str]) -> str:
    if done.returncode:
        raise RuntimeError(f"{done.args[0]}: {(done.stderr or done.stdout).strip()[:300]}")
    return done.stdout


def attempt(function: Callable[..., object], *arguments: object) -> Source:
    """{"ok": value} or {"error": text}: a source that fails, whatever it raises, is a finding, no end of the run."""
    try:
        return {"ok": function(*arguments)}
    except Exception as error:
        return {"error": str(error) or type(error).__name__}


class Collector:
    def __init__(self, settings: Settings, on_progress: Callable[[int, int], None] | None = None) -> None:
        """`on_progress` is told how many of how many sources have been looked at."""
        self.settings = settings
        self.on_progress = on_progress
        self.kubeconfig = next((p for p in KUBECONFIGS if os.path.exists(p)), KUBECONFIGS[0])

    def collect(self, groups: list[str]) -> Sources:
        """Every source that the groups need, side by side; those that build on the nodes come second."""
        needed = {source for group in groups for source in NEEDS[group]}
        first = sorted(needed - {"summaries", "podNetwork"})
        with ThreadPoolExecutor(max_workers=8) as pool:
            seen: Sources = {}
            self._look_at(first, pool, seen, len(needed))
            self.nodes = seen.get("nodes", {}).get("ok", {}).get("items", [])
            self._look_at(sorted(needed - set(first)), pool, seen, len(needed))
        return seen

    def _look_at(self, sources: list[str], pool: ThreadPoolExecutor, seen: Sources, needed: int) -> None:
        for done in as_completed({pool.submit(self._look_named, s) for s in sources}):
            source, found = done.result()
            seen[source] = found
            if self.on_progress:
                self.on_progress(len(seen), needed)

    def _look_named(self, source: str) -> tuple[str, Source]:
        return source, self._look(source)

    def _look(self, source: str) -> Source:
        if source in LISTS:
            return attempt(lambda: json.loads(self._kubectl("get", *LISTS[source], "-o", "json")))
        return attempt(getattr(self, f"_{source}"))

    def _kubectl(self, *arguments: str) -> str:
        return run(self._kubectl_words(*arguments))

    def _kubectl_words(self, *arguments: str) -> list[str]:
        return ["kubectl", f"--kubeconfig={self.kubeconfig}", f"--request-timeout={SECONDS}s", *arguments]

    def _awake(self) -> list[Object]:
        away = kube.asleep(self.nodes)
        return [n for n in self.nodes if kube.name(n) not in away]

    def _readyz(self) -> str:
        done = execute(self._kubectl_words("get", "--raw", "/readyz?verbose"))
        return parse_unready(done.stderr) if "[+]" in done.stderr else output(done)

    def _summaries(self) -> Sources:
        path = "/api/v1/nodes/{}/proxy/stats/summary"
        return {
            kube.name(n): attempt(lambda n=n: json.loads(self._kubectl("get", "--raw", path.format(kube.name(n)))))
            for n in self._awake()
        }

    def _podNetwork(self) -> dict[str, str | None]:
        """An address of the pod network on each awake machine: Calico's tunnel address, where there is a tunnel."""
        key = TUNNEL_ADDRESS.get(self.settings["encapsulation"].removesuffix("CrossSubnet"))
        if key is None:
            return {m: self._silent(address) for m, address in self._pod_addresses().items()}
        found = {}
        for node in self._awake():
            address = (node["metadata"].get("annotations") or {}).get(key)
            found[kube.name(node)] = self._silent(address) if address else "it has no tunnel address"
        return found

    def _pod_addresses(self) -> dict[str, str]:
        """Of one pod on each awake machine, in namespaces where nothing of ours denies; a machine may have none."""
        awake = {kube.name(n) for n in self._awake()}
        found: dict[str, str] = {}
        for namespace in OPEN_NAMESPACES:
            for pod in json.loads(self._kubectl("get", "pods", "-n", namespace, "-o", "json"))["items"]:
                machine, address = pod["spec"].get("nodeName"), pod["status"].get("podIP")
                if machine in awake and address and kube.ready(pod) and not pod["spec"].get("hostNetwork"):
                    found.setdefault(machine, address)
        return found

    def _silent(self, address: str) -> str | None:
        return attempt(run, ["ping", "-n", "-c", "2", "-i", "0.5", "-W", "2", address]).get("error")

    def _gateway(self) -> bool:
        return self._silent(self.settings["gateway"]) is None

    def _dns(self) -> Sources:
        names = (self.settings["internalName"], self.settings["externalName"])
        return {n: attempt(dns.resolve, n, self.settings["dnsServer"]) for n in names}

    def _http(self) -> Sources:
        return {url: attempt(self._status, url) for url in self.settings["endpoints"].values()}

    def _status(self, url: str) -> int:
        with urllib.request.urlopen(url, timeout=SECONDS) as answer:
            return int(answer.status)

    def _fetch(self, url: str) -> str:
        with urllib.request.urlopen(url, timeout=SECONDS) as answer:
            text: bytes = answer.read()
        return text.decode()

    def _targets(self) -> object:
        return json.loads(self._fetch(f"{self.settings['prometheus']}/api/v1/targets?state=active"))

    def _clocks(self) -> Sources:
        return self._of_each_machine(self._clock)

    def _fileSystems(self) -> Sources:
        return self._of_each_machine(lambda address: parse_file_systems(self._metrics(address)))

    def _of_each_machine(self, look: Callable[[str], object]) -> Sources:
        """From node-exporter, which a stack without monitoring has not."""
        if self.settings["prometheus"] is None:
            return {}
        with ThreadPoolExecutor(max_workers=8) as pool:
            machines = self.settings["machines"]
            addresses = [machine["address"] for machine in machines.values()]
            return dict(zip(machines, pool.map(lambda address: attempt(look, address), addresses)))

    def _metrics(self, address: str) -> str:
        return self._fetch(f"http://{address}:9100/metrics")

    def _clock(self, address: str) -> Clock:
        asked = time.time()
        metrics = self._metrics(address)
        return parse_clock(metrics, asked, time.time())

    def _ownClock(self) -> Clock:
        return parse_tracking(run(["chronyc", "-n", "-c", "tracking"]))

    def _certificates(self) -> Sources:
        """The end of each, or why it cannot be read: one that is broken is no fault of the others'."""
        paths = [p for pattern in CERTIFICATES for p in sorted(glob.glob(pattern))]
        found = {p: attempt(certificate_end, p) for p in paths if not is_only_key(p)}
        found |= {p: attempt(kubeconfig_end, p) for p in filter(os.path.exists, KUBECONFIGS)}
        return {path: end for path, end in found.items() if end != {"ok": None}}


def is_only_key(path: str) -> bool:
    """By what is in it: a name may hold any word, as a machine's may."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read()
    except OSError:
        return False
    return "PRIVATE KEY-----" in text and "-----BEGIN CERTIFICATE-----" not in text


def certificate_end(path: str) -> float:
    return parse_end(run(["openssl", "x509", "-noout", "-enddate", "-in", path]))


def kubeconfig_end(path: str) -> float | None:
    """Of the certificate in it that ends first; None where it has none."""
    with open(path, encoding="utf-8") as file:
        certificates = client_certificates(file.read())
    return min((parse_end(run(["openssl", "x509", "-noout", "-enddate"], pem)) for pem in certificates), default=None)


def parse_unready(error: str) -> str:
    """A line for each check of a server that is not ready: kubectl quotes them, up to 2 KiB, in an error."""
    lines = re.findall(r"\[[+-]\](?:(?!\\n|\").)*", error)
    if not any(line.startswith("[-]") for line in lines):
        lines.append("[-]one that was not quoted failed")
    return "\n".join(lines)


def parse_end(text: str) -> float:
    """Seconds since the epoch from OpenSSL's "notAfter=Nov 20 10:00:00 2027 GMT"."""
    return float(calendar.timegm(time.strptime(text.strip(), "notAfter=%b %d %H:%M:%S %Y GMT")))


def client_certificates(kubeconfig: str) -> list[str]:
    found = re.findall(r"client-certificate-data:\s*([A-Za-z0-9+/=]+)", kubeconfig)
    return [base64.b64decode(data).decode() for data in found]


def parse_clock(metrics: str, asked: float, answered: float) -> Clock:
    """
    A machine's clock, from what node-exporter said between two moments of this machine's clock: seconds that it is
    ahead at least, and whether it is kept. The kernel's own idea of the offset counts as well; chrony, which steers
    by frequency, leaves that at zero whatever happens.
    """
    names = "node_time_seconds|node_timex_offset_seconds|node_timex_sync_status"
    values = {k: float(v) for k, v in re.findall(rf"^({names}) (\S+)$", metrics, re.M)}
    if len(values) < 3:
        raise ValueError("node-exporter tells nothing of the clock")
    now = values["node_time_seconds"]
    ahead = now - asked if now < asked else max(0.0, now - answered)
    return {
        "offset": max(ahead, values["node_timex_offset_seconds"], key=abs),
        "synchronised": values["node_timex_sync_status"] == 1,
    }


def parse_file_systems(metrics: str) -> dict[str, float]:
    """The used share (0 to 1) of each file system that can be written to, by its folder."""
    found: dict[str, dict[str, float]] = {}
    for name, labels, value in re.findall(
        r"^node_filesystem_(avail_bytes|size_bytes|readonly)\{([^}]*)\} (\S+)$", metrics, re.M
    ):
        folder = re.search(r'mountpoint="([^"]*)"', labels)
        if folder:
            found.setdefault(folder.group(1), {})[name] = float(value)
    if not found:
        raise ValueError("node-exporter tells nothing of the file systems")
    return {
        folder: 1 - each["avail_bytes"] / each["size_bytes"]
        for folder, each in found.items()
        if each.get("readonly") != 1 and each.get("size_bytes") and "avail_bytes" in each
    }


def parse_tracking(text: str) -> Clock:
    """This machine's clock, from `chronyc -c tracking`: its fifth field says by how much it is behind."""
    fields = text.strip().split(",")
    if len(fields) < 14:
        raise ValueError("chronyc tells nothing of the clock")
    return {"offset": -float(fields[4]), "synchronised": fields[13] != "Not synchronised"}
