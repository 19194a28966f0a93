"""The agent: archives that are whole or refused, and a restore that keeps what was there."""

import io
import json
import os
import shutil
import sqlite3
import tarfile
import unittest
import unittest.mock

from support import AgentCase

import archive
import databases
import members


class Archives(AgentCase):
    def setUp(self):
        super().setUp()
        self.write("data/world/region.mca", "blocks")
        self.write("data/logs/latest.log", "lines")
        os.symlink("world", self.at("data/link"))
        self.item["leaveOut"] = ["logs"]
        os.mkdir(self.at("secret"))

    def names(self, data):
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            return [os.path.relpath(f"/{name}", self.at("data")) for name in tar.getnames()[:-1]]

    def after(self, name, happening):
        """Something happens as soon as the agent has looked at that name."""
        left = [happening]

        def hooked(original):
            def look(path, *arguments, **options):
                found = original(path, *arguments, **options)
                if not isinstance(path, int) and os.path.basename(os.fsencode(path)) == name.encode() and left:
                    left.pop()()
                return found

            return look

        for function in ("lstat", "open"):
            patch = unittest.mock.patch.object(os, function, hooked(getattr(os, function)))
            patch.start()
            self.addCleanup(patch.stop)

    def replace(self, path, target):
        def perform():
            os.unlink(self.at(path))
            os.symlink(target, self.at(path))

        return perform

    def test_holds_everything_but_what_is_left_out(self):
        self.assertEqual(self.names(self.archive()), [".", "link", "world", "world/region.mca"])

    def test_comes_back_with_modes_and_links_and_keeps_what_was_there(self):
        os.chmod(self.at("data/world/region.mca"), 0o640)
        data = self.archive()
        self.write("data/world/region.mca", "griefed")
        self.restore(data)
        self.assertEqual(self.read("data/world/region.mca"), "blocks")
        self.assertEqual(os.stat(self.at("data/world/region.mca")).st_mode & 0o777, 0o640)
        self.assertEqual(os.readlink(self.at("data/link")), "world")
        self.assertEqual(self.read("data.before-2026-01-01T000000Z/world/region.mca"), "griefed")
        self.restore(data)
        asides = [name for name in os.listdir(self.root) if name.startswith("data")]
        first = "data.before-2026-01-01T000000Z"
        self.assertEqual(sorted(asides), ["data", first, f"{first}-again"])

    def test_one_of_an_earlier_version_comes_back(self):
        """As Python's tarfile writes it: a folder's entries all come before what is in them."""
        output = io.BytesIO()
        with tarfile.open(fileobj=output, mode="w|", format=tarfile.PAX_FORMAT) as tar:
            for name in ("", "link", "logs", "world", "logs/latest.log", "world/region.mca"):
                tar.add(self.at("data", name).rstrip("/"), self.at("data", name).strip("/"), recursive=False)
            end = tarfile.TarInfo(".vmstation-end")
            end.size = len(b'{"members": 6}')
            tar.addfile(end, io.BytesIO(b'{"members": 6}'))
        shutil.rmtree(self.at("data"))
        self.restore(output.getvalue())
        self.assertEqual(self.read("data/world/region.mca"), "blocks")
        self.assertEqual(self.read("data/logs/latest.log"), "lines")

    def test_a_cut_at_any_byte_replaces_nothing(self):
        data = self.archive()
        self.write("data/world/region.mca", "as it is now")
        end = data.rindex(b'"members"')
        for length in [*range(0, end, 97), end]:
            self.restore(data[:length], code=1)
        self.assertEqual(self.read("data/world/region.mca"), "as it is now")
        self.assertEqual(sorted(os.listdir(self.root)), ["agent.json", "data", "secret"])

    def test_a_file_that_shrinks_meanwhile_breaks_nothing_and_is_named(self):
        self.write("data/world/region.mca", "blocks" * 1000)
        pread = os.pread

        def shrinking(*arguments):
            os.truncate(self.at("data/world/region.mca"), 2)
            return pread(*arguments)

        with unittest.mock.patch.object(os, "pread", shrinking):
            data = self.archive()
        self.assertIn("changed while it was read: world/region.mca", self.said.getvalue())
        self.assertEqual(self.ask("verify", data=data), (0, b"4 files and folders can be read back\n"))

    def test_a_file_that_becomes_a_link_meanwhile_gives_nothing_of_what_the_link_points_to(self):
        self.write("secret/key", "s3cret")
        self.after("region.mca", self.replace("data/world/region.mca", self.at("secret/key")))
        self.assertNotIn(b"s3cret", self.archive())
        self.assertTrue(os.path.islink(self.at("data/world/region.mca")))

    def test_a_folder_that_becomes_a_link_meanwhile_gives_nothing_of_what_the_link_points_to(self):
        self.write("secret/region.mca", "s3cret")

        def perform():
            shutil.rmtree(self.at("data/world"))
            os.symlink(self.at("secret"), self.at("data/world"))

        self.after("world", perform)
        self.assertNotIn(b"s3cret", self.archive())
        self.assertTrue(os.path.islink(self.at("data/world")))

    @unittest.skipIf(os.geteuid() != 0, "only root reads what others may not")
    def test_a_database_that_becomes_a_link_meanwhile_gives_nothing_of_what_the_link_points_to(self):
        for name, text in (("data/own.db", "own"), ("secret/other.db", "s3cret")):
            with sqlite3.connect(self.at(name)) as database:
                database.execute("create table t(x)")
                database.execute("insert into t values(?)", (text,))
            database.close()
        fork = os.fork

        def fork_late():
            self.replace("data/own.db", self.at("secret/other.db"))()
            return fork()

        with unittest.mock.patch.object(databases.os, "fork", fork_late):
            data = self.archive(code=3)
        self.assertTrue(os.path.islink(self.at("data/own.db")))
        self.assertNotIn(b"s3cret", data)
        self.assertIn(b"own", data)

    def test_a_folder_that_vanishes_meanwhile_is_no_reason_to_fail(self):
        for name in ("link", "world"):
            os.makedirs(self.at("data/world/inner"), exist_ok=True)
            self.after(name, lambda: shutil.rmtree(self.at("data/world")))
            data = self.archive()
            self.assertFalse(os.path.exists(self.at("data/world")))
            self.restore(data)
        self.assertIn("vanished meanwhile: world", self.said.getvalue())

    def test_a_file_that_cannot_be_read_is_named_and_the_others_are_kept(self):
        pread = os.pread

        def broken(place, *arguments):
            if os.readlink(f"/proc/self/fd/{place}").endswith("region.mca"):
                raise OSError(5, "Input/output error")
            return pread(place, *arguments)

        self.write("data/zoo", "the last one")
        with unittest.mock.patch.object(os, "pread", broken):
            data = self.archive(code=3)
        self.assertIn("could not be read: world/region.mca: Input/output error", self.said.getvalue())
        self.restore(data)
        self.assertIn("1 files could not be read when this was backed up:\n  world/region.mca", self.said.getvalue())
        self.assertEqual(self.read("data/zoo"), "the last one")

    def test_sockets_and_pipes_and_devices_are_not_opened(self):
        os.mkfifo(self.at("data/pipe"))
        if os.geteuid() == 0:
            os.mknod(self.at("data/null"), 0o20644, os.makedev(1, 3))
        self.assertEqual(self.names(self.archive()), [".", "link", "world", "world/region.mca"])

    def test_a_link_in_the_folders_place_is_refused(self):
        os.rename(self.at("data"), self.at("elsewhere"))
        os.symlink(self.at("elsewhere"), self.at("data"))
        self.assertEqual(self.ask("archive", "app"), (1, b""))
        self.assertIn("a link is not followed", self.said.getvalue())

    @unittest.skipIf(os.geteuid() != 0, "only root gives links to others")
    def test_a_link_above_the_folder_is_followed_only_where_it_is_roots(self):
        self.write("secret/data/file", "s3cret")
        os.makedirs(self.at("apps"))
        os.rename(self.at("data"), self.at("apps/data"))
        for target in (self.at("apps"), "apps"):
            os.symlink(target, self.at("way"))
            self.item["path"] = self.at("way/data")
            data = self.archive()
            self.restore(data)
            os.unlink(self.at("way"))
        os.symlink(self.at("secret"), self.at("way"))
        os.lchown(self.at("way"), 1000, 1000)
        self.assertEqual(self.ask("archive", "app"), (1, b""))
        self.restore(data, code=1)
        self.assertIn("a link is not followed", self.said.getvalue())
        self.assertEqual(os.listdir(self.at("secret")), ["data"])
        loop = self.at("loop")
        os.symlink(loop, loop)
        self.item["path"] = f"{loop}/data"
        self.assertEqual(self.ask("archive", "app"), (1, b""))

    def test_only_what_the_settings_name_is_read(self):
        settings = self.write("agent.json", json.dumps({"items": {"minecraft": self.item}}))
        self.assertEqual(self.agent.main(["archive", "etc"], self.NOW, settings), 1)
        self.assertIn("there are minecraft", self.said.getvalue())
        self.assertEqual(self.agent.main(["archive"], self.NOW, settings), 2)

    def test_notes_are_few_however_many_files_vanish(self):
        notes = archive.Notes(limit=2)
        for number in range(5):
            notes.say(f"note {number}")
        notes.close()
        self.assertEqual(self.said.getvalue(), "note 0\nnote 1\nand 3 more lines of this kind\n")

    def test_a_reader_that_goes_away_is_not_taken_for_a_broken_file(self):
        class Gone(io.RawIOBase):
            def write(self, _data):
                raise BrokenPipeError(32, "Broken pipe")

        with self.assertRaisesRegex(archive.Failure, "the archive is not taken: Broken pipe"):
            archive.archive(self.item, Gone())

    def test_times_keep_their_nanoseconds(self):
        for time in (0, -1, -1_500_000_000, 1_767_225_600_123_456_789):
            member = members.Member(b"a", tarfile.REGTYPE, time=time)
            header = members.render_header(member)
            records = members.parse_records(header[512:-512].rstrip(b"\0")) if len(header) > 512 else {}
            info = tarfile.TarInfo.frombuf(header[-512:], "utf-8", "surrogateescape")
            self.assertEqual(members.parse_member(info, records).time, time)
