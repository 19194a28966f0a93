"""etcd's own programs: the machine's, or those of the static pod that runs etcd."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Sequence
from typing import IO

from common import Failure, digest_of, say
from processes import PROC, in_static_pods

INSTALLED = ("/usr/local/bin", "/usr/bin")
# The pod's programs are kept here, in the version that runs, for when it does not.
KEPT = "/var/lib/vmstation/backup/tools"
# Where an earlier version kept what any process called etcd had brought.
FORMER = "/var/lib/vmstation/backup/etcd"
NAMES = ("etcd", "etcdctl", "etcdutl")
LARGEST = 512 << 20


class Tools:
    """`in_pod`: whether etcd is a static pod; then its own programs go before those that are installed."""

    def __init__(
        self,
        in_pod: bool,
        installed: Sequence[str] = INSTALLED,
        kept: str = KEPT,
        proc: str = PROC,
        former: str = FORMER,
    ) -> None:
        self.in_pod = in_pod
        self.installed = installed
        self.kept = kept
        self.proc = proc
        self.former = former
        self.is_fresh = False

    def find(self, name: str) -> str | None:
        """The path of etcd, etcdctl or etcdutl; None where there is none (etcdutl came with etcd 3.5)."""
        if self.in_pod and not self.is_fresh:
            self._refresh()
        folders = (self.kept, *self.installed) if self.in_pod else self.installed
        paths = (os.path.join(folder, name) for folder in folders)
        return next((path for path in paths if os.access(path, os.X_OK)), None)

    def require(self, name: str) -> str:
        found = self.find(name)
        if found is None:
            raise Failure(f"{name} is not on this machine, and no static pod runs that brings it")
        return found

    def _refresh(self) -> None:
        self.is_fresh = True
        shutil.rmtree(self.former, ignore_errors=True)
        for _, process in in_static_pods("etcd", self.proc):
            for name in NAMES:
                try:
                    self._keep(process, name)
                except FileNotFoundError:
                    continue
                except OSError as error:
                    say(f"{name} of etcd's pod cannot be kept: {error.strerror or error}")

    def _keep(self, process: int, name: str) -> None:
        """A copy of the container's file. Nothing in there is followed: a link would lead to another place out here."""
        place = os.open("root", os.O_PATH | os.O_DIRECTORY, dir_fd=process)
        for step in ("usr", "local", "bin"):
            inner = os.open(step, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=place)
            os.close(place)
            place = inner
        try:
            source = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=place)
        finally:
            os.close(place)
        with open(source, "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode) or found.st_size > LARGEST:
                raise OSError(f"{name} is not a program")
            self._replace(file, name)

    def _replace(self, file: IO[bytes], name: str) -> None:
        os.makedirs(self.kept, mode=0o700, exist_ok=True)
        path = os.path.join(self.kept, name)
        fresh = f"{path}.new"
        try:
            with open(
                fresh, "wb", opener=lambda *_: os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o700)
            ) as copy:
                shutil.copyfileobj(file, copy, 1 << 20)
                copy.flush()
                os.fsync(copy.fileno())
            if not os.path.exists(path) or digest_of(path) != digest_of(fresh):
                os.replace(fresh, path)
        finally:
            if os.path.lexists(fresh):
                os.unlink(fresh)
