"""What apps need beside pods that run: each app that says so, by its own file."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import app_configured
import app_vault
from model import Settings
from result import Check, Group, Observations


class AppSettings(Settings):
    """Those of a stack with such an app."""

    # What each app's file is told, by its name.
    apps: dict[str, Any]


# The apps by their keys under vmstation:apps, one line each.
APPS: dict[str, ModuleType] = {
    # All that come from the configuration alone.
    "configured": app_configured,
    "vault": app_vault,
}

# What is looked at for it.
NEEDS = tuple(sorted({need for app in APPS.values() for need in app.NEEDS}))

# Their own ways to look, by what they look at.
LOOKS = {name: look for app in APPS.values() for name, look in getattr(app, "LOOKS", {}).items()}


def check(seen: Observations, settings: AppSettings, now: float) -> list[Check]:
    group = Group("apps")
    for name, app in APPS.items():
        if name in settings["apps"]:
            app.check(group, seen, settings["apps"][name], now)
    return group.checks
