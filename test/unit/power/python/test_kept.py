"""What is kept on disk and shown: records, locks, holds, metrics, the table, the verbs."""

import argparse
import json
import subprocess
import sys
import unittest
import unittest.mock
from dataclasses import replace

from fakes import IDLE, FakeWorld, quiet
from support import DAY, HOUR, MODULES, NOON, policy

import controller
import main
import metrics
import record as records
import state
from lock import Busy


class OnDisk(unittest.TestCase):
    def setUp(self):
        self.world = FakeWorld()
        self.addCleanup(self.world.close)
        self.store = self.world.store

    def test_a_record_comes_back_as_it_was(self):
        full = replace(IDLE, state="asleep", changes=(1.0, 2.0), told=True, last_wake_seconds=40.5, wakes=3)
        self.store.save("box", full)
        self.assertEqual(replace(self.store.load("box"), clock=None), full)

    def test_one_that_cannot_be_read_is_kept_aside_and_trusts_nothing(self):
        for text in (
            *("", "{", "[]", '{"state": "napping"}', '{"since": "noon"}', '{"since": NaN}', "[" * 100_000),
            *('{"cycles": [1]}', '{"sample": {"boot": 1}}', '{"reasons": [null]}', '{"refused": {"a": 1}}'),
        ):
            (self.store.folder / "box.json").write_text(text)
            with quiet() as out:
                loaded = self.store.load("box")
            self.assertEqual((loaded.state, loaded.proved_at), ("asleep", 0), text[:50])
            self.assertEqual((self.store.folder / "box.unreadable").read_text(), text)
            self.assertIn("box.json cannot be read", out.getvalue())

    def test_after_that_the_next_look_tells_whether_it_is_up(self):
        for up in (True, False):
            (self.store.folder / "box.json").write_text("{")
            self.world.machines.up = self.world.kube.alive = up
            with quiet():
                record = controller.check_all(self.world)["box"][1]
            self.assertEqual(record.state, "awake" if up else "asleep")

    def test_keys_of_another_version_are_left_out(self):
        (self.store.folder / "box.json").write_text('{"state": "asleep", "mood": "fine"}')
        self.assertEqual(self.store.load("box").state, "asleep")

    def test_a_lock_is_let_go_of_when_its_holder_dies(self):
        code = (
            f"import sys; sys.path[:0] = {MODULES!r}\n"
            "import os, signal\nfrom store import Store\n"
            f"with Store({self.world.folder.name!r}).lock('box'):\n"
            "    os.kill(os.getpid(), signal.SIGKILL)\n"
        )
        done = subprocess.run([sys.executable, "-B", "-c", code], check=False)
        self.assertEqual(done.returncode, -9)
        with self.store.lock("box"):
            with self.assertRaisesRegex(Busy, "another run is busy with box"):
                with self.store.lock("box"):
                    pass

    def test_a_hold_ends_by_itself_and_can_be_renewed_or_released(self):
        self.store.hold("box", "backup", 60)
        self.store.hold("box", "up", 600)
        self.store.hold("box", "backup", 120)
        self.assertEqual(len(self.store.holds("box")), 2)
        self.world.let_pass(121)
        self.assertEqual([h["why"] for h in self.store.holds("box")], ["up"])
        self.store.release("box", "up")
        self.assertEqual(self.store.holds("box"), [])

    def test_a_request_that_nobody_fulfilled_is_forgotten(self):
        self.store.request("box", "a connection")
        self.store.request("box", "a connection")
        self.assertEqual(self.store.requests("box", 900), ["a connection"])
        self.world.let_pass(901)
        self.assertEqual(self.store.requests("box", 900), [])


class Cycles(unittest.TestCase):
    def test_time_asleep_is_counted_once(self):
        slept = records.slept(IDLE, NOON, "idle")
        woke = records.woken(records.waking(slept, NOON + HOUR, "pod"), NOON + HOUR + 40, "pod")
        self.assertEqual(woke.asleep_seconds, HOUR)
        self.assertEqual(woke.cycles, ((NOON, NOON + HOUR, 40, "pod"),))
        self.assertEqual((woke.wakes, woke.last_wake_seconds), (1, 40))
        self.assertEqual(woke.changes, (NOON, NOON + HOUR + 40))

    def test_seven_days_are_seven_days(self):
        long = replace(IDLE, cycles=((NOON - 9 * DAY, NOON - 6 * DAY, 40, "x"),))
        self.assertEqual(records.asleep_within(long, NOON), DAY)
        asleep = replace(long, state="asleep", since=NOON - HOUR)
        self.assertEqual(records.asleep_within(asleep, NOON), DAY + HOUR)


