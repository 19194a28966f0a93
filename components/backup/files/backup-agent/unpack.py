"""An archive, unpacked or only read. It may come from a machine that is not to be trusted with this one.

Everything is made new, below one open folder, step by step; what is there already is never touched, also not through
a link. Owner, mode and times of folders come last, so that nobody gets in before all of it is there.
"""

from __future__ import annotations

import json
import os
import stat
import tarfile
from collections.abc import Iterator
from typing import IO, Any

from folders import descend, kind_at, opened
from members import (
    BLOCK,
    CHUNK,
    END,
    LARGEST_HEADER,
    MOST_PIECES,
    TOLD,
    Member,
    Piece,
    parse_member,
    parse_records,
    steps_of,
)
from report import Failure, Notes, shown

LARGEST_END = 64 << 10
# What may follow an archive's end: tar fills its last record.
LARGEST_PADDING = 64 << 10
# An archive from elsewhere leaves so much of a disk free.
LEAST_FREE = 0.05


class Reader:
    """The members of an archive, one after another; each one's content has to be read, or is skipped."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream, self.left, self.padding = stream, 0, 0

    def __iter__(self) -> Iterator[Member]:
        records: dict[bytes, bytes] = {}
        while True:
            self.skip()
            block = self._exactly(BLOCK, at_end=True)
            if not any(block):
                self._padding()
                return
            info = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
            if info.type == tarfile.XHDTYPE:
                if records or not 0 < info.size <= LARGEST_HEADER:
                    raise Failure("the archive is damaged: a pax header that is none")
                records = parse_records(self._exactly(info.size))
                self._exactly(-info.size % BLOCK)
                continue
            member, records = parse_member(info, records), {}
            self.left, self.padding = member.size, -member.size % BLOCK
            yield member

    def read(self, most: int = CHUNK) -> bytes:
        """The next bytes of the member's content; none at its end."""
        data = self._exactly(min(most, self.left))
        self.left -= len(data)
        return data

    def skip(self) -> None:
        while self.read():
            pass
        self._exactly(self.padding)
        self.padding = 0

    def pieces(self, member: Member) -> list[Piece]:
        """The map of a sparse file, as [(offset, length)]."""
        numbers = self._numbers()
        count = next(numbers)
        if count > MOST_PIECES + 1:
            raise Failure(f"the archive is damaged: {shown(member.name)} has too many pieces")
        pieces = [(next(numbers), next(numbers)) for _ in range(count)]

        at = 0
        for start, length in pieces:
            if start < at or start + length > member.length:
                raise Failure(f"the archive is damaged: the pieces of {shown(member.name)} are not in order")
            at = start + length
        if sum(length for _, length in pieces) != self.left:
            raise Failure(f"the archive is damaged: the pieces of {shown(member.name)} are not its content")
        return pieces

    def _numbers(self) -> Iterator[int]:
        rest = b""
        while True:
            line, newline, rest = rest.partition(b"\n")
            while not newline:
                block = self.read(BLOCK)
                line, newline, rest = (line + block).partition(b"\n")
                if not block or len(line) > 20:
                    raise Failure("the archive is damaged: a sparse file without its map")
            if not line.isdigit() or len(line) > 19:
                raise Failure("the archive is damaged: a sparse file's map is no numbers")
            yield int(line)

    def _exactly(self, length: int, at_end: bool = False) -> bytes:
        data = self.stream.read(length) if length else b""
        while len(data) < length:
            more = self.stream.read(length - len(data))
            if not more:
                if at_end and not data:
                    return data
                raise Failure("the archive is cut short")
            data += more
        return data

    def _padding(self) -> None:
        rest = self.stream.read(LARGEST_PADDING)
        if any(rest) or self.stream.read(1):
            raise Failure("the archive is damaged: something follows its end")


