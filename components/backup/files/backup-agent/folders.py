"""Folders that somebody else may change meanwhile: each step is opened by itself, and no link is followed."""

import contextlib
import os
import resource
import stat

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Pins what a name stands for, without opening a device or waiting for a pipe.
PIN = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC


def allow_deep_folders():
    """One descriptor is held for each level of a tree."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65536 if hard == resource.RLIM_INFINITY else min(hard, 65536)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def descend(top, steps):
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
def opened(place):
    """Closes a descriptor at the end."""
    try:
        yield place
    finally:
        os.close(place)


def kind_at(name, place):
    """The file type of what `name` is in the folder `place`; None where there is nothing."""
    try:
        return stat.S_IFMT(os.stat(name, dir_fd=place, follow_symlinks=False).st_mode)
    except FileNotFoundError:
        return None


def attributes_of(place):
    """The extended attributes of an open file, as {name: value}; none where the file system has none."""
    found = {}
    with contextlib.suppress(OSError):
        for name in os.listxattr(place):
            if is_kept(name):
                with contextlib.suppress(OSError):
                    found[os.fsencode(name)] = os.getxattr(place, name)
    return found


def is_kept(name):
    """EVM's signature is bound to one machine; other namespaces describe the file system, not the file."""
    kinds = ("user.", "trusted.", "security.", "system.posix_acl_")
    return name.startswith(kinds) and name not in ("security.evm", "security.ima")
