"""A wall clock that is wrong, and is set: forwards, backwards, by a year, within a boot and across a reboot."""

import json
import unittest
from dataclasses import replace

from fakes import IDLE, FakeWorld, quiet
from support import DAY, HOUR, NOON

import controller
import decide
import moments

YEAR = 365 * DAY
STEPS = (YEAR, -YEAR, HOUR, -HOUR, 90, -90)


class WithWorld(unittest.TestCase):
    def new_world(self):
        world = FakeWorld()
        self.addCleanup(world.close)
        return world

    def check(self, world):
        with quiet():
            return controller.check_all(world)["box"]


class Holds(WithWorld):
    def test_last_as_long_as_they_were_meant_to_whatever_the_clock_does(self):
        for step in STEPS:
            with self.subTest(step=step), quiet():
                world = self.new_world()
                world.store.hold("box", "guests", 3 * HOUR)
                world.let_pass(HOUR)
                world.time += step
                world.let_pass(2 * HOUR - 60)
                self.assertEqual(len(world.store.holds("box")), 1)
                self.assertAlmostEqual(world.store.holds("box")[0]["until"] - world.time, 60, 3)
                world.let_pass(61)
                self.assertEqual(world.store.holds("box"), [])

    def test_that_were_set_while_the_clock_ran_ahead_end_after_a_reboot_too(self):
        world = self.new_world()
        world.time += YEAR
        world.store.hold("box", "guests", 3 * HOUR)
        world.boot, world.elapsed = "the next boot", 20.0
        world.time -= YEAR
        self.assertEqual(len(world.store.holds("box")), 1)
        world.let_pass(3 * HOUR + 1)
        self.assertEqual(world.store.holds("box"), [])

    def test_of_an_earlier_version_end_as_well(self):
        world = self.new_world()
        folder = world.store.folder / "holds"
        folder.mkdir()
        for ahead, held in ((YEAR, 31 * DAY), (HOUR, HOUR)):
            (folder / "box.json").write_text(json.dumps([{"why": "x", "until": world.time + ahead}]))
            self.assertEqual(len(world.store.holds("box")), 1)
            world.let_pass(held - 1)
            self.assertEqual(len(world.store.holds("box")), 1)
            world.let_pass(2)
            self.assertEqual(world.store.holds("box"), [])


class Requests(WithWorld):
    def test_count_for_their_time_and_no_longer(self):
        for step in STEPS:
            with self.subTest(step=step):
                world = self.new_world()
                world.store.request("box", "ann")
                world.time += step
                world.let_pass(890)
                self.assertEqual(world.store.requests("box", 900), ["ann"])
                world.let_pass(11)
                self.assertEqual(world.store.requests("box", 900), [])

    def test_from_the_future_are_dropped(self):
        world = self.new_world()
        world.time += YEAR
        world.store.request("box", "ann")
        world.boot, world.elapsed = "the next boot", 20.0
        world.time -= YEAR
        self.assertEqual(world.store.requests("box", 900), [])

    def test_of_an_earlier_version_are_read(self):
        world = self.new_world()
        folder = world.store.folder / "requests"
        folder.mkdir()
        (folder / "box.json").write_text(json.dumps([{"why": "ann", "at": world.time - 60}]))
        self.assertEqual(world.store.requests("box", 900), ["ann"])


