"""Whether the cluster works: API, machines, CoreDNS and a pod of our own; verify.py KUBECTL KUBECONFIG SPEC [look].

SPEC is a JSON file: {"machines": {name: {"address", "port", "sleeps", "offline"}}, "pod": Pod,
"resources": what the add-ons' own API servers must answer for, as kubectl names it}.
With `look` nothing is created and nothing waited for.
Exit code 0: it works; 1: it does not, with the reasons on standard error.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from typing import Any, Callable, TypedDict


class Machine(TypedDict):
    address: str
    port: int
    sleeps: bool
    offline: bool


# An object of the API, as it came.
Object = dict[str, Any]

API_SECONDS, READY_SECONDS, POD_SECONDS = 30, 300, 60


def answers(address: str, port: int) -> bool:
    try:
        with socket.create_connection((address, port), timeout=3):
            return True
    except OSError:
        return False


def expected(machines: Mapping[str, Machine], reachable: Callable[[str, int], bool]) -> list[str]:
    """Machines that must be Ready: all that are always on, and those sleepers that are awake."""
    return sorted(
        name
        for name, m in machines.items()
        if not m["offline"] and (not m["sleeps"] or reachable(m["address"], m["port"]))
    )


def not_ready(names: list[str], nodes: Object) -> list[str]:
    """What stands against each of the named nodes."""
    found = {n["metadata"]["name"]: n for n in nodes["items"]}
    problems = []
    for name in names:
        if name not in found:
            problems.append(f"{name} is no node of the cluster")
            continue
        conditions = {c["type"]: c for c in found[name]["status"].get("conditions", [])}
        ready = conditions.get("Ready", {"status": "Unknown", "message": "no word from its kubelet"})
        if ready["status"] != "True":
            problems.append(f"{name} is not Ready: {ready.get('message', '')}")
    return problems


def dns_problems(deployments: Object) -> list[str]:
    ready = sum(d["status"].get("readyReplicas", 0) for d in deployments["items"] if "coredns" in d["metadata"]["name"])
    return [] if ready >= 1 else ["no CoreDNS pod is ready"]


class Kubectl:
    def __init__(self, program: str, kubeconfig: str) -> None:
        self.words = [program, "--kubeconfig", kubeconfig, "--request-timeout=10s"]

    def run(self, *words: str, input: str | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*self.words, *words], capture_output=True, text=True, check=False, input=input)

    def get(self, *words: str) -> Object | None:
        answer = self.run("get", *words, "-o", "json")
        found: Object | None = json.loads(answer.stdout) if answer.returncode == 0 else None
        return found


def within(
    seconds: float,
    look: Callable[[], list[str]],
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
) -> list[str]:
    """What `look` still complains about when the time is over; asks every second."""
    deadline = clock() + seconds
    while True:
        problems = look()
        if not problems or clock() >= deadline:
            return problems
        pause(1)


def api_problems(kubectl: Kubectl) -> list[str]:
    answer = kubectl.run("get", "--raw", "/readyz")
    return [] if answer.returncode == 0 else [f"the API server is not ready: {answer.stderr.strip()[-300:]}"]


def cluster_problems(kubectl: Kubectl, names: list[str]) -> list[str]:
    nodes = kubectl.get("nodes")
    deployments = kubectl.get("deployments", "-n", "kube-system")
    if nodes is None or deployments is None:
        return ["the API server does not answer"]
    return not_ready(names, nodes) + dns_problems(deployments)


def resource_problems(kubectl: Kubectl, resources: list[str]) -> list[str]:
    """Resources of add-ons that have an API server of their own, which is up later than the cluster's."""
    problems = []
    for resource in resources:
        asked = kubectl.run("get", resource, "-o", "name", "--chunk-size=1")
        if asked.returncode != 0:
            why = asked.stderr.strip()[-300:] + why_not_served(kubectl, resource)
            problems.append(f"the cluster does not serve {resource} yet: {why}")
    return problems


def why_not_served(kubectl: Kubectl, resource: str) -> str:
    """What the cluster knows of an API server behind it, such as the Service that has no endpoints."""
    _, _, service = resource.partition(".")
    found = kubectl.get("apiservice", service) if service else None
    for condition in (found or {}).get("status", {}).get("conditions", []):
        if condition["type"] == "Available" and condition["status"] != "True":
            return f" ({condition.get('message', condition.get('reason', 'not available'))})"
    return ""


def pod_problems(kubectl: Kubectl, pod: Object) -> list[str]:
    name = pod["metadata"]["name"]
    kubectl.run("delete", "pod", name, "-n", "default", "--ignore-not-found", "--wait=true", "--timeout=60s")
    made = kubectl.run("create", "-f", "-", input=json.dumps(pod))
    if made.returncode != 0:
        return [f"no pod can be created: {made.stderr.strip()[-300:]}"]
    try:
        waited = kubectl.run(
            "wait", f"pod/{name}", "-n", "default", "--for=condition=Ready", f"--timeout={POD_SECONDS}s"
        )
        if waited.returncode == 0:
            return []
        events = kubectl.run("get", "events", "-n", "default", "--field-selector", f"involvedObject.name={name}")
        return [f"a pod was not Ready within {POD_SECONDS} s:\n{events.stdout.strip()[-1000:]}"]
    finally:
        kubectl.run("delete", "pod", name, "-n", "default", "--ignore-not-found", "--wait=false")


def main(program: str, kubeconfig: str, path: str, mode: str = "") -> int:
    with open(path, encoding="utf-8") as file:
        spec = json.load(file)
    kubectl = Kubectl(program, kubeconfig)
    api, ready = (0, 0) if mode == "look" else (API_SECONDS, READY_SECONDS)
    problems = within(api, lambda: api_problems(kubectl))
    if not problems:
        names = expected(spec["machines"], answers)
        problems = within(ready, lambda: cluster_problems(kubectl, names))
    if not problems:
        problems = within(ready, lambda: resource_problems(kubectl, spec["resources"]))
    if mode != "look":
        problems = problems or pod_problems(kubectl, spec["pod"])
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
