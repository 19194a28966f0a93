"""Prints, in hex, the UDP payload of the first packet to port 9 that arrives at a NIC; run in the machine's namespace.

The first argument is the NIC. Says "ready" first. An IPv4 packet of Ethernet: 14 bytes of header, then IHL words.
"""

from __future__ import annotations

import socket
import sys

EVERY_PROTOCOL = 3
UDP = 17

wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(EVERY_PROTOCOL))
wire.bind((sys.argv[1], 0))
wire.settimeout(60)
print("ready", flush=True)
while True:
    frame = wire.recv(2048)
    if frame[12:14] != b"\x08\x00" or frame[23] != UDP:
        continue
    udp = 14 + (frame[14] & 15) * 4
    if int.from_bytes(frame[udp + 2 : udp + 4], "big") == 9:
        length = int.from_bytes(frame[udp + 4 : udp + 6], "big")
        print(frame[udp + 8 : udp + length].hex())
        break
