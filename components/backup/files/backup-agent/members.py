"""One member of an archive: POSIX tar with pax headers, as GNU tar reads it. What is read may be hostile."""

from __future__ import annotations

import errno
import os
import re
import stat
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from report import Failure, shown

BLOCK = 512
CHUNK = 1 << 20
# The name of an archive's last member, and how many unread files it names.
END = b".vmstation-end"
TOLD = 20
# Names, and attributes of 64 KiB each: more than any file system keeps of one file.
LARGEST_HEADER = 4 << 20
# More pieces than this are not worth a map.
MOST_PIECES = 50_000
LONGEST_NAME = 32 << 10

ATTRIBUTE = b"SCHILY.xattr."
SPARSE_MAJOR, SPARSE_MINOR = b"GNU.sparse.major", b"GNU.sparse.minor"
SPARSE_NAME, SPARSE_SIZE = b"GNU.sparse.name", b"GNU.sparse.realsize"

TYPES = {stat.S_IFREG: tarfile.REGTYPE, stat.S_IFDIR: tarfile.DIRTYPE, stat.S_IFLNK: tarfile.SYMTYPE}
TIME = re.compile(rb"-?[0-9]{1,12}(\.[0-9]{1,40})?(e-[0-9]{1,2})?\Z")
NUMBER = re.compile(rb"[0-9]{1,19}\Z")


# Of a file with holes: where data begins, and how long it is.
Piece = tuple[int, int]


@dataclass
class Member:
    """`type` is one of tarfile's; `size`: what the archive holds of it; `length`: the file's own, with its holes."""

    name: bytes
    type: bytes
    mode: int = 0
    uid: int = 0
    gid: int = 0
    size: int = 0
    time: int = 0  # nanoseconds
    target: bytes = b""
    attributes: dict[bytes, bytes] = field(default_factory=dict)
    length: int = -1

    @property
    def is_sparse(self) -> bool:
        return self.length >= 0


def member_of(name: bytes, status: os.stat_result, attributes: dict[bytes, bytes]) -> Member:
    """A folder, file or link as it is on disk; `status` is its stat."""
    kind = TYPES[stat.S_IFMT(status.st_mode)]
    return Member(
        *(name, kind, stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid),
        size=status.st_size if kind == tarfile.REGTYPE else 0,
        time=status.st_mtime_ns,
        attributes=attributes,
    )


def text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def render_header(member: Member) -> bytes:
    """The blocks that stand before a member's content."""
    info = tarfile.TarInfo(text(member.name))
    info.type, info.mode, info.uid, info.gid = member.type, member.mode, member.uid, member.gid
    info.size, info.linkname, info.mtime = member.size, text(member.target), member.time // 10**9
    headers: dict[str, str] = {}
    info.pax_headers = headers
    if member.time % 10**9 or member.time < 0:
        seconds, rest = divmod(abs(member.time), 10**9)
        headers["mtime"] = f"{'-' if member.time < 0 else ''}{seconds}.{rest:09}"
    if member.is_sparse:
        folder, _, last = text(member.name).rpartition("/")
        sparse = {SPARSE_MAJOR: "1", SPARSE_MINOR: "0", SPARSE_NAME: info.name, SPARSE_SIZE: str(member.length)}
        headers.update({text(key): value for key, value in sparse.items()})
        info.name = f"{folder}/GNUSparseFile.0/{last}"
    for name, value in member.attributes.items():
        headers[text(ATTRIBUTE) + escape(name)] = text(value)
    return info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")


def escape(name: bytes) -> str:
    """An attribute's name without "=", which would end it; as GNU tar writes it where it is UTF-8."""
    name = name.replace(b"%", b"%25").replace(b"=", b"%3D")
    return "".join(f"%{ord(c) - 0xDC00:02X}" if "\udc80" <= c <= "\udcff" else c for c in text(name))


def unescape(name: bytes) -> bytes:
    return re.sub(rb"%([0-9A-F]{2})", lambda found: bytes([int(found[1], 16)]), name)


