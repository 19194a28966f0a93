"""What is known of each item's backups, kept between runs, and shown to node-exporter."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from common import read_json, say
from dating import SLACK, notice
from disk import write_atomically
from model import Entry, Kept, Reported, SetSettings, Settings, Snapshot

STATE = "/var/lib/vmstation/backup/state.json"


class Record:
    def __init__(self, path: str = STATE) -> None:
        self.path = path
        self.items = self._load()

    def _load(self) -> dict[str, Entry]:
        try:
            found = read_json(self.path, {})
            if all(isinstance(entry, dict) and "success" in entry for entry in found.values()):
                entries: dict[str, Entry] = found
                return entries
        except (ValueError, AttributeError, OSError):
            pass
        say(f"{self.path} cannot be read: what is known of earlier runs begins again")
        return {}

    def of(self, key: str, now: float) -> Entry:
        """The item's entry. `since` is when it was first known: from then on a backup is due."""
        entry = self.items.setdefault(key, {"since": now, "success": None, "failed": False})
        # By a clock that ran ahead; such a time would never be overdue.
        if (entry.get("since") or 0) > now + SLACK:
            entry["since"] = now
        if (entry["success"] or 0) > now + SLACK:
            entry["success"] = now
        return entry

    def succeed(self, key: str, now: float, facts: Kept | None = None, seconds: float | None = None) -> None:
        entry = self.of(key, now)
        if facts is not None:
            entry.update({"snapshot": facts["snapshot"], "size": facts["size"], "added": facts["added"]})
        if seconds is not None:
            entry["seconds"] = seconds
        entry.update({"success": now, "failed": False, "error": None})

    def fail(self, key: str, now: float, error: object) -> None:
        self.of(key, now).update({"failed": True, "error": str(error)})

    def keep_only(self, keys: Iterable[str]) -> None:
        self.items = {key: entry for key, entry in self.items.items() if key in keys}

    def noticed(self, key: str, snapshots: list[Snapshot], now: float) -> dict[str, float]:
        """{id: when it was first seen to be dated in the future}; see dating.py."""
        entry = self.of(key, now)
        entry["noticed"] = notice(snapshots, entry.get("noticed") or {}, now)
        return entry["noticed"]

    def save(self) -> None:
        write_atomically(Path(self.path), f"{json.dumps(self.items, indent=2, sort_keys=True)}\n", mode=0o600)


METRICS = (
    ("timestamp_seconds", "When the last backup was complete; when it was set up while there is none."),
    ("max_age_seconds", "An older one is overdue."),
    ("failed", "Whether the last run failed."),
    ("size_bytes", "What the last backup holds."),
    ("added_bytes", "What the last backup added to the repository."),
    ("duration_seconds", "How long the last backup took."),
)


def render_metrics(settings: Settings, record: Record, now: float) -> str:
    """Prometheus' text format; one sample for each item of each metric that is known."""
    repositories: list[Reported] = [{"name": f"{s} repository", "set": s, "check": True} for s in settings["sets"]]
    items = [*(item for item in settings["items"] if not is_away(item)), *repositories]
    lines = []
    for name, about in METRICS:
        samples = []
        for item in items:
            entry = record.of(key_of(item), now)
            value = _value(name, entry, settings["sets"][item["set"]], item)
            if value is not None:
                samples.append(f'vmstation_backup_{name}{{set="{item["set"]}",backup="{item["name"]}"}} {value}')
        lines += [f"# HELP vmstation_backup_{name} {about}", f"# TYPE vmstation_backup_{name} gauge", *samples]
    return "\n".join([*lines, ""])


def is_away(item: Reported) -> bool:
    """Whether its machine is marked offline: then nothing is overdue."""
    return bool(item.get("machine", {}).get("offline"))


def key_of(item: Reported) -> str:
    return item["name"]


def _value(name: str, entry: Entry, own: SetSettings, item: Reported) -> float | None:
    if name == "timestamp_seconds":
        return int(entry["success"] or entry["since"])
    if name == "max_age_seconds":
        return own["checkMaxAge"] if item.get("check") else own["maxAge"]
    if name == "failed":
        return int(entry["failed"])
    facts = {"size_bytes": entry.get("size"), "added_bytes": entry.get("added")}
    return facts[name] if name in facts else entry.get("seconds")


def publish(settings: Settings, record: Record, now: float) -> bool:
    """Keeps the record and shows it to node-exporter; False, and says so, where one of them cannot be written."""
    written = True
    for perform, what in (
        (record.save, record.path),
        (lambda: write_metrics(settings, record, now), settings["metrics"]),
    ):
        try:
            perform()
        except OSError as error:
            say(f"{what} cannot be written, so that this run is not known: {error.strerror or error}")
            written = False
    return written


def write_metrics(settings: Settings, record: Record, now: float) -> None:
    path = settings["metrics"]
    os.makedirs(os.path.dirname(path), exist_ok=True)
    write_atomically(Path(path), render_metrics(settings, record, now), mode=0o644)
