"""One fault stays one fault: what is broken about one machine is said, and all the others are looked after."""

import json
import unittest
import unittest.mock
from dataclasses import replace

from fakes import IDLE, FakeWorld, node_object, pod_object, quiet
from support import DAY, NOON, idle, policy

import controller
import decide
import metrics
import observe
import triggers
import watch
from record import Record
from trigger import Trigger

NONSENSE = (
    *("", "{", "[1]", '[{"why": 1}]', '{"why": "x"}', '[{"why": "x", "until": "noon", "at": "noon"}]', "null"),
    *('[{"why": "x", "until": NaN, "at": NaN}]', "[" * 100_000, '"' + "x" * 2**21 + '"', "\udcff"),
)

ANSWERS = (
    *([], "x", {"errors": [], "sessions": 5, "inhibitors": 7, "openFiles": "x", "sample": []}),
    *({"errors": 3, "sessions": [1], "inhibitors": [{}], "openFiles": [], "sample": {"boot": "b"}}, {}),
    {"sessions": {"a": 1}, "inhibitors": [None], "openFiles": float("nan"), "sample": {"boot": "b", "at": "x"}},
)


class TwoMachines(unittest.TestCase):
    def setUp(self):
        self.world = FakeWorld()
        self.addCleanup(self.world.close)
        self.world.settings["machines"].append(policy(name="other"))
        self.world.kube.nodes["other"] = node_object("other")
        self.world.kube.leases["other"] = 0
        # Only what is broken is of interest here, not who sleeps.
        for name in ("box", "other"):
            self.world.store.save(name, replace(IDLE, proved_at=0))
        self.world.store.hold("other", "the test", DAY)
        self.world.publish = lambda: controller.RealWorld.publish(self.world)

    def write(self, path, text):
        target = self.world.store.folder / path
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(text.encode("utf-8", "surrogateescape"))

    def check_all(self):
        """The records of both after a check; the other one and the metrics are as ever."""
        with quiet() as out:
            results = controller.check_all(self.world)
        self.assertEqual(results["other"][1].reasons, ("held until Sat 12:00: the test",), out.getvalue())
        with open(self.world.settings["metrics"], encoding="utf-8") as file:
            text = file.read()
        for name in ("box", "other"):
            self.assertIn(f'vmstation_power_checked_timestamp_seconds{{node="{name}"}}', text)
        return results["box"][1]


class Lists(TwoMachines):
    def test_holds_that_cannot_be_read_hold_for_a_day_and_are_kept_aside(self):
        for text in NONSENSE:
            with self.subTest(text[:40]), quiet():
                self.write("holds/box.json", text)
                self.assertIn("its holds could not be read", self.check_all().reasons[0])
                self.assertIn("its holds could not be read", self.check_all().reasons[0])
                self.assertTrue((self.world.store.folder / "holds/box.unreadable").exists())
                self.world.store.release("box")
                self.assertEqual(self.world.store.holds("box"), [])

    def test_they_do_not_stand_in_the_way_of_a_new_one(self):
        for text in NONSENSE:
            with quiet():
                self.write("holds/box.json", text)
                self.world.store.hold("box", "guests", 60)
                self.assertEqual(self.world.store.holds("box")[-1]["why"], "guests")
                self.write("holds/box.json", text)
                self.world.store.release("box", "guests")

    def test_requests_that_cannot_be_read_are_kept_aside_and_a_wake_goes_on(self):
        for text in NONSENSE:
            with self.subTest(text[:40]):
                self.write("requests/box.json", text)
                self.assertNotIn("cannot be checked", self.check_all().reasons[0])
                self.write("requests/box.json", text)
                with quiet():
                    self.world.store.request("box", "ann")
                self.assertEqual(self.world.store.requests("box", 900), ["ann"])

    def test_a_folder_in_their_place_is_no_obstacle_either(self):
        (self.world.store.folder / "requests/box.json").mkdir(parents=True)
        with quiet():
            self.world.store.request("box", "ann")
        self.assertEqual(self.world.store.requests("box", 900), ["ann"])


class Agents(TwoMachines):
    def test_nonsense_counts_as_active_and_is_said(self):
        real = self.world.machines.agent
        for answer in ANSWERS:
            with self.subTest(str(answer)[:60]):
                self.world.machines.agent = lambda machine, verb, timeout=30, answer=answer: (
                    answer if machine["name"] == "box" else real(machine, verb, timeout)
                )
                record = self.check_all()
                self.assertEqual(record.state, "awake")
                for part in ("its sessions", "its inhibitors", "CPU, network and disk rates"):
                    self.assertIn(f"cannot read {part}", record.reasons)
                json.dumps(record.sample)

    def test_a_look_that_fails_as_nobody_thought_of_counts_as_active(self):
        def agent(machine, _verb, timeout=30):
            raise RuntimeError(machine["name"])

        self.world.machines.agent = agent
        with quiet():
            record = controller.check_all(self.world)["box"][1]
        self.assertIn("cannot read its sessions", record.reasons)


