"""Virtual machines: started by Proxmox's API, after their host; and the hosts, which are switched off last."""

from __future__ import annotations

import json
import tempfile
import unittest
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast
from unittest import mock

from box_world import WithWorld
from fakes import IDLE, quiet
from support import NOON, policy

import controller
import hosts
import manual
import proxmox
import record as records
import way_proxmox
import ways
from machines import Lost
from model import Policy, Settings
from proxmox import Proxmox, ProxmoxError, Silent
from record import Record
from way import WakeError

ACCESS = {
    "id": 151,
    "host": "pve-b",
    "endpoints": ["https://192.0.2.1:8006", "https://192.0.2.2:8006"],
    "tokenFile": "/dev/null",
    "hosts": {"pve-b": "02:00:00:00:00:0b"},
    "storage": "ceph-pool",
}
VIRTUAL = {"proxmox": ACCESS, "method": "poweroff", "mac": None}
SETTINGS = cast("Settings", {"broadcast": "192.0.2.255"})

START = "/nodes/pve-b/qemu/151/status/start"
SUSPEND = ("/nodes/pve-b/qemu/151/status/suspend", {"todisk": "1", "statestorage": "ceph-pool"})
TASK = "/nodes/pve-b/tasks/UPID:pve-b:1/status"
TASKS = "/nodes/pve-b/tasks"
ROOM = "/nodes/pve-b/storage/ceph-pool/status"
SHUTDOWN = ("/nodes/pve-b/status", {"command": "shutdown"})


class FakeApi:
    """Answers by path; an exception is raised."""

    def __init__(self) -> None:
        self.box: dict[str, Any] = {
            **{"type": "qemu", "vmid": 151, "name": "box", "node": "pve-b", "status": "stopped"},
        }
        self.online = {"pve-a": True, "pve-b": True, "pve-c": True}
        self.others: list[dict[str, Any]] = []
        self.denied: set[str] = set()
        self.answers: dict[str, Any] = {
            TASKS: [{"type": "qmshutdown", "endtime": 1767355100}],
            "/nodes/pve-b/ceph/mon": ProxmoxError("Proxmox: 500 binary not installed: /usr/bin/ceph-mon"),
        }
        self.posts: list[tuple[str, dict[str, str]]] = []

    def get(self, path: str, /, **query: str) -> Any:
        nodes = [{"node": name, "name": name, "type": "node", "online": int(on)} for name, on in self.online.items()]
        if path == "/cluster/resources":
            return [
                {**self.box},
                *self.others,
                *({**n, "status": "online" if n["online"] else "offline"} for n in nodes),
            ]
        if path == "/access/permissions":
            names = ("VM.PowerMgmt", "VM.Audit", "Sys.Audit", "VM.Config.Disk", "Datastore.AllocateSpace")
            return {query["path"]: {name: 1 for name in names if f"{name} {query['path']}" not in self.denied}}
        if path == "/cluster/status":
            return self.answers.get(path, [{"type": "cluster", "nodes": len(nodes), "quorate": 1}, *nodes])
        answer = self.answers[path]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def post(self, path: str, /, **values: str) -> str:
        self.posts.append((path, values))
        if path == START:
            self.answers["/nodes/pve-b/tasks/UPID:pve-b:1/status"] = {"status": "stopped", "exitstatus": "OK"}
        return "UPID:pve-b:1"


class WithApi(WithWorld):
    changes = VIRTUAL

    def setUp(self) -> None:
        super().setUp()
        self.api = FakeApi()
        self.packets: list[str] = []
        for module in (way_proxmox, hosts):
            patch = mock.patch.object(module, "Proxmox", lambda _access: self.api)
            patch.start()
            self.addCleanup(patch.stop)
        sender = mock.patch("way_magic_packet.send", lambda mac, *_rest: self.packets.append(mac))
        sender.start()
        self.addCleanup(sender.stop)
        self.way = way_proxmox.create(SETTINGS, mock.Mock())
        self.world.ways = [self.way]

    def wake(self) -> str:
        with quiet() as out:
            ways.wake([self.way], self.world.only())
        return out.getvalue()


