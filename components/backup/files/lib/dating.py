"""Which backups go, and which are dated wrongly: a clock that ran ahead must not make one the newest for ever."""

from __future__ import annotations

import re
from collections.abc import Mapping

from model import Snapshot

# What a clock is set by in the ordinary.
SLACK = 600


def seconds_of(within: str) -> int:
    """restic's "7d" and "36h"."""
    match = re.fullmatch(r"(?:(\d+)d)?(?:(\d+)h)?", within)
    if match is None:
        raise ValueError(f"not a span of days and hours: {within}")
    return int(match[1] or 0) * 86_400 + int(match[2] or 0) * 3600


def notice(snapshots: list[Snapshot], noticed: Mapping[str, float], now: float) -> dict[str, float]:
    """{id: when it was first seen to be dated in the future}, of those that are there.

    Where all of them are dated in the future it is rather the clock that is behind: then none is.
    """
    known = {s["id"]: noticed[s["id"]] for s in snapshots if s["id"] in noticed}
    ahead = [s for s in snapshots if s["at"] > now + SLACK]
    if len(ahead) == len(snapshots):
        return known
    return {**{s["id"]: now for s in ahead}, **known}


def outdated(
    snapshots: list[Snapshot], last: int, within: float, noticed: Mapping[str, float], now: float
) -> list[Snapshot]:
    """Those that are neither among the newest `last` nor younger than `within` seconds; `snapshots`: newest first.

    One that is dated wrongly is as old as the day on which that was seen, and none of the newest.
    """
    if snapshots and all(s["at"] > now + SLACK for s in snapshots):
        return []
    right = [s for s in snapshots if s["id"] not in noticed]
    newest = [s for s in right if not s["incomplete"]][:last]
    gone = [s for s in right if s not in newest and now - s["at"] > within]
    if len(newest) < last:
        return gone
    return gone + [s for s in snapshots if s["id"] in noticed and now - noticed[s["id"]] > within]
