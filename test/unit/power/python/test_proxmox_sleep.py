"""Virtual machines go to sleep: shut down, or saved to disk, by Proxmox's API and by its word alone."""

from __future__ import annotations

import unittest
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from unittest import mock

from fakes import IDLE, pod_object, quiet
from support import NOON

import controller
import machines
import manual
import proxmox_sleep
import record as records
from model import Policy
from proxmox import Silent, Unanswered
from proxmox_world import OFF, ROOM, START, SUSPEND, TASK, TASKS, VIRTUAL, WithMachine
from record import Record
from way import WakeError


class Sleeping(WithMachine):
    def slept(self) -> Any:
        self.world.store.save("box", IDLE)
        self.world.kube.nodes["box"]["spec"]["unschedulable"] = False
        self.world.machines.up = self.world.kube.alive = True
        return self.check()[1]

    def test_only_where_the_api_would_wake_it_again(self) -> None:
        def change(**values: Any) -> None:
            self.api.box.update(values)

        cases = {
            "high availability would start it": lambda: change(hastate="started"),
            "locked in Proxmox (backup)": lambda: change(hastate="ignored", lock="backup"),
            "VM.PowerMgmt on /vms/151": lambda: (change(lock=""), self.api.denied.add("VM.PowerMgmt /vms/151")),
            "no machine 151": lambda: change(vmid=150),
        }
        for why, fault in cases.items():
            with self.subTest(why):
                fault()
                record = self.slept()
                self.assertEqual(record.state, "awake")
                self.assertIn(why, "; ".join(record.reasons))
                self.assertEqual(self.api.posts, [])
        self.api.box["vmid"] = 151
        self.api.denied.clear()
        self.assertEqual(self.slept().state, "asleep")

    def test_not_by_a_method_that_was_not_refused_when_its_settings_were_written(self) -> None:
        self.world.only()["method"] = "suspend"
        record = self.slept()
        self.assertEqual((record.state, self.api.posts), ("awake", []))
        self.assertIn("no machine to sleep by suspend", record.reasons[0])

    def test_not_while_nobody_answers(self) -> None:
        with mock.patch.object(self.api, "get", side_effect=Silent("Proxmox does not answer: timed out")):
            record = self.slept()
        self.assertEqual(record.state, "awake")
        self.assertIn("does not answer", "; ".join(record.reasons))


