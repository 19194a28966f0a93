"""Folders that somebody else may change meanwhile: each step is opened by itself, and no link is followed."""

from __future__ import annotations

import contextlib
import errno
import os
import resource
import shutil
import stat
from collections.abc import Iterator

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Pins what a name stands for, without opening a device or waiting for a pipe.
PIN = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC

# As the kernel has it.
MOST_LINKS = 40


def allow_deep_folders() -> None:
    """One descriptor is held for each level of a tree."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65536 if hard == resource.RLIM_INFINITY else min(hard, 65536)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def open_folder(path: bytes) -> int:
    """A descriptor of the folder at an absolute path. Only root's links are followed: another's may be swapped."""
    real: list[bytes] = []
    steps, links = path.split(b"/"), 0
    while steps:
        step = steps.pop(0)
        if step in (b"", b"."):
            continue
        if step == b"..":
            real = real[:-1]
            continue
        place = b"/" + b"/".join([*real, step])
        status = os.lstat(place)
        if not stat.S_ISLNK(status.st_mode):
            real.append(step)
            continue
        links += 1
        if status.st_uid not in (0, os.geteuid()) or links > MOST_LINKS:
            raise NotADirectoryError(errno.ENOTDIR, "a link on the way to it is not root's", os.fsdecode(place))
        target = os.readlink(place)
        steps = target.split(b"/") + steps
        real = [] if target.startswith(b"/") else real
    # What was no link just now is opened as none: a swap in between ends here.
    with opened(os.open("/", FOLDER)) as top:
        return descend(top, real)


def remove_tree(name: bytes, place: int) -> None:
    """What is at `name` in the folder `place`, as far as it can be removed. Python 3.9's rmtree knows no `dir_fd`."""
    shutil.rmtree(b"/proc/self/fd/%d/%b" % (place, name), ignore_errors=True)


def descend(top: int, steps: list[bytes]) -> int:
    """A descriptor of the folder at `steps` below the descriptor `top`; OSError where one is no folder."""
    place = os.dup(top)
    for step in steps:
        try:
            inner = os.open(step, FOLDER, dir_fd=place)
        finally:
            os.close(place)
        place = inner
    return place


@contextlib.contextmanager
def opened(place: int) -> Iterator[int]:
    """Closes a descriptor at the end."""
    try:
        yield place
    finally:
        os.close(place)


def kind_at(name: bytes, place: int) -> int | None:
    """The file type of what `name` is in the folder `place`; None where there is nothing."""
    try:
        return stat.S_IFMT(os.stat(name, dir_fd=place, follow_symlinks=False).st_mode)
    except FileNotFoundError:
        return None


def attributes_of(place: int) -> dict[bytes, bytes]:
    """The extended attributes of an open file, as {name: value}; none where the file system has none."""
    found = {}
    with contextlib.suppress(OSError):
        for name in os.listxattr(place):
            if is_kept(name):
                with contextlib.suppress(OSError):
                    found[os.fsencode(name)] = os.getxattr(place, name)
    return found


def is_kept(name: str) -> bool:
    """EVM's signature is bound to one machine; other namespaces describe the file system, not the file."""
    kinds = ("user.", "trusted.", "security.", "system.posix_acl_")
    return name.startswith(kinds) and name not in ("security.evm", "security.ima")
