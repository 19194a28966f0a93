"""Virtual machines: started by Proxmox's API, after their host; and the hosts, which are switched off last."""

from __future__ import annotations

import json
import tempfile
import unittest
from dataclasses import replace
from typing import Any, cast
from unittest import mock

from fakes import IDLE, quiet
from support import NOON, policy

import hosts
import proxmox
import way_proxmox
import ways
from proxmox import Proxmox, ProxmoxError, Silent, Unanswered
from proxmox_world import ACCESS, SETTINGS, SHUTDOWN, START, WithApi
from way import WakeError


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

    def connect(self) -> None:
        if isinstance(self.answer, ConnectionError):
            raise self.answer

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
    def ask(self, *answers: object, changes: bool = False) -> Any:
        with tempfile.NamedTemporaryFile("w", suffix=".token") as file:
            file.write("vmstation@pve!power=s3cret\n")
            file.flush()
            self.links = [Link(answer) for answer in answers]
            left = list(self.links)
            access = {**ACCESS, "tokenFile": file.name}
            api = Proxmox(cast("Any", access), lambda *_: cast("Any", left.pop(0)))
            return api.post("/start", type="vm") if changes else api.get("/version", type="vm")

    def test_the_token_goes_into_a_header_and_the_next_host_is_asked(self) -> None:
        answer = self.ask(TimeoutError("timed out"), (200, "OK", b'{"data": 7}'))
        self.assertEqual(answer, 7)
        method, path, _body, headers = self.links[1].asked[0]
        self.assertEqual((method, path), ("GET", "/api2/json/version?type=vm"))
        self.assertEqual(headers["Authorization"], "PVEAPIToken=vmstation@pve!power=s3cret")

    def test_what_changes_something_is_sent_once(self) -> None:
        there = (200, "OK", b'{"data": 7}')
        self.assertEqual(self.ask(ConnectionRefusedError("refused"), there, changes=True), 7)
        endless = (200, "OK", b"x" * (proxmox.LARGEST + 1))
        for lost in (TimeoutError("timed out"), endless, (596, "Broken pipe", b""), (502, "Bad Gateway", b"<html>")):
            with self.assertRaises(Unanswered):
                self.ask(lost, there, changes=True)
            self.assertEqual(self.links[1].asked, [])
        with self.assertRaises(ProxmoxError) as refused:
            self.ask((595, "No route to host", b""), changes=True)
        self.assertNotIsInstance(refused.exception, Unanswered)

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

    def test_a_virtual_machine_without_a_token_does_not_sleep_as_nothing_would_wake_it(self) -> None:
        known = ways.load(SETTINGS)
        ways.check(known, policy())
        with self.assertRaisesRegex(WakeError, "nothing here can wake it"):
            ways.check(known, policy(method="poweroff", mac=None))


if __name__ == "__main__":
    unittest.main()
