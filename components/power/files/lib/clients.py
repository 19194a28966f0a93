"""The connections of the port holder's clients: how many there may be, how long they last, and which are gone.

Sockets are used without asyncio's streams, which would read ahead into memory. What a client sends beyond its first
words stays in the kernel until the app takes it.
"""

from __future__ import annotations

import asyncio
import collections
import socket
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field

from say import say


@dataclass(frozen=True)
class Bounds:
    """Numbers of connections, and seconds. docs/power.md repeats them for people."""

    total: int = 512
    # A reverse proxy is one address with everybody's connections.
    per_address: int = 128
    # Until a client has said what deserves a wake; browsers open connections ahead and say nothing.
    silence: float = 30
    # How long a client has to wait for a server that speaks first; a port scanner leaves sooner.
    patience: float = 5
    # Without a byte in either direction; a film that is paused is one of those.
    idle: float = 6 * 3600
    # The same after one side has ended what it sends.
    half_closed: float = 300
    # Silence before the first probe, between two, and how many go unanswered: gone after two minutes.
    keep_alive: tuple[int, int, int] = (60, 15, 4)


# TCP_INFO begins with the state (linux/tcp.h); in any other state the client has ended, or is gone.
ESTABLISHED = 1

# One line for each kind of refusal in so many seconds: a flood must not fill the journal.
LINE_EVERY = 60


def keep_alive(sock: socket.socket, bounds: Bounds) -> None:
    """Finds out that the other side is gone.

    No TCP_USER_TIMEOUT: it would also end a client that reads nothing for a while, as a paused film does. What is
    sent and not acknowledged ends the connection after net.ipv4.tcp_retries2, a quarter of an hour.
    """
    idle, interval, count = bounds.keep_alive
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (
        (socket.TCP_KEEPIDLE, idle),
        (socket.TCP_KEEPINTVL, interval),
        (socket.TCP_KEEPCNT, count),
    ):
        sock.setsockopt(socket.IPPROTO_TCP, option, value)


def has_left(sock: socket.socket) -> bool:
    """Whether the other side has ended what it sends, even where not all of that has been read."""
    try:
        return sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] != ESTABLISHED
    except OSError:
        return True


@dataclass(eq=False)
class Client:
    sock: socket.socket
    address: str
    # When a byte was last moved, by the loop's clock.
    moved: float
    half_closed: bool = False
    task: asyncio.Future[None] = field(init=False, repr=False)


class Clients:
    """All that are connected."""

    def __init__(self, bounds: Bounds, clock: Callable[[], float]) -> None:
        self.bounds = bounds
        self.clock = clock
        self.all: set[Client] = set()
        self.by_address: collections.Counter[str] = collections.Counter()
        # Those that have said nothing yet, the oldest first.
        self.silent: dict[Client, bool] = {}
        self.refused: collections.Counter[str] = collections.Counter()
        self.said_at: dict[str, float] = {}

    def admit(self, sock: socket.socket, address: str) -> Client | None:
        """The client; None where there are too many, and the socket is closed."""
        if self.by_address[address] >= self.bounds.per_address:
            self._refuse(sock, f"more than {self.bounds.per_address} from one address", address)
            return None
        if len(self.all) >= self.bounds.total and not self._make_room():
            self._refuse(sock, f"more than {self.bounds.total}", address)
            return None
        sock.setblocking(False)
        keep_alive(sock, self.bounds)
        client = Client(sock, address, self.clock())
        self.all.add(client)
        self.by_address[address] += 1
        self.silent[client] = True
        return client

    def serve(self, client: Client, work: Coroutine[object, object, None]) -> None:
        """Runs the coroutine `work` for the client, whose socket is closed at its end, however it ends."""
        client.task = asyncio.ensure_future(work)
        client.task.add_done_callback(lambda _task: self._close(client))

    def _make_room(self) -> bool:
        """Who has said nothing for the longest time gives way to somebody new."""
        if not self.silent:
            return False
        oldest = next(iter(self.silent))
        self._forget(oldest)
        oldest.task.cancel()
        return True

    def _refuse(self, sock: socket.socket, why: str, address: str) -> None:
        sock.close()
        self.refused[why] += 1
        if self.clock() - self.said_at.get(why, -LINE_EVERY) >= LINE_EVERY:
            self.said_at[why] = self.clock()
            say(f"connections: {why}: refused {self.refused.pop(why)}, last {address}")

    def heard(self, client: Client) -> bool:
        """From now on nobody takes its place. False where somebody has."""
        return self.silent.pop(client, None) is not None

    def _forget(self, client: Client) -> None:
        if client in self.all:
            self.all.remove(client)
            self.silent.pop(client, None)
            self.by_address[client.address] -= 1
            if not self.by_address[client.address]:
                del self.by_address[client.address]

    def _close(self, client: Client) -> None:
        self._forget(client)
        client.sock.close()
        if not client.task.cancelled() and client.task.exception() is not None:
            say(f"{client.address}: {client.task.exception()!r}")

    def end_idle(self) -> None:
        """Ends those that have moved nothing for too long."""
        now = self.clock()
        for client in self.all:
            limit = self.bounds.half_closed if client.half_closed else self.bounds.idle
            if now - client.moved >= limit:
                client.task.cancel()