class Waking(WithApi):
    def test_starts_the_machine_on_the_host_that_has_it_by_now(self) -> None:
        self.assertEqual(self.wake(), "")
        self.assertEqual([path for path, _ in self.api.posts], [START])
        self.api.box["node"] = "pve-c"
        self.wake()
        self.assertEqual(self.api.posts[-1][0], "/nodes/pve-c/qemu/151/status/start")

    def test_one_that_runs_is_left_to_boot_and_one_that_is_being_started_too(self) -> None:
        self.wake()
        self.api.answers["/nodes/pve-b/tasks/UPID:pve-b:1/status"] = {"status": "running"}
        self.wake()
        self.api.box["status"] = "running"
        self.wake()
        self.assertEqual(len(self.api.posts), 1)

    def test_a_start_that_has_failed_is_said_and_tried_again(self) -> None:
        self.wake()
        end = {"status": "stopped", "exitstatus": "can't lock file '/var/lock/qemu-server/lock-151.conf'"}
        self.api.answers["/nodes/pve-b/tasks/UPID:pve-b:1/status"] = end
        self.assertIn("the last start has failed: can't lock file", self.wake())
        self.assertEqual(len(self.api.posts), 2)

    def test_its_host_is_woken_first_by_magic_packet(self) -> None:
        self.api.online["pve-b"] = False
        self.api.box["status"] = "unknown"
        self.assertEqual(self.wake(), "")
        self.assertEqual((self.packets, self.api.posts), (["02:00:00:00:00:0b"], []))
        self.api.online["pve-b"] = True
        self.api.box["status"] = "stopped"
        self.wake()
        self.assertEqual(([path for path, _ in self.api.posts], len(self.packets)), ([START], 1))

    def test_a_host_that_does_not_sleep_is_named(self) -> None:
        self.api.online["pve-c"] = False
        self.api.box.update(node="pve-c", status="unknown")
        self.assertIn("its host pve-c is off", self.wake())

    def test_the_only_host_is_woken_though_nobody_answers(self) -> None:
        with mock.patch.object(self.api, "get", side_effect=Silent("Proxmox does not answer: timed out")):
            self.assertIn("does not answer", self.wake())
        self.assertEqual(self.packets, ["02:00:00:00:00:0b"])

    def test_a_number_of_another_machine_is_never_started(self) -> None:
        self.api.box["name"] = "nas"
        self.assertIn("number 151 in Proxmox is nas, and not box", self.wake())
        self.api.box["vmid"] = 9
        self.assertIn("no machine 151", self.wake())
        self.assertEqual(self.api.posts, [])


class Sleeping(WithApi):
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
                self.assertNotIn(("agent", "poweroff"), self.world.did())
        self.api.box["vmid"] = 151
        self.api.denied.clear()
        self.assertEqual(self.slept().state, "asleep")

    def test_not_while_nobody_answers(self) -> None:
        with mock.patch.object(self.api, "get", side_effect=Silent("Proxmox does not answer: timed out")):
            record = self.slept()
        self.assertEqual(record.state, "awake")
        self.assertIn("does not answer", "; ".join(record.reasons))


class Hibernating(WithApi):
    changes = {**VIRTUAL, "method": "hibernate"}

    def setUp(self) -> None:
        super().setUp()
        self.api.box.update(status="running", maxmem=8 * 2**30)
        self.api.answers.update({ROOM: {"avail": 9 * 2**30}, TASK: {"status": "stopped", "exitstatus": "OK"}})
        look = self.api.post

        def post(path: str, /, **values: str) -> str:
            """As Proxmox: the machine is frozen and then off, and runs on after a start."""
            task = look(path, **values)
            ends_well = str(self.api.answers[TASK].get("exitstatus")) in ("OK", "WARNINGS: 1")
            runs = path == START
            if runs or (path == SUSPEND[0] and ends_well):
                self.api.box.update(status="running" if runs else "stopped", lock="" if runs else "suspended")
                self.world.machines.up = self.world.kube.alive = runs
            return task

        patch = mock.patch.object(self.api, "post", post)
        patch.start()
        self.addCleanup(patch.stop)

    def test_its_memory_is_saved_after_its_agent_has_agreed_and_its_pods_stay(self) -> None:
        self.world.add_jellyfin()
        self.assertEqual(self.check()[1].state, "asleep")
        self.assertEqual(self.world.did(), [("cordon", "box"), ("agent", "arm"), ("agent", "hibernate")])
        self.assertEqual(self.api.posts, [SUSPEND])
        self.world.store.request("box", "manual")
        self.assertEqual(self.check()[1].state, "awake")
        self.assertEqual([path for path, _ in self.api.posts], [SUSPEND[0], START])
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

    def check_later(self) -> Record:
        self.world.let_pass(policy()["sleepTimeout"] + 1)
        return cast("Record", self.check()[1])

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
                self.assertEqual([path for path, _ in self.api.posts], [SUSPEND[0]])
                self.end("suspended", "stopped")
                record = self.check_later()
                self.assertEqual((record.state, record.told), ("awake", False))
                self.assertEqual([path for path, _ in self.api.posts], [SUSPEND[0], START])

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
            self.assertEqual(way_proxmox.memory(self.world.only()), "saved")

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
        ask, asked = self.world.machines.agent, iter((Lost("resumed: closed"),))

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
        self.assertEqual([path for path, _ in self.api.posts], [SUSPEND[0]])

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
        self.world.ways = [replace(self.way, hibernate=None)]
        record = self.check()[1]
        self.assertEqual(record.state, "awake")
        self.assertIn("nothing here can save its memory", "; ".join(record.reasons))


