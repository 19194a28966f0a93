"""The decision: every reason to stay awake, every limit, every state."""

import unittest
from dataclasses import replace

from decisions import READY, ask
from support import DAY, HOUR, NOON, idle, pod, policy, silent

import decide
import times


class ReasonsToStayAwake(unittest.TestCase):
    """Each alone keeps a machine awake that would sleep without it, and starts its idle time again."""

    def check(self, seen, reason, **changes):
        decision = ask(seen=seen, **changes)
        self.assertEqual(decision.action, decide.NOTHING)
        self.assertEqual(decision.record.state, "awake")
        self.assertIsNone(decision.record.idle_since)
        self.assertEqual(decision.reasons, (reason,))

    def test_none_of_them_and_it_sleeps(self):
        decision = ask()
        self.assertEqual(decision.action, decide.SLEEP)
        self.assertEqual(decision.reasons, ("idle for 2:00",))

    def test_a_pod(self):
        self.check(idle(pods=[pod()]), "pod media/app runs here")

    def test_a_part_of_the_cluster_that_was_there_before_says_how_it_is_moved(self):
        self.check(
            idle(pods=[pod(namespace="kube-system", name="coredns-1")]),
            "pod kube-system/coredns-1 runs here, a part of the cluster; to move it: kubectl cordon box; "
            "kubectl -n kube-system delete pod coredns-1; kubectl uncordon box",
        )
        self.check(idle(pods=[pod(namespace="kube-system", owner=None)]), "pod kube-system/app runs here")

    def test_a_bare_pod(self):
        self.check(idle(pods=[pod(owner=None)]), "pod media/app runs here")

    def test_a_job(self):
        self.check(idle(pods=[pod(owner="Job")]), "Job pod media/app is not finished")

    def test_a_job_that_could_move_or_is_marked(self):
        job = pod(owner="Job", movable=True, sleepsWith=True)
        self.check(idle(pods=[job]), "Job pod media/app is not finished", evict=True)

    def test_a_movable_pod_where_eviction_is_not_configured(self):
        self.check(idle(pods=[pod(movable=True)]), "pod media/app runs here")

    def test_a_pod_that_fits_nowhere_else(self):
        self.check(idle(pods=[pod()]), "pod media/app runs here", evict=True)

    def test_a_pod_marked_keep_awake(self):
        marked = pod(owner="DaemonSet", keepAwake="encoding")
        self.check(idle(pods=[marked]), "pod media/app is marked keep-awake: encoding")

    def test_the_node_marked_keep_awake(self):
        node = {"ready": True, "protected": False, "keepAwake": "guests"}
        self.check(idle(node=node), "the node is marked keep-awake: guests")

    def test_a_control_plane(self):
        node = {"ready": True, "protected": True, "keepAwake": None}
        self.check(idle(node=node), "it runs the control plane or etcd")

    def test_a_node_that_is_not_ready(self):
        node = {"ready": False, "protected": False, "keepAwake": None}
        self.check(idle(node=node), "the node is not Ready")

    def test_the_last_worker_that_something_needs(self):
        self.check(idle(neededBy=["web/shop"]), "the last Ready worker, and pod web/shop has no other")

    def test_a_pod_that_waits_for_it(self):
        seen = idle(waiting=[{"uid": "u", "name": "web/shop"}])
        self.check(seen, "pod web/shop waits for it")

    def test_an_app_in_use(self):
        self.check(idle(probes={"jellyfin": 2}), "jellyfin is in use by 2", apps=["jellyfin"])

    def test_a_session(self):
        self.check(idle(sessions=["ann", "ann"]), "ann is logged in")

    def test_cpu(self):
        rates = {"cpu": 0.15, "network": 0, "disk": 0}
        self.check(idle(rates=rates), "CPU 15%, limit 15%")

    def test_network(self):
        rates = {"cpu": 0, "network": 204800, "disk": 0}
        self.check(idle(rates=rates), "network 200 KiB/s, limit 200")

    def test_disk(self):
        rates = {"cpu": 0, "network": 0, "disk": 2097152}
        self.check(idle(rates=rates), "disk 2048 KiB/s, limit 1024")

    def test_an_inhibitor(self):
        seen = idle(inhibitors=[{"who": "apt", "why": "upgrade"}])
        self.check(seen, "apt forbids it: upgrade")

    def test_open_files_of_its_exports(self):
        seen = idle(exports={"open": 3, "operations": 0})
        self.check(seen, "3 files are open over NFS")

    def test_traffic_of_its_exports(self):
        seen = idle(exports={"open": 0, "operations": 7})
        self.check(seen, "7 NFS operations since the last check")

    def test_a_hold(self):
        seen = idle(holds=[{"why": "backup", "until": NOON + HOUR}])
        self.check(seen, "held until Fri 13:00: backup")

    def test_a_request(self):
        seen = idle(requests=["a connection to jellyfin"])
        self.check(seen, "a connection to jellyfin")


