"""Backups: each item by itself, whole or not at all, on machines that are held awake meanwhile."""

import json
import os
import subprocess
import sys

from support import FILES, RESTIC, Case

import common
import record
import restic
import sources
import work

AGENT = FILES / "backup-agent.py"


class Backups(Case):
    def setUp(self):
        super().setUp()
        self.program("restic", RESTIC)
        self.password = self.write("password", "the-s3cret-password\n")
        self.now = 1000.0

    def backups(self, *items, **more):
        settings = self.settings(list(items), **more)
        agent = self.write(
            "agent.py",
            f"import runpy, sys\nmain = runpy.run_path({str(AGENT)!r})['main']\n"
            f"sys.exit(main(sys.argv[1:], 0, {self.at('agent.json')!r}))\n",
        )
        found = {i["name"]: {"path": i["paths"][0], "leaveOut": []} for i in items if i["kind"] == "archive"}
        self.write("agent.json", json.dumps({"items": found}))
        return work.Backups(settings, self.at("staging"), self.password, agent, lambda: self.now)

    def record(self):
        return record.Record(self.at("state.json"))

    def app(self, name, **more):
        self.write(f"data/{name}/file", name)
        return {"name": name, "set": "apps", "kind": "archive", "paths": [self.at("data", name)], "leaveOut": [], **more}

    def snapshots(self):
        folder = self.at("repository/apps/snapshots")
        return sorted(os.listdir(folder)) if os.path.isdir(folder) else []

    def test_one_that_fails_leaves_no_snapshot_and_the_others_are_taken(self):
        gone = self.app("gone")
        backups = self.backups(gone, self.app("there"))
        os.unlink(self.at("data/gone/file"))
        os.rmdir(self.at("data/gone"))
        kept = self.record()
        self.assertEqual(backups.run("apps", kept), ["gone"])
        self.assertEqual(self.snapshots(), ["0.item=there"])
        self.assertRegex(self.said.getvalue(), r"gone: FAILED: .*is not there: run `pulumi up`")
        metrics = self.read("metrics/backup.prom").splitlines()
        self.assertIn('vmstation_backup_failed{set="apps",backup="gone"} 1', metrics)
        self.assertIn('vmstation_backup_failed{set="apps",backup="there"} 0', metrics)
        self.assertIn('vmstation_backup_timestamp_seconds{set="apps",backup="gone"} 1000', metrics)
        self.assertEqual(json.loads(self.read("state.json"))["there"]["size"], 3)

    def test_a_source_that_is_cut_half_way_is_no_backup(self):
        keeper = restic.Restic(self.at("repository/apps"), self.password, "test")
        keeper.prepare()
        half = common.start(["sh", "-c", "echo half; echo the connection is cut >&2; exit 255"])
        with self.assertRaisesRegex(common.Failure, "the connection is cut"):
            keeper.backup_stream("app.tar", ["item=app"], half)
        self.assertEqual(self.snapshots(), [])

    def test_the_password_is_in_no_command_line_and_in_nothing_that_is_said(self):
        self.backups(self.app("jellyfin")).run("all", self.record())
        asked = self.read("bin/restic.asked")
        self.assertIn(f"--password-file {self.password}", asked)
        for text in (asked, self.said.getvalue(), self.read("metrics/backup.prom"), self.read("state.json")):
            self.assertNotIn("s3cret", text)

    def test_nothing_is_removed_for_an_item_that_failed(self):
        gone = self.app("gone")
        backups = self.backups(gone)
        os.rename(self.at("data/gone"), self.at("data/elsewhere"))
        backups.run("all", self.record())
        self.assertNotIn(" forget ", self.read("bin/restic.asked"))
        os.rename(self.at("data/elsewhere"), self.at("data/gone"))
        backups.run("all", self.record())
        self.assertRegex(
            self.read("bin/restic.asked"),
            r"forget --json --tag item=gone --group-by  --keep-last 2 --keep-within 7d\n(.*\n)*.* prune\n",
        )

    def test_a_dry_run_takes_nothing_and_makes_nothing(self):
        self.assertEqual(self.backups(self.app("jellyfin")).run("all", self.record(), dry_run=True), [])
        self.assertIn("would back up jellyfin", self.said.getvalue())
        self.assertFalse(os.path.exists(self.at("repository")))

    def test_a_missing_mount_a_full_disk_and_a_folder_of_somebody_else_are_refused(self):
        kept = self.record()
        item = self.app("jellyfin")
        for more, words in (
            ({"mount": self.at("data")}, "nothing is mounted at"),
            ({"minimumFree": 1.1}, "make room"),
        ):
            self.assertEqual(self.backups(item, **more).run("all", kept), ["jellyfin"])
            self.assertIn(words, self.said.getvalue())
        self.write("repository/apps/somebody", "else's")
        self.assertEqual(self.backups(item).run("all", kept), ["jellyfin"])
        self.assertIn("no backup of ours", self.said.getvalue())
        self.assertEqual(os.listdir(self.at("repository/apps")), ["somebody"])

    def test_a_machine_that_is_marked_offline_is_left_alone_and_nothing_is_overdue(self):
        away = {"name": "homelab", "address": "192.0.2.1", "port": 22, "sleeps": True, "offline": True}
        backups = self.backups(self.app("there"), self.app("away", machine=away))
        self.assertEqual(backups.run("all", self.record()), [])
        self.assertEqual(self.snapshots(), ["0.item=there"])
        self.assertIn("homelab is marked offline", self.said.getvalue())
        self.assertNotIn('backup="away"', self.read("metrics/backup.prom"))

    def test_an_unknown_name_is_told_with_those_there_are(self):
        with self.assertRaisesRegex(common.Failure, "there are apps, jellyfin, and all"):
            self.backups(self.app("jellyfin")).run("jelyfin", self.record())

    def test_what_was_written_can_be_read_back_and_what_is_cut_is_told(self):
        backups = self.backups(self.app("jellyfin"))
        backups.run("all", self.record())
        self.assertEqual(backups.check(self.record()), [])
        self.assertIn("2 files and folders can be read back", self.said.getvalue())
        os.truncate(self.at("repository/apps/snapshots/0.item=jellyfin"), 512)
        self.assertEqual(backups.check(self.record()), ["apps"])
        self.assertIn("is damaged and was not used", self.said.getvalue())
        metrics = self.read("metrics/backup.prom")
        self.assertIn('vmstation_backup_failed{set="apps",backup="apps repository"} 1', metrics)


