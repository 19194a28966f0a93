"""Files that are whole or not there: how the controller writes and reads what it keeps."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from pathlib import Path

from say import say

# A record or a list takes a few kilobytes.
LARGEST = 2**20


class Busy(Exception):
    """Another run of the controller has it."""


def write_atomically(path: Path, text: str, mode: int = 0o644) -> None:
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
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def read_json(path: Path) -> object:
    """What the file holds; ValueError where that is no JSON, or far too much of it."""
    with open(path, encoding="utf-8") as file:
        text = file.read(LARGEST + 1)
    if len(text) > LARGEST:
        raise ValueError("too large")
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def set_aside(path: Path, why: Exception) -> None:
    """Keeps an unreadable file under another name, for people to look at."""
    kept = path.with_suffix(".unreadable")
    say(f"{path} cannot be read ({why}); it is kept as {kept.name}")
    try:
        os.replace(path, kept)
    except OSError as error:
        say(f"{path}: {error}")
