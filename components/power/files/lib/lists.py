"""Each machine's holds and requests: a small file of items each, which several runs read and change.

An item carries the moment at which it was written by both clocks, so that it lasts as long as it was meant to whatever
the wall clock does meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from aside import set_aside
from clock import Clock
from disk import read_json, write_atomically
from lock import Busy
from model import Item
from shapes import is_number, is_stamp

if TYPE_CHECKING:
    from store import Store

# Writing a list takes milliseconds; anybody who holds it longer is broken.
PATIENCE = 5.0

DAY = 86_400

# How long a hold lasts at most that does not say when it began: earlier versions kept only its end.
LONGEST_WITHOUT_BEGIN = 31 * DAY

KINDS = ("holds", "requests")


def parse_items(kind: str, found: object) -> list[Item]:
    """The items of a list's file; ValueError where it holds anything else."""
    if not isinstance(found, list):
        raise ValueError("no list")
    return [_parse_item(kind, item) for item in found]


def _parse_item(kind: str, item: object) -> Item:
    if not isinstance(item, dict) or not isinstance(item.get("why"), str):
        raise ValueError("an item without a reason")
    stamp = item.get("set")
    end = item.get("until") if kind == "holds" else item.get("at", 0)
    if not is_number(end) or not (stamp is None or is_stamp(stamp)):
        raise ValueError("an item without a time")
    began = end - LONGEST_WITHOUT_BEGIN if kind == "holds" else end
    parsed: Item = {"why": item["why"], "set": stamp or {"boot": "", "ticks": 0, "wall": began}}
    return {**parsed, "until": end} if kind == "holds" else parsed


def anchor(hold: Item, clock: Clock) -> Item:
    """The hold with its end as the clock shows it now; one that was set in the future begins now."""
    stamp, now = hold["set"], clock.now()
    if clock.is_of_this_boot(stamp):
        end = hold["until"] + clock.step_since(stamp)
    elif stamp["wall"] > now:
        end = now + hold["until"] - stamp["wall"]
    else:
        end = hold["until"]
    return {"why": hold["why"], "until": end, "set": clock.stamp()}


class ListFile:
    """`store`: whose folder, clock and lock it uses."""

    def __init__(self, store: Store, kind: str) -> None:
        self.store = store
        self.kind = kind
        self.in_memory: dict[str, list[Item]] = {}

    def read(self, machine: str) -> list[Item]:
        """Its items; a hold that was written before the last reboot is measured by this one's clock from now on."""
        items, anchored = self._items(machine)
        if not anchored:
            try:
                self.change(machine, lambda found: found or items)
            except (OSError, Busy):
                # It is anchored again at the next look.
                pass
        return items

    def change(self, machine: str, change: Callable[[list[Item]], list[Item]]) -> None:
        """Replaces the items by `change(items)`, alone with the file; OSError where the disk does not take them."""
        with self.store.lock("lists", PATIENCE):
            items, anchored = self._items(machine)
            changed = change(items)
            if changed != items or not anchored:
                write_atomically(self._path(machine), json.dumps(changed) + "\n")

    def note(self, machine: str, item: Item) -> None:
        """In this run's memory, until it is on disk."""
        others = [each for each in self.noted(machine) if each["why"] != item["why"]]
        self.in_memory[machine] = [*others[-20:], item]

    def noted(self, machine: str) -> list[Item]:
        return self.in_memory.get(machine, [])

    def forget(self, machine: str, why: str | None = None) -> None:
        self.in_memory[machine] = [i for i in self.noted(machine) if why not in (None, i["why"])]

    def _path(self, machine: str) -> Path:
        return self.store.folder / self.kind / f"{machine}.json"

    def _items(self, machine: str) -> tuple[list[Item], bool]:
        """(items, whether they may stay on disk as they are)."""
        try:
            found = parse_items(self.kind, read_json(self._path(machine)))
        except FileNotFoundError:
            return [], True
        except (OSError, ValueError) as error:
            set_aside(self._path(machine), error)
            return self._instead(), False
        if self.kind == "requests":
            return found, True
        clock = self.store.clock
        held = [anchor(hold, clock) for hold in found]
        lasting = [hold for hold in held if hold["until"] > clock.now()]
        return lasting, all(clock.is_of_this_boot(hold["set"]) for hold in found)

    def _instead(self) -> list[Item]:
        """What cannot be read counts as in use, for a day; a request that was lost is made again by who waits."""
        if self.kind == "requests":
            return []
        stamp = self.store.clock.stamp()
        why = "its holds could not be read, nobody knows who needs it"
        return [{"why": why, "until": stamp["wall"] + DAY, "set": stamp}]
