"""What is made of the API's objects and the agent's answer."""

import copy
import unittest
from dataclasses import replace

from fakes import IDLE, FakeWorld, node_object, pod_object, quiet
from support import NOON, policy

import load
import observe


def cluster(nodes, pods):
    return {"Node": nodes, "Pod": pods, "PersistentVolumeClaim": [], "PersistentVolume": []}


class OfPods(unittest.TestCase):
    def test_only_those_on_the_machine_that_are_not_done(self):
        done = pod_object("done")
        done["status"]["phase"] = "Succeeded"
        pods = [pod_object("a"), pod_object("b", "other"), done]
        seen = observe.of_cluster("box", cluster([node_object()], pods))
        self.assertEqual([pod["name"] for pod in seen["pods"]], ["a"])

    def test_a_mark_for_another_machine_is_no_mark(self):
        labels = {"vmstation.io/sleeps-with": "other"}
        seen = observe.of_cluster("box", cluster([node_object()], [pod_object(labels=labels)]))
        self.assertFalse(seen["pods"][0]["sleepsWith"])

    def test_a_pod_that_may_run_on_any_machine_leaves(self):
        labels = {"vmstation.io/sleeps-with": "any-machine"}
        seen = observe.of_cluster("box", cluster([node_object()], [pod_object(labels=labels)]))["pods"][0]
        self.assertEqual((seen["leaves"], seen["sleepsWith"]), (True, False))

    def test_mirror_pods_and_keep_awake(self):
        annotations = {"kubernetes.io/config.mirror": "x", "vmstation.io/keep-awake": "why"}
        pods = [pod_object(annotations=annotations, owner="Node")]
        seen = observe.of_cluster("box", cluster([node_object()], pods))["pods"][0]
        self.assertEqual((seen["stays"], seen["keepAwake"]), (True, "why"))

    def test_movable_pods_must_fit_elsewhere_together(self):
        nodes = [node_object(), node_object("other")]
        pods = [pod_object(n, requests={"cpu": "1500m"}) for n in ("a", "b", "c")]
        seen = observe.of_cluster("box", cluster(nodes, pods))["pods"]
        self.assertEqual([pod["movable"] for pod in seen], [True, True, False])

    def test_what_is_not_movable(self):
        spread = [{"whenUnsatisfiable": "DoNotSchedule"}]
        pods = [
            pod_object("bare", owner="Pod"),
            pod_object("job", owner="Job"),
            pod_object("scratch", volumes=[{"name": "s", "emptyDir": {}}]),
            pod_object("spread", topologySpreadConstraints=spread),
        ]
        nodes = [node_object(), node_object("other")]
        seen = observe.of_cluster("box", cluster(nodes, pods))["pods"]
        self.assertEqual([pod["movable"] for pod in seen], [False] * 4)

    def test_nothing_moves_to_a_machine_that_is_cordoned_or_not_ready(self):
        cordoned = node_object("other", spec={"unschedulable": True})
        down = node_object("third", status={"conditions": [{"type": "Ready", "status": "Unknown"}]})
        seen = observe.of_cluster("box", cluster([node_object(), cordoned, down], [pod_object()]))
        self.assertFalse(seen["pods"][0]["movable"])


class Waiting(unittest.TestCase):
    def names(self, node, *pods):
        seen = observe.of_cluster("box", cluster([node], list(pods)))
        return [pod["name"] for pod in seen["waiting"]]

    def test_an_unschedulable_pod_that_it_would_take(self):
        self.assertEqual(self.names(node_object(), pod_object(node=None)), ["media/app"])

    def test_not_one_that_is_too_large_or_marked_or_of_a_daemonset_or_going(self):
        going = pod_object(node=None)
        going["metadata"]["deletionTimestamp"] = "now"
        for pod in (
            pod_object(node=None, requests={"cpu": "5"}),
            pod_object(node=None, labels={"vmstation.io/sleeps-with": "box"}),
            pod_object(node=None, owner="DaemonSet"),
            going,
        ):
            self.assertEqual(self.names(node_object(), pod), [])

    def test_none_for_a_machine_that_a_person_has_cordoned(self):
        self.assertEqual(self.names(node_object(spec={"unschedulable": True}), pod_object(node=None)), [])

    def test_our_own_cordon_does_not_count(self):
        ours = {"vmstation.io/cordoned-by": "power"}
        node = node_object(spec={"unschedulable": True}, metadata={"annotations": ours})
        self.assertEqual(self.names(node, pod_object(node=None)), ["media/app"])

    def test_the_last_worker_is_needed_however_full(self):
        big = pod_object("big", None, requests={"cpu": "8"})
        alone = observe.of_cluster("box", cluster([node_object()], [big]))
        self.assertEqual(alone["neededBy"], ["media/big"])
        both = observe.of_cluster("box", cluster([node_object(), node_object("other")], [big]))
        self.assertEqual(both["neededBy"], [])

    def test_without_a_cluster_or_node_nothing_is_known(self):
        for seen in (None, cluster([], [])):
            parts = observe.of_cluster("box", seen)
            self.assertIsNone(parts["pods"])
            self.assertIsNone(parts["node"])
            self.assertIsNone(parts["waiting"])


