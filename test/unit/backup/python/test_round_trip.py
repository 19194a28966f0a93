"""What a restore brings back is what was archived, to the last byte; GNU tar reads the same out of an archive."""

import os
import shutil
import sqlite3
import subprocess
import unittest

from support import AgentCase, cases
from trees import AWKWARD, Trees, snapshot

TAR = [
    "tar",
    "-x",
    "-p",
    "--numeric-owner",
    "--sparse",
    "--same-owner",
    "--xattrs",
    "--xattrs-include=*",
    "--delay-directory-restore",
]


class RoundTrip(AgentCase):
    def test_every_tree_comes_back_as_it_was(self):
        for seed, random in cases(15):
            with self.subTest(VMSTATION_SEED=seed):
                Trees(random).grow(self.at("data"))
                before = snapshot(self.at("data"))
                data = self.archive()
                shutil.rmtree(self.at("data"))
                self.restore(data)
                self.assertEqual(snapshot(self.at("data")), before)
                shutil.rmtree(self.at("data"))

    @unittest.skipIf(os.geteuid() != 0, "only root gives files to others")
    def test_gnu_tar_brings_back_the_same(self):
        for seed, random in cases(5):
            with self.subTest(VMSTATION_SEED=seed):
                Trees(random).grow(self.at("data"))
                os.mkdir(self.at("out"))
                subprocess.run([*TAR, "-C", self.at("out")], input=self.archive(), capture_output=True, check=True)
                self.assertEqual(snapshot(self.at("out", self.at("data").lstrip("/"))), snapshot(self.at("data")))
                shutil.rmtree(self.at("out"))
                shutil.rmtree(self.at("data"))

    def test_a_file_with_holes_stays_small(self):
        os.mkdir(self.at("data"))
        with open(self.at("data/disk.img"), "wb") as file:
            file.truncate(1 << 40)
            file.seek(1 << 39)
            file.write(b"the only block")
        if os.stat(self.at("data/disk.img")).st_blocks > 1 << 20:
            self.skipTest("this file system has no holes")
        data = self.archive()
        self.assertLess(len(data), 64 << 10)
        shutil.rmtree(self.at("data"))
        self.restore(data)
        found = os.stat(self.at("data/disk.img"))
        self.assertEqual(found.st_size, 1 << 40)
        self.assertLess(found.st_blocks, 1 << 10)
        with open(self.at("data/disk.img"), "rb") as file:
            file.seek(1 << 39)
            self.assertEqual(file.read(14), b"the only block")

    def test_a_tree_deeper_than_a_path_may_be_long_comes_back(self):
        os.mkdir(self.at("data"))
        place = os.open(self.at("data"), os.O_RDONLY)
        for _ in range(60):
            os.mkdir("x" * 100, dir_fd=place)
            inner = os.open("x" * 100, os.O_RDONLY, dir_fd=place)
            os.close(place)
            place = inner
        os.close(os.open("leaf", os.O_CREAT | os.O_WRONLY, dir_fd=place))
        os.close(place)
        data = self.archive()
        self.assertEqual(self.ask("verify", data=data), (0, b"62 files and folders can be read back\n"))
        self.restore(data)


class Databases(AgentCase):
    """SQLite databases keep their rows, whatever they are called."""

    def fill(self, path, random):
        database = sqlite3.connect(path, isolation_level=None)
        self.addCleanup(database.close)
        database.execute("pragma synchronous=off")
        database.execute(f"pragma journal_mode={random.choice(['wal', 'delete', 'truncate'])}")
        database.execute("create table t(x)")
        rows = [(random.randbytes(20),) for _ in range(random.randrange(1, 60))]
        database.executemany("insert into t values(?)", rows)
        if random.random() < 0.5:
            database.execute("begin")
            database.execute("insert into t values('not yet')")
        return rows, database

    def name(self, random):
        parts = [*AWKWARD, "C# songs", "41", "25", "2f", "stats", ".db", "file:", "mode=rw", "-wal-"]
        return "".join(random.choice(parts) for _ in range(random.randrange(1, 6))) + random.choice(
            [".db", ".sqlite", "%", "#1"]
        )

    def test_rows_come_back_from_any_name_and_nothing_else_is_made(self):
        for seed, random in cases(10):
            with self.subTest(VMSTATION_SEED=seed):
                folder = self.at("data", self.name(random))
                os.makedirs(folder)
                names = {self.name(random) for _ in range(2)}
                kept = {name: self.fill(os.path.join(folder, name), random) for name in names}
                before = sorted(os.listdir(folder))
                data = self.archive()
                self.assertEqual(sorted(os.listdir(folder)), before)
                for _, database in kept.values():
                    database.close()
                shutil.rmtree(self.at("data"))
                self.restore(data)
                self.assertEqual(sorted(os.listdir(folder)), sorted(names))
                self.assertEqual(
                    {name: self.rows(folder, name) for name in names}, {n: rows for n, (rows, _) in kept.items()}
                )
                shutil.rmtree(self.at("data"))

    def rows(self, folder, name):
        """Read under a plain name, so that SQLite's own way with names is no part of the proof."""
        shutil.copyfile(os.path.join(folder, name), self.at("plain"))
        with sqlite3.connect(self.at("plain")) as database:
            found = database.execute("select x from t").fetchall()
        database.close()
        for end in ("", "-wal", "-shm"):
            if os.path.exists(self.at(f"plain{end}")):
                os.unlink(self.at(f"plain{end}"))
        return found

    def test_another_folders_database_is_never_taken_for_one_of_this(self):
        os.makedirs(self.at("data/own"))
        os.makedirs(self.at("other"))
        for path, text in (("other/secret.db", "s3cret"), ("data/own/..%2f..%2fother%2fsecret.db", "own")):
            with sqlite3.connect(self.at(path)) as database:
                database.execute("create table t(x)")
                database.execute("insert into t values(?)", (text,))
            database.close()
        self.assertNotIn(b"s3cret", self.archive())

    def test_one_that_is_damaged_is_named_and_its_bytes_are_kept_with_its_log(self):
        self.write("data/broken.db", "SQLite format 3\0 and nothing that follows")
        self.write("data/broken.db-wal", "the log")
        self.write("data/file", "whole")
        data = self.archive(code=3)
        self.assertIn("could not be read: broken.db: SQLite cannot copy it", self.said.getvalue())
        shutil.rmtree(self.at("data"))
        self.restore(data)
        self.assertEqual(sorted(os.listdir(self.at("data"))), ["broken.db", "broken.db-wal", "file"])
        self.assertIn("and nothing that follows", self.read("data/broken.db"))
