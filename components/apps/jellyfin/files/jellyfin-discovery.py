"""
Answers Jellyfin's clients that look for a server on the LAN: jellyfin-discovery.py NAME URL [PORT]

A client broadcasts a question to UDP 7359 and takes the address from the answer. Pods hear no broadcast, and a
machine that is asleep answers none; this runs on the always-on control plane and names the port that is held there.
"""

from __future__ import annotations

import json
import socket
import sys
import time
import uuid
from typing import NoReturn

PORT = 7359
QUESTION = b"who is jellyfinserver?"


# A question's sender may be forged, so that the answers hit somebody else: at most so many a second.
# And lines in the journal: at most so many a minute.
ANSWERS = 50
LINES = 5


class Allowance:
    """So many in each period of so many seconds."""

    def __init__(self, most: int, seconds: float) -> None:
        self.most = most
        self.seconds = seconds
        self.period: float | None = None
        self.taken = 0

    def take(self, now: float) -> bool:
        """Whether there is one left."""
        if now // self.seconds != self.period:
            self.period = now // self.seconds
            self.taken = 0
        self.taken += 1
        return self.taken <= self.most


def render_answer(name: str, url: str) -> bytes:
    """The document that Jellyfin itself sends; a client learns the server's real Id when it connects."""
    number = uuid.uuid5(uuid.NAMESPACE_URL, url).hex
    return json.dumps({"Address": url, "Id": number, "Name": name, "EndpointAddress": None}).encode()


def serve(name: str, url: str, port: int) -> NoReturn:
    answer = render_answer(name, url)
    answers, lines = Allowance(ANSWERS, 1), Allowance(LINES, 60)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("0.0.0.0", port))
        print(f"answering on UDP {listening.getsockname()[1]}", flush=True)
        while True:
            question, client = listening.recvfrom(512)
            now = time.monotonic()
            if QUESTION in question.lower() and answers.take(now):
                try:
                    listening.sendto(answer, client)
                except OSError as error:
                    if lines.take(now):
                        print(f"no way to {client[0]}: {error}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    serve(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else PORT)