class Resting(WithApi):
    def setUp(self) -> None:
        super().setUp()
        self.world.store.save("box", replace(IDLE, state="asleep", since=NOON - 3600))

    def rest(self) -> str:
        self.api.posts.clear()
        with quiet() as out:
            hosts.rest(self.world)
        return out.getvalue()

    def test_a_host_is_switched_off_when_its_machines_have_slept_for_a_while(self) -> None:
        self.assertIn("pve-b: switched off", self.rest())
        self.assertEqual(self.api.posts, [SHUTDOWN])

    def test_what_somebody_has_started_since_the_first_look_keeps_it_on(self) -> None:
        look, others = self.api.get, [{"type": "lxc", "vmid": 9, "name": "nas", "node": "pve-b", "status": "running"}]

        def get(path: str, /, **query: str) -> Any:
            answer = look(path, **query)
            self.api.others = others
            return answer

        with mock.patch.object(self.api, "get", get):
            self.assertIn("9 nas runs on it", self.rest())
        self.assertEqual(self.api.posts, [])

    def test_once(self) -> None:
        self.api.online["pve-b"] = False
        self.assertEqual((self.rest(), self.api.posts), ("", []))

    def test_not_while_one_of_its_machines_is_needed(self) -> None:
        def at_noon() -> None:
            self.world.only()["quietHours"] = [{"from": "11:00", "until": "13:00"}]

        for change in (
            lambda: self.world.store.request("box", "a pod"),
            lambda: self.world.store.save("box", replace(IDLE, state="asleep", since=NOON - 60)),
            lambda: self.world.store.save("box", replace(IDLE, state="waking", since=NOON - 3600)),
            at_noon,
        ):
            self.setUp()
            change()
            self.assertEqual((self.rest(), self.api.posts), ("", []))
        self.setUp()
        with self.world.store.lock("box"):
            self.rest()
        self.assertEqual(self.api.posts, [])

    def test_not_where_something_else_needs_it(self) -> None:
        api = self.api
        metadata = {"mon": {"pve-a": {"hostname": "pve-a"}}, "osd": [{"hostname": "pve-b"}], "mgr": {}, "mds": {}}

        def ceph(**changes: Any) -> None:
            api.answers["/nodes/pve-b/ceph/mon"] = []
            api.answers["/cluster/ceph/metadata"] = {**metadata, **changes}

        def others(kind: str, status: str) -> None:
            api.others = [{"type": kind, "vmid": 9, "name": "dns", "node": "pve-b", "status": status}]

        cases = {
            "9 dns runs on it": lambda: others("lxc", "running"),
            "9 dns runs": lambda: others("qemu", "paused"),
            "VM.Audit on /vms is missing": lambda: api.denied.add("VM.Audit /vms"),
            "Sys.Audit on / is missing": lambda: api.denied.add("Sys.Audit /"),
            "a task is under way: vzdump": lambda: api.answers.update({"/nodes/pve-b/tasks": [{"type": "vzdump"}]}),
            "quorum of 3 hosts needs 2, and 1 would be left": lambda: api.online.update({"pve-c": False}),
            "the cluster has no quorum": lambda: api.answers.update({"/cluster/status": [{"type": "cluster"}]}),
            "it carries an OSD of Ceph": ceph,
            "it carries a monitor of Ceph": lambda: ceph(mon={"pve-b": {"name": "pve-b"}}),
            "rados_connect failed": lambda: api.answers.update(
                {"/nodes/pve-b/ceph/mon": ProxmoxError("rados_connect failed")}
            ),
        }
        for why, fault in cases.items():
            with self.subTest(why):
                self.setUp()
                api = self.api
                fault()
                self.assertIn(why, self.rest())
                self.assertEqual(self.api.posts, [])

    def test_a_host_alone_needs_no_quorum(self) -> None:
        self.api.answers["/cluster/status"] = [{"type": "node", "name": "pve-b", "online": 1}]
        self.rest()
        self.assertEqual(self.api.posts, [SHUTDOWN])

    def test_a_machine_that_has_moved_away_frees_its_host_for_nobody(self) -> None:
        self.api.box["node"] = "pve-c"
        self.assertEqual((self.rest(), self.api.posts), ("", []))


