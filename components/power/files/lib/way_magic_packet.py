"""Wake-on-LAN: a magic packet to the LAN's broadcast address, and one to the machine's own."""

from __future__ import annotations

import socket
from collections.abc import Iterable

from model import Policy, Settings
from say import say
from way import Run, Way

# UDP port of magic packets: 9, "discard", as every sender since AMD's white paper.
WAKE_PORT = 9


def magic_packet(mac: str) -> bytes:
    """Six bytes of 0xff, then the MAC address sixteen times (AMD, Magic Packet Technology, 1995)."""
    address = bytes.fromhex(mac.replace(":", ""))
    if len(address) != 6:
        raise ValueError(f"not a MAC address: {mac}")
    return b"\xff" * 6 + address * 16


def send(mac: str, targets: Iterable[str], name: str) -> None:
    packet = magic_packet(mac)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        for target in targets:
            try:
                sender.sendto(packet, (target, WAKE_PORT))
            except OSError as error:
                # A sleeping machine may not answer ARP; the broadcast is sent anyway.
                say(f"{name}: no packet to {target}: {error}")


def create(settings: Settings, _run: Run) -> Way:
    def wake(policy: Policy) -> None:
        send(policy["mac"], (settings["broadcast"], policy["address"]), policy["name"])

    return Way(after=lambda policy: 0 if policy.get("mac") else None, wake=wake, repeats=True)
