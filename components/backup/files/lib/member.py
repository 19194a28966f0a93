"""Puts a snapshot in the place of this machine's etcd data. Cut at any point, the next run finishes the work.

The new data folder is made beside the old one and takes its place in one step; the old one is kept.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import json
import os
import re
import shlex
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import etcd as etcds
from common import Clock, Failure, read_json, run, say
from disk import write_atomically
from etcd import Etcd
from model import Manifest, MemberSettings, Told
from processes import await_end

HALTED = "/etc/kubernetes/vmstation-halted"
JOURNAL = "/var/lib/vmstation/backup/restore-etcd.json"
STOP_PATIENCE = 180
START_PATIENCE = 180

AT_FDCWD = -100
RENAME_EXCHANGE = 2  # renameat2(2)


def from_environment(text: str) -> Told:
    """What etcd was told by a systemd EnvironmentFile (Kubespray's /etc/etcd.env)."""
    pairs = (line.split("=", 1) for line in text.splitlines() if re.match(r"[A-Z_]+=", line))
    values = {name: (shlex.split(value) or [""])[0] for name, value in pairs}
    return {
        "name": values["ETCD_NAME"],
        "data": values["ETCD_DATA_DIR"],
        "peer": values["ETCD_INITIAL_ADVERTISE_PEER_URLS"],
        "cluster": values["ETCD_INITIAL_CLUSTER"],
        "token": values.get("ETCD_INITIAL_CLUSTER_TOKEN", "etcd-cluster"),
    }


def from_manifest(text: str) -> Told:
    """What etcd was told by kubeadm's static pod."""
    flags = dict(re.findall(r"^\s*- --([a-z-]+)=(.*?)\s*$", text, re.MULTILINE))
    return {
        "name": flags["name"],
        "data": flags["data-dir"],
        "peer": flags["initial-advertise-peer-urls"],
        "cluster": flags["initial-cluster"],
        "token": flags.get("initial-cluster-token", "etcd-cluster"),
    }


class Member:
    """`settings`: {kind: unit|pod, file, unit, manifests}; see render-settings.ts."""

    def __init__(
        self,
        settings: MemberSettings,
        etcd: Etcd,
        halted: str = HALTED,
        journal: str = JOURNAL,
        clock: Clock = time.time,
    ) -> None:
        self.settings = settings
        self.etcd = etcd
        self.halted = halted
        self.journal = journal
        self.clock = clock

    def read(self) -> Told:
        path = self.settings["file"]
        kept = os.path.join(self.halted, os.path.basename(path))
        # An interrupted restore may have put the static pod's manifest aside.
        with open(path if os.path.exists(path) else kept, encoding="utf-8") as file:
            text = file.read()
        try:
            found = from_environment(text) if self.settings["kind"] == "unit" else from_manifest(text)
        except KeyError as missing:
            raise Failure(f"{path} does not say etcd's {missing.args[0]}") from None
        if "," in found["cluster"]:
            raise Failure(
                f"etcd has several members ({found['cluster']}): a restore makes a new cluster of one; "
                "docs/backup.md says how the others join it again"
            )
        if os.path.ismount(found["data"]):
            raise Failure(f"{found['data']} is a mount of its own and cannot be exchanged: docs/backup.md")
        return found

    def restore(self, folder: str, manifest: Manifest) -> None:
        """`folder` holds a snapshot that etcd.require_whole has judged."""
        member = self.read()
        data, fresh = member["data"], f"{member['data']}.restoring"
        aside = f"{data}.before-{time.strftime('%Y-%m-%dT%H%M%SZ', time.gmtime(self.clock()))}"
        self._clear(fresh, aside)
        if os.path.exists(aside):
            aside += "-again"
        say(f"making a new data folder of {manifest['keys']} keys")
        snapshot = os.path.join(folder, etcds.SNAPSHOT)
        self.etcd.restore_to(snapshot, fresh, member["name"], member["peer"], member["token"], bump=True)
        like(data, fresh)
        self._note(fresh)
        try:
            self.halt()
            exchange(fresh, data, aside)
            self.start(manifest["keys"])
        except BaseException:
            say("the restored etcd did not work out: putting back what was there")
            self._put_back(data, aside)
            raise
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.journal)
        say(f"etcd holds all {manifest['keys']} keys again; what was there before is in {aside}")

    def _clear(self, fresh: str, aside: str) -> None:
        """What an interrupted run left: a new folder is made again, but the old data, once exchanged, is kept."""
        if not os.path.isdir(fresh):
            return
        noted = read_json(self.journal, {})
        if noted and noted["inode"] != os.stat(fresh).st_ino:
            os.rename(fresh, aside)
        else:
            shutil.rmtree(fresh)

    def _note(self, fresh: str) -> None:
        write_atomically(Path(self.journal), json.dumps({"inode": os.stat(fresh).st_ino, "folder": fresh}), mode=0o600)

    def _put_back(self, data: str, aside: str) -> None:
        if os.path.isdir(aside):
            self._stop_etcd()
            failed = f"{data}.failed"
            shutil.rmtree(failed, ignore_errors=True)
            os.rename(data, failed)
            os.rename(aside, data)
        self.start(None)

    def halt(self) -> None:
        """Static pods first: an API server must not serve what is about to go."""
        manifests = self.settings["manifests"]
        os.makedirs(self.halted, mode=0o700, exist_ok=True)
        if os.path.isdir(manifests):
            for name in sorted(os.listdir(manifests)):
                if name.endswith(".yaml"):
                    os.rename(os.path.join(manifests, name), os.path.join(self.halted, name))
        say("stopping the control plane")
        await_end("kube-apiserver", STOP_PATIENCE)
        self._stop_etcd()

    def _stop_etcd(self) -> None:
        if self.settings["kind"] == "unit":
            run(["systemctl", "stop", self.settings["unit"]], timeout=STOP_PATIENCE)
        else:
            name = os.path.basename(self.settings["file"])
            if os.path.exists(self.settings["file"]):
                os.rename(self.settings["file"], os.path.join(self.halted, name))
            await_end("etcd", STOP_PATIENCE)

    def start(self, keys: int | None) -> None:
        """etcd, and once it is known to hold `keys` keys (None: any number) the control plane."""
        if self.settings["kind"] == "unit":
            run(["systemctl", "start", self.settings["unit"]], timeout=START_PATIENCE)
        else:
            self._return(os.path.basename(self.settings["file"]))
        answer = self._first_answer()
        if keys is not None and answer.get("count", 0) != keys:
            raise Failure(f"etcd has {answer.get('count', 0)} keys after the restore, not {keys}")
        if os.path.isdir(self.halted):
            for name in sorted(os.listdir(self.halted)):
                self._return(name)

    def _return(self, name: str) -> None:
        kept = os.path.join(self.halted, name)
        if os.path.exists(kept):
            os.rename(kept, os.path.join(self.settings["manifests"], name))

    def _first_answer(self) -> dict[str, Any]:
        """etcdctl itself waits for a server that is starting, but not through a refused connection."""
        deadline = time.monotonic() + START_PATIENCE
        while True:
            try:
                answer: dict[str, Any] = self.etcd.ask("--command-timeout=10s", *etcds.COUNT)
                return answer
            except Failure:
                if time.monotonic() > deadline:
                    raise
            time.sleep(1)


