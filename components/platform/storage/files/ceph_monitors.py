"""Which monitors of a Ceph do not answer; ceph_monitors.py ADDRESS...

Each of them says who it is as soon as somebody connects, before it knows the client. On standard output is one line
for each that does not. Exit code 0: most of them answer, which Ceph needs to work; 1: fewer do.
"""

from __future__ import annotations

import socket
import sys
from concurrent.futures import ThreadPoolExecutor

# By which clients come since Ceph 14, and by which they always came, with what a monitor says there first.
GREETINGS = {3300: b"ceph v2\n", 6789: b"ceph v027"}
SECONDS = 5.0


def greet(address: str, port: int) -> str | None:
    """Why no monitor is there; None where one is."""
    wanted, got = GREETINGS[port], b""
    try:
        with socket.create_connection((address, port), timeout=SECONDS) as connection:
            while len(got) < len(wanted) and (more := connection.recv(len(wanted) - len(got))):
                got += more
    except OSError as error:
        return f"port {port}: {error.strerror or error}"
    return None if got == wanted else f"port {port}: who answers is no monitor of Ceph"


def silent(address: str) -> str | None:
    """Why a monitor does not answer; None where it does, at one of its ports."""
    with ThreadPoolExecutor() as pool:
        why = list(pool.map(lambda port: greet(address, port), GREETINGS))
    return None if None in why else f"{address} does not answer ({', '.join(filter(None, why))})"


def main(addresses: list[str]) -> int:
    with ThreadPoolExecutor() as pool:
        away = [why for why in pool.map(silent, addresses) if why is not None]
    for why in away:
        print(why)
    return 0 if 2 * len(away) < len(addresses) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
