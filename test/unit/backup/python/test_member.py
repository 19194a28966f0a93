"""etcd's data folder: exchanged in one step, and never gone, wherever the restore is cut."""

import contextlib
import json
import os
import unittest.mock

from support import Case

import common
import etcd as etcds
import member
import sources

ENVIRONMENT = """# Environment file for etcd 3.6
ETCD_DATA_DIR={data}
ETCD_INITIAL_ADVERTISE_PEER_URLS=https://192.0.2.1:2380
ETCD_INITIAL_CLUSTER_TOKEN=k8s_etcd
ETCD_NAME=etcd1
ETCD_INITIAL_CLUSTER=etcd1=https://192.0.2.1:2380
ETCD_CIPHER_SUITES='a,b'
"""

MANIFEST = """spec:
  containers:
    - command:
        - etcd
        - --data-dir=/var/lib/etcd
        - --initial-advertise-peer-urls=https://192.0.2.1:2380
        - --initial-cluster=maple=https://192.0.2.1:2380
        - --name=maple
"""


class Cut(BaseException):
    """The power goes."""


class FakeEtcd:
    """Holds as many keys as its data folder has files."""

    def __init__(self, data):
        self.data = data
        self.asked = []

    def restore_to(self, snapshot, data, name, peer, token, bump):
        self.asked.append((name, peer, token, bump))
        os.mkdir(data)
        with open(snapshot, encoding="utf-8") as file:
            for key in file.read().split():
                with open(os.path.join(data, key), "w", encoding="utf-8"):
                    pass

    def ask(self, *_arguments):
        return {"count": len(os.listdir(self.data))}


class Restore(Case):
    def setUp(self):
        super().setUp()
        self.write("etcd/old", "")
        self.write("etcd.env", ENVIRONMENT.format(data=self.at("etcd")))
        self.write("manifests/kube-apiserver.yaml", "kind: Pod")
        self.write("snapshot/snapshot.db", "a b c")
        self.program("systemctl", f'echo "$*" >>{self.at("systemctl.asked")}')
        self.etcd = FakeEtcd(self.at("etcd"))
        patch = unittest.mock.patch.object(member, "await_end")
        self.await_end = patch.start()
        self.addCleanup(patch.stop)

    def member(self, now=0):
        settings = {
            "kind": "unit",
            "file": self.at("etcd.env"),
            "unit": "etcd.service",
            "manifests": self.at("manifests"),
        }
        return member.Member(settings, self.etcd, self.at("halted"), self.at("journal"), lambda: now)

    def restore(self, keys=3, now=0):
        self.member(now).restore(self.at("snapshot"), {"keys": keys})

    def keys(self, folder="etcd"):
        return sorted(os.listdir(self.at(folder)))

    def asides(self):
        return sorted(name for name in os.listdir(self.root) if name.startswith("etcd.before"))

    def test_puts_the_keys_in_place_and_keeps_the_old_folder(self):
        os.chmod(self.at("etcd"), 0o700)
        self.restore()
        self.assertEqual(self.keys(), ["a", "b", "c"])
        self.assertEqual(os.stat(self.at("etcd")).st_mode & 0o777, 0o700)
        self.assertEqual(self.keys("etcd.before-1970-01-01T000000Z"), ["old"])
        self.assertEqual(self.etcd.asked, [("etcd1", "https://192.0.2.1:2380", "k8s_etcd", True)])
        self.assertEqual(self.read("systemctl.asked"), "stop etcd.service\nstart etcd.service\n")
        self.assertEqual(os.listdir(self.at("manifests")), ["kube-apiserver.yaml"])
        self.assertFalse(os.path.exists(self.at("journal")))

    def test_of_a_static_pod_starts_etcd_alone_until_it_is_known_to_be_right(self):
        manifest = MANIFEST.replace("/var/lib/etcd", self.at("etcd"))
        self.write("manifests/etcd.yaml", manifest)
        self.write("manifests/notes.txt", "not the kubelet's")
        seen = []

        def ask(*_arguments):
            seen.append(sorted(os.listdir(self.at("manifests"))))
            return {"count": len(os.listdir(self.at("etcd")))}

        self.etcd.ask = ask
        settings = {"kind": "pod", "file": self.at("manifests/etcd.yaml"), "manifests": self.at("manifests")}
        pod = member.Member(settings, self.etcd, self.at("halted"), self.at("journal"), lambda: 0)
        pod.restore(self.at("snapshot"), {"keys": 3})
        self.assertEqual(seen, [["etcd.yaml", "notes.txt"]])
        self.assertEqual(self.keys(), ["a", "b", "c"])
        self.assertEqual(self.keys("manifests"), ["etcd.yaml", "kube-apiserver.yaml", "notes.txt"])
        self.assertFalse(os.path.exists(self.at("systemctl.asked")))

    def test_works_where_the_data_was_wiped(self):
        os.unlink(self.at("etcd/old"))
        os.rmdir(self.at("etcd"))
        self.restore()
        self.assertEqual(self.keys(), ["a", "b", "c"])
        self.assertEqual(self.asides(), [])

    def test_no_api_server_runs_while_the_data_is_exchanged(self):
        def look(*_):
            self.assertEqual(os.listdir(self.at("manifests")), [])
            self.assertEqual(self.read("systemctl.asked"), "stop etcd.service\n")
            raise common.Failure("seen")

        with unittest.mock.patch.object(member, "exchange", look):
            with self.assertRaisesRegex(common.Failure, "seen"):
                self.restore()
        self.assertEqual(os.listdir(self.at("manifests")), ["kube-apiserver.yaml"])

    def test_a_control_plane_that_does_not_stop_goes_on_with_what_it_had(self):
        self.await_end.side_effect = common.Failure("kube-apiserver is still running")
        with self.assertRaisesRegex(common.Failure, "still running"):
            self.restore()
        self.assertEqual(self.keys(), ["old"])
        self.assertEqual(os.listdir(self.at("manifests")), ["kube-apiserver.yaml"])

    def test_an_etcd_that_lacks_keys_afterwards_is_exchanged_back(self):
        with self.assertRaisesRegex(common.Failure, "has 3 keys after the restore, not 4"):
            self.restore(keys=4)
        self.assertEqual(self.keys(), ["old"])
        self.assertEqual(self.asides(), [])
        self.assertEqual(self.read("systemctl.asked").splitlines()[-1], "start etcd.service")
        self.assertEqual(os.listdir(self.at("manifests")), ["kube-apiserver.yaml"])

    def test_cut_anywhere_the_next_run_finishes_and_the_old_data_is_kept(self):
        for cut in range(40):
            with self.subTest(cut=cut):
                self.tearDown()
                self.doCleanups()
                self.setUp()
                if not self.cut_at(cut):
                    return
                self.restore(now=60)
                self.assertEqual(self.keys(), ["a", "b", "c"])
                self.assertIn(["old"], [self.keys(aside) for aside in self.asides()])
                self.assertEqual(os.listdir(self.at("manifests")), ["kube-apiserver.yaml"])
                self.assertFalse(os.path.exists(self.at("etcd.restoring")))
        self.fail("it never gets to its end")

    def cut_at(self, number):
        """Ends the restore before its change of that number, and undoes nothing; False where it has fewer."""
        left = [number]

        def cutting(original):
            def perform(*arguments, **options):
                if left[0] == 0:
                    raise Cut
                left[0] -= 1
                return original(*arguments, **options)

            return perform

        changes = [(member.os, name) for name in ("rename", "makedirs", "unlink", "chmod")]
        changes += [(member, name) for name in ("run", "exchange", "write_atomically")]
        with contextlib.ExitStack() as patches:
            for owner, name in changes:
                patched = unittest.mock.patch.object(owner, name, cutting(getattr(owner, name)))
                patches.enter_context(patched)
            patches.enter_context(unittest.mock.patch.object(member.Member, "_put_back"))
            try:
                self.restore()
            except Cut:
                return True
        return False

    def test_several_members_and_a_data_folder_that_is_a_mount_are_refused(self):
        text = ENVIRONMENT.format(data=self.at("etcd"))
        self.write("etcd.env", text.replace("=etcd1=https", "=etcd2=https://192.0.2.2:2380,etcd1=https"))
        with self.assertRaisesRegex(common.Failure, "several members"):
            self.restore()
        self.write("etcd.env", ENVIRONMENT.format(data="/proc"))
        with self.assertRaisesRegex(common.Failure, "a mount of its own"):
            self.restore()
        self.write("etcd.env", "ETCD_NAME=etcd1\n")
        with self.assertRaisesRegex(common.Failure, "does not say etcd's ETCD_DATA_DIR"):
            self.restore()

    def test_a_static_pod_says_the_same(self):
        self.assertEqual(
            member.from_manifest(MANIFEST),
            {
                "name": "maple",
                "data": "/var/lib/etcd",
                "peer": "https://192.0.2.1:2380",
                "cluster": "maple=https://192.0.2.1:2380",
                "token": "etcd-cluster",
            },
        )


