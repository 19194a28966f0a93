"""Whether the load balancer may get its pool; pool_ready.py SPEC.

SPEC is a JSON file: {"from": this machine's address, "ranges": [[first, last]], "pool": IPAddressPool}. First the LAN
is asked by ARP whether anybody has an address of a range. Those of the pool that the cluster has already are not asked
for: the cluster itself answers there. Then the load balancer's webhook has to take the pool, without which the API
server refuses it. Exit code 0: it may; 1: somebody has an address; 2: the webhook does not answer, or nobody could ask.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from ipaddress import IPv4Address
from typing import Any

from ask_lan import Obstacle, ask_lan, ends_of

# Of Kubespray and kubeadm, of RKE2, of K3s.
KUBECONFIGS = ("/etc/kubernetes/admin.conf", "/etc/rancher/rke2/rke2.yaml", "/etc/rancher/k3s/k3s.yaml")

WEBHOOK_SECONDS, PAUSE = 300, 3


def kubectl(*words: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
    kubeconfig = next((path for path in KUBECONFIGS if os.path.exists(path)), KUBECONFIGS[0])
    return subprocess.run(
        ["kubectl", f"--kubeconfig={kubeconfig}", "--request-timeout=15s", *words],
        capture_output=True,
        text=True,
        check=False,
        input=text,
    )


def known(pool: dict[str, Any]) -> list[tuple[int, int]]:
    """The ranges of the pool that the cluster has already; none where it has none."""
    name, namespace = pool["metadata"]["name"], pool["metadata"]["namespace"]
    got = kubectl("get", "ipaddresspools.metallb.io", name, "-n", namespace, "-o", "json")
    if got.returncode:
        return []
    return [ends_of(text) for text in json.loads(got.stdout)["spec"].get("addresses") or []]


def unasked(ranges: Iterable[tuple[str, str]], before: list[tuple[int, int]]) -> list[str]:
    numbers = (n for first, last in ranges for n in range(int(IPv4Address(first)), int(IPv4Address(last)) + 1))
    return [str(IPv4Address(n)) for n in numbers if not any(first <= n <= last for first, last in before)]


def wait_for_webhook(pool: dict[str, Any]) -> str | None:
    """Why the API server does not take the pool; None where it would. Nothing is changed."""
    words = ("apply", "--server-side", "--force-conflicts", "--dry-run=server", "--field-manager=vmstation", "-f", "-")
    end = time.monotonic() + WEBHOOK_SECONDS
    while True:
        tried = kubectl(*words, text=json.dumps(pool))
        if tried.returncode == 0:
            return None
        if time.monotonic() + PAUSE > end:
            return tried.stderr.strip()[:500]
        time.sleep(PAUSE)


def main(words: list[str]) -> int:
    with open(words[0], encoding="utf-8") as file:
        spec = json.load(file)
    try:
        new = unasked(spec["ranges"], known(spec["pool"]))
        answers = ask_lan(spec["from"], new)
    except (Obstacle, OSError) as obstacle:
        print(f"the LAN could not be asked: {obstacle}", file=sys.stderr)
        return 2
    for address in sorted(answers, key=IPv4Address):
        print(f"{address} is in use: {' and '.join(sorted(answers[address]))} answers there", file=sys.stderr)
    if answers:
        return 1
    why = wait_for_webhook(spec["pool"])
    if why is not None:
        print(why, file=sys.stderr)
        return 2
    if new:
        # A device that is off, or comes later, answers nobody now.
        print(
            f"nobody has the {len(new)} new addresses of the pool now. "
            "A router says nothing of what it gives out later: see that they are outside of its DHCP range",
            file=sys.stderr,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