class PoweringOff(WithMachine):
    def setUp(self) -> None:
        super().setUp()
        self.world.add_jellyfin()
        self.world.kube.pods["jellyfin"] = pod_object("jellyfin", labels={"vmstation.io/sleeps-with": "box"})

    def replicas(self) -> int:
        return self.world.kube.workloads[("media", "Deployment", "jellyfin")]

    def is_in_service(self) -> bool:
        return self.replicas() == 1 and not self.world.kube.nodes["box"]["spec"]["unschedulable"]

    def test_proxmox_shuts_it_down_without_force_after_its_agent_has_agreed(self) -> None:
        self.assertEqual(self.check()[1].state, "asleep")
        done = [("cordon", "box"), ("agent", "arm"), ("scale", "jellyfin", 0), ("agent", "hibernate")]
        self.assertEqual((self.world.did(), self.api.posts), (done, [OFF]))
        self.assertFalse(self.record().told)
        self.world.store.request("box", "manual")
        self.assertEqual(self.check()[1].state, "awake")
        self.assertEqual((self.paths(), self.replicas()), ([OFF[0], START], 1))

    def test_what_its_agent_refuses_is_not_asked_of_proxmox(self) -> None:
        self.world.machines.fail.add("hibernate")
        self.assertEqual(self.check()[1].state, "awake")
        self.assertEqual((self.api.posts, self.is_in_service()), ([], True))

    def test_what_proxmox_would_start_again_or_works_on_at_the_last_moment_is_not_shut_down(self) -> None:
        agreed = mock.Mock()
        for values in ({"hastate": "started"}, {"hastate": "", "lock": "backup"}):
            self.api.box.update(values)
            with self.assertRaises(WakeError):
                proxmox_sleep.give(self.world.only(), agreed, self.world.pause)
        agreed.assert_not_called()
        self.assertEqual(self.api.posts, [])

    def test_a_guest_that_does_not_react_is_back_in_service_and_sleeps_no_more_by_itself(self) -> None:
        self.api.answers[TASK]["exitstatus"] = "VM quit/powerdown failed - got timeout"
        record = self.check()[1]
        self.assertEqual((record.state, self.is_in_service()), ("awake", True))
        self.assertRegex(record.reasons[0], "not shut it down: .* - got timeout. .* on box: systemctl list-jobs")
        self.assertGreater(record.failed_at, record.proved_at)
        # It reacts after all.
        self.turn("stopped")
        self.assertEqual(self.check()[1].state, "awake")
        self.assertEqual((self.paths(), self.is_in_service()), ([OFF[0], START], True))

    def test_one_that_runs_again_at_once_is_in_service(self) -> None:
        with mock.patch.object(self, "turn"):
            record = self.check()[1]
        self.assertEqual(record.state, "awake")
        self.assertIn("says that it runs again", record.reasons[0])

    def test_a_task_without_end_is_waited_for_no_longer_than_the_limit(self) -> None:
        self.api.answers[TASK] = {"status": "running"}
        record = self.check()[1]
        self.assertEqual((record.state, self.is_in_service()), ("awake", True))
        self.assertIn("does not end its shutdown within 330 s", record.reasons[0])

    def cut(self) -> None:
        """The controller has ended while Proxmox shuts the machine down, and the machine answers no more."""
        self.world.store.save("box", records.told(records.draining(self.record(), self.world.now(), "idle")))
        self.world.machines.up = self.world.kube.alive = False
        self.api.answers[TASKS] = [{"type": "qmshutdown", "upid": "UPID:pve-b:1"}]

    def test_one_that_is_still_shutting_down_is_not_taken_for_asleep(self) -> None:
        self.cut()
        record = self.check_later()
        self.assertEqual((record.state, record.reasons), ("draining", ("it is still shutting down",)))
        self.api.answers[TASKS] = []
        self.turn("stopped")
        self.assertEqual((self.check_later().state, self.api.posts), ("asleep", []))

    def test_one_that_hangs_silently_in_its_shutdown_is_said(self) -> None:
        self.cut()
        self.api.answers[TASKS] = [{"type": "qmshutdown", "endtime": NOON}]
        self.assertEqual(self.check_later().state, "awake")
        record = self.check_later()
        self.assertEqual(record.state, "failed")
        self.assertIn("no SSH within", record.reasons[0])
        self.turn("stopped")
        self.world.let_pass(1800)
        self.assertEqual(self.check_later().state, "awake")
        self.assertEqual(self.paths(), [START])

    def test_a_controller_that_ends_at_any_question_leaves_it_asleep_or_in_service(self) -> None:
        for number in range(1, 60):
            self.setUp()
            with self.subTest(killed_at=number):
                if not self.is_killed_at(number):
                    self.assertGreater(number, 8)
                    return
                for _ in range(3):
                    state = self.check_later().state
                if state == "asleep":
                    self.assertEqual(self.api.box["status"], "stopped")
                    self.world.store.request("box", "manual")
                    state = self.check_later().state
                self.assertIn(state, ("awake", "idle"))
                self.assertTrue(self.world.machines.up and self.is_in_service())
                self.assertLessEqual(self.paths().count(OFF[0]), 1)
        self.fail("the sleep never ran to its end")

    def is_killed_at(self, number: int) -> bool:
        """The guest takes three more questions to go off; the one of that number is the controller's last."""
        self.api.answers[TASK] = {"status": "running"}
        calls = {"left": number, "until off": 3}
        get, post = self.api.get, self.api.post

        def count() -> None:
            calls["left"] -= 1
            if self.paths() == [OFF[0]] and self.world.machines.up:
                calls["until off"] -= 1
                if calls["until off"] == 0:
                    self.turn("stopped")
                    self.api.answers[TASK] = {"status": "stopped", "exitstatus": "OK"}
            if calls["left"] == 0:
                raise Killed

        def counted(call: Callable[..., Any]) -> Callable[..., Any]:
            def counts(*path: str, **values: str) -> Any:
                answer = call(*path, **values)
                count()
                return answer

            return counts

        self.api.get, self.api.post = counted(get), counted(post)  # type: ignore[method-assign]
        try:
            self.check()
        except Killed:
            return True
        return False


class Killed(BaseException):
    """As by kill -9: after the question has been answered."""


