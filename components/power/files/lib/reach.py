"""The way from a client to an app whose machine may be asleep: it is asked for, woken, and tried until it answers."""

from __future__ import annotations

import asyncio
import collections
import socket
from collections.abc import Callable, Coroutine
from typing import Any

import ways
from clients import Bounds, Client, has_left, keep_alive
from kube import KubeError
from model import App, Policy, Port
from say import say
from world import World

Connect = Callable[[str, int], Coroutine[Any, Any, socket.socket]]
# As controller.check_all.
CheckAll = Callable[[World, bool, list[Policy]], object]

# Seconds that one attempt to reach the app may take, and that the app may take to start on a machine that is up.
DIAL = 3.0
APP_START = 300

# Between two attempts to reach the app, and looks whether a client is still there.
RETRY = 1.0
# Between two checks of a machine that does not come up: doubled each time, up to this.
CHECK_EVERY = 15
# A request lives much longer on disk; many clients at once are one request.
REQUEST_EVERY = 5
# A Service that was made again has another address.
ADDRESS_LIFETIME = 30


async def dial(address: str, port: int) -> socket.socket:
    """A connected socket."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    try:
        await asyncio.get_running_loop().sock_connect(sock, (address, port))
    except BaseException:
        sock.close()
        raise
    return sock


def _reason(app: App) -> str:
    return f"a connection to {app['app']}"


class Reach:
    """Whatever many clients ask for at once is done once."""

    def __init__(self, world: World, check_all: CheckAll, connect: Connect, bounds: Bounds) -> None:
        """`check_all` as controller.check_all; `connect` as dial."""
        self.world = world
        self.check_all = check_all
        self.connect = connect
        self.bounds = bounds
        self.asked_at: dict[str, float] = {}
        # By machine: the check that runs, when the next one may, and how many have changed nothing.
        self.checks: dict[str, asyncio.Future[None]] = {}
        self.check_after: dict[str, float] = {}
        self.fruitless: collections.Counter[str] = collections.Counter()
        self.addresses: dict[str, tuple[str, float]] = {}
        # By app and port: how many wait there, and the task that tries to reach the app for all of them.
        self.waiting: collections.Counter[tuple[str, int]] = collections.Counter()
        self.attempts: dict[tuple[str, int], asyncio.Future[None]] = {}
        # The socket that such a task has got, until somebody takes it.
        self.spare: dict[tuple[str, int], socket.socket] = {}

    def is_up(self, app: App) -> bool:
        try:
            return self.world.store.load(app["machine"]).state in ("awake", "idle")
        except OSError as error:
            say(f"{app['machine']}: {error}")
            return False

    async def ask_for(self, app: App) -> None:
        """On disk before anything else: a machine that is just going to sleep finds it there and stays."""
        now = asyncio.get_running_loop().time()
        if now - self.asked_at.get(app["app"], -REQUEST_EVERY) >= REQUEST_EVERY:
            self.asked_at[app["app"]] = now
            await asyncio.to_thread(self._request, app, _reason(app))
        if not self.is_up(app):
            self._wake(app)

    async def answered(self, app: App) -> None:
        """What its clients asked for is fulfilled; a user who stays is counted. A machine that is on its way to sleep
        has yet to find the request."""
        if app["app"] in self.asked_at and self.is_up(app):
            del self.asked_at[app["app"]]
            await asyncio.to_thread(self.world.store.withdraw, app["machine"], _reason(app))

    def _request(self, app: App, why: str) -> None:
        try:
            self.world.store.request(app["machine"], why)
        except Exception as error:  # a full disk, another's lock: the machine wakes anyway
            say(f"{app['machine']}: {why}: {error}")
            ways.wake(self.world.ways, self.world.policy(app["machine"]))

    def _wake(self, app: App) -> None:
        """One check of the app's machine at a time; the request that is on disk makes it a wake."""
        name = app["machine"]
        running = self.checks.get(name)
        now = asyncio.get_running_loop().time()
        if (running is None or running.done()) and now >= self.check_after.get(name, now):
            self.checks[name] = asyncio.ensure_future(self._check(app))

    async def _check(self, app: App) -> None:
        name = app["machine"]
        try:
            await asyncio.to_thread(self.check_all, self.world, False, [self.world.policy(name)])
        except Exception as error:  # whatever a check ends of, the ports stay
            say(f"{name}: {error!r}")
        self.fruitless[name] = 0 if self.is_up(app) else self.fruitless[name] + 1
        pause = min(CHECK_EVERY, 2 ** self.fruitless[name]) if self.fruitless[name] else 0
        self.check_after[name] = asyncio.get_running_loop().time() + pause

    async def wait(self, client: Client, app: App, port: Port) -> socket.socket | None:
        """A socket of the app's, once it answers; None where the client leaves, or the app does not come in time."""
        loop = asyncio.get_running_loop()
        seconds = self.world.policy(app["machine"])["wakeTimeout"] + APP_START
        deadline = loop.time() + seconds
        key = (app["app"], port["port"])
        self.waiting[key] += 1
        try:
            while not has_left(client.sock):
                if loop.time() >= deadline:
                    say(f"{app['app']}: {client.address} waited for {seconds} s in vain")
                    return None
                if key in self.spare:
                    return self.spare.pop(key)
                if key not in self.attempts or self.attempts[key].done():
                    self.attempts[key] = asyncio.ensure_future(self._until_there(app, port, key))
                done, _ = await asyncio.wait([self.attempts[key]], timeout=RETRY)
                if not done or key in self.spare:
                    continue
                upstream = await self.attempt(app, port)
                if upstream is not None:
                    return upstream
                await asyncio.sleep(RETRY)
            return None
        finally:
            self.waiting[key] -= 1
            if not self.waiting[key] and key in self.spare:
                self.spare.pop(key).close()

    async def _until_there(self, app: App, port: Port, key: tuple[str, int]) -> None:
        """Until the app answers or nobody waits any more: one attempt at a time, however many wait."""
        while self.waiting[key]:
            if not self.is_up(app):
                self._wake(app)
            sock = await self.attempt(app, port)
            if sock is not None:
                self._leave(key, sock)
                return
            await asyncio.sleep(RETRY)

    def _leave(self, key: tuple[str, int], sock: socket.socket) -> None:
        if self.waiting[key] and key not in self.spare:
            self.spare[key] = sock
        else:
            sock.close()

    async def attempt(self, app: App, port: Port) -> socket.socket | None:
        """A socket of the app's, or None."""
        try:
            address = await self._address(app)
            sock = await asyncio.wait_for(self.connect(address, port["servicePort"]), DIAL)
            keep_alive(sock, self.bounds)
            return sock
        except (OSError, asyncio.TimeoutError, KubeError, KeyError):
            return None

    async def _address(self, app: App) -> str:
        now = asyncio.get_running_loop().time()
        address, until = self.addresses.get(app["app"], ("", now))
        if now >= until:
            try:
                service = await asyncio.to_thread(self.world.kube.service, app["namespace"], app["service"])
                address = service["spec"]["clusterIP"]
            except KubeError:
                # What was known is better than nothing while the API does not answer.
                if not address:
                    raise
            self.addresses[app["app"]] = (address, now + ADDRESS_LIFETIME)
        return address
