"""The decision about a machine that sleeps, wakes, or has failed."""

import unittest
from dataclasses import replace

from decisions import READY, ask
from support import DAY, HOUR, NOON, idle, policy, silent

import decide
from record import Record

ASLEEP = Record(state="asleep", since=NOON - HOUR, proved_at=NOON - DAY, checked_at=NOON - 900)


class Arriving(unittest.TestCase):
    def test_a_log_in_on_its_way_delays_the_sleep_and_is_no_use(self):
        record = Record(state="idle", idle_since=NOON - DAY, proved_at=NOON - HOUR, checked_at=NOON - 900)
        seen = idle(arriving=["unknown"])
        decision = decide.decide(policy(), record, seen, NOON)
        self.assertEqual((decision.action, decision.reasons), (decide.NOTHING, ("somebody is logging in as unknown",)))
        self.assertEqual((decision.record.state, decision.record.idle_since), ("idle", NOON - DAY))
        self.assertEqual(decide.decide(policy(), decision.record, idle(), NOON + 900).action, decide.SLEEP)


class Asleep(unittest.TestCase):
    def test_it_goes_on_sleeping(self):
        decision = ask(ASLEEP, silent())
        self.assertEqual(decision.action, decide.NOTHING)
        self.assertEqual(decision.record, replace(ASLEEP, checked_at=NOON))

    def test_it_sleeps_on_while_the_cluster_cannot_be_read(self):
        seen = silent(node=None, pods=None, waiting=None)
        self.assertEqual(ask(ASLEEP, seen).action, decide.NOTHING)

    def test_a_pod_wakes_it(self):
        decision = ask(ASLEEP, silent(waiting=[{"uid": "u", "name": "web/shop"}]))
        self.assertEqual(decision.action, decide.WAKE)
        self.assertEqual(decision.reasons, ("pod web/shop waits for it",))

    def test_a_pod_that_it_has_refused_does_not(self):
        refused = replace(ASLEEP, refused=(("u", NOON - HOUR),))
        seen = silent(waiting=[{"uid": "u", "name": "web/shop"}])
        self.assertEqual(ask(refused, seen).action, decide.NOTHING)
        self.assertEqual(ask(refused, seen, NOON + DAY).action, decide.WAKE)

    def test_a_connection_wakes_it_in_quiet_hours_and_at_once(self):
        now = ASLEEP.since + 1
        seen = silent(requests=["a connection to jellyfin"])
        quiet = [{"from": "00:00", "until": "23:59"}]
        self.assertEqual(ask(ASLEEP, seen, now, quietHours=quiet).action, decide.WAKE)

    def test_the_calendar_wakes_it_but_not_in_quiet_hours_or_too_soon(self):
        entry = [{"days": ["fri"], "from": "11:00", "until": "13:00"}]
        self.assertEqual(ask(ASLEEP, silent(), calendar=entry).action, decide.WAKE)
        quiet = [{"from": "11:30", "until": "12:30"}]
        decision = ask(ASLEEP, silent(), calendar=entry, quietHours=quiet)
        self.assertEqual(decision.action, decide.NOTHING)
        soon = replace(ASLEEP, since=NOON - 599)
        self.assertEqual(ask(soon, silent(), calendar=entry).action, decide.NOTHING)

    def test_it_is_woken_when_the_proof_gets_too_old(self):
        old = replace(ASLEEP, proved_at=NOON - 7 * DAY - 1)
        decision = ask(old, silent())
        self.assertEqual((decision.action, decision.reasons), (decide.WAKE, ("wake test is due",)))

    def test_one_that_somebody_else_woke_is_put_into_service(self):
        decision = ask(ASLEEP, idle())
        self.assertEqual(
            (decision.action, decision.reasons),
            (decide.ADOPT, ("woken by somebody else, its power button or its clock",)),
        )

    def test_one_that_was_asked_for_is_up_for_that_reason(self):
        for record in (ASLEEP, replace(ASLEEP, state="failed", failed_at=NOON)):
            decision = ask(record, idle(requests=["pod media/p waits for it"]))
            self.assertEqual((decision.action, decision.reasons), (decide.ADOPT, ("pod media/p waits for it",)))


