"""Whether pods on different machines reach each other; pods_reach.py SPEC.

SPEC is a JSON file: {"from": machine, "pods": {machine: Pod}, "machines": {machine: {"address", "port", "sleeps"}}}.
A pod on each machine that is up, all started at once; the one on this machine, "from", asks each of the others by
ICMP, which the kernel answers for a pod whatever it runs. A machine that sleeps is left asleep and named. Exit code
0: all that are up are in reach; 1: not, with the reasons on standard error; 2: it could not be tried.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from typing import Any, Callable, TypedDict


class Machine(TypedDict):
    address: str
    port: int
    sleeps: bool


# An object of the API, as it came.
Object = dict[str, Any]

# Pods of an image that the machines have; then time for BGP to tell the machines' routes.
READY_SECONDS, REACH_SECONDS = 120, 60

# Of Kubespray and kubeadm, of RKE2, of K3s.
KUBECONFIGS = ("/etc/kubernetes/admin.conf", "/etc/rancher/rke2/rke2.yaml", "/etc/rancher/k3s/k3s.yaml")

# Without ping everything would look out of reach.
TOOLS = ("kubectl", "ip", "ping")

# A request that waits for something ends with its own --timeout.
AT_LENGTH = "--request-timeout=0"


class Failure(Exception):
    """Pods do not reach each other, for the reasons given."""


class Obstacle(Exception):
    """Nobody knows whether they do."""


def run(*words: str, input: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, check=False, input=input)


def kubectl(*words: str, input: str | None = None) -> subprocess.CompletedProcess[str]:
    kubeconfig = next((path for path in KUBECONFIGS if os.path.exists(path)), KUBECONFIGS[0])
    return run("kubectl", f"--kubeconfig={kubeconfig}", "--request-timeout=15s", "-n", "default", *words, input=input)


def answers(machine: Machine) -> bool:
    try:
        with socket.create_connection((machine["address"], machine["port"]), timeout=3):
            return True
    except OSError:
        return False


def split(machines: Mapping[str, Machine]) -> tuple[list[str], list[str]]:
    """(those that have to be in reach, those that sleep), by name."""
    asleep = sorted(name for name, m in machines.items() if m["sleeps"] and not answers(m))
    return sorted(set(machines) - set(asleep)), asleep


def remove(pods: Iterable[Object]) -> subprocess.CompletedProcess[str]:
    names = [pod["metadata"]["name"] for pod in pods]
    return kubectl("delete", "pod", *names, "--ignore-not-found", "--timeout=60s", AT_LENGTH)


def start(pods: Mapping[str, Object]) -> dict[str, str]:
    """The addresses of the pods, by machine, once all are Ready."""
    removed = remove(pods.values())
    if removed.returncode != 0:
        raise Obstacle(f"pods of an earlier try cannot be removed: {removed.stderr.strip()[-300:]}")
    items = {"apiVersion": "v1", "kind": "List", "items": list(pods.values())}
    made = kubectl("create", "-f", "-", input=json.dumps(items))
    if made.returncode != 0:
        raise Obstacle(f"no pods can be created: {made.stderr.strip()[-300:]}")
    names = {machine: f"pod/{pod['metadata']['name']}" for machine, pod in pods.items()}
    kubectl("wait", *names.values(), "--for=condition=Ready", f"--timeout={READY_SECONDS}s", AT_LENGTH)
    addresses: dict[str, str] = {}
    late = []
    for machine, name in names.items():
        found = kubectl("get", name, "-o", "json")
        status = json.loads(found.stdout)["status"] if found.returncode == 0 else {}
        ready = any(c["type"] == "Ready" and c["status"] == "True" for c in status.get("conditions", []))
        if ready and status.get("podIP"):
            addresses[machine] = status["podIP"]
        else:
            late.append(f"no pod is Ready on {machine} within {READY_SECONDS} s")
    if late:
        raise Failure("\n".join(late))
    return addresses


def namespace_of(address: str) -> str:
    """The network namespace of the pod with this address, which the container runtime has made by name."""
    for line in run("ip", "netns", "list").stdout.splitlines():
        name = line.split(" ")[0]
        if f" {address}/" in run("ip", "-n", name, "-o", "-4", "address", "show").stdout:
            return name
    raise Obstacle(f"no network namespace here has the pod's address {address}")


def out_of_reach(
    namespace: str, addresses: Mapping[str, str], clock: Callable[[], float] = time.monotonic
) -> dict[str, str]:
    """Machines whose pod has not answered when the time is over; each is asked until it has."""
    deadline = clock() + REACH_SECONDS
    left = dict(addresses)
    while True:
        for machine, address in list(left.items()):
            # Waits for an answer for two seconds itself.
            if run("ip", "netns", "exec", namespace, "ping", "-n", "-c", "1", "-W", "2", address).returncode == 0:
                del left[machine]
        if not left or clock() >= deadline:
            return left


def look(path: str) -> None:
    with open(path, encoding="utf-8") as file:
        spec = json.load(file)
    here = spec["from"]
    up, asleep = split(spec["machines"])
    note = f"; asleep, and so not asked: {', '.join(asleep)}" if asleep else ""
    others = [name for name in up if name != here]
    if not others:
        print(f"only {here} is up, so no pod has another machine to reach{note}")
        return
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        raise Obstacle(f"not on this machine: {', '.join(missing)}")
    pods = {name: spec["pods"][name] for name in (here, *others)}
    try:
        addresses = start(pods)
        left = out_of_reach(namespace_of(addresses.pop(here)), addresses)
    finally:
        remove(pods.values())
    if left:
        raise Failure("\n".join(f"a pod on {here} does not reach {left[name]} on {name}" for name in sorted(left)))
    print(f"pods on {here} and {', '.join(others)} reach each other{note}")


def main(path: str) -> int:
    try:
        look(path)
    except Failure as failure:
        print(failure, file=sys.stderr)
        return 1
    except (Obstacle, OSError, ValueError) as obstacle:
        print(obstacle, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
