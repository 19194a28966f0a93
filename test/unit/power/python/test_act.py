"""Going to sleep and waking: the order of what is done, and that every failure is undone."""

import threading
import unittest
from dataclasses import replace

from fakes import IDLE, FakeWorld, node_object, pod_object, quiet
from support import NOON, idle

import controller
import decide
import way_bmc
from kube import CORDONED_BY, KubeError
from machines import Lost


class WithWorld(unittest.TestCase):
    changes = {}

    def setUp(self):
        self.world = FakeWorld(**self.changes)
        self.addCleanup(self.world.close)
        self.world.store.save("box", IDLE)

    def check(self):
        with quiet() as out:
            results = controller.check_all(self.world)
        self.said = out.getvalue()
        return results["box"]

    def record(self):
        return self.world.store.load("box")


class Suspend(WithWorld):
    def test_a_full_cycle(self):
        self.world.kube.pods["jellyfin"] = pod_object("jellyfin", labels={"vmstation.io/sleeps-with": "box"})
        action, record = self.check()
        self.assertEqual((action, record.state), (decide.SLEEP, "asleep"))
        self.assertEqual(self.world.did(), [("cordon", "box"), ("agent", "arm"), ("agent", "suspend")])
        self.assertIn("jellyfin", self.world.kube.pods)
        self.world.log.clear()
        self.world.let_pass(7200)
        self.world.store.request("box", "a connection to jellyfin")
        action, record = self.check()
        self.assertEqual((action, record.state), (decide.WAKE, "awake"))
        self.assertEqual(self.world.did(), [("uncordon", "box")])
        self.assertEqual(self.world.machines.packets, 1)
        self.assertEqual(self.world.store.requests("box", 900), [])
        self.assertEqual((record.wakes, record.failed_wakes), (1, 0))
        self.assertGreaterEqual(record.asleep_seconds, 7200)
        self.assertEqual(record.cycles[-1][3], "a connection to jellyfin")
        self.assertFalse(self.world.kube.nodes["box"]["spec"]["unschedulable"])
        states = [s for i, s in enumerate(self.world.states) if [s] != self.world.states[i - 1 : i]]
        self.assertEqual(states, ["draining", "asleep", "waking", "awake"])

    def test_a_cordon_of_somebody_else_stays(self):
        self.world.kube.nodes["box"]["spec"]["unschedulable"] = True
        self.check()
        self.assertEqual(self.record().state, "asleep")
        self.world.store.request("box", "manual")
        self.check()
        self.assertEqual(self.record().state, "awake")
        self.assertTrue(self.world.kube.nodes["box"]["spec"]["unschedulable"])

    def test_every_failure_puts_the_machine_back_into_service(self):
        world = self.world
        failures = {
            "cordon": lambda: world.kube.fail.add("cordon"),
            "node": lambda: world.kube.fail.add("node"),
            "arm": lambda: world.machines.fail.add("arm"),
            "suspend": lambda: world.machines.fail.add("suspend"),
            "stubborn": lambda: setattr(world.machines, "stubborn", True),
        }
        for name, fail in failures.items():
            with self.subTest(name):
                world.store.save("box", replace(IDLE, checked_at=world.now() - 900, idle_since=world.now() - 9000))
                fail()
                action, record = self.check()
                self.assertEqual(action, decide.SLEEP)
                self.assertEqual(record.state, "awake")
                self.assertIn("sleep given up", record.reasons[0])
                self.assertIsNone(record.idle_since)
                self.assertFalse(world.kube.nodes["box"]["spec"].get("unschedulable"))
                self.assertNotIn(CORDONED_BY, world.kube.nodes["box"]["metadata"]["annotations"])
                world.kube.fail.clear()
                world.machines.fail.clear()
                world.machines.stubborn = False

    def test_what_comes_while_it_drains_stops_it(self):
        world = self.world
        arrivals = {
            "connection": lambda: world.store.request("box", "a connection to jellyfin"),
            "session": lambda: world.machines.answer.update(sessions=["ann"]),
            "log-in": lambda: world.machines.answer.update(arriving=["ann"]),
            "hold": lambda: world.store.hold("box", "up", 60),
            "pod": lambda: world.kube.pods.update(late=pod_object("late", None)),
            "cluster": lambda: world.kube.fail.add("read"),
        }
        for name, arrive in arrivals.items():
            with self.subTest(name):
                world.store.save("box", replace(IDLE, checked_at=world.now() - 900, idle_since=world.now() - 9000))
                world.machines.on_verb = lambda verb, arrive=arrive: verb == "arm" and arrive()
                _, record = self.check()
                self.assertEqual(record.state, "awake")
                self.assertNotIn(("agent", "suspend"), world.log)
                self.assertIn(("agent", "disarm"), world.log)
                world.store.clear_requests("box")
                world.store.release("box")
                world.machines.answer.update(sessions=[], arriving=[])
                world.kube.pods.clear()
                world.kube.fail.clear()
                world.log.clear()

    def test_what_cannot_be_undone_at_once_is_undone_at_the_next_check(self):
        self.world.machines.fail.add("arm")
        self.world.kube.fail.add("uncordon")
        _, record = self.check()
        self.assertEqual(record.state, "draining")
        self.assertEqual(record.reasons, ("sleep given up: arm: refused", "uncordon refused"))
        self.world.machines.fail.clear()
        self.world.kube.fail.clear()
        action, record = self.check()
        self.assertEqual((action, record.state), (decide.UNDO, "awake"))
        self.assertFalse(self.world.kube.nodes["box"]["spec"]["unschedulable"])

    def test_an_order_that_cuts_the_connection_is_judged_by_what_follows(self):
        world = self.world
        real = world.machines.agent

        def agent(machine, verb, timeout=30):
            answer = real(machine, verb, timeout)
            if verb == "suspend":
                raise Lost("suspend: Connection closed by remote host")
            return answer

        world.machines.agent = agent
        self.assertEqual(self.check()[1].state, "asleep")
        world.store.request("box", "manual")
        self.check()
        world.machines.stubborn = True
        world.store.save("box", replace(IDLE, checked_at=world.now() - 900, idle_since=world.now() - 9000))
        _, record = self.check()
        self.assertEqual(record.reasons, ("sleep given up: it still answers",))

    def test_a_node_that_changes_at_that_moment_is_read_again(self):
        kube, real = self.world.kube, self.world.kube.cordon

        def cordon(_node):
            kube.cordon = real
            raise KubeError("kubectl patch: Error from server (Conflict): the object has been modified; try again")

        kube.cordon = cordon
        self.assertEqual(self.check()[1].state, "asleep")
        self.assertTrue(kube.nodes["box"]["spec"]["unschedulable"])

    def what_is_said_while_it_drains(self):
        said = []
        real = self.world.publish

        def publish():
            record = self.record()
            if record.state == "draining" and record.reasons[0] not in said:
                said.append(record.reasons[0])
            real()

        self.world.publish = publish
        return said

    def test_one_whose_address_goes_on_answering_is_asleep_when_its_kubelet_is_silent(self):
        self.world.machines.is_silent = lambda _policy, timeout=2.0: False
        said = self.what_is_said_while_it_drains()
        self.assertEqual(self.check()[1].state, "asleep")
        self.assertLess(self.world.now() - NOON, 60)
        self.assertEqual(said[1:], ["told to sleep, but something still answers at its address, though no SSH"])

    def test_one_whose_kubelet_goes_on_is_not_asleep_whatever_its_sshd_does(self):
        self.world.machines.is_silent = lambda _policy, timeout=2.0: False
        self.world.machines.on_verb = lambda verb: setattr(self.world.kube, "alive", True)
        record = self.check()[1]
        self.assertEqual(record.state, "awake")
        self.assertEqual(
            record.reasons,
            ("sleep given up: something still answers at its address, though no SSH",),
        )
        self.assertGreaterEqual(self.world.now() - NOON, 300)

    def test_without_its_lease_an_address_that_answers_is_not_asleep(self):
        self.world.machines.is_silent = lambda _policy, timeout=2.0: False
        self.world.kube.fail.add("renewed")
        self.assertIn("its kubelet's lease cannot be read", self.check()[1].reasons[0])

    def test_one_that_stays_up_says_so_while_it_is_waited_for(self):
        self.world.machines.stubborn = True
        said = self.what_is_said_while_it_drains()
        self.assertEqual(self.check()[1].state, "awake")
        self.assertIn("told to sleep, but it still answers", said)

    def test_an_alarm_that_stays_on_stops_nothing(self):
        self.world.machines.fail.update(("arm", "disarm"))
        self.assertEqual(self.check()[1].state, "awake")

    def test_a_label_that_cannot_be_set_stops_nothing(self):
        self.world.kube.fail.add("mark")
        self.assertEqual(self.check()[1].state, "asleep")
        self.world.kube.fail.clear()
        self.check()
        labels = self.world.kube.nodes["box"]["metadata"]["labels"]
        self.assertEqual(labels["vmstation.io/power-state"], "asleep")


