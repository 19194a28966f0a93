"""What the backup says of its items and faults, for people."""

from __future__ import annotations

from common import Failure
from model import Item


def in_words(error: BaseException) -> str:
    """What went wrong, for people; a fault of the program's own is named with its kind."""
    return str(error) if isinstance(error, (Failure, OSError)) else f"{type(error).__name__}: {error}"


def printable(text: str) -> str:
    """A line of another machine's, without what a terminal would obey."""
    return "".join(c if c.isprintable() else "?" for c in text)[:500]


def archive_name(item: Item) -> str:
    return f"{item['name']}.tar"


def describe(item: Item) -> str:
    if item["kind"] == "etcd":
        return "etcd's keys"
    where = f" of {item['machine']['name']}" if item.get("machine") else ""
    return f"{', '.join(item['paths'])}{where}"
