"""The entry's verbs: what an operator's request may say, and what its exit code says."""

import contextlib
import io
import json
import unittest.mock

from support import RESTIC, Case

import main


class Verbs(Case):
    def setUp(self):
        super().setUp()
        self.program("restic", RESTIC)
        items = [
            {"name": "etcd", "set": "etcd", "kind": "etcd", "paths": [], "leaveOut": []},
            {"name": "control-plane", "set": "etcd", "kind": "tree", "paths": [self.at("pki")], "leaveOut": []},
        ]
        keep = {"keepLast": 2, "keepWithin": "7d", "maxAge": 100, "checkMaxAge": 1000}
        settings = self.settings(items, sets={"etcd": keep})
        self.config = self.write("backup.json", json.dumps(settings))

    def request(self, **asked):
        """Exit code and standard output."""
        out = io.StringIO()
        with contextlib.redirect_stdout(out), unittest.mock.patch("sys.stdin", io.StringIO(json.dumps(asked))):
            code = main.main(["--config", self.config, "request"])
        return code, out.getvalue()

    def keep(self, name, number=0):
        self.write("repository/etcd/config", "")
        self.write(f"repository/etcd/snapshots/{number}.item={name}", "data")

    def test_a_list_is_json_for_who_asks_for_it(self):
        self.keep("etcd")
        code, out = self.request(verb="list", what="etcd", json=True)
        self.assertEqual(code, 0)
        found = {
            "set": "etcd",
            "item": "etcd",
            "time": "2026-01-01T00:00:00Z",
            "id": "0",
            "short": "0",
            "incomplete": False,
        }
        self.assertEqual(json.loads(out), [found])

    def test_what_is_named_like_an_option_is_a_name_that_is_not_there(self):
        for what in ("--snapshot=x", "--help", "-h", "$(id)"):
            code, out = self.request(verb="restore", what=what, **{"dry-run": True})
            self.assertEqual((code, out), (1, ""))
            self.assertIn(f"nothing here is backed up as {what};", self.said.getvalue())

    def test_etcd_is_restored_by_its_name_without_the_control_planes_files(self):
        self.keep("etcd")
        self.keep("control-plane", 1)
        code, _ = self.request(verb="restore", what="etcd", **{"dry-run": True})
        self.assertEqual(code, 0)
        said = self.said.getvalue()
        self.assertEqual(said, "would put etcd of 2026-01-01T00:00:00Z (0) in the place of etcd's keys\n")

    def test_a_restore_without_a_backup_or_of_everything_is_refused(self):
        self.assertEqual(self.request(verb="restore", what="etcd")[0], 1)
        self.assertIn("there is no backup in", self.said.getvalue())
        self.keep("control-plane")
        self.assertEqual(self.request(verb="restore", what="etcd")[0], 1)
        self.assertIn("there is no backup of etcd", self.said.getvalue())
        self.assertEqual(self.request(verb="restore", what="all")[0], 1)
        self.keep("etcd", 1)
        self.assertEqual(self.request(verb="restore", what="etcd", snapshot="9")[0], 1)
        self.assertIn("no single snapshot of etcd is 9", self.said.getvalue())

    def test_without_its_settings_it_could_not_be_tried(self):
        self.assertEqual(main.main(["--config", self.at("none"), "check"]), 2)
        self.write("backup.json", "{")
        self.assertEqual(main.main(["--config", self.config, "check"]), 2)
