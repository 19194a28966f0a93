"""A folder that is in use, as an archive: what is archived is what was opened, and no link is followed."""

from __future__ import annotations

import contextlib
import fnmatch
import json
import os
import stat
import tarfile
import tempfile
from typing import IO

import databases
from folders import FOLDER, PIN, attributes_of, open_folder, opened
from members import (
    BLOCK,
    CHUNK,
    END,
    LARGEST_HEADER,
    LONGEST_NAME,
    TOLD,
    Member,
    Piece,
    member_of,
    pieces_of,
    render_header,
    render_map,
)
from report import AgentItem, Failure, Notes, shown

SCRATCH = "/var/tmp"


class Lost(Exception):
    """The archive's reader is gone."""


class Archiver:
    """Writes one item's archive. `unread` holds what could not be read, and so is not in it as it should be."""

    def __init__(self, item: AgentItem, output: IO[bytes]) -> None:
        self.root = os.fsencode(item["path"])
        self.leave_out = item["leaveOut"]
        self.output = output
        self.notes = Notes()
        self.count = 0
        self.unread: list[str] = []
        self.links: dict[
            tuple[int, int], bytes
        ] = {}  # (device, inode) of files with several names: the name in the archive
        self.raw: set[bytes] = set()  # databases that SQLite could not copy: their logs are kept as well

    def run(self) -> None:
        folder, name = os.path.split(self.root.rstrip(b"/"))
        try:
            with opened(open_folder(folder)) as place:
                top = os.open(name, FOLDER, dir_fd=place)
        except FileNotFoundError:
            raise Failure(f"{shown(self.root)} is not there: run `pulumi up`, or look at its mount") from None
        except NotADirectoryError:
            raise Failure(
                f"{shown(self.root)} is not a folder (a link is not followed): name the folder itself"
            ) from None
        with opened(top):
            self._walk(top)
        self._end()
        self.notes.close()

    def _walk(self, top: int) -> None:
        """Depth first, in the order of names. A descriptor of each folder is held until all of it is done."""
        self.top = top
        self._add_folder(b"", top)
        stack = [(os.dup(top), b"", iter(self._names(b"", top)))]
        try:
            while stack:
                place, path, names = stack[-1]
                name = next(names, None)
                if name is None:
                    os.close(place)
                    stack.pop()
                elif not any(fnmatch.fnmatch(os.fsdecode(name), pattern) for pattern in self.leave_out):
                    inner = self._visit(place, name, path + name)
                    if inner is not None:
                        stack.append((inner, path + name + b"/", iter(self._names(path + name, inner))))
        finally:
            for place, _, _ in stack:
                os.close(place)

    def _names(self, path: bytes, place: int) -> list[bytes]:
        try:
            return sorted(map(os.fsencode, os.listdir(place)))
        except FileNotFoundError:
            self.notes.say(f"vanished meanwhile: {shown(path)}")
        except OSError as error:
            self._unread(path, error)
        return []

    def _visit(self, place: int, name: bytes, path: bytes) -> int | None:
        """Adds what is at `name`; yields a descriptor where it is a folder to go into."""
        try:
            with opened(os.open(name, PIN, dir_fd=place)) as pin:
                status = os.fstat(pin)
                if stat.S_ISDIR(status.st_mode):
                    with opened(os.open(".", FOLDER, dir_fd=pin)) as inner:
                        self._add_folder(path, inner)
                        return os.dup(inner)
                if stat.S_ISLNK(status.st_mode):
                    member = member_of(self._member_name(path), status, {})
                    member.target = os.fsencode(os.readlink(b"", dir_fd=pin))
                    self._write_header(member)
                elif stat.S_ISREG(status.st_mode):
                    with opened(os.open(f"/proc/self/fd/{pin}", os.O_RDONLY | os.O_CLOEXEC)) as file:
                        self._add_file(place, name, path, file)
        except (FileNotFoundError, NotADirectoryError):
            self.notes.say(f"vanished meanwhile: {shown(path)}")
        except OSError as error:
            self._unread(path, error)
        return None

    def _member_name(self, path: bytes) -> bytes:
        return self.root.strip(b"/") + (b"/" + path if path else b"")

    def _add_folder(self, path: bytes, place: int) -> None:
        self._write_header(member_of(self._member_name(path), os.fstat(place), attributes_of(place)))

    def _add_file(self, place: int, name: bytes, path: bytes, file: int) -> None:
        status, member_name = os.fstat(file), self._member_name(path)
        key = (status.st_dev, status.st_ino)
        if key in self.links:
            self._write_header(Member(member_name, tarfile.LNKTYPE, target=self.links[key]))
            return
        if self._is_companion(place, name, path):
            return
        member = member_of(member_name, status, attributes_of(file))
        if not (databases.is_database(file) and self._add_database(path, member)):
            self._add_content(path, member, file)
        if status.st_nlink > 1:
            self.links[key] = member_name

    def _is_companion(self, place: int, name: bytes, path: bytes) -> bool:
        """Whether the copy of a database holds this file already."""
        main = databases.main_name(name)
        if not main or path[: len(path) - len(name)] + main in self.raw:
            return False
        with contextlib.suppress(OSError), opened(os.open(main, PIN, dir_fd=place)) as pin:
            if stat.S_ISREG(os.fstat(pin).st_mode):
                with opened(os.open(f"/proc/self/fd/{pin}", os.O_RDONLY | os.O_CLOEXEC)) as file:
                    return databases.is_database(file)
        return False

    def _add_database(self, path: bytes, member: Member) -> bool:
        """Whether SQLite could copy it; where not, its bytes are worth more than nothing."""
        with tempfile.TemporaryDirectory(dir=SCRATCH) as scratch:
            copy = os.path.join(scratch, "database")
            try:
                databases.copy_database(self.top, self.root, path, copy)
            except databases.NotCopied as error:
                self.raw.add(path)
                self._unread(path, f"SQLite cannot copy it, so that its bytes are kept as they are: {error}")
                return False
            with opened(os.open(copy, os.O_RDONLY | os.O_CLOEXEC)) as file:
                self._add_content(path, member, file)
        return True

    def _add_content(self, path: bytes, member: Member, file: int) -> None:
        """As many bytes as were announced, whatever becomes of the file meanwhile: the archive's framing must hold."""
        before = os.fstat(file)
        member.size = before.st_size
        pieces, lead = self._pieces(member, before, file)
        self._write_header(member)
        self._write(lead)
        # Each of them, also after one that could not be read.
        read = all([self._write_piece(path, file, *piece) for piece in pieces])  # noqa: C419
        self._write(bytes(-member.size % BLOCK))
        after = os.fstat(file)
        if not read or (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            self.notes.say(f"changed while it was read: {shown(path)}")

    def _pieces(self, member: Member, status: os.stat_result, file: int) -> tuple[list[Piece], bytes]:
        """Where its data is, and the map that goes before it where the file has holes."""
        whole = [(0, member.size)]
        if status.st_blocks * BLOCK >= member.size:
            return whole, b""
        pieces = pieces_of(file, member.size)
        if pieces is None or pieces == whole:
            return whole, b""
        lead = render_map(pieces, member.size)
        member.length, member.size = member.size, len(lead) + sum(length for _, length in pieces)
        return pieces, lead

    def _write_piece(self, path: bytes, file: int, at: int, length: int) -> bool:
        """Whether all of it could be read; what could not is zeros."""
        end = at + length
        while at < end:
            try:
                data = os.pread(file, min(CHUNK, end - at), at)
            except OSError as error:
                self._unread(path, error)
                data = b""
            if not data:
                self._write_zeros(end - at)
                return False
            self._write(data)
            at += len(data)
        return True

    def _write_zeros(self, length: int) -> None:
        while length > 0:
            self._write(bytes(min(CHUNK, length)))
            length -= CHUNK

    def _write_header(self, member: Member) -> None:
        header = render_header(member)
        if len(header) > LARGEST_HEADER or len(member.name) > LONGEST_NAME:
            raise OSError(f"its name or its attributes are too long ({len(header)} bytes)")
        self._write(header)
        self.count += 1

    def _write(self, data: bytes) -> None:
        try:
            self.output.write(data)
        except OSError as error:
            raise Lost(f"the archive is not taken: {error.strerror}") from None

    def _unread(self, path: bytes, error: OSError | str) -> None:
        self.unread.append(shown(path))
        self.notes.say(f"could not be read: {shown(path)}: {error.strerror if isinstance(error, OSError) else error}")

    def _end(self) -> None:
        """The last member counts the others: a stream that was cut is no archive."""
        told = {"members": self.count, "unread": self.unread[:TOLD], "unreadCount": len(self.unread)}
        data = json.dumps(told).encode()
        self._write(render_header(Member(END, tarfile.REGTYPE, 0o644, size=len(data))))
        self._write(data + bytes(-len(data) % BLOCK) + bytes(2 * BLOCK))
        with contextlib.suppress(OSError):
            self.output.flush()


def archive(item: AgentItem, output: IO[bytes]) -> list[str]:
    """Writes the item's archive; yields the names of what could not be read."""
    archiver = Archiver(item, output)
    try:
        archiver.run()
    except Lost as error:
        raise Failure(str(error)) from None
    return archiver.unread
