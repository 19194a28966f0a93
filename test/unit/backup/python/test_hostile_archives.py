"""Archives that an attacker made: nothing outside the folder that they are unpacked into is touched."""

import io
import json
import os
import shutil
import stat
import tarfile
import time
import tracemalloc

from support import AgentCase, cases
from trees import snapshot

TYPES = [
    *([tarfile.REGTYPE] * 6 + [tarfile.SYMTYPE] * 5 + [tarfile.LNKTYPE] * 4 + [tarfile.DIRTYPE] * 4),
    *(tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.CONTTYPE, tarfile.GNUTYPE_SPARSE),
]


class Attacker:
    """Writes archives that lie: `root` is the item's folder as its members are named, `outside` what it is after."""

    def __init__(self, random, root, outside):
        self.random, self.root, self.outside = random, root, outside

    def name(self):
        pick = self.random.choice
        inner = "/".join(pick(["a", "b", "c", "d"]) for _ in range(self.random.randrange(1, 4)))
        up = "../" * self.random.randrange(1, 12)
        return pick(
            [
                *([f"{self.root}/{inner}"] * 12),
                self.root,
                f"{self.root}/{up}{inner}",
                self.outside,
                *self.odd(inner, up),
            ]
        )

    def odd(self, inner, up):
        return [
            f"/{self.root}/{inner}",
            f"{up}{self.outside.lstrip('/')}",
            f"{self.root}//{inner}",
            f"{self.root}/./{inner}",
            inner,
        ]

    def target(self):
        pick = self.random.choice
        up = "../" * self.random.randrange(1, 12)
        return pick(
            [
                self.outside,
                os.path.dirname(self.outside),
                f"{up}victim",
                "a/../" + up,
                up,
                ".",
                "a",
                "/",
                self.name(),
                "",
            ]
        )

    def member(self):
        info = tarfile.TarInfo(self.name())
        info.type, info.mode = self.random.choice(TYPES), self.random.choice([0o644, 0o4777, 0o000])
        info.uid, info.gid = self.random.choice([0, os.geteuid()]), self.random.choice([0, os.getegid()])
        info.mtime = self.random.choice([0, 1_700_000_000, 1e17])
        data = b""
        if info.type in (tarfile.SYMTYPE, tarfile.LNKTYPE):
            info.linkname = self.target()
        elif info.type == tarfile.REGTYPE or self.random.random() < 0.05:
            data = b"owned"
        if self.random.random() < 0.15:
            info.pax_headers = self.pax()
        info.size = len(data)
        return info.tobuf(
            self.random.choice([tarfile.PAX_FORMAT] * 5 + [tarfile.GNU_FORMAT]), "utf-8", "surrogateescape"
        ) + (data + bytes(-len(data) % 512))

    def pax(self):
        pick = self.random.choice
        return pick(
            [
                {"path": self.name()},
                {"linkpath": self.target()},
                {"size": pick(["0", "-1", "9" * 18, "x"])},
                {"uid": pick(["0", "-1", "9" * 30])},
                {"mtime": pick(["nan", "1e999999999", "9" * 12, "-1.5"])},
                {"SCHILY.xattr.user.a": "b", "SCHILY.xattr.security.capability": "x"},
                {
                    "GNU.sparse.major": "1",
                    "GNU.sparse.minor": "0",
                    "GNU.sparse.name": self.name(),
                    "GNU.sparse.realsize": "9",
                },
                {"GNU.sparse.major": "0", "GNU.sparse.map": "0,5", "GNU.sparse.size": "5"},
            ]
        )

    def archive(self):
        folder = tarfile.TarInfo(self.root)
        folder.type, folder.mode = tarfile.DIRTYPE, 0o755
        count = self.random.randrange(1, 9)
        members = [folder.tobuf()] + [self.member() for _ in range(count)]
        data = json.dumps({"members": count + 1}).encode()
        end = tarfile.TarInfo(".vmstation-end")
        end.size = len(data)
        whole = b"".join(members) + end.tobuf() + data + bytes(-len(data) % 512 + 1024)
        return self.broken(whole) if self.random.random() < 0.2 else whole

    def broken(self, data):
        at = self.random.randrange(len(data))
        return data[:at] if self.random.random() < 0.3 else data[:at] + self.random.randbytes(4) + data[at + 4 :]