class PowerOff(WithWorld):
    changes = {"method": "poweroff"}

    def setUp(self):
        super().setUp()
        self.world.add_jellyfin()
        self.world.kube.workloads[("media", "Deployment", "jellyfin")] = 2
        self.world.kube.pods["jellyfin"] = pod_object("jellyfin", labels={"vmstation.io/sleeps-with": "box"})

    def test_workloads_go_to_0_and_come_back_as_they_were(self):
        self.assertEqual(self.check()[1].state, "asleep")
        self.assertEqual(
            self.world.did(),
            [
                ("cordon", "box"),
                ("agent", "arm"),
                ("scale", "jellyfin", 0),
                ("agent", "poweroff"),
            ],
        )
        self.assertEqual(self.record().scaled, (("media", "Deployment", "jellyfin", 2),))
        self.world.store.request("box", "manual")
        self.assertEqual(self.check()[1].state, "awake")
        self.assertEqual(self.world.kube.workloads[("media", "Deployment", "jellyfin")], 2)
        self.assertEqual(self.record().scaled, ())

    def test_a_workload_that_was_at_0_stays_there(self):
        self.world.kube.workloads[("media", "Deployment", "jellyfin")] = 0
        self.world.kube.pods.clear()
        self.check()
        self.world.store.request("box", "manual")
        self.check()
        self.assertEqual(self.record().state, "awake")
        self.assertEqual(self.world.kube.workloads[("media", "Deployment", "jellyfin")], 0)

    def test_a_refused_order_brings_them_back(self):
        self.world.machines.fail.add("poweroff")
        self.assertEqual(self.check()[1].state, "awake")
        self.assertEqual(self.world.kube.workloads[("media", "Deployment", "jellyfin")], 2)

    def test_a_machine_that_does_not_wake_has_them_run_where_they_can(self):
        self.check()
        self.world.machines.deaf = True
        self.world.store.request("box", "manual")
        record = self.check()[1]
        self.assertEqual((record.state, record.scaled), ("failed", ()))
        self.assertEqual(self.world.kube.workloads[("media", "Deployment", "jellyfin")], 2)

    def test_what_cannot_be_scaled_back_then_is_remembered_until_it_is_up(self):
        self.check()
        self.world.machines.deaf = True
        self.world.kube.fail.add("scale")
        self.world.store.request("box", "manual")
        self.assertEqual(self.check()[1].state, "failed")
        self.world.kube.fail.clear()
        self.world.machines.up = self.world.kube.alive = True
        self.assertEqual(self.check()[1].state, "awake")
        self.assertEqual(self.world.kube.workloads[("media", "Deployment", "jellyfin")], 2)

    def test_pods_that_do_not_end_stop_it(self):
        kube = self.world.kube
        kube.scale = lambda ns, kind, name, n: kube.workloads.update({(ns, kind, name): n})
        _, record = self.check()
        self.assertEqual(record.reasons, ("sleep given up: its workloads do not end",))
        self.assertEqual(kube.workloads[("media", "Deployment", "jellyfin")], 2)


