"""Backups: each item by itself, whole or not at all, on machines that are held awake meanwhile."""

import json
import os
import subprocess
import sys

from support import FILES, MODULES, RESTIC, Case

import common
import record
import restic
import restore
import sources
import stream
import work

AGENT = FILES / "backup-agent.py"


class Backups(Case):
    def setUp(self):
        super().setUp()
        self.program("restic", RESTIC)
        self.password = self.write("password", "the-s3cret-password\n")
        self.now = 1_769_904_000.0  # 2026-02-01T00:00:00Z

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
        return {
            "name": name,
            "set": "apps",
            "kind": "archive",
            "paths": [self.at("data", name)],
            "leaveOut": [],
            **more,
        }

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
        self.assertIn('vmstation_backup_timestamp_seconds{set="apps",backup="gone"} 1769904000', metrics)
        self.assertEqual(json.loads(self.read("state.json"))["there"]["size"], 3)

    def test_a_source_that_is_cut_half_way_is_no_backup(self):
        keeper = restic.Restic(self.at("repository/apps"), self.password, "test")
        keeper.prepare()
        half = common.Started(["sh", "-c", "echo half; echo the connection is cut >&2; exit 255"])
        with self.assertRaisesRegex(common.Failure, "the connection is cut"):
            keeper.backup_stream("app.tar", ["item=app"], half, stream.Limits())
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
        for _ in range(3):
            backups.run("all", self.record())
        self.assertEqual(self.snapshots(), ["1.item=gone", "2.item=gone"])
        os.rename(self.at("data/gone"), self.at("data/elsewhere"))
        self.assertEqual(backups.run("all", self.record()), ["gone"])
        self.assertEqual(self.snapshots(), ["1.item=gone", "2.item=gone"])
        self.assertRegex(self.read("bin/restic.asked"), r" forget 0\n.* prune\n")

    def test_a_repository_that_cannot_forget_keeps_none_of_the_others_from_it(self):
        one, two = self.app("one"), {**self.app("two"), "set": "zoo"}
        keep = {"keepLast": 1, "keepWithin": "7d", "maxAge": 100, "checkMaxAge": 1000}
        backups = self.backups(one, two, sets={"apps": keep, "zoo": keep})
        backups.run("all", self.record())
        self.program("restic", RESTIC.replace("  forget)", "  forget) case $repository in */apps) exit 1; esac;"))
        self.assertEqual(backups.run("all", self.record()), ["apps repository"])
        self.assertEqual(len(self.snapshots()), 2)
        self.assertEqual(os.listdir(self.at("repository/zoo/snapshots")), ["1.item=two"])

    def test_a_file_that_cannot_be_read_fails_the_item_but_the_rest_is_kept(self):
        self.program("python3", f'{sys.executable} "$@"; code=$?; [ ! -e {self.at("unread")} ] || exit 3; exit $code')
        backups = self.backups(self.app("jellyfin"))
        self.assertEqual(backups.run("all", self.record()), [])
        self.write("unread", "")
        kept = self.record()
        self.assertEqual(backups.run("all", kept), ["jellyfin"])
        self.assertEqual(self.snapshots(), ["0.item=jellyfin", "1.item=jellyfin"])
        self.assertIn("the rest is kept, marked as incomplete", kept.items["jellyfin"]["error"])
        [newest, _] = backups.list_kept("jellyfin")[0]
        self.assertTrue(newest["incomplete"])
        self.assertEqual(backups.newest(backups.repository("apps"), self.app("jellyfin"), kept)["id"], "0")
        self.assertIn("lacks files that could not be read: --snapshot takes it", self.said.getvalue())

    def test_a_fault_of_any_kind_is_that_items(self):
        backups = self.backups(self.app("one"), self.app("two"))
        original = backups._back_up

        def broken(item):
            if item["name"] == "one":
                raise KeyError("header")
            return original(item)

        backups._back_up = broken
        self.assertEqual(backups.run("all", self.record()), ["one"])
        self.assertEqual(self.snapshots(), ["0.item=two"])
        self.assertIn("one: FAILED: KeyError: 'header'", self.said.getvalue())

    def test_a_record_that_is_damaged_begins_again(self):
        for text in ("{", "[]", '{"one": 3}', "null"):
            self.write("state.json", text)
            self.assertFalse(self.record().of("one", self.now)["failed"])
        self.assertIn("what is known of earlier runs begins again", self.said.getvalue())

    def test_a_damaged_item_keeps_none_of_the_others_from_being_read_back_listed_or_restored(self):
        one, two = self.app("one"), self.app("two")
        backups = self.backups(one, two)
        backups.run("all", self.record())
        os.truncate(self.at("repository/apps/snapshots/0.item=one"), 512)
        self.assertEqual(backups.check(self.record()), ["apps"])
        self.assertIn("two: 2 files and folders can be read back", self.said.getvalue())
        for name in ("one", "two"):
            self.write(f"data/{name}/file", "changed")
        with self.assertRaisesRegex(common.Failure, "not restored: one: see above"):
            restore.Restores(backups, lambda: self.now, self.at("state.json")).run("apps")
        self.assertEqual(self.read("data/one/file"), "changed")
        self.assertEqual(self.read("data/two/file"), "two")

    def test_a_repository_that_cannot_be_listed_hides_none_of_the_others(self):
        keep = {"keepLast": 1, "keepWithin": "7d", "maxAge": 100, "checkMaxAge": 1000}
        one, two = self.app("one"), {**self.app("two"), "set": "zoo"}
        backups = self.backups(one, two, sets={"apps": keep, "zoo": keep})
        backups.run("all", self.record())
        self.program(
            "restic", RESTIC.replace("  snapshots)", '  snapshots) case $repository in */apps) echo "[{"; exit; esac;')
        )
        found, broken = backups.list_kept("all")
        self.assertEqual(([s["item"] for s in found], broken), (["two"], ["apps"]))

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
        away = {"name": "hazel", "address": "192.0.2.1", "port": 22, "sleeps": True, "offline": True}
        backups = self.backups(self.app("there"), self.app("away", machine=away))
        self.assertEqual(backups.run("all", self.record()), [])
        self.assertEqual(self.snapshots(), ["0.item=there"])
        self.assertIn("hazel is marked offline", self.said.getvalue())
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
        self.machine = {"name": "hazel", "address": "192.0.2.1", "port": 22, "sleeps": True}
        self.power = self.at("bin/vmstation-{}.sh")

    def asked(self):
        return self.read("asked").splitlines()

    def test_are_held_awake_before_they_are_woken_and_let_go_in_the_end(self):
        with sources.awake(self.machine, 60, self.power):
            self.assertEqual(self.asked(), ["hold hazel --for 60s --why backup", "wake hazel --why backup"])
        self.assertEqual(self.asked()[2:], ["release hazel --why backup"])

    def test_are_let_go_where_the_backup_fails_or_the_wake_does(self):
        with self.assertRaises(ValueError), sources.awake(self.machine, 60, self.power):
            raise ValueError
        self.assertEqual(self.asked()[-1], "release hazel --why backup")
        self.program("vmstation-wake.sh", "echo it does not wake >&2; exit 1")
        with self.assertRaisesRegex(common.Failure, "it does not wake"):
            with sources.awake(self.machine, 60, self.power):
                self.fail("there is nothing to back up")
        self.assertEqual(self.asked()[-1], "release hazel --why backup")

    def test_an_always_on_machine_is_left_alone(self):
        with sources.awake({**self.machine, "sleeps": False}, 60, self.power):
            pass
        self.assertFalse(os.path.exists(self.at("asked")))

    def test_without_the_power_layer_it_is_said_what_is_missing(self):
        with self.assertRaisesRegex(common.Failure, "nothing here can wake hazel"):
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
            [
                sys.executable,
                "-B",
                "-c",
                f"import sys; sys.path[:0] = {MODULES!r}; import common\n"
                f"with common.locked({self.at('lock')!r}, 1): print('has it', flush=True); sys.stdin.read()",
                "first",
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.addCleanup(holder.stdout.close)
        self.addCleanup(holder.wait)
        self.addCleanup(holder.stdin.close)
        holder.stdout.readline()
        with self.assertRaisesRegex(common.Failure, "let it finish"):
            with common.locked(self.at("lock"), 1):
                self.fail("there are two of them")
        self.assertRegex(self.said.getvalue(), r"waiting for process \d+: first")
