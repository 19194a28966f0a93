"""How many people use Jellyfin: sessions with something playing, paused or not, by its API."""

from __future__ import annotations

import json
import urllib.request

TIMEOUT = 5

# Bytes of an answer that are read at most; a longer one is cut, and then is no JSON.
LARGEST = 4 * 2**20


def users(address: str, port: int, key: str | None) -> int:
    request = urllib.request.Request(
        f"http://{address}:{port}/Sessions",
        headers={"Authorization": f'MediaBrowser Token="{key}"', "Accept": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
        sessions = json.loads(answer.read(LARGEST))
    return sum(1 for session in sessions if session.get("NowPlayingItem") is not None)
