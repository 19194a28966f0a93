"""Keeps the logs that logrotate has set aside within a size: the oldest go first.

limit-logs.py BYTES FOLDER...   the folders of the machines that send logs; others are not looked at
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator

# What logrotate calls them; the file that rsyslog writes to is none of them.
ROTATED = re.compile(r".+\.log\.[0-9]+(\.gz)?")


def rotated(folder: str) -> Iterator[tuple[float, str, int]]:
    """(age, path, bytes) of each; nothing is followed."""
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if ROTATED.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                    stat = entry.stat(follow_symlinks=False)
                    yield stat.st_mtime, entry.path, stat.st_size
    except (FileNotFoundError, NotADirectoryError):
        return


def main(limit: int, folders: list[str]) -> None:
    found = sorted(each for folder in folders for each in rotated(folder))
    total = sum(size for _, _, size in found)
    for _, path, size in found:
        if total <= limit:
            break
        os.unlink(path)
        print(f"removed {path}: the logs of all machines may have {limit} bytes")
        total -= size


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
