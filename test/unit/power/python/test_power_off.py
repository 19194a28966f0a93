"""Powering off: workloads go to 0 first, and pods that others can take are evicted."""

from box_world import WithWorld
from fakes import node_object, pod_object
from support import NOON

import decide


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
