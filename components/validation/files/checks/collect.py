"""Looks at the cluster from the control plane. Only looking: nothing here changes anything.

What one group of checks looks at by itself is in its own file, as LOOKS; what several may need is here.
"""

from __future__ import annotations

import json
import os
import subprocess
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any

import kube
from kube import Object
from model import Settings
from result import Source, Sources

SECONDS = 20

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

KUBECONFIGS = (
    "/etc/kubernetes/admin.conf",
    "/etc/rancher/rke2/rke2.yaml",
    "/etc/rancher/k3s/k3s.yaml",
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


class Looker:
    """What a look may use. `nodes` is known once the lists have been read."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.kubeconfig = next((p for p in KUBECONFIGS if os.path.exists(p)), KUBECONFIGS[0])
        self.nodes: list[Object] = []

    def kubectl(self, *arguments: str) -> str:
        return run(self.kubectl_words(*arguments))

    def kubectl_words(self, *arguments: str) -> list[str]:
        return ["kubectl", f"--kubeconfig={self.kubeconfig}", f"--request-timeout={SECONDS}s", *arguments]

    def list(self, source: str) -> Any:
        return json.loads(self.kubectl("get", *LISTS[source], "-o", "json"))

    def awake(self) -> Sequence[Object]:
        away = kube.away(self.nodes, self.settings.get("offline", {}))
        return [n for n in self.nodes if kube.name(n) not in away]

    def silent(self, address: str) -> str | None:
        """Why an address does not answer a ping; None where it does."""
        return attempt(run, ["ping", "-n", "-c", "2", "-i", "0.5", "-W", "2", address]).get("error")

    def fetch(self, url: str) -> str:
        with urllib.request.urlopen(url, timeout=SECONDS) as answer:
            text: bytes = answer.read()
        return text.decode()

    def of_each_machine(self, look: Callable[[str], object]) -> Sources:
        """`look` at the address of each; from node-exporter, which a stack without monitoring has not."""
        if self.settings["prometheus"] is None:
            return {}
        with ThreadPoolExecutor(max_workers=8) as pool:
            machines = self.settings["machines"]
            addresses = [machine["address"] for machine in machines.values()]
            return dict(zip(machines, pool.map(lambda address: attempt(look, address), addresses)))

    def metrics(self, address: str) -> str:
        return self.fetch(f"http://{address}:9100/metrics")


# A group's own look, by the name of what it looks at.
Looks = Mapping[str, Callable[[Looker], object]]


class Collector:
    def __init__(self, settings: Settings, on_progress: Callable[[int, int], None] | None = None) -> None:
        """`on_progress` is told how many of how many sources have been looked at."""
        self.looker = Looker(settings)
        self.on_progress = on_progress

    def collect(self, needed: set[str], looks: Looks) -> Sources:
        """Every source that is needed, side by side: the lists first, since the others may build on the nodes."""
        lists = {source: lambda source=source: self.looker.list(source) for source in needed & set(LISTS)}
        others = {source: lambda source=source: looks[source](self.looker) for source in needed - set(LISTS)}
        seen: Sources = {}
        with ThreadPoolExecutor(max_workers=8) as pool:
            self._look_at(lists, pool, seen, len(needed))
            self.looker.nodes = seen.get("nodes", {}).get("ok", {}).get("items", [])
            self._look_at(others, pool, seen, len(needed))
        return seen

    def _look_at(
        self, sources: Mapping[str, Callable[[], object]], pool: ThreadPoolExecutor, seen: Sources, needed: int
    ) -> None:
        running = {pool.submit(attempt, look): source for source, look in sources.items()}
        for done in as_completed(running):
            seen[running[done]] = done.result()
            if self.on_progress:
                self.on_progress(len(seen), needed)