class Lost(WithMachine):
    """An order whose answer is lost is followed by what Proxmox says, and given once."""

    def lose(self, arrives: bool) -> None:
        sent = self.api.post

        def post(path: str, /, **values: str) -> str:
            if path == START:
                return sent(path, **values)
            if arrives:
                sent(path, **values)
            else:
                self.api.posts.append((path, values))
            raise Unanswered("Proxmox has not answered: timed out")

        patch = mock.patch.object(self.api, "post", post)
        patch.start()
        self.addCleanup(patch.stop)

    def each_method(self) -> Iterator[str]:
        for method, path in (("poweroff", OFF[0]), ("hibernate", SUSPEND[0])):
            self.setUp()
            self.world.only()["method"] = method  # type: ignore[typeddict-item]
            yield path

    def pauses_until_off(self, number: int) -> Callable[[float], None]:
        pause, left = self.world.pause, iter(range(number))

        def pauses(seconds: float) -> None:
            pause(seconds)
            if next(left, None) == number - 1:
                self.api.answers[TASK] = {"status": "stopped", "exitstatus": "OK"}
                self.turn("stopped")

        return pauses

    def test_one_that_has_arrived_is_carried_out(self) -> None:
        for path in self.each_method():
            self.lose(arrives=True)
            self.assertEqual((self.check()[1].state, self.paths()), ("asleep", [path]))

    def test_one_that_is_being_carried_out_is_waited_for(self) -> None:
        for path in self.each_method():
            self.lose(arrives=False)
            kind = proxmox_sleep.METHODS[self.world.only()["method"]].task
            self.api.answers[TASKS] = [{"type": kind, "upid": "UPID:pve-b:1"}]
            self.api.answers[TASK] = {"status": "running"}
            with mock.patch.object(self.world, "pause", self.pauses_until_off(3)):
                self.assertEqual((self.check()[1].state, self.paths()), ("asleep", [path]))

    def test_one_that_has_not_arrived_leaves_it_in_service_and_is_said(self) -> None:
        for path in self.each_method():
            self.lose(arrives=False)
            record = self.check()[1]
            self.assertEqual((record.state, self.paths()), ("awake", [path]))
            self.assertIn("timed out. Proxmox is not seen to do what it was asked", record.reasons[0])
            self.assertFalse(self.world.kube.nodes["box"]["spec"]["unschedulable"])

    def test_one_that_arrives_later_still_has_it_started_again(self) -> None:
        for path in self.each_method():
            self.lose(arrives=False)
            self.check()
            self.turn("stopped", "" if path == OFF[0] else "suspended")
            self.assertEqual((self.check()[1].state, self.paths()), ("awake", [path, START]))