class Records(WithWorld):
    def test_an_idle_machine_sleeps_when_it_has_been_idle_for_long_enough(self):
        for step in STEPS:
            for reboot in (False, True):
                with self.subTest(step=step, reboot=reboot):
                    world = self.new_world()
                    fresh = {"idle_since": NOON, "since": NOON, "checked_at": NOON, "woken_at": NOON - HOUR}
                    world.store.save("box", replace(IDLE, proved_at=NOON, **fresh))
                    world.time += step
                    if reboot:
                        world.boot, world.elapsed = "the next boot", 20.0
                    waited = 0
                    while self.check(world)[1].state != "asleep":
                        world.let_pass(900)
                        waited += 900
                        # A year later by its clock, it is first tested whether it still wakes.
                        self.assertLessEqual(waited, 5 * HOUR, world.store.load("box"))
                    if not reboot:
                        self.assertEqual(waited, 2 * HOUR)

    def test_a_failed_machine_is_tried_again_for_those_who_wait(self):
        world = self.new_world()
        world.machines.up = world.kube.alive = False
        world.store.save("box", replace(IDLE, state="failed", failed_at=NOON + YEAR))
        world.boot = "the next boot"
        self.check(world)
        world.let_pass(decide.RETRY_FAILED)
        world.store.request("box", "ann")
        self.assertEqual(self.check(world)[1].state, "awake")

    def test_whether_the_last_proof_or_failure_came_last_is_kept(self):
        for proved, failed, trusted in (
            *((YEAR, 0, True), (YEAR, YEAR - 1, True), (YEAR - 1, YEAR, False), (-DAY, YEAR, False)),
            *((YEAR, -DAY, True), (-DAY, -HOUR, False)),
        ):
            record = replace(IDLE, proved_at=NOON + proved, failed_at=NOON + failed)
            kept = moments.without_future(record, NOON)
            self.assertEqual((kept.proved_at > kept.failed_at, kept.failed_at > kept.proved_at), (trusted, not trusted))
            self.assertLessEqual(max(kept.proved_at, kept.failed_at), NOON)

    def test_nothing_is_left_in_the_future(self):
        ahead = NOON + YEAR
        record = replace(
            IDLE,
            **{"since": ahead, "checked_at": ahead, "idle_since": ahead, "woken_at": ahead},
            **{"changes": (NOON - HOUR, ahead), "refused": (("a", ahead), ("b", NOON - 60))},
            cycles=((NOON - DAY, NOON - HOUR, 40, "pod"), (NOON - HOUR, ahead, 40, "pod")),
        )
        kept = moments.without_future(record, NOON)
        self.assertEqual((kept.since, kept.checked_at, kept.idle_since, kept.woken_at), (NOON, 0, NOON, NOON))
        self.assertEqual((kept.changes, kept.refused), ((NOON - HOUR,), (("b", NOON - 60),)))
        self.assertEqual(kept.cycles, ((NOON - DAY, NOON - HOUR, 40, "pod"),))


class DuringAWake(WithWorld):
    def test_a_step_changes_neither_its_time_limit_nor_how_long_it_took(self):
        for step in STEPS:
            with self.subTest(step=step):
                world = self.new_world()
                world.machines.up = world.kube.alive = False
                world.machines.deaf = True
                world.store.save("box", replace(IDLE, state="asleep"))
                world.store.request("box", "ann")
                begin = world.elapsed

                def pause(seconds, world=world, begin=begin, step=step):
                    world.let_pass(seconds)
                    if world.time - world.elapsed == NOON:
                        world.time += step
                    if world.elapsed - begin >= 60:
                        world.machines.up = world.kube.alive = True

                world.pause = pause
                _, record = self.check(world)
                self.assertEqual(record.state, "awake", record.reasons)
                self.assertGreaterEqual(world.machines.packets, 5)
                self.assertTrue(60 <= record.last_wake_seconds <= 75, record.last_wake_seconds)

    def test_one_that_does_not_come_is_given_up_in_time(self):
        for step in STEPS:
            with self.subTest(step=step):
                world = self.new_world()
                world.machines.up = world.kube.alive = False
                world.machines.deaf = True
                world.store.save("box", replace(IDLE, state="asleep"))
                world.store.request("box", "ann")

                def pause(seconds, world=world, step=step):
                    world.let_pass(seconds)
                    if world.time - world.elapsed == NOON:
                        world.time += step

                world.pause = pause
                begin = world.elapsed
                self.assertEqual(self.check(world)[1].state, "failed")
                self.assertTrue(300 <= world.elapsed - begin <= 320)


if __name__ == "__main__":
    unittest.main()
