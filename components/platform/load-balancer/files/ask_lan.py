"""Who has an address of the LAN, asked by ARP; ask_lan.py FROM RANGE...

FROM is this machine's address, RANGE is "FIRST-LAST" or "ADDRESS/BITS". "ADDRESS MAC" is printed for everybody who
answers, one a line. Exit code 0: all were asked; 2: nobody could ask.
"""

from __future__ import annotations

import fcntl
import socket
import struct
import sys
import time
from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv4Network

ARP, REQUEST, REPLY = 0x0806, 1, 2
ROUNDS, ROUND_SECONDS = 3, 1.0

SIOCGIFADDR, SIOCGIFHWADDR = 0x8915, 0x8927

HEADER = "!6s6sH"
BODY = "!HHBBH6s4s6s4s"
LENGTH = struct.calcsize(HEADER) + struct.calcsize(BODY)

# The MAC addresses of those who answer, by address.
Answers = Mapping[str, Iterable[str]]


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


def ask_lan(own: str, addresses: Iterable[str]) -> Answers:
    """Who answers. All are asked at once from the NIC with the address `own`, several times: a packet may be lost."""
    try:
        return _ask(*interface_of(own), list(addresses))
    except OSError as error:
        raise Obstacle(str(error)) from error


def _ask(interface: str, mac: bytes, addresses: list[str]) -> Answers:
    found: dict[str, set[str]] = {}
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ARP)) as sock:
        sock.bind((interface, ARP))
        for _ in range(ROUNDS):
            for address in addresses:
                sock.send(render_request(mac, address))
            end = time.monotonic() + ROUND_SECONDS
            while (left := end - time.monotonic()) > 0:
                sock.settimeout(left)
                try:
                    reply = read_reply(sock.recv(2048))
                except (socket.timeout, TimeoutError):
                    break
                if reply and reply[0] in addresses:
                    found.setdefault(reply[0], set()).add(reply[1])
    return found


def ends_of(text: str) -> tuple[int, int]:
    """First and last address of "A-B" or "A/BITS"."""
    if "/" in text:
        network = IPv4Network(text, strict=False)
        return int(network[0]), int(network[-1])
    first, last = (IPv4Address(end.strip()) for end in text.split("-"))
    return int(first), int(last)


def main(words: list[str]) -> int:
    own, *ranges = words
    numbers = [n for first, last in map(ends_of, ranges) for n in range(first, last + 1)]
    try:
        answers = ask_lan(own, [str(IPv4Address(n)) for n in numbers])
    except Obstacle as obstacle:
        print(f"the LAN could not be asked: {obstacle}", file=sys.stderr)
        return 2
    for address in sorted(answers, key=IPv4Address):
        for mac in sorted(answers[address]):
            print(address, mac)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
