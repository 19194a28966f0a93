"""The least of a DNS client: the IPv4 addresses of a name, asked of one server (RFC 1035)."""

from __future__ import annotations

import secrets
import socket
import struct

SECONDS = 3
ATTEMPTS = 3
TYPE_A, CLASS_IN = 1, 1


def resolve(name: str, server: str, port: int = 53) -> list[str]:
    """Addresses of `name`; raises OSError or ValueError where the server does not tell any."""
    number = secrets.randbelow(65536)
    question = render_question(number, name)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(SECONDS)
        asking.connect((server, port))
        for last in (False,) * (ATTEMPTS - 1) + (True,):
            try:
                asking.send(question)
                return parse_answer(number, asking.recv(4096))
            except socket.timeout:  # which is a TimeoutError from Python 3.10 on only
                if last:
                    raise TimeoutError(f"{server} does not answer") from None
    raise AssertionError("unreachable")


def render_question(number: int, name: str) -> bytes:
    head = struct.pack(">6H", number, 0x0100, 1, 0, 0, 0)
    parts = b"".join(bytes([len(part)]) + part.encode() for part in name.rstrip(".").split("."))
    return head + parts + b"\0" + struct.pack(">2H", TYPE_A, CLASS_IN)


def parse_answer(number: int, packet: bytes) -> list[str]:
    got, flags, questions, answers = struct.unpack(">4H", packet[:8])
    if got != number:
        raise ValueError("an answer to another question")
    code = flags & 0xF
    if code:
        raise ValueError({2: "the server failed", 3: "no such name"}.get(code, f"error {code}"))
    at = 12
    for _ in range(questions):
        at = _skip_name(packet, at) + 4
    found = []
    for _ in range(answers):
        at = _skip_name(packet, at)
        kind, _, _, size = struct.unpack(">2HIH", packet[at : at + 10])
        at += 10
        if kind == TYPE_A and size == 4:
            found.append(socket.inet_ntoa(packet[at : at + 4]))
        at += size
    if not found:
        raise ValueError("no address")
    return found


def _skip_name(packet: bytes, at: int) -> int:
    while packet[at]:
        if packet[at] & 0xC0 == 0xC0:
            return at + 2
        at += packet[at] + 1
    return at + 1
