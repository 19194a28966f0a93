"""What all of the backup's modules share: failures in words, progress, commands, whole files."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile


class Failure(Exception):
    """What went wrong and what to do, for people."""


def say(text):
    """A line of progress. The connection may be gone: a line lost is no reason to stop half-way."""
    with contextlib.suppress(OSError):
        print(text, file=sys.stderr, flush=True)
    progress = os.environ.get("VMSTATION_PROGRESS")
    if progress:
        with contextlib.suppress(OSError), open(progress, "a", encoding="utf-8") as file:
            file.write(f"{text}\n")


def run(command, env=None, cwd=None, stdin=None, timeout=None):
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


class Started(subprocess.Popen):
    """A process whose output is read here and whose errors are kept for who asks."""

    def __init__(self, command, env=None, stdin=subprocess.DEVNULL):
        self.complaints = tempfile.TemporaryFile()
        self.program = os.path.basename(command[0])
        super().__init__(command, env=env, stdin=stdin, stdout=subprocess.PIPE, stderr=self.complaints)

    def notes(self):
        """What it said although it did not fail."""
        return text_of(self.complaints)

    def words(self):
        """Why it failed."""
        return f"{self.program}: {last_words(text_of(self.complaints), self.returncode)}"


def start(command, env=None, stdin=subprocess.DEVNULL):
    try:
        return Started(command, env, stdin)
    except FileNotFoundError:
        raise Failure(f"{command[0]} is not on this machine: run `pulumi up`") from None


def text_of(file):
    file.seek(0)
    return file.read().decode("utf-8", errors="replace")


def processes(name):
    """Those of that name that run, by their ids; one that has ended and waits for its parent runs no more."""
    for process in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            with open(f"/proc/{process}/stat", encoding="utf-8") as file:
                command, _, rest = file.read().partition("(")[2].rpartition(")")
            if command == name[:15] and rest.split()[0] != "Z":
                yield int(process)


def digest_of(path):
    """The SHA-256 of a file."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def last_words(stderr, code):
    if code == 124:
        return "gave up after 60 s"
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    return "; ".join(lines[-3:]) or f"code {code}"


def write_whole(path, text, mode=0o600):
    """The old content or the new one, also when the power goes."""
    os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(path), prefix=f".{os.path.basename(path)}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def read_json(path, default=None):
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        if default is None:
            raise
        return default


@contextlib.contextmanager
def locked(path, patience):
    """One backup or restore at a time; the kernel lets go of the lock when its holder dies.

    Waits `patience` seconds at most, then raises Failure.
    """
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    with open(path, "a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            say(f"waiting for {file.read().strip() or 'another run'}")
            _wait_for(file, patience)
        file.truncate(0)
        file.write(f"process {os.getpid()}: {' '.join(sys.argv[1:])}\n")
        file.flush()
        yield


def _wait_for(file, patience):
    def give_up(_signal, _frame):
        raise Failure(f"another backup or restore has been going on for {patience} s: let it finish")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(patience)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