class Sleepers(Case):
    def setUp(self):
        super().setUp()
        for verb in ("hold", "wake", "release"):
            self.program(f"vmstation-{verb}.sh", f'echo "{verb} $*" >>{self.at("asked")}')
        self.machine = {"name": "homelab", "address": "192.0.2.1", "port": 22, "sleeps": True}
        self.power = self.at("bin/vmstation-{}.sh")

    def asked(self):
        return self.read("asked").splitlines()

    def test_are_held_awake_before_they_are_woken_and_let_go_in_the_end(self):
        with sources.awake(self.machine, 60, self.power):
            self.assertEqual(
                self.asked(), ["hold homelab --for 60s --why backup", "wake homelab --why backup"]
            )
        self.assertEqual(self.asked()[2:], ["release homelab --why backup"])

    def test_are_let_go_where_the_backup_fails_or_the_wake_does(self):
        with self.assertRaises(ValueError), sources.awake(self.machine, 60, self.power):
            raise ValueError
        self.assertEqual(self.asked()[-1], "release homelab --why backup")
        self.program("vmstation-wake.sh", "echo it does not wake >&2; exit 1")
        with self.assertRaisesRegex(common.Failure, "it does not wake"):
            with sources.awake(self.machine, 60, self.power):
                self.fail("there is nothing to back up")
        self.assertEqual(self.asked()[-1], "release homelab --why backup")

    def test_an_always_on_machine_is_left_alone(self):
        with sources.awake({**self.machine, "sleeps": False}, 60, self.power):
            pass
        self.assertFalse(os.path.exists(self.at("asked")))

    def test_without_the_power_layer_it_is_said_what_is_missing(self):
        with self.assertRaisesRegex(common.Failure, "nothing here can wake homelab"):
            with sources.awake(self.machine, 60, self.at("none-{}.sh")):
                self.fail("it sleeps")

    def test_are_reached_by_the_backups_own_key_alone(self):
        command = sources.agent_command({"name": "jellyfin", "machine": self.machine}, "archive")
        self.assertEqual(command[-2:], ["vmstation-backup@192.0.2.1", "archive jellyfin"])
        for option in ("StrictHostKeyChecking=yes", "IdentitiesOnly=yes", "BatchMode=yes"):
            self.assertIn(option, command)


class Lock(Case):
    def test_a_second_run_says_whom_it_waits_for_and_gives_up(self):
        holder = subprocess.Popen(
            [sys.executable, "-B", "-c", f"import sys; sys.path.insert(0, {str(FILES / 'lib')!r}); import common\n"
             f"with common.locked({self.at('lock')!r}, 1): print('has it', flush=True); sys.stdin.read()", "first"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(holder.stdout.close)
        self.addCleanup(holder.wait)
        self.addCleanup(holder.stdin.close)
        holder.stdout.readline()
        with self.assertRaisesRegex(common.Failure, "let it finish"):
            with common.locked(self.at("lock"), 1):
                self.fail("there are two of them")
        self.assertRegex(self.said.getvalue(), r"waiting for process \d+: first")
