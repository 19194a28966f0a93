"""Whether the load balancer may get its pool; pool_ready.py SPEC.

SPEC is a JSON file: {"from": this machine's address, "ranges": [[first, last]], "pool": IPAddressPool}. First the LAN
is asked by ARP whether anybody has an address of a range. Those of the pool that the cluster has already are not asked
for: the cluster itself answers there. Then the load balancer's webhook has to take the pool, without which the API
server refuses it. Exit code 0: it may; 1: somebody has an address; 2: the webhook does not answer, or nobody could ask.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network
from typing import Any

# Of Kubespray and kubeadm, of RKE2, of K3s.
KUBECONFIGS = ("/etc/kubernetes/admin.conf", "/etc/rancher/rke2/rke2.yaml", "/etc/rancher/k3s/k3s.yaml")

ARP, REQUEST, REPLY = 0x0806, 1, 2
ROUNDS, ROUND_SECONDS = 3, 1.0
WEBHOOK_SECONDS, PAUSE = 300, 3

SIOCGIFADDR, SIOCGIFHWADDR = 0x8915, 0x8927

HEADER = "!6s6sH"
BODY = "!HHBBH6s4s6s4s"
LENGTH = struct.calcsize(HEADER) + struct.calcsize(BODY)


class Obstacle(Exception):
    """Nobody could ask."""


def ask_interface(name: str, request: int) -> bytes | None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            return fcntl.ioctl(sock, request, struct.pack("256s", name.encode()[:15]))
        except OSError:
            return None


def interface_of(address: str) -> tuple[str, bytes]:
    """The NIC that has an address, and its MAC address."""
    for _, name in socket.if_nameindex():
        has = ask_interface(name, SIOCGIFADDR)
        hardware = ask_interface(name, SIOCGIFHWADDR)
        if has and hardware and socket.inet_ntoa(has[20:24]) == address:
            return name, hardware[18:24]
    raise Obstacle(f"no NIC of this machine has the address {address}")


def render_request(mac: bytes, address: str) -> bytes:
    """A probe: it names no sender, so that nobody learns a wrong address by it."""
    body = struct.pack(BODY, 1, 0x0800, 6, 4, REQUEST, mac, bytes(4), bytes(6), socket.inet_aton(address))
    return struct.pack(HEADER, b"\xff" * 6, mac, ARP) + body


def read_reply(packet: bytes) -> tuple[str, str] | None:
    """(address, MAC address) of who answers."""
    if len(packet) < LENGTH:
        return None
    body = struct.unpack(BODY, packet[struct.calcsize(HEADER) : LENGTH])
    if body[4] != REPLY:
        return None
    return socket.inet_ntoa(body[6]), ":".join(f"{byte:02x}" for byte in body[5])


def ask_lan(interface: str, mac: bytes, addresses: Iterable[str]) -> dict[str, str]:
    """Who answers, by address. All are asked at once, several times: a packet may be lost."""
    wanted, found = list(addresses), {}
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ARP)) as sock:
        sock.bind((interface, ARP))
        for _ in range(ROUNDS):
            for address in wanted:
                sock.send(render_request(mac, address))
            end = time.monotonic() + ROUND_SECONDS
            while (left := end - time.monotonic()) > 0:
                sock.settimeout(left)
                try:
                    reply = read_reply(sock.recv(2048))
                except (socket.timeout, TimeoutError):
                    break
                if reply and reply[0] in wanted:
                    found[reply[0]] = reply[1]
    return found


def kubectl(*words: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
    kubeconfig = next((path for path in KUBECONFIGS if os.path.exists(path)), KUBECONFIGS[0])
    return subprocess.run(
        ["kubectl", f"--kubeconfig={kubeconfig}", "--request-timeout=15s", *words],
        capture_output=True,
        text=True,
        check=False,
        input=text,
    )


def ends_of(text: str) -> tuple[int, int]:
    """First and last address of "A-B" or "A/BITS"."""
    if "/" in text:
        network = IPv4Network(text, strict=False)
        return int(network[0]), int(network[-1])
    first, last = (IPv4Address(end.strip()) for end in text.split("-"))
    return int(first), int(last)


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
        interface, mac = interface_of(spec["from"])
        answers = ask_lan(interface, mac, unasked(spec["ranges"], known(spec["pool"])))
    except (Obstacle, OSError) as obstacle:
        print(f"the LAN could not be asked: {obstacle}", file=sys.stderr)
        return 2
    for address in sorted(answers, key=IPv4Address):
        print(f"{address} is in use: {answers[address]} answers there", file=sys.stderr)
    if answers:
        return 1
    why = wait_for_webhook(spec["pool"])
    if why is not None:
        print(why, file=sys.stderr)
    return 0 if why is None else 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
