"""How many people use an app; None where it can't be told, which counts as in use."""

from __future__ import annotations

import json
import socket
import struct
import urllib.request
from typing import BinaryIO

from model import App, Settings

TIMEOUT = 5

# Bytes of an answer that are read at most; a longer one is cut, and so is no JSON any more.
LARGEST = 4 * 2**20


def users(app: App, address: str, settings: Settings) -> int | None:
    """`app`: its entry in power.json; `address`: its Service's address; `settings`: power.json."""
    kind = app["probe"]["kind"]
    try:
        if kind == "minecraft":
            return minecraft_players(address, app["probePort"])
        key = _key(app)
        if kind == "jellyfin" and key is not None:
            return jellyfin_sessions(address, app["probePort"], key)
        return open_connections(app["app"], settings["connections"])
    except (OSError, ValueError, ArithmeticError, LookupError, TypeError, AttributeError, struct.error):
        return None


def _key(app: App) -> str | None:
    path = app["probe"].get("keyFile")
    if path is None:
        return None
    with open(path, encoding="utf-8") as file:
        return file.read().strip()


def jellyfin_sessions(address: str, port: int, key: str) -> int:
    """Sessions with something playing, paused or not."""
    request = urllib.request.Request(
        f"http://{address}:{port}/Sessions",
        headers={"Authorization": f'MediaBrowser Token="{key}"', "Accept": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
        sessions = json.loads(answer.read(LARGEST))
    return sum(1 for session in sessions if session.get("NowPlayingItem") is not None)


def open_connections(app: str, path: str) -> int:
    """Connections that the controller forwards to the app, from the file that connect.py keeps."""
    with open(path, encoding="utf-8") as file:
        return int(json.load(file)[app])


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


def minecraft_players(address: str, port: int) -> int:
    """Players online, by the server list ping that Minecraft speaks since 1.7."""
    host = address.encode()
    handshake = b"\x00" + _varint(0) + _varint(len(host)) + host + struct.pack(">H", port) + _varint(1)
    with socket.create_connection((address, port), TIMEOUT) as link:
        link.sendall(_packet(handshake) + _packet(b"\x00"))
        with link.makefile("rb") as stream:
            _read_varint(stream)
            if _read_varint(stream) != 0:
                raise ValueError("not a status answer")
            length = _read_varint(stream)
            status = json.loads(stream.read(min(length, LARGEST)))
    return int(status["players"]["online"])