def parse_records(data: bytes) -> dict[bytes, bytes]:
    """pax's records, "LENGTH KEY=VALUE\\n", as {key: value}."""
    found, at = {}, 0
    while at < len(data):
        blank = data.find(b" ", at, at + 20)
        if blank < 0 or not NUMBER.match(data[at:blank]):
            raise Failure("the archive is damaged: a pax header without a length")
        end = at + int(data[at:blank])
        key, equals, value = data[blank + 1 : end - 1].partition(b"=")
        if not blank < end <= len(data) or data[end - 1 : end] != b"\n" or not equals:
            raise Failure("the archive is damaged: a pax header of a wrong length")
        found[key], at = value, end
    return found


def parse_member(info: tarfile.TarInfo, records: dict[bytes, bytes]) -> Member:
    """A member from its header and the pax records before it; Failure where it is none of ours."""
    name = records.get(SPARSE_NAME) or records.get(b"path") or encode(info.name)
    member = Member(
        *(name.rstrip(b"/") if info.isdir() else name, tarfile.REGTYPE if info.type == tarfile.AREGTYPE else info.type),
        *(info.mode & 0o7777, number(records, b"uid", info.uid), number(records, b"gid", info.gid)),
        size=number(records, b"size", info.size),
        time=parse_time(records.get(b"mtime", str(info.mtime).encode())),
        target=records.get(b"linkpath") or encode(info.linkname),
        attributes={unescape(k[len(ATTRIBUTE) :]): v for k, v in records.items() if k.startswith(ATTRIBUTE)},
    )
    if member.type not in (*TYPES.values(), tarfile.LNKTYPE):
        raise Failure(f"the archive holds {shown(name)}, which is neither a file, a folder nor a link")
    if member.type != tarfile.REGTYPE and member.size:
        raise Failure(f"the archive is damaged: {shown(name)} has a content")
    if any(key.startswith(b"GNU.sparse.") for key in records):
        if member.type != tarfile.REGTYPE or (records.get(SPARSE_MAJOR), records.get(SPARSE_MINOR)) != (b"1", b"0"):
            raise Failure(f"the archive is damaged: {shown(name)} has holes in an unknown format")
        member.length = number(records, SPARSE_SIZE, -1)
    return member


def encode(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")


def number(records: Mapping[bytes, bytes], key: bytes, otherwise: int) -> int:
    """A number that the kernel can take."""
    value = records.get(key)
    if value is not None and not NUMBER.match(value):
        raise Failure(f"the archive is damaged: {text(key)} is no number")
    found = otherwise if value is None else int(value)
    if not 0 <= found < (1 << 63 if key not in (b"uid", b"gid") else (1 << 32) - 1):
        raise Failure(f"the archive is damaged: {text(key)} is out of range")
    return found


def parse_time(value: bytes) -> int:
    """Nanoseconds of "1767225600.123456789"."""
    if not TIME.match(value):
        raise Failure("the archive is damaged: mtime is no time")
    return int(Decimal(value.decode()) * 10**9)


def steps_of(name: bytes) -> list[bytes]:
    """The steps of a member's name; Failure where one leads out of the folder that it is unpacked into."""
    steps = name.split(b"/")
    if len(name) > LONGEST_NAME or b"\0" in name or any(step in (b"", b".", b"..") for step in steps):
        raise Failure(f"the archive holds {shown(name[:200])}, which does not belong there")
    return steps


def pieces_of(place: int, length: int) -> list[Piece] | None:
    """Where an open file has data, as [(offset, length)]; None where it has no holes that are worth it."""
    pieces, at = [], 0
    while at < length:
        try:
            start = os.lseek(place, at, os.SEEK_DATA)
        except OSError as error:
            if error.errno != errno.ENXIO:  # which means: a hole up to the end
                return None
            break
        at = min(os.lseek(place, start, os.SEEK_HOLE), length)
        if start < at:
            pieces.append((start, at - start))
        if len(pieces) > MOST_PIECES:
            return None
    os.lseek(place, 0, os.SEEK_SET)
    return pieces


def render_map(pieces: list[Piece], length: int) -> bytes:
    """The map that stands before a sparse file's data; the last piece says where the file ends."""
    ends = pieces and sum(pieces[-1]) == length
    entries = pieces if ends else [*pieces, (length, 0)]
    lines = [len(entries), *(value for entry in entries for value in entry)]
    data = b"".join(b"%d\n" % line for line in lines)
    return data + bytes(-len(data) % BLOCK)