class Everything(TwoMachines):
    def test_a_trigger_that_is_broken_stops_no_wake_and_keeps_awake_what_is_up(self):
        def wanted(_situation):
            raise ZeroDivisionError("nobody thought of that")

        broken = {"door": Trigger(wanted=wanted, is_urgent=True), **triggers.TRIGGERS}
        with unittest.mock.patch.object(triggers, "TRIGGERS", broken):
            why = "the trigger door is broken: ZeroDivisionError: nobody thought of that"
            self.assertIn(why, decide.limits(self.world.only(), replace(IDLE, idle_since=0), idle(), NOON))
            self.world.store.save("box", replace(IDLE, state="asleep"))
            self.world.machines.up = self.world.kube.alive = False
            self.world.store.request("box", "ann")
            with quiet():
                record = controller.check_all(self.world)["box"][1]
        self.assertEqual((record.state, record.reasons), ("awake", ("ann",)))

    def test_a_decision_that_fails_leaves_that_machine_as_it_is(self):
        real = decide.decide

        def decided(machine, *rest):
            if machine["name"] == "box":
                raise ZeroDivisionError("nobody thought of that")
            return real(machine, *rest)

        for state in ("idle", "asleep", "failed"):
            self.world.store.save("box", replace(IDLE, state=state))
            with unittest.mock.patch.object(decide, "decide", decided):
                record = self.check_all()
            why = "it cannot be checked: ZeroDivisionError: nobody thought of that"
            self.assertEqual((record.state, record.reasons, record.idle_since), (state, (why,), None))
            self.assertEqual(record.checked_at, self.world.now())

    def test_an_action_that_fails_ends_that_machines_check_only(self):
        def broken(_policy):
            raise RuntimeError("no route")

        self.world.store.save("box", replace(IDLE, state="asleep"))
        self.world.machines.up = False
        self.world.store.request("box", "ann")
        self.world.machines.send_packet = broken
        with quiet() as out:
            results = controller.check_all(self.world)
        self.assertEqual(list(results), ["other"])
        self.assertIn("no route", out.getvalue())

    def test_a_pod_whose_wake_fails_does_not_stop_the_wake_for_another(self):
        self.world.machines.up = self.world.kube.alive = False
        real = self.world.machines.send_packet

        def send(machine):
            if machine["name"] == "box":
                raise RuntimeError("no route")
            real(machine)

        self.world.machines.send_packet = send
        for name in ("box", "other"):
            self.world.store.save(name, replace(IDLE, state="asleep"))
            self.world.kube.pods[name] = pod_object(name, None, requests={"cpu": "3"})
        watcher = watch.Watcher(self.world)
        with quiet():
            watcher.on_pod()
            for thread in watcher.threads.values():
                thread.join(10)
        self.assertEqual(self.world.store.load("other").state, "awake")

    def test_a_record_of_every_wrong_kind_is_that_machines_fault(self):
        for name in Record.__dataclass_fields__:
            for value in ("x", -1, None, [], {}, [None], True, [[1]]):
                with self.subTest(name=name, value=value):
                    self.write("box.json", json.dumps({"state": "idle", name: value}))
                    self.check_all()

    def test_what_a_node_or_pod_is_like_is_no_concern_of_the_other_machines(self):
        odd = pod_object("odd", None, requests={"cpu": "1.2.3"})
        self.world.kube.pods["odd"] = odd
        self.world.kube.nodes["box"]["status"]["allocatable"] = {"cpu": "lots"}
        self.check_all()
        self.world.kube.pods["odd"] = {**odd, "spec": {"containers": 7}}
        self.check_all()


class OneLook(unittest.TestCase):
    """However many machines sleep, the cluster is read once for all of them."""

    def test_at_each_look_between_the_checks(self):
        world = FakeWorld()
        self.addCleanup(world.close)
        names = [f"machine{number}" for number in range(40)]
        world.settings["machines"] = [policy(name=name) for name in names]
        world.machines.up = world.kube.alive = False
        reads = []
        real = world.kube.read
        world.kube.read = lambda: reads.append(1) or real()
        for name in names:
            world.kube.nodes[name] = node_object(
                name, metadata={"name": name, "labels": {"vmstation.io/power-state": "asleep"}}
            )
            world.store.save(name, replace(IDLE, state="asleep", checked_at=0))
        world.publish = lambda: None
        watcher = watch.Watcher(world)
        with quiet():
            watcher.start_checks()
            for thread in watcher.threads.values():
                thread.join(30)
        self.assertEqual(len(reads), 1)
        self.assertEqual({world.store.load(name).checked_at for name in names}, {world.now()})
        self.assertEqual(world.log, [])


class Metrics(unittest.TestCase):
    def test_an_odd_policy_leaves_the_others_metrics(self):
        odd = policy(name="odd", watts={"awake": "x", "asleep": 1})
        with quiet():
            text = metrics.render([(odd, IDLE), (policy(), IDLE)], 0)
        self.assertIn('vmstation_power_wakes_total{node="box"} 0', text)


class Probes(unittest.TestCase):
    def test_a_count_that_is_none_is_unknown(self):
        world = FakeWorld()
        self.addCleanup(world.close)
        world.add_jellyfin()
        for text in ("{}", "[]", "7", '{"jellyfin": "x"}', '{"jellyfin": Infinity}', '{"jellyfin": null}', ""):
            with open(world.settings["connections"], "w", encoding="utf-8") as file:
                file.write(text)
            with quiet():
                self.assertEqual(observe.of_probes(world.only(), world), {"jellyfin": None}, text)


if __name__ == "__main__":
    unittest.main()
