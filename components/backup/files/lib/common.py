"""What all of the backup's modules share: failures in words, progress, commands, whole files."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Union

import disk
import lock


class Failure(Exception):
    """What went wrong and what to do, for people."""


def say(text: str) -> None:
    """A line of progress. The connection may be gone: a line lost is no reason to stop half-way."""
    with contextlib.suppress(OSError):
        print(text, file=sys.stderr, flush=True)
    progress = os.environ.get("VMSTATION_PROGRESS")
    if progress:
        with contextlib.suppress(OSError), open(progress, "a", encoding="utf-8") as file:
            file.write(f"{text}\n")


def run(
    command: Sequence[str],
    env: Mapping[str, str] | None = None,
    cwd: str | None = None,
    stdin: str | None = None,
    timeout: float | None = None,
) -> str:
    """The command's standard output; Failure with the last lines of its errors. No secret is in a command line."""
    try:
        done = subprocess.run(
            command,
            env=env,
            cwd=cwd,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
    except FileNotFoundError:
        raise Failure(f"{command[0]} is not on this machine: run `pulumi up`") from None
    except subprocess.TimeoutExpired:
        raise Failure(f"{os.path.basename(command[0])} did not end within {timeout} s") from None
    if done.returncode != 0:
        raise Failure(f"{os.path.basename(command[0])}: {last_words(done.stderr, done.returncode)}")
    return done.stdout


# What a process reads: a descriptor, a pipe, or nothing.
Input = Union[int, IO[bytes]]
# Unix seconds.
Clock = Callable[[], float]


def piped(stream: IO[bytes] | None) -> io.BufferedReader:
    """The pipe that a process was started with."""
    if not isinstance(stream, io.BufferedReader):
        raise TypeError("the process has no such pipe")
    return stream


class Tail:
    """The beginning and the end of what a pipe brings, however much that is. Read aside, so that nobody waits."""

    def __init__(self, pipe: io.BufferedReader, most: int = 64 << 10) -> None:
        self.pipe, self.half = pipe, most // 2
        self.head, self.end, self.is_cut = b"", b"", False
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self) -> None:
        with self.pipe:
            while block := self.pipe.read1(1 << 16):
                room = self.half - len(self.head)
                self.head += block[:room]
                self.end += block[room:]
                self.is_cut = self.is_cut or len(self.end) > self.half
                self.end = self.end[-self.half :]

    def text(self) -> str:
        """All of it, once the other side has closed the pipe; with a gap where it was too much."""
        self.thread.join()
        return (self.head + (b"\n...\n" if self.is_cut else b"") + self.end).decode("utf-8", errors="replace")


class Started(subprocess.Popen[bytes]):
    """A process whose output is read here and whose errors are kept for who asks."""

    def __init__(
        self, command: Sequence[str], env: Mapping[str, str] | None = None, stdin: Input = subprocess.DEVNULL
    ) -> None:
        self.program = os.path.basename(command[0])
        try:
            super().__init__(command, env=env, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        except FileNotFoundError:
            raise Failure(f"{command[0]} is not on this machine: run `pulumi up`") from None
        self.output = piped(self.stdout)
        self.complaints = Tail(piped(self.stderr))

    def notes(self) -> str:
        """What it said although it did not fail."""
        return self.complaints.text()

    def words(self) -> str:
        """Why it failed."""
        return f"{self.program}: {last_words(self.complaints.text(), self.returncode)}"


def digest_of(path: str) -> str:
    """The SHA-256 of a file."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def last_words(stderr: str, code: int) -> str:
    if code == 124:
        return "gave up after 60 s"
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    return "; ".join(lines[-3:]) or f"code {code}"


def read_json(path: str, default: object = None) -> Any:
    try:
        return disk.read_json(Path(path))
    except FileNotFoundError:
        if default is None:
            raise
        return default


@contextlib.contextmanager
def locked(path: str, patience: int) -> Iterator[None]:
    """One backup or restore at a time. Waits `patience` seconds at most, then raises Failure."""
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    with open(path, "a+", encoding="utf-8") as file:
        _take(file, patience)
        # Who holds it is only told to people: a full disk is no reason not to begin.
        with contextlib.suppress(OSError):
            os.ftruncate(file.fileno(), 0)
            os.write(file.fileno(), f"process {os.getpid()}: {' '.join(sys.argv[1:])}\n".encode())
        yield


def _take(file: IO[str], patience: int) -> None:
    try:
        lock.take(file.fileno(), 0)
    except lock.Busy:
        file.seek(0)
        say(f"waiting for {file.read().strip() or 'another run'}")
        try:
            lock.take(file.fileno(), patience)
        except lock.Busy:
            why = f"another backup or restore has been going on for {patience} s: let it finish"
            raise Failure(why) from None