class Assign(unittest.TestCase):
    def setUp(self):
        self.world = FakeWorld()
        self.addCleanup(self.world.close)
        self.world.settings["machines"] = [policy(name=n) for n in ("a", "b", "c")]
        self.nodes = [node_object(n) for n in ("a", "b", "c")]

    def assign(self, *pods, **states):
        for name, state in states.items():
            self.world.store.save(name, replace(IDLE, state=state))
        found = observe.assign(cluster(self.nodes, list(pods)), self.world)
        return {name: [pod["name"] for pod in pods] for name, pods in found.items()}

    def test_one_machine_for_one_pod(self):
        one = pod_object("p", None)
        found = self.assign(one, a="asleep", b="asleep", c="awake")
        self.assertEqual(found, {"a": ["media/p"]})

    def test_one_that_wakes_already_comes_first_and_a_failed_one_last(self):
        one = pod_object("p", None)
        self.assertEqual(self.assign(one, a="failed", b="asleep", c="waking"), {"c": ["media/p"]})
        self.assertEqual(self.assign(one, a="failed", b="asleep", c="awake"), {"b": ["media/p"]})

    def test_as_many_machines_as_it_takes(self):
        pods = [pod_object(n, None, requests={"cpu": "3"}) for n in ("p", "q")]
        found = self.assign(*pods, a="asleep", b="asleep", c="asleep")
        self.assertEqual(found, {"a": ["media/p"], "b": ["media/q"]})

    def test_one_that_has_refused_the_pod_is_not_woken_again(self):
        self.world.store.save("a", replace(IDLE, state="asleep", refused=(("uid-p", NOON),)))
        found = self.assign(pod_object("p", None), b="asleep")
        self.assertEqual(found, {"b": ["media/p"]})


BEFORE = {"boot": "b", "at": 0, "busy": 0, "total": 0, "network": 0, "disk": 0, "operations": 5}
AFTER = {**BEFORE, "at": 100, "busy": 30, "total": 200, "network": 1000, "disk": 500, "operations": 8}


class OfAgent(unittest.TestCase):
    def test_rates_are_averages_between_two_samples(self):
        self.assertEqual(load.rates(BEFORE, AFTER), {"cpu": 0.15, "network": 10, "disk": 5})

    def test_no_rates_without_two_samples_of_one_boot(self):
        for before, after in (*((None, AFTER), (BEFORE, None), ({**BEFORE, "boot": "a"}, AFTER), (AFTER, AFTER)),):
            self.assertIsNone(load.rates(before, after))
            self.assertFalse(load.export_use(None, before, after))

    def test_use_of_exports(self):
        self.assertEqual(load.export_use(2, BEFORE, AFTER), {"open": 2, "operations": 3})
        self.assertIsNone(load.export_use(None, BEFORE, AFTER))

    def seen(self, world):
        with quiet() as out:
            record = world.store.load("box")
            return observe.observe(world.only(), record, observe.read_cluster(world.kube), world), out

    def test_everything_together(self):
        world = FakeWorld()
        self.addCleanup(world.close)
        world.store.save("box", IDLE)
        seen, _ = self.seen(world)
        self.assertEqual(
            {key: seen[key] for key in ("reachable", "sessions", "inhibitors", "exports", "rates")},
            {
                **{"reachable": True, "sessions": [], "inhibitors": []},
                **{"exports": {"open": 0, "operations": 0}},
                **{"rates": {"cpu": 0.01, "network": 0, "disk": 0}},
            },
        )

    def test_an_agent_that_fails_is_unreadable(self):
        world = FakeWorld()
        self.addCleanup(world.close)
        world.machines.fail.add("observe")
        seen, out = self.seen(world)
        for part in ("sessions", "inhibitors", "exports", "rates"):
            self.assertIsNone(seen[part])
        self.assertIn("box: observe: refused", out.getvalue())

    def test_a_probe_asks_the_apps_service(self):
        world = FakeWorld()
        self.addCleanup(world.close)
        world.add_jellyfin()
        world.connections(2)
        self.assertEqual(self.seen(world)[0]["probes"], {"jellyfin": 2})
        world.kube.fail.add("service")
        self.assertEqual(self.seen(world)[0]["probes"], {"jellyfin": None})

    def test_connections_that_nobody_counts_are_unknown(self):
        world = FakeWorld()
        self.addCleanup(world.close)
        world.add_jellyfin()
        world.settings["connections"] += ".gone"
        self.assertEqual(self.seen(world)[0]["probes"], {"jellyfin": None})

    def test_samples_survive_being_written_down(self):
        world = FakeWorld()
        self.addCleanup(world.close)
        world.store.save("box", replace(IDLE, sample=copy.deepcopy(BEFORE)))
        self.assertEqual(world.store.load("box").sample, BEFORE)


if __name__ == "__main__":
    unittest.main()
