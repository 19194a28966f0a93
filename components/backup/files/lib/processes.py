"""Which processes are what they seem. A name proves nothing: any user may start a process of any name.

What a static pod is, only root decides, and the kernel says what runs in one: its control group. The kubelet names a
pod's group after its UID, which is a hash of 32 digits for a static pod, and has hyphens for any other.
"""

from __future__ import annotations

import contextlib
import os
import re
import select
import time
from collections.abc import Iterator, Mapping

from common import Failure

PROC = "/proc"
QUALITY = "(?:burstable|besteffort)"
STATIC_POD = re.compile(
    rf"/kubepods(?:\.slice/(?:kubepods-{QUALITY}\.slice/kubepods-{QUALITY}-|kubepods-)|/(?:{QUALITY}/)?)"
    r"pod[0-9a-f]{32}(?:\.slice)?/"
)


def _numbers(proc: str) -> Iterator[int]:
    return map(int, filter(str.isdigit, os.listdir(proc)))


def _read(name: str, place: int) -> str:
    with open(os.open(name, os.O_RDONLY, dir_fd=place), encoding="utf-8", errors="replace") as file:
        return file.read()


def _command_at(place: int) -> str | None:
    """The process's own name for itself; None where it has ended and waits for its parent."""
    command, _, rest = _read("stat", place).partition("(")[2].rpartition(")")
    return None if rest.split()[0] == "Z" else command


def _groups(place: int) -> dict[str, str]:
    """{hierarchy: path} of the process's control groups."""
    lines = (line.split(":", 2) for line in _read("cgroup", place).splitlines())
    return {line[0]: line[2] for line in lines if len(line) == 3}


@contextlib.contextmanager
def _opened(process: int | str, proc: str) -> Iterator[int]:
    """A descriptor that stands for this very process, also if another one gets its number."""
    place = os.open(f"{proc}/{process}", os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield place
    finally:
        os.close(place)


def _is_in_static_pod(place: int, base: Mapping[str, str]) -> bool:
    """`base`: the groups of the machine's first process, which a container's are below."""
    for hierarchy, path in _groups(place).items():
        above = base.get(hierarchy, "/").removesuffix("/init.scope").rstrip("/")
        if path.startswith(f"{above}/") and STATIC_POD.match(path[len(above) :]):
            return True
    return False


def in_static_pods(name: str, proc: str = PROC) -> Iterator[tuple[int, int]]:
    """(number, descriptor of its folder in /proc) of each process of that name in a static pod of this machine."""
    with _opened(1, proc) as first:
        base = _groups(first)
    for process in _numbers(proc):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError, NotADirectoryError):
            with _opened(process, proc) as place:
                if _command_at(place) == name[:15] and _is_in_static_pod(place, base):
                    yield process, place


def await_end(name: str, patience: float, proc: str = PROC) -> None:
    """Until no process of that name runs in a static pod: a descriptor of each says when it has ended."""
    deadline = time.monotonic() + patience
    while True:
        process, _ = next(in_static_pods(name, proc), (None, None))
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            handle = os.pidfd_open(process)
            try:
                # The number may have been another process's when the descriptor was made; then the next look tells.
                if process in (number for number, _ in in_static_pods(name, proc)):
                    _await_one(handle, f"{name} (process {process})", patience, deadline)
            finally:
                os.close(handle)


def _await_one(handle: int, called: str, patience: float, deadline: float) -> None:
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    if not poll.poll(max(0, deadline - time.monotonic()) * 1000):
        raise Failure(f"{called} is still running after {patience} s: look at the kubelet")


def of_root(name: str, proc: str = PROC) -> Iterator[int]:
    """The numbers of root's processes of that name that run on the machine itself, in no container."""
    with _opened("self", proc) as own:
        namespace = os.readlink("ns/pid", dir_fd=own)
    for process in _numbers(proc):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError, NotADirectoryError, PermissionError):
            with _opened(process, proc) as place:
                users = re.search(r"^Uid:\s+(\d+)", _read("status", place), re.MULTILINE)
                is_roots = users is not None and users[1] == "0" and os.readlink("ns/pid", dir_fd=place) == namespace
                if is_roots and _command_at(place) == name[:15]:
                    yield process