class Hibernating(WithMachine):
    changes = {**VIRTUAL, "method": "hibernate"}

    def test_its_memory_is_saved_after_its_agent_has_agreed_and_its_pods_stay(self) -> None:
        self.world.add_jellyfin()
        self.assertEqual(self.check()[1].state, "asleep")
        self.assertEqual(self.world.did(), [("cordon", "box"), ("agent", "arm"), ("agent", "hibernate")])
        self.assertEqual(self.api.posts, [SUSPEND])
        self.world.store.request("box", "manual")
        self.assertEqual(self.check()[1].state, "awake")
        self.assertEqual(self.paths(), [SUSPEND[0], START])
        self.assertEqual(self.world.did()[-2:], [("agent", "resumed"), ("uncordon", "box")])

    def test_a_task_that_warns_has_saved_it(self) -> None:
        self.api.answers[TASK]["exitstatus"] = "WARNINGS: 1"
        self.assertEqual(self.check()[1].state, "asleep")

    def test_an_agent_that_refuses_or_is_not_heard_leaves_it_running(self) -> None:
        self.world.machines.fail.add("hibernate")
        self.assertEqual(self.check()[1].state, "awake")
        self.assertEqual(self.api.posts, [])
        self.assertIn(("uncordon", "box"), self.world.did())

    def test_one_whose_memory_is_not_saved_is_back_in_service_and_sleeps_no_more_by_itself(self) -> None:
        self.api.answers[TASK]["exitstatus"] = "query-savevm failed with error 'No space left'"
        record = self.check()[1]
        self.assertEqual(record.state, "awake")
        self.assertRegex("; ".join(record.reasons), "not saved its memory: query-savevm.* on pve-b: qm unlock 151")
        self.assertGreater(record.failed_at, record.proved_at)
        self.assertIn(("uncordon", "box"), self.world.did())

    def test_a_task_without_end_is_waited_for_no_longer_than_the_limit(self) -> None:
        self.api.answers[TASK] = {"status": "running"}
        record = self.check()[1]
        self.assertEqual(record.state, "awake")
        self.assertIn("not saved within 300 s", "; ".join(record.reasons))
        # It ends after all: who needs the machine gets it back.
        self.api.box["status"] = "stopped"
        self.world.machines.up = self.world.kube.alive = False
        self.assertEqual(self.check()[1].state, "awake")
        self.assertEqual(self.api.posts[-1][0], START)

    def give_up(self) -> None:
        """The save takes longer than the limit, and goes on."""
        self.api.answers[TASK] = {"status": "running"}
        self.api.answers[TASKS] = [{"type": "qmsuspend"}]
        self.assertEqual(self.check()[1].state, "awake")
        self.api.box["lock"] = "suspending"

    def end(self, lock: str, status: str) -> None:
        self.api.answers[TASKS] = [{"type": "qmsuspend", "endtime": NOON}]
        self.api.box.update(lock=lock, status=status)
        self.world.machines.up = self.world.kube.alive = status == "running"

    def test_a_save_may_end_however_late_and_whoever_looks_at_it_meanwhile(self) -> None:
        def alone() -> None:
            pass

        def by_hand() -> None:
            with quiet():
                controller.put_to_sleep(self.world.only(), self.record(), self.world, "by hand")

        def unheard() -> None:
            with mock.patch.object(self.api, "get", side_effect=Silent("Proxmox does not answer: timed out")):
                self.check_later()

        def cut() -> None:
            self.world.store.save("box", records.draining(self.record(), self.world.now(), "by hand"))

        for meanwhile in (alone, by_hand, unheard, cut):
            with self.subTest(meanwhile.__name__):
                self.setUp()
                self.give_up()
                meanwhile()
                for _ in range(3):
                    self.assertIn(self.check_later().state, ("awake", "idle"))
                self.world.machines.up = self.world.kube.alive = False
                self.assertEqual(self.check_later().reasons, ("its memory is still being saved",))
                self.assertEqual(self.paths(), [SUSPEND[0]])
                self.end("suspended", "stopped")
                record = self.check_later()
                self.assertEqual((record.state, record.told), ("awake", False))
                self.assertEqual(self.paths(), [SUSPEND[0], START])

    def test_a_machine_that_somebody_else_has_switched_off_is_not_started(self) -> None:
        self.give_up()
        # Proxmox leaves the lock where it could not save the memory.
        self.end("suspending", "running")
        self.assertFalse(self.check_later().told)
        for lock in ("suspending", "suspended", ""):
            self.end(lock, "stopped")
            self.assertEqual(self.check_later().reasons, ("it does not answer",))
        self.assertEqual(len(self.api.posts), 1)

    def test_a_task_that_ends_between_two_looks_has_saved_it(self) -> None:
        self.give_up()
        look = self.api.get

        def get(path: str, /, **query: str) -> Any:
            if path == TASKS:
                self.end("suspended", "stopped")
            return look(path, **query)

        with mock.patch.object(self.api, "get", get):
            self.assertEqual(proxmox_sleep.order(self.world.only()), "obeyed")

    def test_not_without_its_rights_nor_room_nor_with_a_lock_of_an_earlier_attempt(self) -> None:
        cases = {
            "VM.Config.Disk on /vms/151": lambda: self.api.denied.add("VM.Config.Disk /vms/151"),
            "Datastore.AllocateSpace on /storage/ceph-pool": lambda: self.api.denied.add(
                "Datastore.AllocateSpace /storage/ceph-pool"
            ),
            "ceph-pool has 8192 MiB left, and its memory needs 8692 MiB": lambda: self.api.answers.update(
                {ROOM: {"avail": 8 * 2**30}}
            ),
            "under way on pve-b, type there: qm unlock 151": lambda: self.api.box.update(lock="suspending"),
        }
        for why, fault in cases.items():
            with self.subTest(why):
                self.setUp()
                fault()
                record = self.check()[1]
                self.assertEqual(record.state, "awake")
                self.assertIn(why, "; ".join(record.reasons))
                self.assertEqual(self.api.posts, [])

    def start_by_others(self) -> None:
        self.check()
        self.api.box.update(lock="", status="running")
        self.world.machines.up = self.world.kube.alive = True

    def resumed(self) -> int:
        return self.world.log.count(("agent", "resumed"))

    def test_its_clock_is_set_after_a_start_by_others_too_and_again_where_it_could_not_be_asked(self) -> None:
        self.start_by_others()
        ask, asked = self.world.machines.agent, iter((machines.Lost("resumed: closed"),))

        def agent(asks: Policy, verb: str, timeout: float = 30) -> Any:
            if verb == "resumed" and (error := next(asked, None)):
                raise error
            return ask(asks, verb, timeout)

        with mock.patch.object(self.world.machines, "agent", agent):
            record = self.check()[1]
        self.assertEqual((record.state, self.resumed()), ("awake", 1))
        self.assertGreater(record.proved_at, record.failed_at)

    def test_one_whose_clock_cannot_be_set_is_in_service_and_sleeps_no_more_by_itself(self) -> None:
        self.start_by_others()
        self.world.machines.fail.add("resumed")
        record = self.check()[1]
        self.assertEqual((record.state, record.reasons[-1]), ("awake", "its clock may be wrong: resumed: refused"))
        self.assertFalse(self.world.kube.nodes["box"]["spec"]["unschedulable"])
        self.assertGreater(record.failed_at, record.proved_at)
        with quiet():
            self.assertEqual(manual.test(self.world, "box")[0], 1)
            self.world.machines.fail.clear()
            self.assertEqual(manual.test(self.world, "box"), (0, []))

    def wakes_while_saving(self, wake: Callable[[], object]) -> Record:
        """It answers until the save ends, so that a wake finds it up."""
        self.give_up()
        wake()
        self.assertEqual((self.record().state, self.record().told), ("awake", True))
        self.end("suspended", "stopped")
        return self.check_later()

    def test_one_that_was_woken_or_adopted_while_it_is_saved_is_started_again_when_it_is_off(self) -> None:
        def by_person() -> None:
            with quiet():
                manual.wake(self.world, "box", "manual")

        def after(state: str) -> Callable[[], None]:
            def wake() -> None:
                self.world.store.save("box", replace(self.record(), state=state))
                self.check_later()

            return wake

        for wake in (by_person, *map(after, ("asleep", "failed", "waking"))):
            with self.subTest(wake):
                self.setUp()
                record = self.wakes_while_saving(wake)
                self.assertEqual((record.state, self.api.posts[-1][0]), ("awake", START))

    def test_a_cut_sleep_is_taken_for_one_when_its_memory_is_saved_and_not_before(self) -> None:
        self.give_up()
        self.world.store.save("box", records.draining(self.record(), self.world.now(), "idle"))
        self.world.machines.up = self.world.kube.alive = False
        record = self.check_later()
        self.assertEqual((record.state, record.reasons[0]), ("draining", "its memory is still being saved"))
        self.end("suspended", "stopped")
        self.assertEqual(self.check_later().state, "asleep")
        self.assertFalse(self.check_later().told)
        self.assertEqual(self.paths(), [SUSPEND[0]])

    def test_a_cut_sleep_of_which_nobody_knows_more_is_asked_for_until_somebody_does(self) -> None:
        self.give_up()
        self.world.store.save("box", records.draining(self.record(), self.world.now(), "idle"))
        self.world.machines.up = self.world.kube.alive = False
        with mock.patch.object(self.api, "get", side_effect=Silent("Proxmox does not answer: timed out")):
            for _ in range(2):
                record = self.check_later()
                self.assertEqual((record.state, record.told), ("asleep", True))
        self.assertTrue(self.check_later().told)
        self.end("suspended", "stopped")
        self.assertFalse(self.check_later().told)

    def test_nothing_that_cannot_save_it_switches_it_off(self) -> None:
        self.world.ways = [replace(self.way, sleep=None)]
        record = self.check()[1]
        self.assertEqual(record.state, "awake")
        self.assertIn("nothing here can save its memory", "; ".join(record.reasons))


if __name__ == "__main__":
    unittest.main()