class Hostile(AgentCase):
    def setUp(self):
        super().setUp()
        # The folder is several levels down, so that any number of `..` ends in the test's own root.
        self.inner = "deep/er/and/deeper"
        os.makedirs(self.at(self.inner))
        self.data = self.at(self.inner, "data")
        self.item["path"] = self.data
        self.write("victim/authorized_keys", "mine", 0o600)
        self.write(f"{self.inner}/victim", "a neighbour's", 0o600)
        os.symlink(self.at("victim"), self.at("link"))

    def surroundings(self):
        """All but what the agent may make."""
        own = (f"{self.inner}/data", f"{self.inner}/target")
        found = snapshot(self.root)
        return {
            path: found[path]
            for path in found
            if path not in (".", self.inner, "agent.json") and not path.startswith(own)
        }

    def test_nothing_outside_is_touched(self):
        for seed, random in cases(40):
            with self.subTest(VMSTATION_SEED=seed):
                self.attack(seed, Attacker(random, self.data.lstrip("/"), self.at("victim/authorized_keys")))

    def attack(self, seed, attacker):
        before = self.surroundings()
        data, target = attacker.archive(), self.at(self.inner, f"target{seed}")
        os.mkdir(target)
        unpacked = self.ask("extract", target, data=data)[0]
        self.inspect(target)
        restored = self.ask("restore", "app", data=data)[0]
        if os.path.isdir(self.data):
            self.inspect(self.data, with_links=False)
        self.assertEqual(self.surroundings(), before)
        self.assertTrue(unpacked in (0, 1) and restored in (0, 1))
        self.assertEqual(os.stat(target).st_mode & 0o777, 0o700)
        for name in os.listdir(self.at(self.inner)):
            if name.startswith(("data", "target")):
                shutil.rmtree(self.at(self.inner, name))

    def inspect(self, top, with_links=True):
        """No device, no pipe, and no link that leads out."""
        for folder, folders, files in os.walk(top):
            for path in (os.path.join(folder, name) for name in [*folders, *files]):
                kind = stat.S_IFMT(os.lstat(path).st_mode)
                self.assertIn(kind, (stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK), path)
                if with_links and kind == stat.S_IFLNK:
                    self.assertTrue(os.path.realpath(path).startswith(f"{top}/"), f"{path} -> {os.readlink(path)}")

    def unpack(self, *members, count=None):
        """Exit code of `extract` for an item's folder with these members: (name, type, target or data)."""
        root = self.data.lstrip("/")
        output = io.BytesIO()
        with tarfile.open(fileobj=output, mode="w") as tar:
            for name, kind, what in [("", tarfile.DIRTYPE, b""), *members]:
                info = tarfile.TarInfo(f"{root}/{name}".rstrip("/"))
                info.type, info.uid, info.gid = kind, os.geteuid(), os.getegid()
                if kind in (tarfile.SYMTYPE, tarfile.LNKTYPE):
                    info.linkname = what
                elif kind == tarfile.REGTYPE:
                    info.size = len(what)
                tar.addfile(info, io.BytesIO(what if kind == tarfile.REGTYPE else b""))
            data = json.dumps({"members": len(members) + 1 if count is None else count}).encode()
            end = tarfile.TarInfo(".vmstation-end")
            end.size = len(data)
            tar.addfile(end, io.BytesIO(data))
        target = self.at(self.inner, f"target{len(os.listdir(self.at(self.inner)))}")
        os.mkdir(target)
        return self.ask("extract", target, data=output.getvalue())[0]

    def test_a_file_over_a_link_over_a_hard_link_or_over_itself_is_refused(self):
        victim = self.at("victim/authorized_keys")
        for first in (
            ("x", tarfile.SYMTYPE, victim),
            ("x", tarfile.SYMTYPE, "y"),
            ("x", tarfile.LNKTYPE, victim.lstrip("/")),
            ("x", tarfile.REGTYPE, b"one"),
        ):
            self.unpack(("y", tarfile.REGTYPE, b""), first, ("x", tarfile.REGTYPE, b"owned"))
            self.assertEqual(self.read("victim/authorized_keys"), "mine")
        self.assertIn("holds", self.said.getvalue())
        self.assertEqual(self.unpack(("x", tarfile.REGTYPE, b"1"), ("x", tarfile.REGTYPE, b"2")), 1)
        self.assertRegex(self.said.getvalue(), "/x twice")

    def test_hard_links_only_name_files_of_the_same_archive(self):
        root = self.data.lstrip("/")
        own = ("own", tarfile.REGTYPE, b"own")
        self.assertEqual(self.unpack(own, ("x", tarfile.LNKTYPE, f"{root}/own")), 0)
        for target in ("own", f"{root}/later", f"/{root}/own", f"{root}/../victim", self.at("victim/authorized_keys")):
            self.assertEqual(self.unpack(own, ("x", tarfile.LNKTYPE, target)), 1, target)
        self.assertEqual(self.unpack(("l", tarfile.SYMTYPE, "."), ("x", tarfile.LNKTYPE, f"{root}/l")), 1)

    def test_links_that_lead_out_are_left_out_and_the_rest_is_there(self):
        links = {
            "out": "..", "abs": self.at("victim"), "up": "a/../..", "in": "a", "deep": "a/b", "self": ".",
            "chain": "self/self/../../..", "a/back": "../in", "a/out": "../..",
        }  # fmt: skip
        code = self.unpack(("a", tarfile.DIRTYPE, b""), *((name, tarfile.SYMTYPE, to) for name, to in links.items()))
        self.assertEqual(code, 0)
        [target] = [name for name in os.listdir(self.at(self.inner)) if name.startswith("target")]
        made = self.at(self.inner, target, self.data.lstrip("/"))
        kept = {os.path.relpath(p, made) for p in self.links(made)}
        self.assertEqual(kept, {"in", "deep", "self", "a/back"})
        self.assertEqual(self.said.getvalue().count("left out: the link"), 5)

    def links(self, top):
        for folder, folders, files in os.walk(top):
            yield from (p for p in (os.path.join(folder, n) for n in [*folders, *files]) if os.path.islink(p))

    def test_a_folder_that_others_may_enter_is_shut_first_and_one_that_is_not_empty_is_refused(self):
        os.mkdir(self.at("target"), 0o777)
        self.ask("extract", self.at("target"), data=b"")
        self.assertEqual(os.stat(self.at("target")).st_mode & 0o777, 0o700)
        self.write("target/something", "there")
        self.assertEqual(self.ask("extract", self.at("target"), data=b""), (1, b""))
        self.assertIn("has to be an empty folder of your own", self.said.getvalue())

    def test_a_header_that_claims_to_be_huge_takes_neither_memory_nor_time(self):
        huge = tarfile.TarInfo("pax")
        huge.type, huge.size = tarfile.XHDTYPE, 1 << 40
        many = tarfile.TarInfo("pax")
        many.type, many.size = tarfile.XHDTYPE, 8
        deep = (many.tobuf() + b"8 a=bcd\n".ljust(512, b"\0")) * 5000
        claims = tarfile.TarInfo("x")
        claims.size = 1 << 50
        tracemalloc.start()
        begin = time.monotonic()
        for data in (huge.tobuf() + bytes(1 << 20), deep, claims.tobuf() + bytes(1 << 20)):
            self.assertEqual(self.ask("verify", data=data)[0], 1)
        self.assertLess(time.monotonic() - begin, 2)
        self.assertLess(tracemalloc.get_traced_memory()[1], 40 << 20)
        tracemalloc.stop()

    def test_what_follows_the_end_is_no_part_of_it(self):
        with io.BytesIO() as output:
            folder = tarfile.TarInfo(self.data.lstrip("/"))
            folder.type = tarfile.DIRTYPE
            data = b'{"members": 1}'
            end = tarfile.TarInfo(".vmstation-end")
            end.size = len(data)
            output.write(folder.tobuf() + end.tobuf() + data.ljust(512, b"\0"))
            good = output.getvalue()
        self.assertEqual(self.ask("verify", data=good + bytes(1024))[0], 0)
        self.assertEqual(self.ask("verify", data=good + folder.tobuf() + bytes(1024))[0], 1)
        self.assertEqual(self.ask("verify", data=good + bytes(1024) + b"x")[0], 1)
        self.assertEqual(self.ask("verify", data=good + bytes(1 << 20))[0], 1)
