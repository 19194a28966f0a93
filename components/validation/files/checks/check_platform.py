"""What stands between the network and the apps: each part that the stack has, by its own file."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import platform_certificates
import platform_ingress
import platform_load_balancer
import platform_names
import platform_storage
import platform_tailnet
import platform_tunnel
from model import Settings
from result import Check, Group, Observations


class PlatformSettings(Settings):
    """Those of a stack that has a platform."""

    # What each part is told, by its key.
    platform: dict[str, Any]


# The parts by their keys under vmstation:platform, one line each.
PARTS: dict[str, ModuleType] = {
    "loadBalancer": platform_load_balancer,
    "certificates": platform_certificates,
    "ingress": platform_ingress,
    "names": platform_names,
    "storage": platform_storage,
    "tunnel": platform_tunnel,
    "tailnet": platform_tailnet,
}

# What is looked at for it.
NEEDS = tuple(sorted({need for part in PARTS.values() for need in part.NEEDS}))

# Their own ways to look, by what they look at.
LOOKS = {name: look for part in PARTS.values() for name, look in getattr(part, "LOOKS", {}).items()}


def check(seen: Observations, settings: PlatformSettings, now: float) -> list[Check]:
    group = Group("platform")
    for key, part in PARTS.items():
        if key in settings["platform"]:
            part.check(group, seen, settings["platform"][key], now)
    return group.checks
