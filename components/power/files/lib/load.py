"""What a machine does, from two samples of its counters. Pure."""

from __future__ import annotations

from model import Exports, Rates, Sample


def rates(before: Sample | None, after: Sample | None) -> Rates | None:
    """Averages between two samples of one boot; None where there are not two."""
    if not before or not after or before["boot"] != after["boot"]:
        return None
    seconds = after["at"] - before["at"]
    jiffies = after["total"] - before["total"]
    if seconds <= 0 or jiffies <= 0:
        return None
    return {
        "cpu": (after["busy"] - before["busy"]) / jiffies,
        "network": (after["network"] - before["network"]) / seconds,
        "disk": (after["disk"] - before["disk"]) / seconds,
    }


def export_use(open_files: float | None, before: Sample | None, after: Sample | None) -> Exports | None:
    if open_files is None or not before or not after or before["boot"] != after["boot"]:
        return None
    return {"open": open_files, "operations": after["operations"] - before["operations"]}
