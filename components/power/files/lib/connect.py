"""Owns the advertised ports of sleeping apps: a client wakes the machine, waits, and is then forwarded.

systemd holds the listening sockets (vmstation-connect.socket), so that they stay while this restarts. How many may
connect and for how long says clients.py; what a wake takes, first_words.py; what a browser is shown meanwhile,
wake_page.py; the way to the app reach.py.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Callable
from pathlib import Path

import first_words
import wake_page
from clients import Bounds, Client, Clients, has_left
from disk import write_atomically
from model import App, Port
from reach import RETRY, CheckAll, Connect, Reach, dial
from record import Record
from say import say
from world import World

# sd_listen_fds(3): the first inherited descriptor.
FIRST_DESCRIPTOR = 3

# Bytes that are in memory for each direction of a connection, at most; an idle one has none.
CHUNK = 64 * 1024

# Seconds for the page to reach the browser.
PAGE_TIME = 10
# Seconds between two looks for clients that move nothing, and two files of numbers while clients come and go.
IDLE_EVERY = 30
PUBLISH_EVERY = 0.1


def inherited_sockets() -> dict[int, socket.socket]:
    """{port: listening socket} of what systemd hands over."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return {}
    count = int(os.environ.get("LISTEN_FDS", "0"))
    sockets = [socket.socket(fileno=FIRST_DESCRIPTOR + i) for i in range(count)]
    return {s.getsockname()[1]: s for s in sockets}


class Connector:
    """Forwards clients of sleeping apps and counts those that use one."""

    def __init__(self, world: World, check_all: CheckAll, connect: Connect = dial, bounds: Bounds = Bounds()) -> None:
        """As Reach; the numbers of its users are for probes.open_connections."""
        self.world = world
        self.bounds = bounds
        self.reach = Reach(world, check_all, connect, bounds)
        self.open = {app["app"]: 0 for app in world.settings["apps"]}
        self.publishing = False

    def publish(self) -> None:
        self.publishing = False
        path = Path(self.world.settings["connections"])
        try:
            write_atomically(path, json.dumps(self.open) + "\n")
        except OSError as error:
            say(f"{path}: {error}")

    def _count(self, app: App, change: int) -> None:
        """The first user is on disk at once, as a check may be about to put the machine to sleep."""
        self.open[app["app"]] += change
        if change > 0 and self.open[app["app"]] == 1:
            self.publish()
        elif not self.publishing:
            self.publishing = True
            asyncio.get_running_loop().call_later(PUBLISH_EVERY, self.publish)

    async def serve(self, clients: Clients, client: Client, app: App, port: Port) -> None:
        """One client from its first byte to its last."""
        try:
            upstream = await self.reach.attempt(app, port) if self.reach.is_up(app) else None
            said = b"" if upstream else await self._listen_to(client, port["speaks"])
            # Whom its place was taken from may have spoken at the same moment.
            if said is None or not clients.heard(client):
                if upstream is not None:
                    upstream.close()
                return
            self._count(app, 1)
            try:
                await self._satisfy(client, app, port, said, upstream)
            finally:
                self._count(app, -1)
        except (OSError, asyncio.TimeoutError):
            # The other side has gone, which is no news.
            pass

    async def _listen_to(self, client: Client, speaks: str) -> bytes | None:
        """What the client says first; None where it leaves, or says nothing that deserves a wake."""
        loop = asyncio.get_running_loop()
        waits = speaks == first_words.SERVER_FIRST
        deadline = loop.time() + (self.bounds.patience if waits else self.bounds.silence)
        said = b""
        while (verdict := first_words.deserves_wake(speaks, said)) is None:
            try:
                read = loop.sock_recv(client.sock, first_words.HEAD - len(said))
                data = await asyncio.wait_for(read, deadline - loop.time())
            except asyncio.TimeoutError:
                return b"" if waits and not has_left(client.sock) else None
            if not data:
                return None
            said += data
        client.moved = loop.time()
        return said if verdict else None

    async def _satisfy(self, client: Client, app: App, port: Port, said: bytes, upstream: socket.socket | None) -> None:
        if upstream is None:
            await self.reach.ask_for(app)
            if port["speaks"] == first_words.HTTP and first_words.is_browser(said):
                await asyncio.wait_for(self._end_with(client.sock, self._render_page(app, said)), PAGE_TIME)
                return
            upstream = await self.reach.wait(client, app, port)
        if upstream is not None:
            await self._forward(client, app, upstream, said)

    def _render_page(self, app: App, said: bytes) -> bytes:
        """From what is on disk: whichever run wakes the machine writes down how far it is."""
        store, settings = self.world.store, self.world.settings
        try:
            record = store.load(app["machine"])
        except OSError:
            record = Record(state="asleep")
        policy = self.world.policy(app["machine"])
        asked = wake_page.Asked(app, first_words.target_of(said), self.world.now())
        return wake_page.render_page(asked, policy, record, settings.get("page"), store.is_spun_down())

    async def _end_with(self, sock: socket.socket, text: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(sock, text)
        sock.shutdown(socket.SHUT_WR)

    async def _forward(self, client: Client, app: App, upstream: socket.socket, said: bytes) -> None:
        tasks = []
        try:
            await self.reach.answered(app)
            await asyncio.get_running_loop().sock_sendall(upstream, said)
            ways = ((client.sock, upstream), (upstream, client.sock))
            tasks = [asyncio.ensure_future(self._copy(client, *way)) for way in ways]
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            try:
                await asyncio.gather(*tasks, return_exceptions=True)
            finally:
                upstream.close()

    async def _copy(self, client: Client, source: socket.socket, sink: socket.socket) -> None:
        """One direction, until its end; the other one may go on."""
        loop = asyncio.get_running_loop()
        while data := await loop.sock_recv(source, CHUNK):
            client.moved = loop.time()
            await loop.sock_sendall(sink, data)
            client.moved = loop.time()
            # Neither call lets others in while both sides are fast.
            await asyncio.sleep(0)
        client.half_closed = True
        sink.shutdown(socket.SHUT_WR)

    async def run(self, sockets: dict[int, socket.socket], ready: Callable[[], None] = lambda: None) -> None:
        """Serves each advertised port on the socket that systemd holds for it, for ever."""
        self.publish()
        clients = Clients(self.bounds, asyncio.get_running_loop().time)
        jobs = [self._end_idle(clients)]
        for app in self.world.settings["apps"]:
            for port in app["advertised"]:
                if port["port"] in sockets:
                    jobs.append(self.accept(clients, app, port, sockets[port["port"]]))
                else:
                    say(f"{app['app']}: no socket for port {port['port']}")
        ready()
        await asyncio.gather(*jobs)

    async def accept(self, clients: Clients, app: App, port: Port, listener: socket.socket) -> None:
        """Takes clients in, for ever."""
        listener.setblocking(False)
        loop = asyncio.get_running_loop()
        while True:
            try:
                sock, peer = await loop.sock_accept(listener)
            except OSError as error:
                # No descriptor or no memory for one more; those who wait are accepted later.
                say(f"{app['app']}: port {port['port']}: {error}")
                await asyncio.sleep(RETRY)
                continue
            client = clients.admit(sock, peer[0])
            if client is not None:
                clients.serve(client, self.serve(clients, client, app, port))
            await asyncio.sleep(0)

    async def _end_idle(self, clients: Clients) -> None:
        while True:
            await asyncio.sleep(IDLE_EVERY)
            clients.end_idle()
