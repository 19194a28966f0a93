"""SQLite databases that are in use: SQLite copies them, in one piece.

SQLite opens a database and what belongs to it by their names, and follows links. So it is confined to the item's
folder: whatever the names lead to meanwhile, it is that folder's.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import urllib.parse
from typing import NoReturn

MAGIC = b"SQLite format 3\x00"
# Of a database that SQLite copies, its log and index are in the copy already.
COMPANIONS = (b"-wal", b"-shm", b"-journal")

# How long somebody else may hold the database locked, and a copy may take.
BUSY_SECONDS = 60
COPY_SECONDS = 3600


class NotCopied(Exception):
    """Why SQLite did not copy a database."""


def is_database(place: int) -> bool:
    """Whether an open file is one."""
    return os.pread(place, len(MAGIC), 0) == MAGIC


def main_name(name: bytes) -> bytes | None:
    """The database that a file belongs to by its name; None where it belongs to none."""
    return next((name[: -len(end)] for end in COMPANIONS if name.endswith(end)), None)


def uri_of(path: bytes) -> str:
    """A URI that means exactly this path: in a bare one `#`, `?` and `%` have meanings of their own."""
    return f"file:{urllib.parse.quote(path)}?mode=ro"


def copy_database(top: int, root: bytes, name: bytes, target: str) -> None:
    """Copies `name`, relative to the open folder `top` (whose path is `root`), into the new file `target`.

    Raises NotCopied with SQLite's words.
    """
    words, said = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(words)
        _copy_and_exit(top, root, name, target, said)
    os.close(said)
    with os.fdopen(words, "rb") as answer:
        text = answer.read(4096).decode("utf-8", "replace")
    _, status = os.waitpid(child, 0)
    if status != 0:
        raise NotCopied(text or f"ended with status {status}")


def _copy_and_exit(top: int, root: bytes, name: bytes, target: str, said: int) -> NoReturn:
    """In a process of its own, which ends here."""
    code = 1
    try:
        signal.alarm(COPY_SECONDS)
        new = sqlite3.connect(target)
        # A journal would be a file beside the target's name, which means another place from here on.
        new.execute("pragma journal_mode=off")
        new.execute("pragma synchronous=off")
        if os.geteuid() == 0:
            os.fchdir(top)
            os.chroot(".")
            root = b""
        old = sqlite3.connect(uri_of(root + b"/" + name), uri=True, timeout=BUSY_SECONDS)
        old.backup(new)
        old.close()
        new.close()
        code = 0
    except BaseException as error:
        os.write(said, str(error).encode()[:4096])
    finally:
        os._exit(code)
