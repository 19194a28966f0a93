"""The API's stream of pods that no machine has yet. Read here, as a kubectl that only waits keeps 45 MB."""

from __future__ import annotations

import base64
import http.client
import json
import socket
import ssl
import threading
from typing import TypedDict
from urllib.parse import urlsplit

from api import Pod
from observe import is_unschedulable
from say import say

PATH = "/api/v1/pods?watch=true&fieldSelector=spec.nodeName%3D"

# Seconds until the API has to answer. Later, a stream may be silent for as long as it likes.
PATIENCE = 15

# Of a stream on which nothing comes: silence before the first probe, between two, and how many go unanswered.
KEEP_ALIVE = (30, 10, 3)


class Event(TypedDict):
    """A line of the stream."""

    type: str
    object: Pod


def wakes_somebody(event: Event) -> bool:
    return event["type"] in ("ADDED", "MODIFIED") and is_unschedulable(event["object"])


class Stream(threading.Thread):
    """Reads a watch to its end. However much comes, what is kept is whether there was a pod that wakes somebody."""

    def __init__(self, kubeconfig: str) -> None:
        super().__init__(daemon=True)
        self.kubeconfig = kubeconfig
        self.has_ended = False
        self._news = threading.Event()
        self._has_pod = threading.Event()

    def wait(self, seconds: float) -> bool:
        """Whether a pod has come since the last call that said so; it waits for one, or for the stream's end."""
        self._news.wait(seconds)
        self._news.clear()
        if not self._has_pod.is_set():
            return False
        self._has_pod.clear()
        return True

    def run(self) -> None:
        try:
            self._read()
        except (OSError, ValueError, KeyError, TypeError, http.client.HTTPException) as error:
            say(f"cannot watch pods: {type(error).__name__}: {error}")
        finally:
            self.has_ended = True
            self._news.set()

    def _read(self) -> None:
        connection, headers = _open(self.kubeconfig)
        try:
            connection.connect()
            sock = connection.sock
            connection.request("GET", PATH, headers=headers)
            response = connection.getresponse()
            if response.status != http.client.OK:
                raise OSError(f"{response.status} {response.reason}")
            _stay(sock)
            for line in response:
                event = json.loads(line)
                if event["type"] == "ERROR":
                    raise OSError(event["object"].get("message"))
                if wakes_somebody(event):
                    self._has_pod.set()
                    self._news.set()
        finally:
            connection.close()


def _open(kubeconfig: str) -> tuple[http.client.HTTPSConnection, dict[str, str]]:
    """To the API server that the controller's own kubeconfig names, which is JSON (render-account.ts)."""
    with open(kubeconfig, encoding="utf-8") as file:
        settings = json.load(file)
    cluster, user = settings["clusters"][0]["cluster"], settings["users"][0]["user"]
    server = urlsplit(cluster["server"])
    # Not create_default_context: it asks from Python 3.13 on for parts that not each cluster's own CA has.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authority = base64.b64decode(cluster["certificate-authority-data"])
    context.load_verify_locations(cadata=authority.decode("ascii"))
    connection = http.client.HTTPSConnection(
        server.hostname or "", server.port or 443, timeout=PATIENCE, context=context
    )
    return connection, {"Authorization": f"Bearer {user['token']}"}


def _stay(sock: socket.socket) -> None:
    """For as long as the other side is there."""
    sock.settimeout(None)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    options = (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
    for option, value in zip(options, KEEP_ALIVE):
        sock.setsockopt(socket.IPPROTO_TCP, option, value)