class Link:
    """A connection whose host answers so, or not at all."""

    def __init__(self, answer: object) -> None:
        self.answer = answer
        self.asked: list[tuple[Any, ...]] = []

    def request(self, *asked: Any) -> None:
        self.asked.append(asked)
        if isinstance(self.answer, Exception):
            raise self.answer

    def getresponse(self) -> Any:
        status, reason, body = cast("tuple[int, str, bytes]", self.answer)
        pieces = [body, b""]
        return mock.Mock(status=status, reason=reason, read1=lambda _size: pieces.pop(0))

    def close(self) -> None:
        pass


class Wire(unittest.TestCase):
    def ask(self, *answers: object) -> Any:
        with tempfile.NamedTemporaryFile("w", suffix=".token") as file:
            file.write("vmstation@pve!power=s3cret\n")
            file.flush()
            self.links = [Link(answer) for answer in answers]
            left = list(self.links)
            access = {**ACCESS, "tokenFile": file.name}
            api = Proxmox(cast("Any", access), lambda *_: cast("Any", left.pop(0)))
            return api.get("/version", type="vm")

    def test_the_token_goes_into_a_header_and_the_next_host_is_asked(self) -> None:
        answer = self.ask(TimeoutError("timed out"), (200, "OK", b'{"data": 7}'))
        self.assertEqual(answer, 7)
        method, path, _body, headers = self.links[1].asked[0]
        self.assertEqual((method, path), ("GET", "/api2/json/version?type=vm"))
        self.assertEqual(headers["Authorization"], "PVEAPIToken=vmstation@pve!power=s3cret")

    def test_no_answer_names_each_host_and_never_the_token(self) -> None:
        with self.assertRaises(Silent) as raised:
            self.ask(TimeoutError("timed out"), ConnectionRefusedError("refused"))
        self.assertIn("https://192.0.2.1:8006: timed out; https://192.0.2.2:8006: refused", str(raised.exception))
        self.assertNotIn("s3cret", str(raised.exception))

    def test_a_refusal_is_said_in_proxmoxs_words(self) -> None:
        body = json.dumps({"data": None, "errors": {"vmid": "wrong"}}).encode()
        for answer, said in (
            ((500, "VM is locked (backup)", b'{"data":null}'), "500 VM is locked (backup)"),
            ((400, "Parameter verification failed.", body), "(vmid: wrong)"),
            ((502, "Bad Gateway", b"<html>"), "502 Bad Gateway"),
            ((200, "OK", b"[1"), "200 OK"),
            ((200, "OK", b"[]"), "200 OK"),
        ):
            with self.assertRaises(WakeError) as raised:
                self.ask(answer)
            self.assertIn(said, str(raised.exception))

    def test_an_endless_answer_counts_as_none(self) -> None:
        endless = (200, "OK", b"x" * (proxmox.LARGEST + 1))
        with self.assertRaises(Silent):
            self.ask(endless, endless)


class Others(unittest.TestCase):
    def test_a_real_machine_is_left_to_its_own_ways(self) -> None:
        self.assertIsNone(way_proxmox.create(SETTINGS, mock.Mock()).after(policy()))


if __name__ == "__main__":
    unittest.main()