class AfterAnInterruption(unittest.TestCase):
    def test_a_sleep_that_was_not_ordered_yet_is_undone(self):
        record = replace(READY, state="draining")
        for seen in (idle(), silent()):
            self.assertEqual(ask(record, seen).action, decide.UNDO)

    def test_a_sleep_that_was_ordered_is_settled_by_silence(self):
        record = replace(READY, state="draining", told=True)
        self.assertEqual(ask(record, silent()).action, decide.SETTLE)
        self.assertEqual(ask(record, idle()).action, decide.UNDO)

    def test_it_is_not_settled_while_its_memory_is_saved(self):
        record = replace(READY, state="draining", told=True)
        decision = ask(record, silent(order="saving", requests=["manual"]))
        self.assertEqual((decision.action, decision.record.state), (decide.NOTHING, "draining"))
        self.assertTrue(decision.record.told)
        for order in ("obeyed", "none", None):
            self.assertEqual(ask(record, silent(order=order)).action, decide.SETTLE)
        self.assertEqual(ask(record, idle(order="saving")).action, decide.UNDO)

    def test_it_is_not_settled_where_its_hypervisor_says_that_it_runs(self):
        record = replace(READY, state="draining", told=True)
        for order, action in (("none", decide.UNDO), ("obeyed", decide.SETTLE), (None, decide.SETTLE)):
            self.assertEqual(ask(record, silent(order=order), proxmox={"id": 151}).action, action)

    def test_one_that_sleeps_has_obeyed_once_somebody_knows(self):
        record = replace(ASLEEP, told=True)
        for order, told in (("saving", True), ("stopping", True), (None, True), ("obeyed", False), ("none", False)):
            self.assertEqual(ask(record, silent(order=order)).record.told, told)

    def test_one_that_was_settled_is_undone_once_its_hypervisor_says_that_it_runs(self):
        record = replace(ASLEEP, told=True)

        def of(method, record, **seen):
            return ask(record, silent(**seen), proxmox={"id": 151}, method=method)

        decision = of("poweroff", record, order="none")
        self.assertEqual((decision.action, decision.reasons), (decide.UNDO, ("its hypervisor says that it runs",)))
        # Where it cannot be undone now, the next check tries again.
        self.assertEqual((decision.record.state, decision.record.told), ("asleep", True))
        for order in ("saving", "stopping", "obeyed", None):
            self.assertEqual(of("poweroff", record, order=order).action, decide.NOTHING)
        self.assertEqual(of("poweroff", record, order="none", requests=["manual"]).action, decide.WAKE)
        # It is known to have obeyed; it may be off by somebody's hand.
        self.assertEqual(of("poweroff", ASLEEP, order="none").action, decide.NOTHING)
        self.assertEqual(of("hibernate", record, order="none").action, decide.NOTHING)

    def test_one_that_obeys_after_its_sleep_was_taken_back_is_woken(self):
        record = replace(READY, state="awake", told=True, since=NOON - 5)
        decision = ask(record, silent())
        self.assertEqual(decision.action, decide.WAKE)
        self.assertIn("after the order was taken back", decision.reasons[0])
        self.assertEqual(ask(record, silent(spunDown=True)).action, decide.NOTHING)

    def test_the_order_is_forgotten_once_it_cannot_be_on_its_way_any_more(self):
        record = replace(READY, state="awake", told=True, since=NOON)
        timeout = policy()["sleepTimeout"]
        self.assertTrue(ask(record, idle(), NOON + timeout).record.told)
        self.assertFalse(ask(record, idle(), NOON + timeout + 1).record.told)

    def test_an_order_stays_on_its_way_while_the_memory_is_saved_or_nobody_knows(self):
        record = replace(READY, state="awake", told=True, since=NOON - 10 * policy()["sleepTimeout"])
        for order in ("saving", "stopping", "obeyed", None):
            self.assertTrue(ask(record, idle(order=order)).record.told)
        self.assertFalse(ask(record, idle(order="none")).record.told)
        self.assertFalse(ask(replace(record, told=False), idle(order="saving")).record.told)

    def test_a_machine_is_woken_once_its_memory_is_saved_and_sooner_where_somebody_waits(self):
        record = replace(READY, state="awake", told=True, since=NOON - 5)
        self.assertEqual(ask(record, silent(order="saving")).action, decide.NOTHING)
        self.assertEqual(ask(record, silent(order="saving", requests=["manual"])).action, decide.WAKE)
        for order in ("obeyed", "none", None):
            self.assertEqual(ask(record, silent(order=order)).action, decide.WAKE)

    def test_a_wake_goes_on(self):
        record = replace(ASLEEP, state="waking", reasons=("calendar",))
        decision = ask(record, silent())
        self.assertEqual((decision.action, decision.reasons), (decide.WAKE, ("calendar",)))


class Failed(unittest.TestCase):
    record = replace(ASLEEP, state="failed", failed_at=NOON - 1799)

    def test_one_whose_memory_was_saved_after_the_order_was_taken_back_is_tried_again(self):
        told = replace(self.record, told=True)
        self.assertEqual(ask(told, silent(order="obeyed")).action, decide.NOTHING)
        self.assertEqual(ask(told, silent(order="obeyed"), NOON + 1).action, decide.WAKE)
        self.assertEqual(ask(told, silent(order="obeyed", spunDown=True), NOON + 1).action, decide.NOTHING)
        for order in ("saving", "stopping", "none", None):
            self.assertEqual(ask(told, silent(order=order), NOON + 1).action, decide.NOTHING)
        self.assertEqual(ask(self.record, silent(order="obeyed"), NOON + 1).action, decide.NOTHING)

    def test_it_is_left_alone(self):
        self.assertEqual(ask(self.record, silent()).action, decide.NOTHING)

    def test_who_waits_is_heard_again_after_half_an_hour(self):
        seen = silent(requests=["manual"])
        self.assertEqual(ask(self.record, seen).action, decide.NOTHING)
        self.assertEqual(ask(self.record, seen, NOON + 1).action, decide.WAKE)

    def test_up_again_it_is_put_into_service(self):
        self.assertEqual(ask(self.record, idle()).action, decide.ADOPT)

    def test_a_machine_that_is_off_unnoticed_is_woken_for_a_request(self):
        decision = ask(READY, silent(requests=["a connection to jellyfin"]))
        self.assertEqual(decision.action, decide.WAKE)


if __name__ == "__main__":
    unittest.main()
