"""How kubectl, ssh and ipmitool are called, and every way in which they fail; packets and sshd on loopback."""

import contextlib
import json
import os
import socket
import subprocess
import tempfile
import threading
import unittest
import unittest.mock

from fakes import node_object, quiet
from support import policy

import bounded
import way_bmc
import way_magic_packet
from kube import CORDONED_BY, Kube, KubeError
from machines import AgentError, Lost, Machines
from way import WakeError


class Runner:
    """Stands in for subprocess.run: answers in turn, and remembers what was asked."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    def __call__(self, command, **options):
        self.asked.append((command, options))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        code, out, err = answer
        return subprocess.CompletedProcess(command, code, out, err)


def kube(*answers):
    runner = Runner(*answers)
    return Kube("kubectl", "/k", run=runner), runner


FAILURES = (
    (FileNotFoundError("kubectl"), "kubectl"),
    (subprocess.TimeoutExpired("kubectl", 20), "timed out"),
    ((1, "", "The connection to the server was refused\n"), "was refused"),
    ((1, "", "warning\nError from server (Forbidden): nodes is forbidden\n"), "Forbidden"),
    ((1, "", ""), "no message"),
    ((0, "no json", ""), "no JSON"),
)


class Kubectl(unittest.TestCase):
    def test_every_failure_is_a_kube_error_with_its_reason(self):
        for answer, reason in FAILURES:
            api, _ = kube(answer)
            with self.subTest(reason), self.assertRaisesRegex(KubeError, reason):
                api.read()

    def test_one_call_reads_everything(self):
        api, runner = kube((0, json.dumps({"items": [node_object()]}), ""))
        self.assertEqual([n["metadata"]["name"] for n in api.read()["Node"]], ["box"])
        self.assertEqual(
            runner.asked[0][0],
            [
                *("kubectl", "--kubeconfig=/k", "--request-timeout=15s", "get"),
                "nodes,pods,persistentvolumeclaims,persistentvolumes",
                *("--all-namespaces", "--output=json"),
            ],
        )

    def test_how_volumes_are_made_is_read_only_where_a_claim_waits_or_a_driver_attaches(self):
        claims = {"kind": "PersistentVolumeClaim", "spec": {"storageClassName": "local"}}
        volume = {"kind": "PersistentVolume", "spec": {"csi": {}}}
        made = {"kind": "StorageClass", "metadata": {"name": "local"}}
        for item in (claims, volume):
            api, runner = kube((0, json.dumps({"items": [item]}), ""), (0, json.dumps({"items": [made]}), ""))
            self.assertEqual(api.read()["StorageClass"], [made])
            self.assertEqual(runner.asked[1][0][3:], ["get", "storageclasses,csidrivers,csinodes", "--output=json"])
        bound = {"kind": "PersistentVolumeClaim", "spec": {"storageClassName": "local", "volumeName": "v"}}
        api, runner = kube((0, json.dumps({"items": [bound]}), ""))
        api.read()
        self.assertEqual(len(runner.asked), 1)

    def test_an_account_that_may_not_read_how_volumes_are_made_reads_the_rest(self):
        claims = {"kind": "PersistentVolumeClaim", "spec": {"storageClassName": "local"}}
        api, _ = kube((0, json.dumps({"items": [claims]}), ""), (1, "", "Error from server (Forbidden): no\n"))
        with quiet() as out:
            self.assertEqual(api.read()["PersistentVolumeClaim"], [claims])
        self.assertIn("cannot read how volumes are made", out.getvalue())

    def patch(self, runner):
        return json.loads(runner.asked[-1][0][-1].removeprefix("--patch="))

    def test_a_cordon_carries_its_owner_and_fails_on_a_conflict(self):
        api, runner = kube((0, "", ""))
        api.cordon(node_object())
        self.assertEqual(
            self.patch(runner),
            {
                "metadata": {"resourceVersion": "7", "annotations": {CORDONED_BY: "power"}},
                "spec": {"unschedulable": True},
            },
        )
        api, _ = kube((1, "", "Error from server (Conflict): the object has been modified\n"))
        with self.assertRaisesRegex(KubeError, "Conflict"):
            api.cordon(node_object())

    def test_a_cordoned_node_is_left_as_it_is(self):
        api, runner = kube()
        api.cordon(node_object(spec={"unschedulable": True}))
        self.assertEqual(runner.asked, [])

    def test_only_our_own_cordon_is_undone(self):
        theirs = node_object(spec={"unschedulable": True})
        api, runner = kube((0, json.dumps(theirs), ""))
        api.uncordon("box")
        self.assertEqual(len(runner.asked), 1)
        ours = node_object(metadata={"annotations": {CORDONED_BY: "power"}})
        api, runner = kube((0, json.dumps(ours), ""), (0, "", ""))
        api.uncordon("box")
        self.assertEqual(
            self.patch(runner),
            {"metadata": {"annotations": {CORDONED_BY: None}}, "spec": {"unschedulable": None}},
        )

    def test_an_eviction_goes_through_the_eviction_api(self):
        api, runner = kube((0, "", ""))
        api.evict("media", "web")
        command, options = runner.asked[0]
        self.assertIn("--raw=/api/v1/namespaces/media/pods/web/eviction", command)
        self.assertEqual(json.loads(options["input"])["kind"], "Eviction")

    def test_a_scale_names_the_workload(self):
        api, runner = kube((0, "", ""))
        api.scale("media", "Deployment", "jellyfin", 0)
        self.assertEqual(
            runner.asked[0][0][3:],
            ["scale", "deployment", "jellyfin", "--namespace=media", "--replicas=0"],
        )


SETTINGS = {
    **{"key": "/k", "knownHosts": "/h", "agentUser": "vmstation-power"},
    "broadcast": "127.0.0.1",
}


class Ssh(unittest.TestCase):
    def test_every_failure_is_an_agent_error_with_its_reason(self):
        for answer, reason in (
            (FileNotFoundError("ssh"), "ssh"),
            (subprocess.TimeoutExpired("ssh", 30), "timed out"),
            ((255, "", "Host key verification failed.\n"), "Host key verification failed"),
            ((255, "", "u@h: Permission denied (publickey).\n"), "Permission denied"),
            ((1, "", "power-agent: ethtool: no\n"), "ethtool: no"),
            ((3, "", ""), "code 3"),
            ((0, "motd", ""), "no JSON"),
            ((0, "[]", ""), "no JSON object"),
            ((0, "[" * 100_000, ""), "no JSON"),
        ):
            with self.subTest(reason), self.assertRaisesRegex(AgentError, reason):
                Machines(SETTINGS, run=Runner(answer)).agent(policy(), "observe")

    def test_a_connection_that_fails_is_told_from_a_refusal_by_the_agent(self):
        for answer in ((255, "", "Connection closed"), subprocess.TimeoutExpired("ssh", 30)):
            with self.assertRaises(Lost):
                Machines(SETTINGS, run=Runner(answer)).agent(policy(), "suspend")
        with self.assertRaises(AgentError) as caught:
            Machines(SETTINGS, run=Runner((1, "", "no"))).agent(policy(), "suspend")
        self.assertNotIsInstance(caught.exception, Lost)

    def test_it_trusts_pinned_host_keys_only_and_asks_nobody(self):
        runner = Runner((0, "{}", ""))
        self.assertEqual(Machines(SETTINGS, run=runner).agent(policy(sshPort=2222), "arm"), {})
        command, options = runner.asked[0]
        for words in (
            *("BatchMode=yes", "StrictHostKeyChecking=yes", "UserKnownHostsFile=/h"),
            *("IdentitiesOnly=yes", "2222", "vmstation-power@127.0.0.1"),
        ):
            self.assertIn(words, command)
        self.assertEqual(command[-1], "arm")
        self.assertEqual(options["timeout"], 30)


class Bounds(unittest.TestCase):
    def test_what_a_program_prints_is_read_from_both_its_outputs(self):
        done = bounded.run(["sh", "-c", "printf '\\377x'; echo no >&2; exit 3"], timeout=10)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (3, "\ufffdx", "no\n"))

    def test_one_that_never_stops_talking_is_ended(self):
        for command in ("yes", "yes >&2"):
            with self.assertRaisesRegex(OSError, "more than 1024 KiB"):
                bounded.run(["sh", "-c", command], timeout=30)

    def test_one_that_never_ends_is_ended(self):
        for command in ("exec sleep 60", "exec >&- 2>&-; exec sleep 60"):
            with self.assertRaises(subprocess.TimeoutExpired):
                bounded.run(["sh", "-c", command], timeout=0.2)

    def test_a_machine_that_floods_its_controller_is_one_that_cannot_be_asked(self):
        with tempfile.TemporaryDirectory() as folder:
            ssh = os.path.join(folder, "ssh")
            with open(ssh, "w", encoding="utf-8") as file:
                file.write("#!/bin/sh\nexec yes\n")
            os.chmod(ssh, 0o755)
            with unittest.mock.patch.dict(os.environ, PATH=f"{folder}:{os.environ['PATH']}"):
                with self.assertRaisesRegex(AgentError, "more than 1024 KiB"):
                    Machines(SETTINGS).agent(policy(), "observe")


class Bmc(unittest.TestCase):
    def setUp(self):
        self.file = tempfile.NamedTemporaryFile("w")
        self.addCleanup(self.file.close)
        self.file.write("hunter2\n")
        self.file.flush()
        bmc = {"address": "127.0.0.1", "user": "root", "passwordFile": self.file.name}
        self.policy = policy(bmc=bmc)

    def test_the_password_is_in_the_environment_alone(self):
        runner = Runner((0, "", ""))
        way_bmc.create(SETTINGS, runner).wake(self.policy)
        command, options = runner.asked[0]
        self.assertEqual(command[-3:], ["chassis", "power", "on"])
        self.assertNotIn("hunter2", " ".join(command))
        self.assertEqual(options["env"]["IPMI_PASSWORD"], "hunter2")

    def test_failures_are_said(self):
        for answer in ((1, "", "Unable to establish session"), subprocess.TimeoutExpired("i", 30)):
            with self.assertRaises(WakeError):
                way_bmc.create(SETTINGS, Runner(answer)).wake(self.policy)


class OnLoopback(unittest.TestCase):
    def test_a_magic_packet_byte_for_byte(self):
        packet = way_magic_packet.magic_packet("02:00:00:00:08:61")
        self.assertEqual(packet, b"\xff" * 6 + bytes.fromhex("020000000861") * 16)
        with self.assertRaises(ValueError):
            way_magic_packet.magic_packet("b8:ac:6f:7e:6c")

    def test_it_goes_to_the_broadcast_address_and_to_the_machine(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
            receiver.bind(("127.0.0.1", 0))
            receiver.settimeout(5)
            port, way_magic_packet.WAKE_PORT = way_magic_packet.WAKE_PORT, receiver.getsockname()[1]
            self.addCleanup(setattr, way_magic_packet, "WAKE_PORT", port)
            way_magic_packet.create(SETTINGS, Runner()).wake(policy())
            got = [receiver.recv(200) for _ in range(2)]
        self.assertEqual(got, [way_magic_packet.magic_packet("00:11:22:33:44:55")] * 2)

    def test_a_target_that_cannot_be_reached_does_not_stop_the_other(self):
        with quiet() as out:
            way_magic_packet.create({**SETTINGS, "broadcast": "not an address"}, Runner()).wake(policy())
        self.assertIn("no packet to not an address", out.getvalue())

    @contextlib.contextmanager
    def server(self, greeting):
        with socket.create_server(("127.0.0.1", 0)) as listener:

            def serve():
                with contextlib.suppress(OSError):
                    while True:
                        link, _ = listener.accept()
                        with link:
                            link.sendall(greeting)

            thread = threading.Thread(target=serve, daemon=True)
            thread.start()
            yield policy(sshPort=listener.getsockname()[1])
            listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)

    def test_only_an_sshd_answers(self):
        known = Machines(SETTINGS)
        with self.server(b"SSH-2.0-OpenSSH_9.2\r\n") as up:
            self.assertTrue(known.answers(up))
            self.assertFalse(known.is_silent(up))
        with self.server(b"220 mail\r\n") as other:
            self.assertFalse(known.answers(other))

    def test_a_refused_connection_is_not_silence(self):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            refused = policy(sshPort=closed.getsockname()[1])
            self.assertFalse(Machines(SETTINGS).answers(refused))
            self.assertFalse(Machines(SETTINGS).is_silent(refused))


if __name__ == "__main__":
    unittest.main()
