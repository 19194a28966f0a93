"""What is known of each item's backups, kept between runs, and shown to node-exporter."""

from __future__ import annotations

import json
import os

from common import read_json, say, write_whole
from dating import SLACK, notice

STATE = "/var/lib/vmstation/backup/state.json"


class Record:
    def __init__(self, path=STATE):
        self.path = path
        self.items = self._load()

    def _load(self):
        try:
            found = read_json(self.path, {})
            if all(isinstance(entry, dict) and "success" in entry for entry in found.values()):
                return found
        except (ValueError, AttributeError, OSError):
            pass
        say(f"{self.path} cannot be read: what is known of earlier runs begins again")
        return {}

    def of(self, key, now):
        """The item's entry. `since` is when it was first known: from then on a backup is due."""
        entry = self.items.setdefault(key, {"since": now, "success": None, "failed": False})
        for name in ("since", "success"):
            # By a clock that ran ahead; such a time would never be overdue.
            if (entry.get(name) or 0) > now + SLACK:
                entry[name] = now
        return entry

    def succeed(self, key, now, **facts):
        self.of(key, now).update(success=now, failed=False, error=None, **facts)

    def fail(self, key, now, error):
        self.of(key, now).update(failed=True, error=str(error))

    def keep_only(self, keys):
        self.items = {key: entry for key, entry in self.items.items() if key in keys}

    def noticed(self, key, snapshots, now):
        """{id: when it was first seen to be dated in the future}; see dating.py."""
        entry = self.of(key, now)
        entry["noticed"] = notice(snapshots, entry.get("noticed") or {}, now)
        return entry["noticed"]

    def save(self):
        write_whole(self.path, f"{json.dumps(self.items, indent=2, sort_keys=True)}\n")


METRICS = (
    ("timestamp_seconds", "When the last backup was complete; when it was set up while there is none.", None),
    ("max_age_seconds", "An older one is overdue.", None),
    ("failed", "Whether the last run failed.", None),
    ("size_bytes", "What the last backup holds.", "size"),
    ("added_bytes", "What the last backup added to the repository.", "added"),
    ("duration_seconds", "How long the last backup took.", "seconds"),
)


def render_metrics(settings, record, now):
    """Prometheus' text format; one sample for each item of each metric that is known."""
    present = [item for item in settings["items"] if not is_away(item)]
    items = [*present, *({"name": f"{s} repository", "set": s, "check": True} for s in settings["sets"])]
    lines = []
    for name, about, field in METRICS:
        samples = []
        for item in items:
            entry = record.of(key_of(item), now)
            value = _value(name, field, entry, settings["sets"][item["set"]], item)
            if value is not None:
                samples.append(f'vmstation_backup_{name}{{set="{item["set"]}",backup="{item["name"]}"}} {value}')
        lines += [f"# HELP vmstation_backup_{name} {about}", f"# TYPE vmstation_backup_{name} gauge", *samples]
    return "\n".join([*lines, ""])


def is_away(item):
    """Whether its machine is marked offline: then nothing is overdue."""
    return bool(item.get("machine", {}).get("offline"))


def key_of(item):
    return item["name"]


def _value(name, field, entry, own, item):
    if name == "timestamp_seconds":
        return int(entry["success"] or entry["since"])
    if name == "max_age_seconds":
        return own["checkMaxAge"] if item.get("check") else own["maxAge"]
    if name == "failed":
        return int(entry["failed"])
    return entry.get(field)


def publish(settings, record, now):
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


def write_metrics(settings, record, now):
    path = settings["metrics"]
    os.makedirs(os.path.dirname(path), exist_ok=True)
    write_whole(path, render_metrics(settings, record, now), mode=0o644)
