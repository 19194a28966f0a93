"""Whose process is what it is called: only the control plane's own pods are listened to, and give programs."""

import os
import subprocess
import sys

from support import Case

import common
import processes
import tools

UID = "0123456789abcdef0123456789abcdef"
SYSTEMD = f"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{UID}.slice/cri-containerd-1.scope"
CGROUPFS = f"/kubepods/burstable/pod{UID}/1"
POD = "0a1b2c3d_0a1b_0a1b_0a1b_0a1b2c3d4e5f"
USER = "/user.slice/user-1000.slice/user@1000.service"

STATIC = [SYSTEMD, CGROUPFS, f"/kubepods.slice/kubepods-pod{UID}.slice/a.scope", f"/kubepods/pod{UID}/1/inner"]
OTHERS = [
    "/",
    "/system.slice/etcd.service",
    USER,
    USER + SYSTEMD,
    USER + CGROUPFS,
    f"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{POD}.slice/cri-containerd-1.scope",
    f"/kubepods.slice/kubepods-pod{POD}.slice/cri-containerd-1.scope{SYSTEMD}",
    f"/kubepods/burstable/pod{POD.replace('_', '-')}/1{CGROUPFS}",
    f"/../..{SYSTEMD}",
    f"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{UID}.slice",
]


class MachineCase(Case):
    """A machine's /proc, in a folder."""

    def setUp(self):
        super().setUp()
        self.count = 1
        self.process("systemd", "/init.scope", number=1)

    def process(self, name, group, number=None, state="S"):
        """A folder like the kernel's own; yields the process's number."""
        self.count += 1
        number = number or self.count
        self.write(f"proc/{number}/stat", f"{number} ({name}) {state} 1 1\n")
        self.write(f"proc/{number}/cgroup", f"4:memory:/\n0::{group}\n")
        return number


class Processes(MachineCase):
    def found(self, name="etcd"):
        return [number for number, _ in processes.in_static_pods(name, self.at("proc"))]

    def test_are_those_of_static_pods_by_their_control_group(self):
        wanted = [self.process("etcd", group) for group in STATIC]
        for group in OTHERS:
            self.process("etcd", group)
        self.process("etcdctl", SYSTEMD)
        self.process("etcd", SYSTEMD, state="Z")
        self.assertEqual(sorted(self.found()), wanted)

    def test_are_found_on_a_machine_that_is_a_container_itself(self):
        self.process("systemd", "/machine.slice/rig/init.scope", number=1)
        inner = self.process("kube-apiserver-of-a-long-name"[:15], f"/machine.slice/rig{SYSTEMD}")
        self.process("kube-apiserver", SYSTEMD)
        self.assertEqual(self.found("kube-apiserver-of-a-long-name"), [inner])

    def test_a_restore_does_not_wait_for_a_process_that_only_has_the_name(self):
        """A real one, whose name any user may choose."""
        named = (
            "import ctypes, sys; ctypes.CDLL(None).prctl(15, b'kube-apiserver'); print(flush=True); sys.stdin.read()"
        )
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        with subprocess.Popen([sys.executable, "-c", named], **pipes) as impostor:
            impostor.stdout.readline()
            with open(f"/proc/{impostor.pid}/comm", encoding="utf-8") as file:
                self.assertEqual(file.read(), "kube-apiserver\n")
            processes.await_end("kube-apiserver", 1)
            impostor.stdin.close()

    def test_a_control_plane_that_goes_on_is_waited_for_and_named(self):
        with subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE) as pod:
            self.process("kube-apiserver", SYSTEMD, number=pod.pid)
            with self.assertRaisesRegex(common.Failure, rf"kube-apiserver \(process {pod.pid}\) is still running"):
                processes.await_end("kube-apiserver", 0.01, self.at("proc"))
            pod.stdin.close()
            pod.wait()
        # The kernel's folder of it is gone now.
        os.unlink(self.at(f"proc/{pod.pid}/stat"))
        processes.await_end("kube-apiserver", 1, self.at("proc"))


class Tools(MachineCase):
    def tools(self, in_pod=True):
        places = {"kept": self.at("kept"), "proc": self.at("proc"), "former": self.at("former")}
        return tools.Tools(in_pod, installed=(self.at("bin"),), **places)

    def bring(self, number, text, name="etcdctl"):
        return self.write(f"proc/{number}/root/usr/local/bin/{name}", text, 0o755)

    def test_of_any_process_called_etcd_are_not_taken(self):
        """A user's own root folder, whose etcdctl root would run with etcd's certificates."""
        for group in OTHERS:
            self.bring(self.process("etcd", group), "evil")
        for in_pod in (True, False):
            with self.assertRaisesRegex(common.Failure, "etcdctl is not on this machine, and no static pod runs"):
                self.tools(in_pod).require("etcdctl")
        self.assertFalse(os.path.exists(self.at("kept")))

    def test_of_etcds_pod_are_kept_in_the_version_that_runs_for_when_it_does_not(self):
        number = self.process("etcd", SYSTEMD)
        image = self.bring(number, "3.6.1")
        self.assertEqual(self.tools().find("etcdctl"), self.at("kept/etcdctl"))
        self.bring(number, "3.6.2")
        self.write("bin/etcdctl", "of the distribution", 0o755)
        self.assertEqual(self.tools().find("etcdctl"), self.at("kept/etcdctl"))
        self.assertEqual(self.read("kept/etcdctl"), "3.6.2")
        os.unlink(image)
        self.assertEqual(self.tools().find("etcdctl"), self.at("kept/etcdctl"))
        self.assertEqual(os.listdir(self.at("kept")), ["etcdctl"])
        self.assertIsNone(self.tools().find("etcdutl"))

    def test_are_the_machines_own_where_etcd_is_a_service(self):
        self.bring(self.process("etcd", SYSTEMD), "of a pod")
        self.write("bin/etcdctl", "the machine's own", 0o755)
        self.assertEqual(self.tools(in_pod=False).find("etcdctl"), self.at("bin/etcdctl"))
        self.assertFalse(os.path.exists(self.at("kept")))

    def test_are_files_of_the_container_and_not_what_a_link_in_it_leads_to_out_here(self):
        number = self.process("etcd", SYSTEMD)
        self.write("outside", "evil", 0o755)
        os.makedirs(self.at(f"proc/{number}/root/usr/local/bin"))
        os.symlink(self.at("outside"), self.at(f"proc/{number}/root/usr/local/bin/etcdctl"))
        self.assertIsNone(self.tools().find("etcdctl"))

    def test_that_an_earlier_version_kept_are_not_run_again(self):
        self.write("former/etcdctl", "whoever's", 0o755)
        self.assertIsNone(self.tools().find("etcdctl"))
        self.assertFalse(os.path.exists(self.at("former")))
