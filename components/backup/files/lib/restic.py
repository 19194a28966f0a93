"""One restic repository: whole snapshots or none, encrypted, each block under its own digest.

restic is run with the password in a file and nothing of it in arguments or environment. Written for restic 0.14, Debian 12's.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile

from common import Failure, digest_of, last_words, processes, run, say, start, text_of

# Reading more than this only to find out whether a restore will work takes longer than trying.
READ_FIRST = 4 << 30

# restic 0.14 goes on trying a file that ends too early for a quarter of an hour.
PATIENCE_WITH_DAMAGE = ("timeout", "60")

# restic's exit code for "a snapshot was made, but some files could not be read".
INCOMPLETE = 3


class Restic:
    def __init__(self, repository, password_file, host, program="restic"):
        self.repository = repository
        self.password_file = password_file
        self.host = host
        self.program = program

    def _command(self, *arguments):
        options = ["--repo", self.repository, "--password-file", self.password_file, "--no-cache"]
        return [self.program, *options, *arguments]

    def _environment(self):
        """Nothing of the caller's: a RESTIC_* variable would change what is backed up where."""
        return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": "/nonexistent", "LC_ALL": "C", "TZ": "UTC"}

    def run(self, *arguments):
        return run(self._command(*arguments), env=self._environment())

    @property
    def exists(self):
        return os.path.isfile(os.path.join(self.repository, "config"))

    def prepare(self):
        """Makes the repository where there is none, and takes away locks of processes that are dead.

        restic knows these by their process ids, which another process may have by now; where no restic runs on
        this machine, whose disk the repository is on, no lock is anybody's.
        """
        if self.exists:
            alone = next(processes("restic"), None) is None
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

    def require(self):
        if not self.exists:
            raise Failure(f"there is no backup in {self.repository}")

    def backup_tree(self, paths, leave_out, tags):
        """Folders as they are; of files that vanish meanwhile nothing is kept."""
        excludes = [option for pattern in leave_out for option in ("--exclude", pattern)]
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            done = subprocess.run(
                self._command("backup", "--json", *self._tags(tags), *excludes, "--", *paths),
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                check=False,
            )
            return self._summary(done.returncode, text_of(out), text_of(err))

    def backup_stream(self, name, tags, source):
        """What `source`, a started process, writes. A source that fails leaves no snapshot behind."""
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            keeper = subprocess.Popen(
                self._command("backup", "--json", *self._tags(tags), "--stdin", "--stdin-filename", name),
                env=self._environment(),
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=err,
            )
            try:
                shutil.copyfileobj(source.stdout, keeper.stdin, 1 << 20)
                code = source.wait()
                if code != 0:
                    raise Failure(source.words())
            except BaseException as error:
                # Before its input ends, or restic would take what came so far for the whole.
                keeper.kill()
                keeper.wait()
                source.kill()
                source.wait()
                if isinstance(error, BrokenPipeError):
                    raise Failure(f"restic: {last_words(text_of(err), keeper.returncode)}") from None
                raise
            keeper.stdin.close()
            return self._summary(keeper.wait(), text_of(out), text_of(err))

    def _tags(self, tags):
        return ["--host", self.host, *(option for tag in tags for option in ("--tag", tag))]

    def _summary(self, code, out, err):
        """restic's last line; Failure where something that is still there could not be read."""
        if code not in (0, INCOMPLETE):
            raise Failure(f"restic: {last_words(err, code)}")
        summary = next(
            (m for m in map(_json, reversed(out.splitlines())) if m.get("message_type") == "summary"),
            None,
        )
        if summary is None:
            raise Failure("restic did not say which snapshot it made")
        unread = [item for item in map(_item, err.splitlines()) if item and os.path.lexists(item)]
        if code == INCOMPLETE and unread:
            self.run("forget", summary["snapshot_id"])
            raise Failure(f"could not read {', '.join(unread[:3])}")
        return {
            "snapshot": summary["snapshot_id"],
            "size": summary["total_bytes_processed"],
            "added": summary["data_added"],
        }

    def snapshots(self, item=None):
        """Newest first: {id, short, time, item, paths}."""
        filters = [] if item is None else ["--tag", f"item={item}"]
        found = json.loads(self.run("snapshots", "--json", *filters)) or []
        return sorted(map(_snapshot, found), key=lambda each: each["time"], reverse=True)

    def find(self, item, wanted=None):
        """The item's newest snapshot, or the one whose id begins with `wanted`."""
        self.require()
        found = self.snapshots(item)
        if not found:
            raise Failure(f"there is no backup of {item} in {self.repository}")
        if wanted is None:
            return found[0]
        matching = [each for each in found if each["id"].startswith(wanted)]
        if len(matching) != 1:
            raise Failure(f"no single snapshot of {item} is {wanted}; --list shows them")
        return matching[0]

    def forget(self, item, last, within, dry_run=False):
        """Keeps the newest `last`, and all younger than `within` ("7d"); yields the ids of those that go."""
        answer = self.run(
            "forget",
            "--json",
            *("--tag", f"item={item}", "--group-by", "", "--keep-last", str(last), "--keep-within", within),
            *(["--dry-run"] if dry_run else []),
        )
        groups = json.loads(answer) if answer.strip() else []
        return [gone["short_id"] for group in groups or [] for gone in group["remove"] or []]

    def prune(self):
        self.run("prune")

    def broken(self):
        """Files that are not what their names say: restic names each one after its SHA-256."""
        folder = os.path.join(self.repository, "data")
        found = [os.path.join(at, name) for at, _, names in os.walk(folder) for name in names]
        if sum(map(os.path.getsize, found)) > READ_FIRST:
            return []
        return [path for path in sorted(found) if digest_of(path) != os.path.basename(path)]

    def check(self, subset):
        """The repository's structure, and so much of its data ("5%", "100%") read and compared with its digests."""
        broken = self.broken()
        if broken:
            raise Failure(f"{len(broken)} files are truncated or corrupted, the first one {broken[0]}")
        try:
            self.run("check", f"--read-data-subset={subset}")
        except Failure as error:
            raise Failure(f"the repository {self.repository} is damaged ({error})") from None

    def restore(self, snapshot, target):
        try:
            only = ["--include", snapshot["include"]] if "include" in snapshot else []
            command = self._command("restore", snapshot["id"], "--target", target, "--verify", *only)
            run([*self._patience(), *command], env=self._environment())
        except Failure as error:
            raise damaged(snapshot, error) from None

    def dump(self, snapshot, name):
        """A process that writes the file that backup_stream made of `name`."""
        command = self._command("dump", snapshot["id"], f"/{name}")
        return start([*self._patience(), *command], env=self._environment())

    def _patience(self):
        """Damage may be to other snapshots: this one is tried all the same, but not for ever."""
        return PATIENCE_WITH_DAMAGE if self.broken() else ()


def damaged(snapshot, error):
    return Failure(
        f"the backup {snapshot['short']} of {snapshot['time']} is damaged and was not used ({error}): "
        "choose another one of --list, and run `vmstation-backup check`"
    )


def _json(line):
    try:
        value = json.loads(line)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _item(line):
    return _json(line).get("item")


def _snapshot(raw):
    tags = dict(tag.split("=", 1) for tag in raw.get("tags") or [] if "=" in tag)
    return {
        "id": raw["id"],
        "short": raw["short_id"],
        "time": f"{raw['time'][:19]}Z",
        "item": tags.get("item", ""),
        "paths": raw["paths"],
    }
