#!/usr/bin/env python3
"""The MAC address of everybody who answers for an address, one a line; who_has.py CODE FROM ADDRESS.

CODE is the folder of the load balancer's own questions to a LAN, FROM an address of this machine.
"""

from __future__ import annotations

import importlib
import socket
import sys
import time

SECONDS = 1.0


def main(folder: str, own: str, address: str) -> None:
    sys.path.insert(0, folder)
    pool_ready = importlib.import_module("pool_ready")
    interface, mac = pool_ready.interface_of(own)
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(pool_ready.ARP)) as sock:
        sock.bind((interface, pool_ready.ARP))
        sock.send(pool_ready.render_request(mac, address))
        end, found = time.monotonic() + SECONDS, set()
        while (left := end - time.monotonic()) > 0:
            sock.settimeout(left)
            try:
                reply = pool_ready.read_reply(sock.recv(2048))
            except TimeoutError:
                break
            if reply is not None and reply[0] == address:
                found.add(reply[1])
    print("\n".join(sorted(found)))


if __name__ == "__main__":
    main(*sys.argv[1:])
