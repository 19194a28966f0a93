"""Owns the advertised ports of sleeping apps: a connection wakes the machine, waits, and is then forwarded.

systemd holds the listening sockets (vmstation-connect.socket), so that they stay while this restarts.
"""

from __future__ import annotations

import asyncio
import html
import json
import os
import socket
from pathlib import Path

from kube import KubeError
from say import say
from store import write_atomically

# sd_listen_fds(3): the first inherited descriptor.
FIRST_DESCRIPTOR = 3

CHUNK = 256 * 1024

# Seconds that one attempt to reach the app may take, and that the app may take to start on a machine that is up.
DIAL = 3.0
APP_START = 300

# How long a client may take to say that it is a browser.
FIRST_WORDS = 1.0

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="5">
<meta name="viewport" content="width=device-width"><title>{app} is waking up</title></head>
<body style="font-family: sans-serif; text-align: center; padding-top: 20vh">
<h1>{app} is waking up</h1>
<p>Its machine, {machine}, was asleep. This takes a minute or two; the page reloads by itself.</p>
</body></html>
"""


def inherited_sockets():
    """{port: listening socket} of what systemd hands over."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return {}
    count = int(os.environ.get("LISTEN_FDS", "0"))
    sockets = [socket.socket(fileno=FIRST_DESCRIPTOR + i) for i in range(count)]
    return {s.getsockname()[1]: s for s in sockets}


def is_browser(head):
    """Whether these are the first words of an HTTP request that shows a page to a person."""
    lines = head.split(b"\r\n")
    if not lines[0].startswith(b"GET ") or b" HTTP/1." not in lines[0]:
        return False
    return any(
        line.lower().startswith(b"accept:") and b"text/html" in line.lower() for line in lines[1:]
    )


def render_page(app, machine):
    body = PAGE.format(app=html.escape(app), machine=html.escape(machine)).encode()
    head = (
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/html; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nRetry-After: 5\r\nCache-Control: no-store\r\n"
        "Connection: close\r\n\r\n"
    )
    return head.encode() + body


async def read_head(reader, seconds=FIRST_WORDS):
    """What the client says within `seconds`, up to the end of an HTTP head; nothing where it lets the server begin."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    head = b""
    while b"\r\n\r\n" not in head and len(head) < 16384:
        try:
            data = await asyncio.wait_for(reader.read(4096), deadline - loop.time())
        except asyncio.TimeoutError:
            break
        if not data:
            break
        head += data
    return head


async def copy(reader, writer):
    """One direction, until its end; the other one may go on."""
    while data := await reader.read(CHUNK):
        writer.write(data)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()


class Connector:
    """Forwards connections to sleeping apps and counts those that are open."""

    def __init__(self, world, check_all, dial=asyncio.open_connection):
        """`check_all` as controller.check_all; `dial` opens a connection to (address, port)."""
        self.world = world
        self.check_all = check_all
        self.dial = dial
        self.open = {app["app"]: 0 for app in world.settings["apps"]}
        self.checks = {}
        self.addresses = {}

    def publish(self):
        path = Path(self.world.settings["connections"])
        write_atomically(path, json.dumps(self.open) + "\n")

    def is_up(self, app):
        return self.world.store.load(app["machine"]).state in ("awake", "idle")

    async def handle(self, app, port, reader, writer):
        """One client connection from its first byte to its last."""
        self.open[app["app"]] += 1
        self.publish()
        try:
            await self._serve(app, port, reader, writer)
        except OSError as error:
            say(f"{app['app']}: {error}")
        finally:
            self.open[app["app"]] -= 1
            self.publish()
            writer.close()

    async def _serve(self, app, port, reader, writer):
        upstream = await self._try(app, port) if self.is_up(app) else None
        head = b""
        if upstream is None:
            await asyncio.to_thread(self._ask_for, app)
            head = await read_head(reader) if port["http"] else b""
            if is_browser(head):
                self._wake(app)
                writer.write(render_page(app["app"], app["machine"]))
                await writer.drain()
                return
            upstream = await self._wait(app, port, reader)
        there, back = upstream[1], upstream[0]
        try:
            there.write(head)
            await asyncio.gather(copy(reader, there), copy(back, writer))
        finally:
            there.close()

    def _ask_for(self, app):
        """On disk before anything else: a machine that is just going to sleep finds it there and stays."""
        self.world.store.request(app["machine"], f"a connection to {app['app']}")

    def _wake(self, app):
        """One check of the app's machine at a time; the request that is on disk makes it a wake."""
        name = app["machine"]
        if name not in self.checks or self.checks[name].done():
            policy = self.world.policy(name)
            self.checks[name] = asyncio.ensure_future(
                asyncio.to_thread(self.check_all, self.world, False, [policy])
            )

    async def _wait(self, app, port, reader):
        """The connection to the app, once it is there."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self.world.policy(app["machine"])["wakeTimeout"] + APP_START
        while loop.time() < deadline and not reader.at_eof():
            if not self.is_up(app):
                self._wake(app)
            upstream = await self._try(app, port)
            if upstream is not None:
                return upstream
            await asyncio.sleep(1)
        raise ConnectionError("no connection: the client left, or the machine or the app did not come up")

    async def _try(self, app, port):
        try:
            address = await self._address(app)
            return await asyncio.wait_for(self.dial(address, port["servicePort"]), DIAL)
        except (OSError, asyncio.TimeoutError, KubeError, KeyError):
            return None

    async def _address(self, app):
        if app["app"] not in self.addresses:
            service = await asyncio.to_thread(self.world.kube.service, app["namespace"], app["service"])
            self.addresses[app["app"]] = service["spec"]["clusterIP"]
        return self.addresses[app["app"]]

    async def run(self, sockets, ready=lambda: None):
        """Serves each advertised port on the socket that systemd holds for it, for ever."""
        self.publish()
        servers = []
        for app in self.world.settings["apps"]:
            for port in app["advertised"]:
                if port["port"] in sockets:
                    servers.append(await self._listen(app, port, sockets[port["port"]]))
                else:
                    say(f"{app['app']}: no socket for port {port['port']}")
        ready()
        await asyncio.gather(*(server.serve_forever() for server in servers))

    def _listen(self, app, port, listener):
        async def on_client(reader, writer):
            await self.handle(app, port, reader, writer)

        return asyncio.start_server(on_client, sock=listener, limit=CHUNK)
