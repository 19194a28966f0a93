"""A controller that ends anywhere, its test wakes, and a second one beside it."""

import threading
import unittest
from dataclasses import replace

from box_world import WithWorld
from fakes import IDLE, FakeWorld, quiet
from support import NOON

import controller
import decide


class Crash(WithWorld):
    """The process ends, as by kill -9, at each of its outward calls in turn; the next check recovers."""

    class Killed(BaseException):
        pass

    def killed_at(self, number):
        """A world in which the numberth outward call is the last."""
        world = FakeWorld(method="poweroff")
        self.addCleanup(world.close)
        world.add_jellyfin()
        world.store.save("box", IDLE)
        left = [number]

        def guard(target, name):
            real = getattr(target, name)

            def call(*args, **kwargs):
                left[0] -= 1
                if left[0] == 0:
                    raise self.Killed
                return real(*args, **kwargs)

            setattr(target, name, call)

        for name in ("cordon", "uncordon", "mark", "scale", "renewed"):
            guard(world.kube, name)
        for name in ("agent", "send_packet", "is_silent"):
            guard(world.machines, name)
        return world, left

    def run_until_killed(self, world):
        try:
            with quiet():
                controller.check_all(world)
        except self.Killed:
            return True
        return False

    def test_at_every_point_of_a_sleep(self):
        for number in range(1, 60):
            world, left = self.killed_at(number)
            if not self.run_until_killed(world):
                self.assertGreater(number, 10)
                return
            left[0] = 10_000
            self.settle(world, number)
        self.fail("the sleep never ran to its end")

    def settle(self, world, number):
        """Asleep with everything put away, or awake with everything as before."""
        with self.subTest(killed_at=number), quiet():
            controller.check_all(world)
            state = world.store.load("box").state
            if state == "asleep":
                self.assertFalse(world.machines.up)
                world.store.request("box", "manual")
                controller.check_all(world)
            self.assertIn(world.store.load("box").state, ("awake", "idle"))
            self.assertTrue(world.machines.up)
            self.assertEqual(world.kube.workloads[("media", "Deployment", "jellyfin")], 1)
            self.assertFalse(world.kube.nodes["box"]["spec"].get("unschedulable"))

    def test_an_order_that_arrives_after_the_recovery_does_not_leave_it_asleep(self):
        world, _ = self.killed_at(10_000)
        real = world.machines.agent

        def lose(policy, verb, *rest):
            if verb == policy["method"]:
                raise self.Killed
            return real(policy, verb, *rest)

        world.machines.agent = lose
        self.assertTrue(self.run_until_killed(world))
        with quiet():
            controller.check_all(world)
            self.assertEqual(world.store.load("box").state, "awake")
            # The connection of the killed run was on its way all the time.
            real(world.only(), world.only()["method"])
            self.assertFalse(world.machines.up)
            controller.check_all(world)
        self.assertEqual((world.store.load("box").state, world.machines.up), ("awake", True))
        self.assertFalse(world.store.load("box").told)

    def test_at_every_point_of_a_wake(self):
        for number in range(1, 60):
            world, left = self.killed_at(10_000)
            with quiet():
                controller.check_all(world)
            self.assertEqual(world.store.load("box").state, "asleep")
            world.store.request("box", "manual")
            left[0] = number
            if not self.run_until_killed(world):
                self.assertGreater(number, 4)
                return
            left[0] = 10_000
            self.settle(world, number)
        self.fail("the wake never ran to its end")


class Test(WithWorld):
    def test_a_stale_proof_has_it_sleep_and_wake_at_once(self):
        self.world.store.save("box", replace(IDLE, proved_at=NOON - 8 * 86400))
        action, record = self.check()
        self.assertEqual((action, record.state), (decide.TEST, "awake"))
        self.assertIn(("agent", "arm-test"), self.world.log)
        self.assertGreater(record.proved_at, NOON)
        self.assertEqual(self.world.machines.packets, 1)

    def test_one_that_does_not_come_back_is_failed_and_not_trusted(self):
        self.world.store.save("box", replace(IDLE, proved_at=NOON - 8 * 86400))
        self.world.machines.deaf = True
        _, record = self.check()
        self.assertEqual(record.state, "failed")
        self.assertGreater(record.failed_at, record.proved_at)


class TwoControllers(WithWorld):
    def test_the_second_one_leaves_the_machine_alone(self):
        with self.world.store.lock("box"), quiet() as out:
            self.assertEqual(controller.check_all(self.world), {})
        self.assertIn("another run is busy with box", out.getvalue())
        self.assertEqual(self.world.did(), [])

    def test_both_at_the_same_moment_put_it_to_sleep_once_and_wake_it_once(self):
        both = threading.Barrier(2)
        acted = []

        def run():
            both.wait(10)
            acted.append(controller.check_all(self.world))

        def run_both():
            threads = [threading.Thread(target=run) for _ in range(2)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(30)

        with quiet():
            run_both()
        told = [entry for entry in self.world.did() if entry == ("agent", "suspend")]
        self.assertEqual((self.record().state, len(told)), ("asleep", 1))
        self.world.store.request("box", "manual")
        with quiet():
            run_both()
        self.assertEqual((self.record().state, self.record().wakes), ("awake", 1))
        actions = [action for results in acted for action, _ in results.values()]
        self.assertEqual((actions.count(decide.SLEEP), actions.count(decide.WAKE)), (1, 1))

    def test_a_dry_run_changes_nothing(self):
        before = self.record()
        with quiet():
            action, _ = controller.check_all(self.world, dry_run=True)["box"]
        self.assertEqual(action, decide.SLEEP)
        self.assertEqual(self.record(), before)
        self.assertEqual(self.world.log, [])


if __name__ == "__main__":
    unittest.main()
