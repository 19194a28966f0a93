"""Waking: the order of what is done, and that every failure is undone."""

from dataclasses import replace

from box_world import WithWorld
from fakes import IDLE
from support import NOON, idle

import decide
import way_bmc
from kube import KubeError


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

    def test_a_virtual_machine_that_does_not_wake_is_said_to_have_been_started(self):
        self.world.machines.deaf = True
        self.world.only()["proxmox"] = {"id": 263}
        reason = "did not wake: no SSH within 300 s of the first start by Proxmox"
        self.assertEqual(self.check()[1].reasons, (reason,))

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
