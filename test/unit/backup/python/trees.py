"""Trees of files: generated ones, and all that can be seen of one."""

from __future__ import annotations

import contextlib
import os
import random
import stat
import struct
from collections.abc import Iterator

AWKWARD = ["%", "#", "?", "&", "=", " ", "ä", "日", "\n", "\\", "*", "'", '"', "-", ":", "..", "\udcff", "\x01"]
POSIX_ACL = struct.Struct("<HHI")


def snapshot(top: str) -> dict[str, list[object]]:
    """{path: all that is to come back}; files with several names are told by the first of them."""
    found: dict[str, list[object]] = {}
    names: dict[int, str] = {}
    for path in every(top):
        status = os.lstat(path)
        kind = stat.S_IFMT(status.st_mode)
        entry: list[object] = [oct(status.st_mode), status.st_uid, status.st_gid, status.st_mtime_ns]
        if kind == stat.S_IFLNK:
            entry.append(os.readlink(path))
        else:
            entry.append({name: os.getxattr(path, name) for name in os.listxattr(path)})
        if kind == stat.S_IFREG:
            with open(path, "rb") as file:
                entry += [file.read(), names.setdefault(status.st_ino, os.path.relpath(path, top))]
        found[os.path.relpath(path, top)] = entry
    return found


def every(top: str) -> Iterator[str]:
    """All paths of a tree, its own first, whatever their lengths."""
    yield top
    for name in sorted(os.listdir(top)):
        path = os.path.join(top, name)
        if stat.S_ISDIR(os.lstat(path).st_mode):
            yield from every(path)
        else:
            yield path


def acl(user: int) -> bytes:
    """An access list that gives one more user a right, as the kernel keeps it."""
    entries = [(1, 6, 0xFFFFFFFF), (2, 4, user), (4, 4, 0xFFFFFFFF), (16, 4, 0xFFFFFFFF), (32, 0, 0xFFFFFFFF)]
    return struct.pack("<I", 2) + b"".join(POSIX_ACL.pack(*entry) for entry in entries)


class Trees:
    """Grows a tree out of random numbers; as root with owners and attributes that only root may set."""

    def __init__(self, random: random.Random) -> None:
        self.random = random
        self.is_root = os.geteuid() == 0

    def name(self) -> str:
        parts = [self.random.choice([*AWKWARD, "a", "b", "db", "x" * 60]) for _ in range(self.random.randrange(1, 5))]
        name = "".join(parts)
        return f"{name}_" if name in (".", "..") else name

    def grow(self, top: str, depth: int = 0) -> None:
        os.mkdir(top)
        files: list[str] = []
        for _ in range(self.random.randrange(6)):
            path = os.path.join(top, self.name())
            if os.path.lexists(path):
                continue
            kind = self.random.choice(["file", "file", "holes", "link", "hard", "folder"])
            if kind == "folder" and depth < 3:
                self.grow(path, depth + 1)
            elif kind == "link":
                os.symlink(self.random.choice(["a", "../b", "/etc/passwd", "../../..", self.name()]), path)
            elif kind == "hard" and files:
                os.link(self.random.choice(files), path)
                continue
            elif kind == "holes":
                self._with_holes(path)
                files.append(path)
            else:
                with open(path, "wb") as file:
                    file.write(self.random.randbytes(self.random.choice([0, 1, 511, 512, 513, 9000])))
                files.append(path)
            self.describe(path)
        self.describe(top)

    def _with_holes(self, path: str) -> None:
        with open(path, "wb") as file:
            for _ in range(self.random.randrange(4)):
                file.seek(self.random.randrange(1, 50) << 12, os.SEEK_CUR)
                file.write(self.random.randbytes(self.random.choice([1, 4096, 5000])))
            file.truncate(file.tell() + self.random.choice([0, 0, 1 << 20]))

    def describe(self, path: str) -> None:
        """Owner, attributes, mode and time."""
        if os.path.islink(path):
            self._touch(path)
            return
        if self.is_root:
            os.lchown(path, self.random.choice([0, 1000, 3_000_000]), self.random.choice([0, 1000]))
            if os.path.isfile(path) and self.random.random() < 0.2:
                os.setxattr(path, "security.capability", struct.pack("<IIIII", 0x02000001, 1 << 10, 0, 0, 0))
        self._attributes(path)
        os.chmod(path, self.random.choice([0o644, 0o600, 0o755, 0o4755, 0o2750, 0o1777, 0o400]))
        self._touch(path)

    def _attributes(self, path: str) -> None:
        # Not each file system has attributes.
        with contextlib.suppress(OSError):
            if self.random.random() < 0.3:
                value = self.random.choice([b"", b"text", b"a=b\n7 x=y\n", bytes(range(256)), b"\xff" * 900])
                os.setxattr(path, f"user.{self.random.choice(['one', 'a=b', '%3D', 'ä'])}", value)
            if self.random.random() < 0.2:
                os.setxattr(path, "system.posix_acl_access", acl(self.random.choice([1, 1000])))

    def _touch(self, path: str) -> None:
        time = self.random.choice([0, 1, -1_500_000_000, 1_767_225_600_123_456_789, 4_102_444_800_000_000_001])
        os.utime(path, ns=(time, time), follow_symlinks=False)
