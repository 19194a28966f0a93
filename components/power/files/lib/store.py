"""Where the controller keeps what it must not forget: whole files or none, one writer per machine.

On a full disk nothing that is kept is cut. What waking needs goes on from memory, and is said; what must be on disk
before something is done (a sleep, a hold) fails.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import moments
from aside import set_aside
from clock import Clock
from disk import read_json, write_atomically
from lists import KINDS, ListFile
from lock import Busy, take
from model import Held, Item
from record import Record, from_json, to_json
from say import say


class Store:
    def __init__(self, folder: str | Path, clock: Clock | None = None) -> None:
        self.folder = Path(folder)
        self.clock = clock or Clock()
        # Machine → (the file that could not be replaced, what it should hold).
        self.unsaved: dict[str, tuple[tuple[int, ...], Record]] = {}
        self.lists = {kind: ListFile(self, kind) for kind in KINDS}

    @contextlib.contextmanager
    def lock(self, machine: str, patience: float = 0.0) -> Iterator[None]:
        """Held while somebody decides and acts for the machine; the kernel releases it when that one dies.

        Raises Busy after `patience` seconds.
        """
        handle = self._open_lock(machine)
        try:
            try:
                take(handle, patience)
            except Busy:
                raise Busy(f"another run is busy with {machine}") from None
            yield
        finally:
            os.close(handle)

    def _open_lock(self, machine: str) -> int:
        """On a disk that takes no new file, what is there already serves as well."""
        path = self.folder / "locks" / machine
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            for other in (path, self.folder / f"{machine}.json", self.folder):
                with contextlib.suppress(OSError):
                    return os.open(other, os.O_RDONLY | os.O_CLOEXEC)
            raise error

    def _path(self, machine: str) -> Path:
        return self.folder / f"{machine}.json"

    def load(self, machine: str) -> Record:
        """The machine's record, its times as this clock shows them. One that can't be read is kept aside.

        Where nothing is known, the next look tells whether the machine is up; without a proof that it wakes it does
        not sleep by itself.
        """
        try:
            record = self._unsaved(machine) or from_json(read_json(self._path(machine)))
        except FileNotFoundError:
            return Record(since=self.clock.now())
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            set_aside(self._path(machine), error)
            why = "its record could not be read"
            return Record(state="asleep", since=self.clock.now(), reasons=(why,))
        step = self.clock.step_since(record.clock)
        if step:
            say(f"{machine}: the clock was set by {step:.0f} s")
        return moments.as_of_now(record, self.clock)

    def save(self, machine: str, record: Record) -> None:
        """On disk, or OSError."""
        stamped = replace(record, clock=self.clock.stamp())
        write_atomically(self._path(machine), json.dumps(to_json(stamped), indent=1) + "\n")
        self.unsaved.pop(machine, None)

    def keep(self, machine: str, record: Record) -> None:
        """On disk; in memory while the disk takes nothing, so that this run goes on with it."""
        try:
            self.save(machine, record)
        except OSError as error:
            stamped = replace(record, clock=self.clock.stamp())
            self.unsaved[machine] = (self._identity(machine), stamped)
            say(f"{machine}: its state cannot be written: {error}")

    def _unsaved(self, machine: str) -> Record | None:
        """What could not be written, unless another run has written since."""
        there, record = self.unsaved.get(machine, (None, None))
        return record if there == self._identity(machine) else None

    def _identity(self, machine: str) -> tuple[int, ...]:
        try:
            found = os.stat(self._path(machine))
        except OSError:
            return ()
        return (found.st_ino, found.st_mtime_ns)

    def holds(self, machine: str) -> list[Held]:
        """[{why, until}] of those that have not ended."""
        found = self.lists["holds"].read(machine)
        return [{"why": h["why"], "until": h["until"]} for h in found]

    def hold(self, machine: str, why: str, seconds: float) -> None:
        """Keeps the machine awake for so long; ends by itself. A hold of the same reason is replaced."""
        stamp = self.clock.stamp()
        item: Item = {"why": why, "until": stamp["wall"] + seconds, "set": stamp}
        self.lists["holds"].change(machine, lambda held: [h for h in held if h["why"] != why] + [item])

    def release(self, machine: str, why: str | None = None) -> None:
        """Ends the machine's holds, or the one of that reason."""
        self.lists["holds"].change(machine, lambda held: [h for h in held if why not in (None, h["why"])])

    def requests(self, machine: str, lifetime: float) -> list[str]:
        """Who asked for the machine in the last `lifetime` seconds, in words."""
        found = [*self.lists["requests"].read(machine), *self.lists["requests"].noted(machine)]
        ages = [(r["why"], self.clock.age_of(r["set"])) for r in found]
        return list(dict.fromkeys(why for why, age in ages if age is not None and age < lifetime))

    def note(self, machine: str, why: str) -> None:
        """A request that this run knows of, before it is on disk."""
        self.lists["requests"].note(machine, {"why": why, "set": self.clock.stamp()})

    def request(self, machine: str, why: str) -> None:
        """On disk for every run to see; for this one alone while the disk takes nothing."""
        self.note(machine, why)
        self.write_noted(machine)

    def write_noted(self, machine: str) -> None:
        """Unless they have been fulfilled meanwhile."""
        requests = self.lists["requests"]
        noted = requests.noted(machine)
        reasons = [r["why"] for r in noted]
        if not noted:
            return
        try:
            requests.change(machine, lambda asked: [*[r for r in asked if r["why"] not in reasons][-20:], *noted])
            for why in reasons:
                requests.forget(machine, why)
        except (OSError, Busy) as error:
            say(f"{machine}: who asks for it cannot be written: {error}")

    def clear_requests(self, machine: str) -> None:
        self._end_requests(machine, None)

    def withdraw(self, machine: str, why: str) -> None:
        """Ends the requests of that reason; what others have asked for stays."""
        self._end_requests(machine, why)

    def _end_requests(self, machine: str, why: str | None) -> None:
        self.lists["requests"].forget(machine, why)
        try:
            self.lists["requests"].change(machine, lambda asked: [r for r in asked if why not in (None, r["why"])])
        except (OSError, Busy) as error:
            say(f"{machine}: its requests cannot be cleared: {error}")

    def _spun_down(self) -> Path:
        return self.folder / "cluster" / "spun-down"

    def is_spun_down(self) -> bool:
        """Whether the whole cluster has been switched off on purpose, and not on again."""
        return self._spun_down().exists()

    def spin_down(self) -> None:
        write_atomically(self._spun_down(), f"{self.clock.now():.0f}\n")

    def spin_up(self) -> None:
        try:
            self._spun_down().unlink(missing_ok=True)
        except OSError as error:
            say(f"{self._spun_down()} cannot be removed: {error}")