def exchange(fresh: str, data: str, aside: str) -> None:
    """`fresh` becomes `data`, whose former content is then at `aside`: never is there neither."""
    if not os.path.isdir(data):
        os.rename(fresh, data)
        return
    libc = ctypes.CDLL(None, use_errno=True)
    paths = (os.fsencode(fresh), os.fsencode(data))
    if libc.renameat2(AT_FDCWD, paths[0], AT_FDCWD, paths[1], RENAME_EXCHANGE) == 0:
        os.rename(fresh, aside)
        return
    code = ctypes.get_errno()
    if code not in (errno.EINVAL, errno.ENOSYS, errno.EXDEV):
        raise OSError(code, os.strerror(code), data)
    # A file system without the exchange: the next run finds either folder by its name.
    os.rename(data, aside)
    os.rename(fresh, data)


def like(model: str, folder: str) -> None:
    """Owner and mode of the old data folder; etcd's own where there is none."""
    if os.path.isdir(model):
        found = os.stat(model)
        os.chmod(folder, found.st_mode & 0o7777)
        for path, folders, files in os.walk(folder):
            for name in ("", *folders, *files):
                os.lchown(os.path.join(path, name), found.st_uid, found.st_gid)
    else:
        os.chmod(folder, 0o700)


def restore_rke2(settings: MemberSettings, folder: str) -> None:
    """RKE2 and K3s restore their etcd themselves, and keep the old one beside it as server/db/etcd-old-*."""
    snapshot = os.path.join(folder, etcds.SNAPSHOT)
    run(["systemctl", "stop", settings["unit"]], timeout=STOP_PATIENCE)
    try:
        done = subprocess.run(
            [settings["program"], "server", "--cluster-reset", f"--cluster-reset-restore-path={snapshot}"],
            stdin=subprocess.DEVNULL,
            timeout=900,
            check=False,
        )
        if done.returncode != 0:
            raise Failure(
                f"{settings['program']} --cluster-reset ended with code {done.returncode}: see its lines above"
            )
    finally:
        run(["systemctl", "start", settings["unit"]], timeout=900)
