"""How many people use Minecraft: players online, by the server list ping that it speaks since 1.7."""

from __future__ import annotations

import json
import socket
import struct
from typing import BinaryIO

TIMEOUT = 5

# Bytes of an answer that are read at most; a longer one is cut, and then is no JSON.
LARGEST = 4 * 2**20


def users(address: str, port: int, _key: str | None) -> int:
    host = address.encode()
    handshake = b"\x00" + _varint(0) + _varint(len(host)) + host + struct.pack(">H", port) + _varint(1)
    with socket.create_connection((address, port), TIMEOUT) as link:
        link.sendall(_packet(handshake) + _packet(b"\x00"))
        with link.makefile("rb") as stream:
            status = _read_status(stream)
    return int(status["players"]["online"])


def _read_status(stream: BinaryIO) -> dict[str, dict[str, int]]:
    _read_varint(stream)
    if _read_varint(stream) != 0:
        raise ValueError("not a status answer")
    length = _read_varint(stream)
    status: dict[str, dict[str, int]] = json.loads(stream.read(min(length, LARGEST)))
    return status


def _varint(number: int) -> bytes:
    out = b""
    while True:
        byte = number & 0x7F
        number >>= 7
        out += bytes([byte | (0x80 if number else 0)])
        if not number:
            return out


def _packet(content: bytes) -> bytes:
    return _varint(len(content)) + content


def _read_varint(stream: BinaryIO) -> int:
    number = 0
    for shift in range(0, 35, 7):
        byte = stream.read(1)[0]
        number |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return number
    raise ValueError("a number of more than 5 bytes")
