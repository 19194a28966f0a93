"""Each app's probe, run as the power controller runs it, against a server on loopback that answers as the app does."""

import contextlib
import io
import json
import random
import socket
import struct
import sys
import tempfile
import threading
import unittest
from pathlib import Path

COMPONENTS = Path(__file__).resolve().parents[4] / "components"
sys.path[:0] = [str(COMPONENTS / "power/files/lib"), str(COMPONENTS / "remote/agent/files/lib")]
sys.dont_write_bytecode = True

import probes


@contextlib.contextmanager
def server(answer):
    """A port on loopback; `answer(link)` serves one connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            with contextlib.suppress(OSError):
                while True:
                    link, _ = listener.accept()
                    with link, contextlib.suppress(OSError, IndexError):
                        answer(link)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.said = io.StringIO()

    def users(self, port, **probe):
        app = {"app": "app", "probePort": port, "probe": probe}
        with contextlib.redirect_stdout(self.said):
            return probes.users(app, "127.0.0.1", {"connections": str(self.folder / "connections")})

    def write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")
        return str(self.folder / name)


class Jellyfin(Case):
    FILE = str(COMPONENTS / "apps" / "jellyfin" / "files" / "probe.py")

    def ask(self, sessions, status="200 OK"):
        key = self.write("key", "k3y\n")

        def answer(link):
            with link.makefile("rb") as stream:
                self.asked = [stream.readline()]
                while self.asked[-1] not in (b"\r\n", b""):
                    self.asked.append(stream.readline())
            body = sessions if isinstance(sessions, bytes) else json.dumps(sessions).encode()
            link.sendall(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)

        with server(answer) as port:
            return self.users(port, file=self.FILE, keyFile=key)

    def test_only_who_plays_something_counts(self):
        playing = {"NowPlayingItem": {"Name": "film"}}
        self.assertEqual(self.ask([playing, {"UserName": "idle"}, {**playing, "PlayState": {"IsPaused": True}}]), 2)
        self.assertEqual(self.ask([]), 0)
        self.assertEqual(self.asked[0], b"GET /Sessions HTTP/1.1\r\n")
        self.assertIn(b'Authorization: MediaBrowser Token="k3y"\r\n', self.asked)

    def test_what_is_no_answer_is_unknown(self):
        for sessions, status in (
            ([], "401 Unauthorized"),
            (b"<html>", "200 OK"),
            ({"a": 1}, "200 OK"),
            (b"[", "200 OK"),
        ):
            self.assertIsNone(self.ask(sessions, status))

    def test_a_key_that_cannot_be_read_is_unknown(self):
        self.assertIsNone(self.users(1, file=self.FILE, keyFile=str(self.folder / "none")))
        self.assertIn("app: its probe: FileNotFoundError", self.said.getvalue())


def varint(number):
    """As Minecraft's protocol writes a number."""
    out = b""
    while number > 0x7F:
        out, number = out + bytes([number & 0x7F | 0x80]), number >> 7
    return out + bytes([number])


def read_varint(stream):
    number = shift = 0
    while True:
        byte = stream.read(1)[0]
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number
        shift += 7


class Minecraft(Case):
    FILE = str(COMPONENTS / "apps" / "minecraft" / "files" / "probe.py")

    def ask(self, packet):
        """`packet(status)`: what the server says."""

        def answer(link):
            with link.makefile("rb") as stream:
                self.handshake = stream.read(read_varint(stream))
                self.request = stream.read(read_varint(stream))
                link.sendall(packet)

        with server(answer) as port:
            self.port = port
            return self.users(port, file=self.FILE)

    def status(self, text):
        body = text.encode()
        content = b"\x00" + varint(len(body)) + body
        return varint(len(content)) + content

    def test_counts_the_players_online(self):
        for online in (0, 7):
            # A server's icon makes the answer long.
            status = {"players": {"online": online, "max": 20}, "favicon": "x" * random.randrange(40_000)}
            self.assertEqual(self.ask(self.status(json.dumps(status))), online)
        host = b"\x09127.0.0.1"
        self.assertEqual(self.handshake, b"\x00\x00" + host + struct.pack(">H", self.port) + b"\x01")
        self.assertEqual(self.request, b"\x00")

    def test_what_is_no_answer_is_unknown(self):
        whole = self.status('{"players": {"online": 3}}')
        self.assertEqual(self.ask(whole), 3)
        for packet in (
            b"",
            whole[:-1],
            self.status("[]"),
            self.status("{"),
            b"\x03\x01\x01{",
            b"\xff" * 9,
            b"SSH-2.0-x\r\n",
        ):
            self.assertIsNone(self.ask(packet), packet)


class Own(Case):
    def test_without_a_probe_connections_count(self):
        self.write("connections", '{"app": 3}')
        self.assertEqual(self.users(1), 3)

    def test_whatever_a_probe_does_is_no_more_than_unknown(self):
        texts = (
            *("def users(", "x = 1", "def users(a, p, k): return 'many'", "def users(a, p, k): return None"),
            *("raise SystemError('x')", "def users(): return 0", "def users(a, p, k): return float('nan')"),
        )
        for text in texts:
            self.assertIsNone(self.users(1, file=self.write("probe.py", text)), text)
        self.assertIsNone(self.users(1, file=str(self.folder / "none.py")))

    def test_it_gets_the_services_address_the_port_and_the_key(self):
        text = "def users(address, port, key): return len(f'{address} {port} {key}')"
        probe = self.write("probe.py", text)
        self.assertEqual(self.users(80, file=probe), len("127.0.0.1 80 None"))
        self.assertEqual(self.users(80, file=probe, keyFile=self.write("key", "k3y\n")), len("127.0.0.1 80 k3y"))


if __name__ == "__main__":
    unittest.main()
