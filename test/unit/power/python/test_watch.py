"""The watch: what of the API's stream wakes a machine, and that the packet is out before anything else."""

import base64
import contextlib
import http.server
import io
import json
import socket
import ssl
import subprocess
import tempfile
import threading
import unittest
from dataclasses import replace
from pathlib import Path

from fakes import IDLE, FakeWorld, node_object, pod_object, quiet
from support import policy

import stream
import watch
from controller import check_all


class Api(http.server.BaseHTTPRequestHandler):
    """Sends a watch's lines, and leaves the stream open until it is told otherwise."""

    protocol_version = "HTTP/1.1"
    token = "Bearer word"
    lines: list = []
    asked: list = []
    over = threading.Event()

    def do_GET(self):
        self.asked.append(self.path)
        if self.headers["Authorization"] != self.token:
            self.send_error(403)
            return
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        text = "".join(json.dumps(line) + "\n" for line in self.lines).encode()
        for piece in (text[:9], text[9:]):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.flush()
        self.over.wait(10)
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_):
        pass


def event(kind="ADDED", **pod):
    return {"type": kind, "object": pod_object(**pod)}


WAITS = event(node=None)


class OfApi(unittest.TestCase):
    server: http.server.ThreadingHTTPServer
    certificate: Path
    kubeconfig: Path

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        key, cls.certificate = (Path(folder.name, name) for name in ("key", "certificate"))
        made = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        named = ["-subj", "/CN=api", "-addext", "subjectAltName=IP:127.0.0.1"]
        files = ["-keyout", key, "-out", cls.certificate]
        subprocess.run(["openssl", *made, *named, *files], check=True, capture_output=True)
        cls.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api)
        cls.addClassCleanup(cls.server.server_close)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cls.certificate, key)
        cls.server.socket = context.wrap_socket(cls.server.socket, server_side=True)
        threading.Thread(target=cls.server.serve_forever, args=(0.05,)).start()
        cls.addClassCleanup(cls.server.shutdown)
        cls.kubeconfig = Path(folder.name, "kubeconfig")

    def read(self, *lines, token="word", host="127.0.0.1"):
        authority = base64.b64encode(self.certificate.read_bytes()).decode()
        server = f"https://{host}:{self.server.server_port}"
        cluster = {"server": server, "certificate-authority-data": authority}
        settings = {"clusters": [{"cluster": cluster}], "users": [{"user": {"token": token}}]}
        self.kubeconfig.write_text(json.dumps(settings))
        Api.lines, Api.over = lines, threading.Event()
        self.addCleanup(Api.over.set)
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            reading = stream.Stream(str(self.kubeconfig))
            reading.start()
            has_pod = reading.wait(10)
        return reading, has_pod, said.getvalue()

    def test_a_pod_that_waits_is_told_once_while_the_stream_goes_on(self):
        Api.asked.clear()
        reading, has_pod, _ = self.read(event(), WAITS, event("MODIFIED", node=None))
        self.assertEqual((has_pod, reading.has_ended), (True, False))
        self.assertEqual(Api.asked, ["/api/v1/pods?watch=true&fieldSelector=spec.nodeName%3D"])
        while reading.wait(0.05):
            pass
        self.assertFalse(reading.has_ended)
        Api.over.set()
        reading.join(10)
        self.assertEqual((reading.wait(10), reading.has_ended), (False, True))

    def test_it_ends_and_says_why_where_it_is_refused(self):
        for more, words in (
            ({"token": "other"}, "403 Forbidden"),
            # A name that the certificate does not have.
            ({"host": "localhost"}, "certificate verify failed"),
        ):
            reading, has_pod, said = self.read(WAITS, **more)
            reading.join(10)
            self.assertEqual((has_pod, reading.has_ended), (False, True))
            self.assertIn(words, said)

    def test_it_ends_where_the_api_says_that_it_is_over(self):
        gone = {"type": "ERROR", "object": {"kind": "Status", "message": "too old resource version"}}
        reading, has_pod, said = self.read(gone)
        reading.join(10)
        self.assertEqual((has_pod, reading.has_ended), (False, True))
        self.assertIn("too old resource version", said)

    def test_a_silent_stream_is_probed(self):
        with socket.socket() as sock:
            stream._stay(sock)
            self.assertEqual(sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE), 1)
            self.assertEqual(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE), 30)
            self.assertIsNone(sock.gettimeout())

    def test_only_a_pod_that_waits_for_a_machine_wakes_one(self):
        self.assertTrue(stream.wakes_somebody(event("MODIFIED", node=None)))
        self.assertFalse(stream.wakes_somebody(event("DELETED", node=None)))
        self.assertFalse(stream.wakes_somebody(event()))
        marked = event(node=None, labels={"vmstation.io/sleeps-with": "box"})
        self.assertFalse(stream.wakes_somebody(marked))