class Eviction(WithWorld):
    changes = {"evict": True}

    def setUp(self):
        super().setUp()
        self.world.kube.nodes["other"] = node_object("other")
        self.world.kube.pods["web"] = pod_object("web")

    def test_movable_pods_are_evicted_before_the_sleep(self):
        self.assertEqual(self.check()[1].state, "asleep")
        self.assertEqual(self.world.did()[:2], [("cordon", "box"), ("evict", "media", "web")])

    def test_a_disruption_budget_is_waited_for_and_then_respected(self):
        self.world.kube.fail.add("evict")
        _, record = self.check()
        self.assertEqual(record.reasons, ("sleep given up: pod media/web is still there",))
        self.assertIn("box: draining: waits for pod media/web to move", self.said)
        self.assertGreaterEqual(self.world.now() - NOON, 300)
        self.assertIn("web", self.world.kube.pods)

    def test_a_pod_that_fits_nowhere_keeps_the_machine_awake(self):
        self.world.kube.nodes["other"]["status"]["allocatable"]["cpu"] = "500m"
        action, record = self.check()
        self.assertEqual((action, record.state), (decide.NOTHING, "awake"))
        self.assertEqual(self.world.did(), [])


class Wake(WithWorld):
    def setUp(self):
        super().setUp()
        self.world.machines.up = self.world.kube.alive = False
        self.world.store.save("box", replace(IDLE, state="asleep", since=NOON - 3600))
        self.world.store.request("box", "manual")

    def test_a_machine_that_does_not_wake_ends_in_failed(self):
        self.world.machines.deaf = True
        action, record = self.check()
        self.assertEqual((action, record.state), (decide.WAKE, "failed"))
        self.assertEqual(record.reasons, ("did not wake: no SSH within 300 s of the first magic packet",))
        self.assertEqual(record.failed_wakes, 1)
        self.assertLess(self.world.now() - NOON, 320)
        self.assertGreater(self.world.machines.packets, 20)
        self.assertEqual(self.check()[0], decide.NOTHING)

    def test_the_bmc_is_asked_once_when_packets_do_nothing(self):
        self.world.machines.deaf = True
        self.world.only()["bmc"] = {"address": "127.0.0.1"}
        self.assertEqual(self.check()[1].state, "awake")
        self.assertEqual(self.world.did().count(("bmc",)), 1)
        self.assertGreaterEqual(self.world.now() - NOON, way_bmc.AFTER)

    def test_a_bmc_that_fails_leaves_the_packets(self):
        self.world.machines.deaf = True
        self.world.machines.fail.add("bmc")
        self.world.only()["bmc"] = {"address": "127.0.0.1"}
        self.assertEqual(self.check()[1].state, "failed")

    def test_a_kubelet_that_stays_silent_ends_in_failed_whatever_its_old_status_says(self):
        kube = self.world.kube
        kube.renewed = lambda name: "2026-01-01T00:00:00Z"
        _, record = self.check()
        self.assertEqual(record.state, "failed")
        self.assertIn("the kubelet is not Ready within 300 s", record.reasons[0])

    def test_an_api_that_fails_for_a_while_is_waited_for(self):
        kube, calls = self.world.kube, []

        def renewed(_name):
            calls.append(1)
            if len(calls) < 5:
                raise KubeError("connection refused")
            return str(len(calls))

        kube.renewed = renewed
        self.assertEqual(self.check()[1].state, "awake")

    def test_up_without_our_doing_proves_nothing(self):
        self.world.machines.up = self.world.kube.alive = True
        before = self.record().proved_at
        action, record = self.check()
        self.assertEqual((action, record.state), (decide.ADOPT, "awake"))
        self.assertEqual(record.proved_at, before)
        self.assertEqual(self.world.machines.packets, 0)

    def test_a_failed_one_that_comes_back_sleeps_only_after_a_test(self):
        self.world.machines.deaf = True
        self.check()
        self.world.machines.up = self.world.kube.alive = True
        self.assertEqual(self.check()[1].state, "awake")
        waits = decide.limits(self.world.only(), replace(self.record(), idle_since=0), idle(), self.world.now())
        self.assertIn("the last wake or wake test failed", waits)


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
