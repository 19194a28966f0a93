"""Sends one Wake-on-LAN magic packet: send-magic-packet.py MAC TARGET [TARGET ...]

A target is a broadcast address, or the machine's own for a directed packet. UDP port 9.
"""

from __future__ import annotations

import socket
import sys


def magic_packet(mac: str) -> bytes:
    """Six bytes of 0xff, then the MAC address sixteen times (AMD, Magic Packet Technology, 1995)."""
    address = bytes.fromhex(mac.replace(":", ""))
    if len(address) != 6:
        raise ValueError(f"not a MAC address: {mac}")
    return b"\xff" * 6 + address * 16


def main(mac: str, *targets: str) -> None:
    packet = magic_packet(mac)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        for target in targets:
            sender.sendto(packet, (target, 9))


if __name__ == "__main__":
    main(*sys.argv[1:])
