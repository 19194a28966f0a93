"""What the Python tests share: the path to the controller's modules, a policy, and an idle machine's observation."""

import sys
from pathlib import Path

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


def policy(**changes):
    return {
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


def idle(**changes):
    """Nothing is going on."""
    return {
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
        **changes,
    }


def silent(**changes):
    """Nothing answers."""
    nothing = dict.fromkeys(("sessions", "arriving", "inhibitors", "exports", "rates", "sample"))
    return idle(reachable=False, **{**nothing, **changes})


def pod(**changes):
    return {
        "namespace": "media",
        "name": "app",
        "owner": "ReplicaSet",
        "mirror": False,
        "sleepsWith": False,
        "keepAwake": None,
        "movable": False,
        **changes,
    }


def skip(test, why):
    """Skips the test; test/support/python.ts shows the line."""
    print(f"    skipped: {why}")
    test.skipTest(why)