class Followed(unittest.TestCase):
    def test_machines_are_looked_at_however_much_comes(self):
        world = FakeWorld()
        self.addCleanup(world.close)
        watcher, done = watch.Watcher(world), []
        watcher.start_checks = lambda: done.append("checks")
        watcher.on_pod = lambda: done.append("pod")

        class Busy:
            has_ended = False
            waits = 0

            def wait(self, _seconds):
                world.let_pass(20)
                self.waits += 1
                self.has_ended = self.waits == 4
                return True

        watcher.follow(Busy())
        self.assertEqual(done, ["pod", "checks", "pod", "pod", "checks", "pod"])


class OnPod(unittest.TestCase):
    def setUp(self):
        self.world = FakeWorld()
        self.addCleanup(self.world.close)
        self.world.machines.up = self.world.kube.alive = False
        self.watcher = watch.Watcher(self.world)

    def on_pod(self):
        with quiet():
            self.watcher.on_pod()
            for thread in self.watcher.threads.values():
                thread.join(10)

    def test_it_is_woken_and_the_packet_is_first(self):
        self.world.store.save("box", replace(IDLE, state="asleep"))
        self.world.kube.pods["p"] = pod_object("p", None)
        at_packet = []
        real = self.world.machines.send_packet

        def send(machine):
            at_packet.append((threading.current_thread() is threading.main_thread(), list(self.world.log)))
            real(machine)

        self.world.machines.send_packet = send
        self.on_pod()
        self.assertEqual(at_packet[0], (True, []))
        record = self.world.store.load("box")
        self.assertEqual((record.state, record.reasons), ("awake", ("pod media/p waits for it",)))
        self.assertGreater(record.proved_at, IDLE.proved_at)

    def test_a_check_that_finds_it_up_before_the_wake_goes_on_knows_why(self):
        self.world.store.save("box", replace(IDLE, state="asleep"))
        self.world.kube.pods["p"] = pod_object("p", None)
        real = self.world.machines.send_packet

        def send(machine):
            real(machine)
            check_all(self.world)

        self.world.machines.send_packet = send
        self.on_pod()
        record = self.world.store.load("box")
        self.assertEqual((record.state, record.reasons), ("awake", ("pod media/p waits for it",)))
        self.assertEqual(record.cycles[-1][3], "pod media/p waits for it")
        self.assertEqual(self.world.store.requests("box", 900), [])

    def test_only_a_machine_that_may_sleep_is_looked_at_between_checks(self):
        for record, looked_at in (
            (replace(IDLE, state="asleep"), ["box"]),
            (replace(IDLE, state="awake", told=True), ["box"]),
            (IDLE, []),
        ):
            self.world.store.save("box", record)
            self.watcher.threads = {}
            with quiet():
                self.watcher.start_checks()
                for thread in self.watcher.threads.values():
                    thread.join(10)
            self.assertEqual(list(self.watcher.threads), looked_at)

    def test_a_pod_that_no_sleeping_machine_takes_wakes_none(self):
        self.world.store.save("box", replace(IDLE, state="asleep"))
        self.world.kube.pods["p"] = pod_object("p", None, nodeSelector={"role": "other"})
        self.on_pod()
        self.assertEqual((self.world.machines.packets, self.watcher.threads), (0, {}))

    def test_one_pod_wakes_one_machine(self):
        self.world.settings["machines"].append(policy(name="second"))
        self.world.kube.nodes["second"] = node_object("second")
        for name in ("box", "second"):
            self.world.store.save(name, replace(IDLE, state="asleep"))
        self.world.kube.pods["p"] = pod_object("p", None)
        self.on_pod()
        self.assertEqual(list(self.watcher.threads), ["box"])

    def test_a_pod_whose_machine_did_not_wake_gets_the_next_one_that_takes_it(self):
        world = self.world
        world.settings["machines"].append(policy(name="second"))
        world.kube.nodes["second"] = node_object("second")
        world.kube.leases["second"] = 0
        for name in ("box", "second"):
            world.store.save(name, replace(IDLE, state="asleep"))
        world.kube.pods["p"] = pod_object("p", None)
        real = world.machines.send_packet
        # The fake is one machine under two names; the first of them is deaf.
        world.machines.send_packet = lambda machine: machine["name"] == "second" and real(machine)
        self.on_pod()
        self.assertEqual(world.store.load("box").state, "failed")
        self.assertEqual(world.store.load("second").state, "asleep")
        self.on_pod()
        self.assertEqual(world.store.load("second").state, "awake")

    def test_a_machine_that_has_just_failed_gets_no_packet_for_each_retry(self):
        failed = replace(IDLE, state="failed", failed_at=self.world.now() - 60)
        self.world.store.save("box", failed)
        self.world.kube.pods["p"] = pod_object("p", None)
        self.on_pod()
        self.assertEqual(self.world.machines.packets, 0)

    def test_an_api_that_does_not_answer_wakes_none(self):
        self.world.store.save("box", replace(IDLE, state="asleep"))
        self.world.kube.fail.add("read")
        self.on_pod()
        self.assertEqual(self.world.machines.packets, 0)


if __name__ == "__main__":
    unittest.main()
