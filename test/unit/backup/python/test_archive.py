"""The agent: archives that are whole or refused, and a restore that keeps what was there."""

import importlib.util
import io
import json
import os
import sqlite3
import tarfile

from support import FILES, Case

spec = importlib.util.spec_from_file_location("agent", FILES / "backup-agent.py")
agent = importlib.util.module_from_spec(spec)
spec.loader.exec_module(agent)

NOW = 1_767_225_600.0  # 2026-01-01T00:00:00Z


class Archives(Case):
    def setUp(self):
        super().setUp()
        self.write("data/world/region.mca", "blocks")
        self.write("data/logs/latest.log", "lines")
        os.symlink("world", self.at("data/link"))
        self.item = {"path": self.at("data"), "leaveOut": ["logs"]}

    def archive(self):
        output = io.BytesIO()
        agent.archive(self.item, output)
        return output.getvalue()

    def names(self, data):
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            return [os.path.relpath(f"/{name}", self.at("data")) for name in tar.getnames()[:-1]]

    def test_holds_everything_but_what_is_left_out(self):
        self.assertEqual(self.names(self.archive()), [".", "link", "world", "world/region.mca"])

    def test_comes_back_with_modes_and_links_and_keeps_what_was_there(self):
        os.chmod(self.at("data/world/region.mca"), 0o640)
        data = self.archive()
        self.write("data/world/region.mca", "griefed")
        agent.restore(self.item, io.BytesIO(data), NOW)
        self.assertEqual(self.read("data/world/region.mca"), "blocks")
        self.assertEqual(os.stat(self.at("data/world/region.mca")).st_mode & 0o777, 0o640)
        self.assertEqual(os.readlink(self.at("data/link")), "world")
        self.assertEqual(self.read("data.before-2026-01-01T000000Z/world/region.mca"), "griefed")
        self.assertEqual(sorted(os.listdir(self.root)), ["data", "data.before-2026-01-01T000000Z"])

    def test_a_cut_at_any_byte_replaces_nothing(self):
        data = self.archive()
        self.write("data/world/region.mca", "as it is now")
        end = data.rindex(b'"members"')
        for length in [*range(0, end, 97), end]:
            with self.assertRaises(agent.Failure, msg=f"cut at {length}"):
                agent.restore(self.item, io.BytesIO(data[:length]), NOW)
        self.assertEqual(self.read("data/world/region.mca"), "as it is now")
        self.assertEqual(os.listdir(self.root), ["data"])

    def test_a_database_in_use_is_copied_in_one_piece(self):
        path = self.at("data/library.db")
        database = sqlite3.connect(path, isolation_level=None)
        database.execute("pragma journal_mode=wal")
        database.execute("create table t(x)")
        database.execute("insert into t values('committed')")
        database.execute("begin")
        database.execute("insert into t values('not yet')")
        data = self.archive()
        database.close()
        self.assertNotIn("library.db-wal", self.names(data))
        agent.restore(self.item, io.BytesIO(data), NOW)
        with sqlite3.connect(path) as restored:
            self.assertEqual(restored.execute("select x from t").fetchall(), [("committed",)])
        restored.close()

    def test_a_file_that_shrinks_meanwhile_breaks_nothing_and_is_named(self):
        class Shrinking(agent.Steady):
            def read(me, length=-1):
                os.truncate(self.at("data/world/region.mca"), 2)
                return super().read(length)

        steady, agent.Steady = agent.Steady, Shrinking
        try:
            data = self.archive()
        finally:
            agent.Steady = steady
        self.assertIn("changed while it was read", self.said.getvalue())
        self.assertEqual(agent.unpack(io.BytesIO(data), None), 4)

    def test_a_socket_is_no_reason_to_fail(self):
        os.mkfifo(self.at("data/pipe"))
        self.assertNotIn("pipe", self.names(self.archive()))

    def test_names_that_lead_out_are_refused(self):
        output = io.BytesIO()
        with tarfile.open(fileobj=output, mode="w") as tar:
            tar.addfile(tarfile.TarInfo("../outside"))
            tar.addfile(tarfile.TarInfo(agent.END))
        os.mkdir(self.at("target"))
        with self.assertRaisesRegex(agent.Failure, "does not belong there"):
            agent.unpack(io.BytesIO(output.getvalue()), os.path.realpath(self.at("target")))
        self.assertFalse(os.path.exists(self.at("outside")))

    def test_only_what_the_settings_name_is_read(self):
        settings = self.write("agent.json", json.dumps({"items": {"minecraft": self.item}}))
        self.assertEqual(agent.main(["archive", "etc"], NOW, settings), 1)
        self.assertIn("there are minecraft", self.said.getvalue())
        self.assertEqual(agent.main(["archive"], NOW, settings), 2)


