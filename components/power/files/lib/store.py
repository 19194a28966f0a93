"""Where the controller keeps what it must not forget: whole files or none, one writer per machine."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import tempfile
import time
from pathlib import Path

from record import Record, from_json, to_json


# Writing a list takes milliseconds; whoever holds it longer is broken.
LIST_PATIENCE = 5.0


class Busy(Exception):
    """Another run of the controller has the machine."""


def write_atomically(path, text, mode=0o644):
    """The old content or the new one, also when the power goes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


class Store:
    def __init__(self, folder, clock=time.time):
        self.folder = Path(folder)
        self.clock = clock

    @contextlib.contextmanager
    def lock(self, machine, patience=0.0):
        """Held while somebody decides and acts for the machine; the kernel lets go of it when that one dies.

        Raises Busy after `patience` seconds.
        """
        path = self.folder / "locks" / machine
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "a", encoding="utf-8") as file:
            deadline = time.monotonic() + patience
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() >= deadline:
                        raise Busy(f"another run is busy with {machine}") from None
                    time.sleep(0.2)
            yield

    def load(self, machine):
        """The machine's record; a new one where there is none. One that can't be read is kept aside.

        A new record holds no proof that the machine wakes, so it does not sleep by itself.
        """
        path = self.folder / f"{machine}.json"
        try:
            return from_json(json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return Record(since=self.clock())
        except (ValueError, TypeError, KeyError, AttributeError):
            os.replace(path, path.with_suffix(".unreadable"))
            return Record(since=self.clock(), reasons=("its record could not be read",))

    def save(self, machine, record):
        write_atomically(self.folder / f"{machine}.json", json.dumps(to_json(record), indent=1) + "\n")

    def holds(self, machine):
        now = self.clock()
        return [h for h in self._list("holds", machine) if h["until"] > now]

    def hold(self, machine, why, seconds):
        """Keeps the machine awake for so long; ends by itself. A hold of the same reason is replaced."""
        with self.lock("lists", LIST_PATIENCE):
            others = [h for h in self.holds(machine) if h["why"] != why]
            self._write("holds", machine, [*others, {"why": why, "until": self.clock() + seconds}])

    def release(self, machine, why=None):
        """Ends the machine's holds, or the one of that reason."""
        with self.lock("lists", LIST_PATIENCE):
            kept = [h for h in self.holds(machine) if why is not None and h["why"] != why]
            self._write("holds", machine, kept)

    def requests(self, machine, lifetime):
        """Who asked for the machine in the last `lifetime` seconds, in words."""
        now = self.clock()
        return [r["why"] for r in self._list("requests", machine) if now - r["at"] < lifetime]

    def request(self, machine, why):
        with self.lock("lists", LIST_PATIENCE):
            others = [r for r in self._list("requests", machine) if r["why"] != why]
            self._write("requests", machine, [*others[-20:], {"why": why, "at": self.clock()}])

    def clear_requests(self, machine):
        with self.lock("lists", LIST_PATIENCE):
            self._write("requests", machine, [])

    def _spun_down(self):
        return self.folder / "cluster" / "spun-down"

    def is_spun_down(self):
        """Whether the whole cluster has been switched off on purpose, and not on again."""
        return self._spun_down().exists()

    def spin_down(self):
        write_atomically(self._spun_down(), f"{self.clock():.0f}\n")

    def spin_up(self):
        self._spun_down().unlink(missing_ok=True)

    def _list(self, kind, machine):
        try:
            return json.loads((self.folder / kind / f"{machine}.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return []

    def _write(self, kind, machine, items):
        write_atomically(self.folder / kind / f"{machine}.json", json.dumps(items) + "\n")