class WhatCannotBeRead(unittest.TestCase):
    def test_counts_as_active(self):
        for part, reason in (
            ("node", "cannot read the node"),
            ("pods", "cannot read its pods"),
            ("waiting", "cannot read which pods wait for a machine"),
            ("sessions", "cannot read its sessions"),
            ("inhibitors", "cannot read its inhibitors"),
            ("exports", "cannot read clients of its exports"),
            ("rates", "cannot read CPU, network and disk rates"),
        ):
            with self.subTest(part):
                decision = ask(seen=idle(**{part: None}))
                self.assertEqual(decision.action, decide.NOTHING)
                self.assertEqual(decision.reasons, (reason,))
                self.assertIsNone(decision.record.idle_since)

    def test_a_probe_without_an_answer_or_left_out_counts_as_in_use(self):
        for probes in ({"jellyfin": None}, {}):
            decision = ask(seen=idle(probes=probes), apps=["jellyfin"])
            self.assertEqual(decision.reasons, ("cannot read whether jellyfin is in use",))

    def test_a_machine_that_does_not_answer_is_not_idle(self):
        decision = ask(seen=silent())
        self.assertEqual(decision.action, decide.NOTHING)
        self.assertEqual(decision.reasons, ("it does not answer",))
        self.assertIsNone(decision.record.idle_since)

    def test_hours_without_checks_are_not_idle_hours(self):
        late = replace(READY, checked_at=NOON - 3 * 900 - 1)
        decision = ask(late)
        self.assertEqual(decision.action, decide.NOTHING)
        self.assertEqual(decision.record.idle_since, NOON)


class WhatDoesNotKeepItAwake(unittest.TestCase):
    def test_daemonsets_mirror_pods_and_marked_pods(self):
        pods = [pod(owner="DaemonSet"), pod(owner="Node", stays=True), pod(sleepsWith=True)]
        self.assertEqual(ask(seen=idle(pods=pods)).action, decide.SLEEP)

    def test_a_pod_that_may_be_moved(self):
        seen = idle(pods=[pod(movable=True)])
        self.assertEqual(ask(seen=seen, evict=True).action, decide.SLEEP)

    def test_an_app_that_nobody_uses(self):
        seen = idle(probes={"jellyfin": 0})
        self.assertEqual(ask(seen=seen, apps=["jellyfin"]).action, decide.SLEEP)

    def test_a_pod_that_has_waited_while_it_was_up(self):
        seen = idle(waiting=[{"uid": "u", "name": "web/shop"}])
        first = ask(seen=seen)
        self.assertEqual(first.action, decide.NOTHING)
        again = replace(READY, refused=first.record.refused)
        self.assertEqual(ask(again, seen, NOON).action, decide.SLEEP)


class Limits(unittest.TestCase):
    """An idle machine that waits stays idle: its idle time goes on."""

    def check(self, record, reason, now=NOON, **changes):
        decision = ask(record, now=now, **changes)
        self.assertEqual(decision.action, decide.NOTHING)
        self.assertEqual(decision.record.state, "idle")
        self.assertEqual(decision.record.idle_since, record.idle_since)
        self.assertEqual(decision.reasons, (reason,))

    def test_idle_for_too_short_a_time(self):
        self.check(replace(READY, idle_since=NOON - 7199), "idle for 1:59 of 2:00")

    def test_no_wake_test_yet(self):
        self.check(replace(READY, proved_at=0), "no wake test has passed yet")

    def test_a_wake_that_failed_since(self):
        self.check(replace(READY, failed_at=NOON - HOUR), "the last wake or wake test failed")

    def test_a_wake_that_worked_since_is_trusted_again(self):
        record = replace(READY, failed_at=NOON - 2 * DAY)
        self.assertEqual(ask(record).action, decide.SLEEP)

    def test_a_proof_that_is_too_old_has_it_tested_first(self):
        record = replace(READY, proved_at=NOON - 8 * DAY)
        self.assertEqual(ask(record).action, decide.TEST)

    def test_awake_for_too_short_a_time(self):
        self.check(replace(READY, woken_at=NOON - 600), "awake for 0:10 of 0:30")

    def test_changes_a_day_leave_room_for_the_wake(self):
        hours = [NOON - h * HOUR for h in range(1, 12)]
        self.check(replace(READY, changes=tuple(hours)), "12 sleeps and wakes in 24 h")
        self.assertEqual(ask(replace(READY, changes=tuple(hours[:10]))).action, decide.SLEEP)

    def test_changes_of_yesterday_do_not_count(self):
        old = tuple(NOON - DAY - h for h in range(20))
        self.assertEqual(ask(replace(READY, changes=old)).action, decide.SLEEP)

    def test_quiet_hours(self):
        self.check(READY, "quiet hours", quietHours=[{"from": "11:00", "until": "12:01"}])
        past = [{"from": "11:00", "until": "12:00"}]
        self.assertEqual(ask(quietHours=past).action, decide.SLEEP)

    def test_quiet_hours_past_midnight(self):
        night = [{"from": "22:00", "until": "06:00"}]
        for hours, quiet in ((-7, True), (-6, False), (9, False), (10, True), (13, True)):
            at = NOON + hours * HOUR
            self.assertEqual(decide.in_spans(policy(), night, at), quiet, hours)

    def test_quiet_hours_are_local_time(self):
        berlin = policy(timeZone="Europe/Berlin")
        spans = [{"from": "13:00", "until": "13:30"}]
        self.assertTrue(decide.in_spans(berlin, spans, NOON))
        summer = NOON + 180 * DAY
        self.assertFalse(decide.in_spans(berlin, spans, summer))

    def test_the_calendar(self):
        friday = [{"days": ["fri"], "from": "12:00", "until": "13:00"}]
        self.check(READY, "calendar", calendar=friday)
        saturday = [{"days": ["sat"], "from": "12:00", "until": "13:00"}]
        self.assertEqual(ask(calendar=saturday).action, decide.SLEEP)

    def test_a_calendar_entry_past_midnight_belongs_to_its_first_day(self):
        entry = policy(calendar=[{"days": ["fri"], "from": "20:00", "until": "02:00"}])
        for hours, wanted in ((-11, False), (7.9, False), (8, True), (13.9, True), (14, False)):
            self.assertEqual(times.in_calendar(entry, NOON + hours * HOUR), wanted, hours)
