"""The backup of folders that are in use: a tar archive on standard output, and back from standard input.

  archive NAME   the item's folder; SQLite databases are copied by SQLite, in one piece
  restore NAME   puts an archive in the folder's place, once all of it is there; the old one stays aside
  verify         reads an archive to its end
  extract DIR    unpacks an archive into an empty folder of root's; links that point out of the archive are left out

The archive's last member counts the others: a stream that was cut is no archive.
Settings: /etc/vmstation/backup-agent.json {items: {NAME: {path, leaveOut}}}.
Exit codes: 0 done, 1 failed, 3 archived except for files that could not be read.
"""

from __future__ import annotations

import json
import os
import resource
import stat
import sys
import time
from typing import IO

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "backup-agent"))

from archive import archive
from folders import FOLDER, allow_deep_folders, descend, kind_at, open_folder, opened, remove_tree
from report import AgentItem, Failure, shown
from unpack import LEAST_FREE, Unpacker, unpack

SETTINGS = "/etc/vmstation/backup-agent.json"
INCOMPLETE = 3
# A folder of millions of files must not take the machine's memory.
MEMORY = 1 << 30


def restore(item: AgentItem, stream: IO[bytes], now: float) -> None:
    """Unpacked beside the folder, on its file system; exchanged when everything is there."""
    path = os.fsencode(item["path"])
    if os.path.ismount(path):
        raise Failure(f"{shown(path)} is a mount of its own: use --target and copy what you need")
    parent, name = os.path.split(path)
    os.makedirs(parent, exist_ok=True)
    fresh = name + b".restoring"
    with opened(open_folder(parent)) as place:
        if kind_at(fresh, place) not in (None, stat.S_IFDIR):
            raise Failure(f"{shown(path)}.restoring is in the way: move it elsewhere")
        remove_tree(fresh, place)
        os.mkdir(fresh, 0o700, dir_fd=place)
        try:
            with opened(os.open(fresh, FOLDER, dir_fd=place)) as top:
                unpack(stream, Unpacker(top, keep_links=True, least_free=0))
                exchange(top, path, place, name, now)
        finally:
            remove_tree(fresh, place)


def exchange(top: int, path: bytes, place: int, name: bytes, now: float) -> None:
    """The folder that was unpacked below `top` comes to `name` in `place`; what is there goes aside."""
    try:
        made = descend(top, path.strip(b"/").split(b"/")[:-1])
    except OSError:
        raise Failure(f"the archive does not hold {shown(path)}") from None
    with opened(made):
        if kind_at(name, made) != stat.S_IFDIR:
            raise Failure(f"the archive does not hold {shown(path)}")
        # All of it is on the disk before it takes a place: the power may go at any time.
        os.sync()
        aside = None
        if kind_at(name, place) is not None:
            aside = free_name(name + time.strftime(".before-%Y-%m-%dT%H%M%SZ", time.gmtime(now)).encode(), place)
            os.rename(name, aside, src_dir_fd=place, dst_dir_fd=place)
        try:
            os.rename(name, name, src_dir_fd=made, dst_dir_fd=place)
        except OSError:
            if aside is not None:
                os.rename(aside, name, src_dir_fd=place, dst_dir_fd=place)
            raise
    if aside is not None:
        print(f"what was in {shown(path)} is in {shown(os.path.join(os.path.dirname(path), aside))}")
    print(f"restored {shown(path)}")


def free_name(name: bytes, place: int) -> bytes:
    while kind_at(name, place) is not None:
        name += b"-again"
    return name


def extract(folder: str, stream: IO[bytes]) -> None:
    """Into an empty folder that nobody else can enter: the archive may hold anything, such as setuid programs."""
    with opened(os.open(folder, FOLDER)) as top:
        found = os.fstat(top)
        if found.st_uid != os.geteuid() or os.listdir(top):
            raise Failure(f"{shown(folder)} has to be an empty folder of your own")
        os.fchmod(top, 0o700)
        unpack(stream, Unpacker(top, keep_links=False, least_free=LEAST_FREE))


def find_item(name: str, settings: str) -> AgentItem:
    with open(settings, encoding="utf-8") as file:
        items = json.load(file)["items"]
    if name not in items:
        raise Failure(f"no item {name}; there are {', '.join(items)}")
    item: AgentItem = items[name]
    return item


def perform(verb: str, rest: list[str], now: float, settings: str) -> int | None:
    """The exit code; None where there is no such verb."""
    if verb == "verify" and not rest:
        print(f"{unpack(sys.stdin.buffer, None)} files and folders can be read back")
    elif verb == "extract" and len(rest) == 1:
        extract(rest[0], sys.stdin.buffer)
    elif verb == "restore" and len(rest) == 1:
        restore(find_item(rest[0], settings), sys.stdin.buffer, now)
    elif verb == "archive" and len(rest) == 1:
        return INCOMPLETE if archive(find_item(rest[0], settings), sys.stdout.buffer) else 0
    else:
        return None
    return 0


def main(arguments: list[str], now: float, settings: str = SETTINGS) -> int:
    verb, *rest = arguments or [""]
    try:
        code = perform(verb, rest, now, settings)
    except (Failure, OSError, ValueError) as error:
        print(f"backup-agent: {error}", file=sys.stderr)
        return 1
    except MemoryError:
        print(f"backup-agent: this takes more than {MEMORY >> 20} MiB of memory", file=sys.stderr)
        return 1
    if code is None:
        print(__doc__, file=sys.stderr)
        return 2
    return code


if __name__ == "__main__":
    os.umask(0o077)
    allow_deep_folders()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    sys.exit(main(sys.argv[1:], time.time()))
