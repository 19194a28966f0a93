"""etcd: a snapshot, and the proof that it can be restored: a scratch etcd that holds the same keys."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from common import Failure, digest_of, read_json, run, say
from disk import write_atomically
from model import Access, Facts, Manifest
from tools import Tools

SNAPSHOT = "snapshot.db"
MANIFEST = "manifest.json"

# A scratch etcd listens on nothing but sockets in its own folder: what it holds are the cluster's secrets.
SCRATCH_CLIENT = "unix://localhost:2379"
SCRATCH_PEER = "unix://localhost:2380"
SCRATCH_PATIENCE = 60


class Etcd:
    """The member on this machine. `access`: {endpoint, cacert, cert, key}, files that etcdctl logs in with."""

    def __init__(self, access: Access, tools: Tools) -> None:
        self.access = access
        self.tools = tools

    @property
    def environment(self) -> dict[str, str]:
        access = self.access
        files = {
            "ETCDCTL_CACERT": access.get("cacert"),
            "ETCDCTL_CERT": access.get("cert"),
            "ETCDCTL_KEY": access.get("key"),
        }
        return {
            "PATH": "/usr/bin:/bin",
            "ETCDCTL_ENDPOINTS": access["endpoint"],
            **{name: file for name, file in files.items() if file},
        }

    def ask(self, *arguments: str, timeout: float = 30) -> Any:
        """etcdctl's answer in JSON."""
        command = [self.tools.require("etcdctl"), "--write-out=json", *arguments]
        return json.loads(run(command, env=self.environment, timeout=timeout))

    def offline(self, *arguments: str, cwd: str | None = None) -> str:
        """`snapshot …` by etcdutl, or by the etcdctl of versions before it."""
        tool = self.tools.find("etcdutl") or self.tools.require("etcdctl")
        return run([tool, *arguments], env={"PATH": "/usr/bin:/bin"}, cwd=cwd)

    def members(self) -> list[dict[str, Any]]:
        members: list[dict[str, Any]] = self.ask("member", "list")["members"]
        return members

    def save(self, folder: str) -> Manifest:
        """A snapshot in `folder`, restored into a scratch etcd and compared with this one; yields its manifest."""
        path = os.path.join(folder, SNAPSHOT)
        before = self.ask(*COUNT)["header"]["revision"]
        command = [self.tools.require("etcdctl"), "snapshot", "save", path]
        run(command, env={**self.environment, "ETCDCTL_WRITE_OUT": "simple"}, timeout=600)
        facts = self.restore_into_scratch(path, folder)
        if facts["revision"] < before:
            raise Failure(f"the snapshot ends at revision {facts['revision']}, where etcd was at {before} already")
        living = count(self, facts["revision"])
        if living is not None and living != facts["keys"]:
            raise Failure(
                f"the snapshot holds {facts['keys']} keys where etcd has {living} at revision {facts['revision']}"
            )
        manifest: Manifest = {
            "keys": facts["keys"],
            "revision": facts["revision"],
            "hash": facts["hash"],
            "sha256": digest_of(path),
            "size": os.path.getsize(path),
        }
        write_atomically(Path(folder, MANIFEST), f"{json.dumps(manifest, indent=2)}\n", mode=0o600)
        return manifest

    def restore_into_scratch(self, snapshot: str, folder: str) -> Facts:
        """{keys, revision, hash} of a scratch etcd made from `snapshot`, below `folder`."""
        with tempfile.TemporaryDirectory(dir=os.path.abspath(folder), prefix="scratch.") as scratch:
            self.restore_to(snapshot, os.path.join(scratch, "data"), "scratch", SCRATCH_PEER)
            with self._scratch(scratch):
                other = Etcd({"endpoint": SCRATCH_CLIENT}, self.tools)
                return other.facts(scratch)

    def restore_to(
        self, snapshot: str, data: str, name: str, peer: str, token: str = "etcd-cluster", bump: bool = False
    ) -> None:
        """A data folder of a one-member cluster, made from `snapshot`."""
        with tempfile.TemporaryDirectory() as empty:
            options = [
                *("--data-dir", data, "--name", name),
                *("--initial-cluster", f"{name}={peer}", "--initial-advertise-peer-urls", peer),
                *("--initial-cluster-token", token),
                # Watchers that saw a newer revision than the snapshot's must not take what is old for new.
                *(BUMP if bump and self._knows_bump() else ()),
            ]
            self.offline("snapshot", "restore", os.path.abspath(snapshot), *options, cwd=empty)

    def _knows_bump(self) -> bool:
        tool = self.tools.find("etcdutl")
        return tool is not None and "--bump-revision" in run([tool, "snapshot", "restore", "--help"])

    @contextlib.contextmanager
    def _scratch(self, folder: str) -> Iterator[None]:
        # Its own folder is where its sockets are made.
        log = os.path.join(folder, "log")
        with open(log, "wb") as output:
            server = subprocess.Popen(
                [
                    self.tools.require("etcd"),
                    *("--name", "scratch", "--data-dir", "data", "--log-level", "warn"),
                    *("--listen-client-urls", SCRATCH_CLIENT, "--advertise-client-urls", SCRATCH_CLIENT),
                    *("--listen-peer-urls", SCRATCH_PEER, "--initial-advertise-peer-urls", SCRATCH_PEER),
                    *("--initial-cluster", f"scratch={SCRATCH_PEER}"),
                ],
                cwd=folder,
                env={"PATH": "/usr/bin:/bin"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            yield
        finally:
            server.send_signal(signal.SIGKILL)
            server.wait()

    def facts(self, cwd: str) -> Facts:
        """Asked of a scratch etcd: its sockets are named relative to its folder, and it may still be starting."""
        command = [self.tools.require("etcdctl"), "--write-out=json", f"--command-timeout={SCRATCH_PATIENCE}s"]

        def ask(*arguments: str) -> Any:
            return json.loads(run([*command, *arguments], env=self.environment, cwd=cwd, timeout=2 * SCRATCH_PATIENCE))

        answer = ask(*COUNT)
        hashed = ask("endpoint", "hashkv")[0]["HashKV"]
        return {
            "keys": answer.get("count", 0),
            "revision": answer["header"]["revision"],
            "hash": hashed["hash"],
        }


# One key is fetched; the count that comes with it is of all.
COUNT = ("get", "", "--from-key", "--keys-only", "--limit=1")

# A thousand million: more than was written since any backup (etcd's own advice for a restore below Kubernetes).
BUMP = ("--bump-revision", "1000000000", "--mark-compacted")


def count(etcd: Etcd, revision: int) -> int | None:
    """How many keys etcd has at that revision; None where it was compacted away meanwhile."""
    try:
        answer = etcd.ask(*COUNT, f"--rev={revision}")
    except Failure as error:
        if "compacted" in str(error):
            return None
        raise
    return int(answer.get("count", 0))


def require_whole(etcd: Etcd, folder: str) -> Manifest:
    """The manifest of a snapshot that is what it was when it was taken: its digest, and a scratch etcd's keys."""
    manifest: Manifest = read_json(os.path.join(folder, MANIFEST))
    path = os.path.join(folder, SNAPSHOT)
    if os.path.getsize(path) != manifest["size"] or digest_of(path) != manifest["sha256"]:
        raise Failure(f"{path} is not what was backed up: truncated or corrupted")
    facts = etcd.restore_into_scratch(path, folder)
    for name, found in facts.items():
        if found != manifest.get(name):
            raise Failure(f"a scratch etcd has {name} {found} where the backup had {manifest.get(name)}")
    say(f"a scratch etcd holds all {facts['keys']} keys of revision {facts['revision']}")
    return manifest
