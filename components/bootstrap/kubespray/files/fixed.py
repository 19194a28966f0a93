"""Keys that a running cluster keeps, whatever the configuration says: recorded, wanted and shown values. Pure."""

from __future__ import annotations

import json
from typing import Callable

from model import FixedSetting, Record, Wanted


def is_refused(setting: FixedSetting, was: str | None) -> bool:
    """Whether a running cluster that has `was` keeps it against the setting's value."""
    if was is None or was == setting["value"]:
        return False
    if setting["when"] == "turned off":
        return setting["value"] in ("false", "none")
    if setting["when"] == "entry removed":
        return bool(set(json.loads(was)) - set(json.loads(setting["value"])))
    return True


def refused_settings(recorded: Record, wanted: Wanted) -> list[FixedSetting]:
    """Keys that a running cluster keeps, and that the configuration would change."""
    was = recorded.get("fixed", {})
    return [setting for setting in wanted["fixed"] if is_refused(setting, was.get(setting["key"]))]


def fixed_values(wanted: Wanted) -> dict[str, str]:
    return {setting["key"]: setting["value"] for setting in wanted["fixed"]}


def settle(recorded: Record, wanted: Wanted, look: Callable[[], dict[str, str]]) -> Record:
    """The record with the values of all keys that a running cluster keeps, `look` tells what shows of them.

    A record of before has none; a change by hand counts where it shows.
    """
    known = recorded.get("fixed")
    if known is None:
        known = look() if wanted["fixed"] else {}
    refused = [s for s in refused_settings({"fixed": known}, wanted) if s["byHand"]]
    if refused:
        shown = look()
        known = known | {s["key"]: s["value"] for s in refused if shown.get(s["key"]) == s["value"]}
    return recorded | {"fixed": known}
