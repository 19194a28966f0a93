"""Which backups go, and which are dated wrongly: a clock that ran ahead must not make one the newest for ever."""

from __future__ import annotations

import re

# What a clock is set by in the ordinary.
SLACK = 600


def seconds_of(within):
    """restic's "7d" and "36h"."""
    days, hours = re.fullmatch(r"(?:(\d+)d)?(?:(\d+)h)?", within).groups()
    return int(days or 0) * 86_400 + int(hours or 0) * 3600


def notice(snapshots, noticed, now):
    """{id: when it was first seen to be dated in the future}, of those that are there.

    Where all of them are dated in the future it is rather the clock that is behind: then none is.
    """
    known = {s["id"]: noticed[s["id"]] for s in snapshots if s["id"] in noticed}
    ahead = [s for s in snapshots if s["at"] > now + SLACK]
    if len(ahead) == len(snapshots):
        return known
    return {**{s["id"]: now for s in ahead}, **known}


def outdated(snapshots, last, within, noticed, now):
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