class Snapshots(Case):
    def test_one_that_was_truncated_or_changed_is_refused_before_anything_reads_it(self):
        path = self.write("snapshot.db", "the keys")
        manifest = {"size": 8, "sha256": etcds.digest_of(path), "keys": 1, "revision": 2, "hash": 3}
        self.write("manifest.json", json.dumps(manifest))
        scratch = unittest.mock.Mock()
        scratch.restore_into_scratch.return_value = {"keys": 1, "revision": 2, "hash": 3}
        self.assertEqual(etcds.require_whole(scratch, self.root), manifest)
        scratch.restore_into_scratch.return_value = {"keys": 0, "revision": 2, "hash": 3}
        with self.assertRaisesRegex(common.Failure, "keys 0 where the backup had 1"):
            etcds.require_whole(scratch, self.root)
        for text in ("the key", "the kexs"):
            self.write("snapshot.db", text)
            scratch.reset_mock()
            with self.assertRaisesRegex(common.Failure, "truncated or corrupted"):
                etcds.require_whole(scratch, self.root)
            scratch.restore_into_scratch.assert_not_called()


class ApiServer(Case):
    """A restore of etcd ends once the API server answers: what follows asks it."""

    def kubectl(self, script):
        return {"program": self.program("kubectl", script), "kubeconfig": "/etc/kubernetes/admin.conf"}

    def test_is_waited_for_while_it_refuses(self):
        asked = self.at("asked")
        kubectl = self.kubectl(f'echo "$*" >>{asked}; [ "$(wc -l <{asked})" -gt 2 ] || {{ echo refused >&2; exit 1; }}')
        sources.await_api(kubectl, pause=0)
        with open(asked, encoding="utf-8") as lines:
            self.assertEqual(
                lines.read().splitlines(),
                3 * ["--kubeconfig=/etc/kubernetes/admin.conf --request-timeout=10s get --raw /readyz"],
            )

    def test_that_never_answers_is_a_failure_which_says_that_etcd_is_restored(self):
        kubectl = self.kubectl("echo 'connection refused' >&2; exit 1")
        with self.assertRaisesRegex(common.Failure, "etcd is restored, but .*connection refused.*journalctl"):
            sources.await_api(kubectl, patience=0, pause=0)

    def test_is_not_asked_where_there_is_no_kubectl(self):
        sources.await_api({"program": self.at("none"), "kubeconfig": ""}, patience=0)
