#!/usr/bin/env python3
"""magic-packet.py MAC ADDRESS: sends a Wake-on-LAN packet to UDP port 9 of an address."""

from __future__ import annotations

import socket
import sys

mac, address = sys.argv[1:]
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
    sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    sender.sendto(b"\xff" * 6 + bytes.fromhex(mac.replace(":", "")) * 16, (address, 9))
