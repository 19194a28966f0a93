"""What the Python tests share: the path to the controller's modules, a policy, and an idle machine's observation."""

from __future__ import annotations

import sys
import unittest
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from model import PodSeen, Policy, Seen

COMPONENTS = Path(__file__).resolve().parents[4] / "components"
FILES = COMPONENTS / "power" / "files"
# Installed into one folder.
MODULES = [str(FILES / "lib"), str(COMPONENTS / "remote/agent/files/lib")]
sys.path[:0] = MODULES
sys.dont_write_bytecode = True

HOUR = 3600
DAY = 24 * HOUR

# Friday, 2026-01-02, 12:00 UTC.
NOON = 1767355200.0


def policy(**changes: Any) -> Policy:
    made: dict[str, Any] = {
        "name": "box",
        "address": "127.0.0.1",
        "sshPort": 22,
        "mac": "00:11:22:33:44:55",
        "method": "suspend",
        "evict": False,
        "idleAfter": 2 * HOUR,
        "wakeTimeout": 300,
        "sleepTimeout": 300,
        "checkEvery": 900,
        "minimumAwake": 1800,
        "minimumAsleep": 600,
        "maxChangesPerDay": 12,
        "testEvery": 7 * DAY,
        "thresholds": {"cpu": 0.15, "network": 204800, "disk": 1048576},
        "timeZone": "UTC",
        "quietHours": [],
        "calendar": [],
        "apps": [],
        **changes,
    }
    return cast("Policy", made)


def idle(**changes: Any) -> Seen:
    """Nothing is going on."""
    made: dict[str, Any] = {
        "reachable": True,
        "node": {"ready": True, "protected": False, "keepAwake": None},
        "pods": [],
        "waiting": [],
        "neededBy": [],
        "probes": {},
        "sessions": [],
        "arriving": [],
        "inhibitors": [],
        "exports": {"open": 0, "operations": 0},
        "rates": {"cpu": 0.02, "network": 1000, "disk": 1000},
        "sample": {"boot": "b"},
        "requests": [],
        "holds": [],
        "spunDown": False,
        "looks": {},
        "order": "none",
        **changes,
    }
    return cast("Seen", made)


def silent(**changes: Any) -> Seen:
    """Nothing answers."""
    nothing: dict[str, Any] = dict.fromkeys(("sessions", "arriving", "inhibitors", "exports", "rates", "sample"))
    return idle(reachable=False, **{**nothing, **changes})


def pod(**changes: Any) -> PodSeen:
    made: dict[str, Any] = {
        "namespace": "media",
        "name": "app",
        "owner": "ReplicaSet",
        "stays": False,
        "leaves": False,
        "sleepsWith": False,
        "keepAwake": None,
        "movable": False,
        **changes,
    }
    return cast("PodSeen", made)


def skip(test: unittest.TestCase, why: str) -> None:
    """Skips the test; test/support/python.ts shows the line."""
    print(f"    skipped: {why}")
    test.skipTest(why)
