"""The backup of folders that are in use: a tar archive on standard output, and back from standard input.

  archive NAME   the item's folder; SQLite databases are copied by SQLite, in one piece
  restore NAME   puts an archive in the folder's place, once all of it is there; the old one stays aside
  verify         reads an archive to its end
  extract DIR    unpacks an archive into an empty folder

The archive's last member counts the others: a stream that was cut is no archive.
Settings: /etc/vmstation/backup-agent.json {items: {NAME: {path, leaveOut}}}.
"""

import fnmatch
import io
import json
import os
import shutil
import sqlite3
import sys
import tarfile
import tempfile
import time

SETTINGS = "/etc/vmstation/backup-agent.json"
END = ".vmstation-end"
SQLITE = b"SQLite format 3\x00"
# Of a database that SQLite copies, its log and index are in the copy already.
SQLITE_COMPANIONS = ("-wal", "-shm", "-journal")


class Failure(Exception):
    """What went wrong and what to do."""


class Steady(io.RawIOBase):
    """Exactly `size` bytes of a file that may shrink meanwhile: the archive's framing must hold."""

    def __init__(self, file, size):
        super().__init__()
        self.file, self.left, self.short = file, size, False

    def read(self, length=-1):
        wanted = self.left if length < 0 else min(length, self.left)
        data = self.file.read(wanted)
        if len(data) < wanted:
            self.short = True
            data += bytes(wanted - len(data))
        self.left -= len(data)
        return data


def left_out(path, patterns):
    """Whether a path below an item's folder, or any folder above it, matches a pattern."""
    return any(fnmatch.fnmatch(step, pattern) for step in path.split(os.sep) for pattern in patterns)


def walk(root, patterns):
    """Absolute paths of all below `root`, itself first; symbolic links are not followed."""
    yield root
    for folder, folders, files in os.walk(root, onerror=_raise):
        folders.sort()
        for name in sorted([*folders, *files]):
            path = os.path.join(folder, name)
            if not left_out(os.path.relpath(path, root), patterns):
                yield path
        folders[:] = [n for n in folders if not left_out(os.path.relpath(os.path.join(folder, n), root), patterns)]


def _raise(error):
    raise error


def is_database(path):
    with open(path, "rb") as file:
        return file.read(len(SQLITE)) == SQLITE


def is_companion(path):
    return any(
        path.endswith(end) and os.path.isfile(path[: -len(end)]) and is_database(path[: -len(end)])
        for end in SQLITE_COMPANIONS
    )


def copy_database(source, target):
    old = sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=60)
    new = sqlite3.connect(target)
    try:
        old.backup(new)
    finally:
        new.close()
        old.close()


def archive(item, output):
    """Yields how many members were written. A file that vanishes meanwhile was of no more use to its owner either."""
    root, count = item["path"], 0
    if not os.path.isdir(root):
        raise Failure(f"{root} is not there: run `pulumi up`, or look at its mount")
    with tarfile.open(fileobj=output, mode="w|", format=tarfile.PAX_FORMAT) as tar:
        for path in walk(root, item["leaveOut"]):
            try:
                count += add(tar, path)
            except FileNotFoundError:
                print(f"vanished meanwhile: {path}", file=sys.stderr)
        text = json.dumps({"members": count}).encode()
        end = tarfile.TarInfo(END)
        end.size = len(text)
        tar.addfile(end, io.BytesIO(text))
    return count


def add(tar, path):
    """1 where the path was of a kind that is kept: folders, files, links."""
    member = tar.gettarinfo(path, arcname=path.lstrip("/"))
    if member is None or not (member.isreg() or member.isdir() or member.issym() or member.islnk()):
        return 0
    if not member.isreg():
        tar.addfile(member)
    elif is_companion(path):
        return 0
    elif is_database(path):
        with tempfile.TemporaryDirectory(dir="/var/tmp") as scratch:
            copy = os.path.join(scratch, "database")
            copy_database(path, copy)
            add_content(tar, member, copy)
    elif not add_content(tar, member, path):
        print(f"changed while it was read: {path}", file=sys.stderr)
    return 1


def add_content(tar, member, path):
    """Whether the file stayed as it was meanwhile."""
    with open(path, "rb") as file:
        before = os.fstat(file.fileno())
        member.size = before.st_size
        steady = Steady(file, member.size)
        tar.addfile(member, steady)
        after = os.fstat(file.fileno())
    return not steady.short and (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)


def unpack(stream, target):
    """An archive into a folder; Failure, with nothing put in place yet, where it is not whole."""
    count, told = 0, None
    try:
        with tarfile.open(fileobj=stream, mode="r|") as tar:
            for member in tar:
                if member.name == END:
                    told = json.loads(tar.extractfile(member).read())["members"]
                    continue
                count += 1
                if target is not None:
                    extract(tar, member, target)
    except (tarfile.TarError, EOFError, ValueError) as error:
        raise Failure(f"the archive is damaged: {error}") from None
    if told != count:
        raise Failure(f"the archive is cut short: {count} members of {'unknown' if told is None else told}")
    return count


def extract(tar, member, target):
    place = os.path.normpath(os.path.join(target, member.name))
    if not place.startswith(f"{target}/") or os.path.realpath(os.path.dirname(place)) != os.path.dirname(place):
        raise Failure(f"the archive holds {member.name}, which does not belong there")
    # Python 3.12 and later ask which kind of archive it is: one of ours, with owners and modes as they were.
    trusted = {"filter": "fully_trusted"} if hasattr(tarfile, "fully_trusted_filter") else {}
    tar.extract(member, target, numeric_owner=True, **trusted)


def restore(item, stream, now):
    """Unpacked beside the folder, on its file system; exchanged when everything is there."""
    path = item["path"]
    if os.path.ismount(path):
        raise Failure(f"{path} is a mount of its own: use --target and copy what you need")
    fresh = f"{path}.restoring"
    shutil.rmtree(fresh, ignore_errors=True)
    os.makedirs(fresh, mode=0o700)
    try:
        unpack(stream, os.path.realpath(fresh))
        made = f"{fresh}{path}"
        if not os.path.isdir(made):
            raise Failure(f"the archive does not hold {path}")
        if os.path.lexists(path):
            aside = f"{path}.before-{time.strftime('%Y-%m-%dT%H%M%SZ', time.gmtime(now))}"
            os.rename(path, aside)
            print(f"what was in {path} is in {aside}")
        os.rename(made, path)
        print(f"restored {path}")
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def main(arguments, now, settings=SETTINGS):
    verb, *rest = arguments or [""]
    try:
        if verb == "verify":
            print(f"{unpack(sys.stdin.buffer, None)} files and folders can be read back")
        elif verb == "extract" and len(rest) == 1:
            unpack(sys.stdin.buffer, os.path.realpath(rest[0]))
        elif verb in ("archive", "restore") and len(rest) == 1:
            with open(settings, encoding="utf-8") as file:
                items = json.load(file)["items"]
            if rest[0] not in items:
                raise Failure(f"no item {rest[0]}; there are {', '.join(items)}")
            if verb == "archive":
                archive(items[rest[0]], sys.stdout.buffer)
            else:
                restore(items[rest[0]], sys.stdin.buffer, now)
        else:
            print(__doc__, file=sys.stderr)
            return 2
    except (Failure, OSError, sqlite3.Error) as error:
        print(f"backup-agent: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], time.time()))