class Shown(unittest.TestCase):
    def test_metrics_in_prometheus_text_format(self):
        asleep = replace(IDLE, state="asleep", since=NOON - HOUR, wakes=2)
        rules = policy(watts={"awake": 80, "asleep": 4})
        lines = metrics.render([(rules, asleep)], NOON).splitlines()
        for line in (
            "# TYPE vmstation_power_state gauge",
            'vmstation_power_state{node="box",state="asleep"} 1',
            'vmstation_power_state{node="box",state="awake"} 0',
            'vmstation_power_asleep_seconds_total{node="box"} 3600.0',
            'vmstation_power_wakes_total{node="box"} 2',
            'vmstation_power_failed_wakes_total{node="box"} 0',
            'vmstation_power_saved_watt_hours_total{node="box"} 76.0',
            'vmstation_power_wake_failed{node="box"} 0',
            'vmstation_power_proved{node="box"} 1',
        ):
            self.assertIn(line, lines)
        self.assertEqual(sum(line.startswith("vmstation_power_state{") for line in lines), 7)

    def test_no_energy_is_claimed_where_nobody_measured(self):
        self.assertNotIn("watt", metrics.render([(policy(), IDLE)], NOON))

    def test_a_machine_that_did_not_wake_shows(self):
        failed = records.failed(replace(IDLE, state="waking"), NOON, "x")
        text = metrics.render([(policy(), failed)], NOON)
        self.assertIn('vmstation_power_wake_failed{node="box"} 1', text)
        self.assertIn('vmstation_power_failed_wakes_total{node="box"} 1', text)

    def test_the_table(self):
        entry = state.row(policy(), replace(IDLE, reasons=("ann is logged in",)), NOON)
        lines = state.table([entry], [policy()]).splitlines()
        self.assertEqual(lines[0].split()[:2], ["MACHINE", "STATE"])
        self.assertEqual(lines[1].split()[:2], ["box", "idle"])
        self.assertTrue(lines[1].endswith("ann is logged in"))

    def test_the_analysis(self):
        done = replace(IDLE, cycles=((NOON - DAY, NOON, 40, "pod"), (NOON, NOON, None, "")))
        found = state.analysis(policy(), done, NOON)
        self.assertEqual((found["meanWakeSeconds"], found["slowestWakeSeconds"]), (40, 40))
        self.assertAlmostEqual(found["asleepShare"], 1 / 7)


class Verbs(unittest.TestCase):
    def setUp(self):
        self.world = FakeWorld()
        self.addCleanup(self.world.close)
        self.world.store.save("box", IDLE)

    def run_verb(self, *arguments):
        options = main.parser().parse_args(arguments)
        with quiet() as out:
            return options.run(self.world, options), out.getvalue()

    def test_sleep_wake_and_test_manual(self):
        self.assertEqual(self.run_verb("sleep", "box")[0], 0)
        self.assertEqual(self.run_verb("sleep", "box")[0], 0)
        self.assertEqual(self.run_verb("power-test", "box")[0], 2)
        self.assertEqual(self.run_verb("wake", "box")[0], 0)
        self.assertEqual(self.run_verb("power-test", "box")[0], 0)
        self.assertEqual(self.world.store.load("box").state, "awake")

    def test_a_test_that_fails_is_code_1_and_ends_the_trust(self):
        self.world.machines.deaf = True
        self.assertEqual(self.run_verb("power-test", "box")[0], 1)
        after = self.world.store.load("box")
        self.assertGreater(after.failed_at, after.proved_at)

    def test_manual_as_well_nothing_in_use_is_put_to_sleep(self):
        self.world.machines.answer["sessions"] = ["ann"]
        self.assertEqual(self.run_verb("sleep", "box")[0], 1)
        self.assertTrue(self.world.machines.up)

    def test_hold_and_release(self):
        self.run_verb("hold", "box", "--for", "1h30m", "--why", "guests")
        self.assertEqual(self.world.store.holds("box"), [{"why": "guests", "until": NOON + 1.5 * HOUR}])
        self.run_verb("release", "box")
        self.assertEqual(self.world.store.holds("box"), [])

    def test_durations(self):
        self.assertEqual(main.seconds_of("1h30m"), 5400)
        for text in ("", "3", "h", "3 h", "-1h"):
            with self.assertRaises(argparse.ArgumentTypeError):
                main.seconds_of(text)

    def test_state_as_json(self):
        code, out = self.run_verb("power-state", "--json")
        self.assertEqual((code, json.loads(out)[0]["machine"]), (0, "box"))

    def test_seven_days_of_journal_and_cycles(self):
        done = replace(IDLE, cycles=((NOON - DAY, NOON, 40, "pod"),), failed_wakes=1)
        self.world.store.save("box", done)
        asked = []

        def journalctl(command, **_options):
            asked.append(command)
            return subprocess.CompletedProcess(command, 0, "2026-01-02 box: asleep: idle\n", "")

        with unittest.mock.patch("subprocess.run", journalctl):
            code, out = self.run_verb("collect-wake-logs")
            as_json = json.loads(self.run_verb("collect-wake-logs", "--json")[1])
        self.assertEqual(code, 0)
        self.assertEqual(
            out.splitlines(),
            [
                "box: 1 cycles, asleep 14% of 7 days, 1 failed wakes",
                "2026-01-02 box: asleep: idle",
            ],
        )
        self.assertIn("--since=-7d", asked[0])
        self.assertEqual(as_json["journal"], ["2026-01-02 box: asleep: idle"])
        self.assertEqual(as_json["machines"][0]["cycles"][0]["trigger"], "pod")

    def test_a_journal_that_cannot_be_read_is_code_2(self):
        failed = subprocess.CompletedProcess([], 1, "", "No journal files were found.\n")
        with unittest.mock.patch("subprocess.run", lambda *_a, **_o: failed):
            code, out = self.run_verb("collect-wake-logs")
        self.assertEqual((code, out), (2, "No journal files were found.\n"))

    def test_an_unknown_machine_and_a_missing_configuration_are_code_2(self):
        with quiet() as out:
            self.assertEqual(main.main(["--config", "/nowhere", "power-state"]), 2)
        self.assertIn("/nowhere", out.getvalue())


if __name__ == "__main__":
    unittest.main()
