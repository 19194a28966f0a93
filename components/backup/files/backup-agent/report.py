"""What the agent says: failures in words, and a bounded number of notes on standard error."""

from __future__ import annotations

import os
import sys
from typing import TypedDict

# A folder whose every file fails must not fill the controller's log.
NOTES = 50


class AgentItem(TypedDict):
    """An item of backup-agent.json."""

    path: str
    leaveOut: list[str]


class Failure(Exception):
    """What went wrong and what to do."""


class Notes:
    """Says the first notes one by one, and how many more there were."""

    def __init__(self, limit: int = NOTES) -> None:
        self.left, self.silent = limit, 0

    def say(self, text: str) -> None:
        if self.left > 0:
            self.left -= 1
            print(text, file=sys.stderr)
        else:
            self.silent += 1

    def close(self) -> None:
        if self.silent:
            print(f"and {self.silent} more lines of this kind", file=sys.stderr)


def shown(name: str | bytes) -> str:
    """A file's name for people: on one line, and nothing in it that a terminal would obey."""
    text = os.fsdecode(name)
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode("ascii") for c in text)
