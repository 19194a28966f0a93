"""One restic repository: whole snapshots or none, encrypted, each block under its own digest.

restic is run with the password in a file and nothing of it in arguments or environment. Written for Debian 12's 0.14.
"""

from __future__ import annotations

import calendar
import json
import os
import subprocess
import time
from collections.abc import Collection, Mapping, Sequence
from typing import IO, Any

from common import Failure, Input, Started, Tail, digest_of, last_words, run, say
from model import Kept, Snapshot
from processes import of_root
from stream import Limits, close, copy

# Reading more than this only to find out whether a restore will work takes longer than trying.
READ_FIRST = 4 << 30

# restic 0.14 goes on trying a file that ends too early for a quarter of an hour.
PATIENCE_WITH_DAMAGE = ("timeout", "60")

# restic's and the agent's exit code for "done, but some files could not be read", and the tag of such a snapshot.
INCOMPLETE = 3
INCOMPLETE_TAG = "incomplete=yes"

# A source that has closed its output has so many seconds to end.
LINGER = 60


class Keeper(Started):
    """restic, that reads what it backs up or finds it by its name."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str] | None, stdin: Input) -> None:
        super().__init__(command, env, stdin)
        self.answer = Tail(self.output)

    @property
    def input(self) -> IO[bytes]:
        if self.stdin is None:
            raise TypeError("it reads nothing")
        return self.stdin


class Restic:
    def __init__(self, repository: str, password_file: str, host: str, program: str = "restic") -> None:
        self.repository = repository
        self.password_file = password_file
        self.host = host
        self.program = program

    def _command(self, *arguments: str) -> list[str]:
        options = ["--repo", self.repository, "--password-file", self.password_file, "--no-cache"]
        return [self.program, *options, *arguments]

    def _environment(self) -> dict[str, str]:
        """Nothing of the caller's: a RESTIC_* variable would change what is backed up where."""
        return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": "/nonexistent", "LC_ALL": "C", "TZ": "UTC"}

    def run(self, *arguments: str) -> str:
        return run(self._command(*arguments), env=self._environment())

    @property
    def exists(self) -> bool:
        return os.path.isfile(os.path.join(self.repository, "config"))

    def prepare(self) -> None:
        """Makes the repository where there is none, and takes away locks of processes that are dead.

        restic knows these by their process ids, which another process may have by now; where root runs no restic on
        this machine, whose disk the repository is on, no lock is anybody's.
        """
        if self.exists:
            alone = next(of_root("restic"), None) is None
            self.run("unlock", *(["--remove-all"] if alone else []))
            return
        if os.path.isdir(self.repository) and os.listdir(self.repository):
            raise Failure(
                f"{self.repository} holds something that is no backup of ours (it has no file config): "
                "move it away, or set vmstation:backup.repository to another folder"
            )
        os.makedirs(self.repository, mode=0o700, exist_ok=True)
        self.run("init")
        say(f"made the repository {self.repository}")

    def require(self) -> None:
        if not self.exists:
            raise Failure(f"there is no backup in {self.repository}")

    def backup_tree(self, paths: list[str], leave_out: list[str], tags: list[str]) -> Kept:
        """Folders as they are; of files that vanish meanwhile nothing is kept."""
        excludes = [option for pattern in leave_out for option in ("--exclude", pattern)]
        return self._finish(self._backup(tags, *excludes, "--", *paths, stdin=subprocess.DEVNULL))

    def backup_stream(self, name: str, tags: list[str], source: Started, limits: Limits) -> Kept:
        """What `source`, a started process, writes. A source that fails leaves no snapshot behind."""
        keeper = self._backup(tags, "--stdin", "--stdin-filename", name, stdin=subprocess.PIPE)
        try:
            copy(source.output, keeper.input, limits)
            if source.wait(LINGER) not in (0, INCOMPLETE):
                raise Failure(source.words())
        except BaseException as error:
            # Before its input ends, or restic would take what came so far for the whole.
            keeper.kill()
            source.kill()
            source.wait()
            keeper.wait()
            close(source.output, keeper.input)
            if isinstance(error, BrokenPipeError):
                raise Failure(f"restic: {last_words(keeper.complaints.text(), keeper.returncode)}") from None
            if isinstance(error, subprocess.TimeoutExpired):
                raise Failure(f"{source.program} does not end") from None
            raise
        keeper.input.close()
        source.output.close()
        facts = self._finish(keeper)
        if source.returncode == INCOMPLETE:
            self._mark(facts)
        return facts

    def _backup(self, tags: list[str], *arguments: str, stdin: int) -> Keeper:
        command = self._command("backup", "--json", *self._tags(tags), *arguments)
        return Keeper(command, self._environment(), stdin)

    def _tags(self, tags: list[str]) -> list[str]:
        return ["--host", self.host, *(option for tag in tags for option in ("--tag", tag))]

    def _finish(self, keeper: Keeper) -> Kept:
        """{snapshot, size, added, unread} by restic's last line; `unread`: what is there and could not be read."""
        code, out, err = keeper.wait(), keeper.answer.text(), keeper.complaints.text()
        if code not in (0, INCOMPLETE):
            raise Failure(f"restic: {last_words(err, code)}")
        summary = next(
            (m for m in map(_json, reversed(out.splitlines())) if m.get("message_type") == "summary"),
            None,
        )
        if summary is None:
            raise Failure("restic did not say which snapshot it made")
        unread = [item for item in map(_item, err.splitlines()) if item and os.path.lexists(item)]
        facts: Kept = {
            "snapshot": summary["snapshot_id"],
            "size": summary["total_bytes_processed"],
            "added": summary["data_added"],
        }
        if code == INCOMPLETE and (unread or keeper.complaints.is_cut):
            self._mark(facts)
            facts["unread"] = unread or ["many files"]
        return facts

    def _mark(self, facts: Kept) -> None:
        """The next restore prefers one that lacks nothing. restic writes the snapshot again, under another id."""
        facts["unread"] = []
        self.run("tag", "--add", INCOMPLETE_TAG, facts["snapshot"])

    def snapshots(self, item: str | None = None) -> list[Snapshot]:
        """Newest first: {id, short, time, at, item, incomplete, paths}; `at` is `time` in seconds."""
        filters = [] if item is None else ["--tag", f"item={item}"]
        found = json.loads(self.run("snapshots", "--json", *filters)) or []
        return sorted(map(_snapshot, found), key=lambda each: each["time"], reverse=True)

    def find(self, item: str, wanted: str | None = None, misdated: Collection[str] = frozenset()) -> Snapshot:
        """The snapshot whose id begins with `wanted`; else the newest one that lacks nothing and is dated rightly."""
        self.require()
        found = self.snapshots(item)
        if not found:
            raise Failure(f"there is no backup of {item} in {self.repository}")
        if wanted is not None:
            matching = [each for each in found if each["id"].startswith(wanted)]
            if len(matching) != 1:
                raise Failure(f"no single snapshot of {item} is {wanted}; --list shows them")
            return matching[0]
        best = next((s for s in found if s["id"] not in misdated and not s["incomplete"]), found[0])
        for other in found[: found.index(best)]:
            why = "is dated in the future" if other["id"] in misdated else "lacks files that could not be read"
            say(f"{item}: the backup {other['short']} of {other['time']} {why}: --snapshot takes it anyway")
        return best

    def forget(self, snapshots: list[Snapshot]) -> None:
        if snapshots:
            self.run("forget", *(each["id"] for each in snapshots))

    def prune(self) -> None:
        self.run("prune")

    def broken(self) -> list[str]:
        """Files that are not what their names say: restic names each one after its SHA-256."""
        folder = os.path.join(self.repository, "data")
        found = [os.path.join(at, name) for at, _, names in os.walk(folder) for name in names]
        if sum(map(os.path.getsize, found)) > READ_FIRST:
            return []
        return [path for path in sorted(found) if digest_of(path) != os.path.basename(path)]

    def check(self, subset: str) -> None:
        """The repository's structure, and so much of its data ("5%", "100%") read and compared with its digests."""
        broken = self.broken()
        if broken:
            raise Failure(f"{len(broken)} files are truncated or corrupted, the first one {broken[0]}")
        try:
            self.run("check", f"--read-data-subset={subset}")
        except Failure as error:
            raise Failure(f"the repository {self.repository} is damaged ({error})") from None

    def restore(self, snapshot: Snapshot, target: str) -> None:
        try:
            only = ["--include", snapshot["include"]] if "include" in snapshot else []
            command = self._command("restore", snapshot["id"], "--target", target, "--verify", *only)
            run([*self._patience(), *command], env=self._environment())
        except Failure as error:
            raise damaged(snapshot, error) from None

    def dump(self, snapshot: Snapshot, name: str) -> Started:
        """A process that writes the file that backup_stream made of `name`."""
        command = self._command("dump", snapshot["id"], f"/{name}")
        return Started([*self._patience(), *command], env=self._environment())

    def _patience(self) -> Sequence[str]:
        """Damage may be to other snapshots: this one is tried anyway, but not for ever."""
        return PATIENCE_WITH_DAMAGE if self.broken() else ()


def damaged(snapshot: Snapshot, error: object) -> Failure:
    return Failure(
        f"the backup {snapshot['short']} of {snapshot['time']} is damaged and was not used ({error}): "
        "choose another one of --list, and run `vmstation-backup check`"
    )


def _json(line: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _item(line: str) -> str | None:
    return _json(line).get("item")


def _snapshot(raw: dict[str, Any]) -> Snapshot:
    tags = dict(tag.split("=", 1) for tag in raw.get("tags") or [] if "=" in tag)
    return {
        "id": raw["id"],
        "short": raw["short_id"],
        "time": f"{raw['time'][:19]}Z",
        "at": calendar.timegm(time.strptime(raw["time"][:19], "%Y-%m-%dT%H:%M:%S")),
        "item": tags.get("item", ""),
        "incomplete": "incomplete" in tags,
        "paths": raw["paths"],
    }
