"""Going to sleep and waking: the order of what is done, and that every failure is undone."""

from dataclasses import replace

from box_world import WithWorld
from fakes import IDLE, pod_object
from support import NOON

import decide
from kube import CORDONED_BY, KubeError
from machines import Lost


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

    def test_a_pod_that_may_run_on_any_machine_is_sent_away_and_not_waited_for(self):
        typha = pod_object("typha", labels={"vmstation.io/sleeps-with": "any-machine"})
        for fails in (False, True):
            with self.subTest(fails):
                self.setUp()
                self.world.kube.pods["typha"] = typha
                if fails:
                    self.world.kube.fail.add("evict")
                self.assertEqual(self.check()[1].state, "asleep")
                self.assertEqual("typha" in self.world.kube.pods, fails)

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