class Unpacker:
    """Makes members below the open folder `top`. `keep_links`: also links out of the archive's own folder."""

    def __init__(self, top: int, keep_links: bool, least_free: float) -> None:
        self.top, self.keep_links, self.least_free = top, keep_links, least_free
        self.root: list[bytes] | None = None
        self.folders: list[tuple[list[bytes], Member]] = []
        self.notes = Notes()

    def add(self, member: Member, reader: Reader) -> None:
        steps = steps_of(member.name)
        if self.root is None:
            self._begin(member, steps)
        elif not self._is_inside(steps) or len(steps) == len(self.root):
            raise Failure(f"the archive holds {shown(member.name)}, which does not belong there")
        try:
            with opened(descend(self.top, steps[:-1])) as place:
                self._make(member, steps, place, reader)
        except FileExistsError:
            raise Failure(f"the archive holds {shown(member.name)} twice") from None
        except (NotADirectoryError, FileNotFoundError):
            raise Failure(f"the archive holds {shown(member.name)}, whose folder it does not hold") from None

    def _is_inside(self, steps: list[bytes]) -> bool:
        return self.root is not None and steps[: len(self.root)] == self.root

    def _begin(self, member: Member, steps: list[bytes]) -> None:
        """The archive's own folder comes first; the folders above it are not in the archive."""
        if member.type != tarfile.DIRTYPE:
            raise Failure(f"the archive begins with {shown(member.name)}, which is not a folder")
        self.root = steps
        for length in range(1, len(steps)):
            with opened(descend(self.top, steps[: length - 1])) as place:
                os.mkdir(steps[length - 1], 0o700, dir_fd=place)

    def _make(self, member: Member, steps: list[bytes], place: int, reader: Reader) -> None:
        name = steps[-1]
        if member.type == tarfile.DIRTYPE:
            os.mkdir(name, 0o700, dir_fd=place)
            self.folders.append((steps, member))
        elif member.type == tarfile.SYMTYPE:
            self._make_link(member, steps, place)
        elif member.type == tarfile.LNKTYPE:
            self._make_hard_link(member, name, place)
        else:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            with opened(os.open(name, flags, 0o600, dir_fd=place)) as file:
                self._fill(member, file, reader)
                self._describe(member, file)

    def _make_link(self, member: Member, steps: list[bytes], place: int) -> None:
        if not member.target or b"\0" in member.target:
            raise Failure(f"the archive is damaged: {shown(member.name)} is a link to nothing")
        if not self.keep_links and not points_inside(member.target, len(steps) - len(self.root or ()) - 1):
            self.notes.say(f"left out: the link {shown(member.name)} points elsewhere, to {shown(member.target)}")
            return
        os.symlink(member.target, steps[-1], dir_fd=place)
        os.chown(steps[-1], member.uid, member.gid, dir_fd=place, follow_symlinks=False)
        os.utime(steps[-1], ns=(member.time, member.time), dir_fd=place, follow_symlinks=False)

    def _make_hard_link(self, member: Member, name: bytes, place: int) -> None:
        """Only to a file of this archive, which is there already: the folder held nothing else."""
        steps = steps_of(member.target)
        if not self._is_inside(steps):
            raise Failure(f"the archive holds {shown(member.name)}, a hard link to what it does not hold")
        with opened(descend(self.top, steps[:-1])) as source:
            if kind_at(steps[-1], source) != stat.S_IFREG:
                raise Failure(f"the archive holds {shown(member.name)}, a hard link to what is not a file")
            os.link(steps[-1], name, src_dir_fd=source, dst_dir_fd=place, follow_symlinks=False)

    def _fill(self, member: Member, file: int, reader: Reader) -> None:
        """The content at its place; what the archive has no data of stays a hole."""
        length = member.length if member.is_sparse else member.size
        pieces = reader.pieces(member) if member.is_sparse else [(0, member.size)]
        for start, size in pieces:
            at = start
            while at < start + size:
                self._require_room(file)
                data = memoryview(reader.read(min(CHUNK, start + size - at)))
                while data:
                    written = os.pwrite(file, data, at)
                    data, at = data[written:], at + written
        os.ftruncate(file, length)

    def _require_room(self, file: int) -> None:
        disk = os.fstatvfs(file)
        if disk.f_bavail < self.least_free * disk.f_blocks:
            raise Failure(f"less than {self.least_free:.0%} of the disk is free: use another folder")

    def _describe(self, member: Member, place: int) -> None:
        """Owner, attributes, mode, times: a change of the owner takes some of the others away."""
        os.fchown(place, member.uid, member.gid)
        for name, value in member.attributes.items():
            try:
                os.setxattr(place, name, value)
            except (OSError, ValueError) as error:
                self.notes.say(f"without its attribute {shown(name)}: {shown(member.name)}: {error}")
        os.fchmod(place, member.mode)
        os.utime(place, ns=(member.time, member.time))

    def finish(self) -> None:
        """The innermost folders first: what is made in a folder changes its time."""
        for steps, member in reversed(self.folders):
            with opened(descend(self.top, steps)) as place:
                self._describe(member, place)
        self.notes.close()


def points_inside(target: bytes, depth: int) -> bool:
    """Whether a link that lies `depth` folders below the archive's own stays in it, whatever other links it meets.

    `..` may only come first, where it leaves real folders; behind a name it would leave wherever a link led to.
    """
    steps = [step for step in target.split(b"/") if step not in (b"", b".")]
    ups = next((i for i, step in enumerate(steps) if step != b".."), len(steps))
    return not target.startswith(b"/") and ups <= depth and b".." not in steps[ups:]


def unpack(stream: IO[bytes], unpacker: Unpacker | None) -> int:
    """All of an archive, or only read where `unpacker` is None; yields how many members there were.

    Failure where it is not whole.
    """
    count, told = 0, None
    try:
        reader = Reader(stream)
        for member in reader:
            if told is not None:
                raise Failure("the archive is damaged: something follows its end")
            if member.name == END and member.type == tarfile.REGTYPE and member.size <= LARGEST_END:
                told = json.loads(reader.read(LARGEST_END))
                continue
            count += 1
            if unpacker is not None:
                unpacker.add(member, reader)
            else:
                steps_of(member.name)
    except (tarfile.TarError, ValueError, RecursionError) as error:
        raise Failure(f"the archive is damaged: {error}") from None
    members = told.get("members") if isinstance(told, dict) else None
    if not isinstance(told, dict) or members != count:
        raise Failure(f"the archive is cut short: {count} members of {'unknown' if members is None else members}")
    if unpacker is not None:
        unpacker.finish()
    say_what_lacks(told)
    return count


def say_what_lacks(told: dict[str, Any]) -> None:
    """What could not be read when the archive was made."""
    names, notes = told.get("unread", []), Notes()
    if isinstance(names, list) and names:
        notes.say(f"{told.get('unreadCount')} files could not be read when this was backed up:")
        for name in names[:TOLD]:
            notes.say(f"  {shown(str(name)[:500])}")
