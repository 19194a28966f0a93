"""Restores: what was there before is kept aside, and what is damaged replaces nothing."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Sequence

import etcd as etcds
import sources
from common import Clock, Failure, Started, run, say
from member import Member, restore_rke2
from model import Item, Manifest, Settings, Snapshot
from record import STATE, Record
from restic import Restic, damaged
from words import archive_name, describe, in_words
from work import Backups


class Restores:
    def __init__(self, backups: Backups, clock: Clock = time.time, state: str = STATE) -> None:
        self.backups = backups
        self.state = state
        self.settings = backups.settings
        self.clock = clock

    def plan(self, wanted: str, snapshot: str | None = None) -> list[tuple[Item, Restic, Snapshot]]:
        """[(item, repository, snapshot)]: one snapshot may be named for one item only."""
        # By its own name before by a set's: `etcd` is etcd, and not the control plane's files with it.
        named = [item for item in self.settings["items"] if item["name"] == wanted]
        items = named or self.backups.items_of(wanted)
        if snapshot is not None and len(items) > 1:
            names = ", ".join(item["name"] for item in items)
            raise Failure(f"{wanted} is several ({names}): name one of them with --snapshot")
        if wanted == "all":
            raise Failure("what is restored has a name: a set or one of its parts")
        repositories = [self.backups.repository(item["set"]) for item in items]
        record = Record(self.state)
        return [(item, r, self.backups.newest(r, item, record, snapshot)) for item, r in zip(items, repositories)]

    def run(self, wanted: str, snapshot: str | None = None, target: str | None = None, dry_run: bool = False) -> None:
        plan = self.plan(wanted, snapshot)
        for item, _, found in plan:
            where = f"below {target}" if target else f"in the place of {describe(item)}"
            say(f"{'would put' if dry_run else 'putting'} {item['name']} of {found['time']} ({found['short']}) {where}")
        if dry_run:
            return
        failed = [item["name"] for item, place, found in plan if not self._attempt(item, place, found, target)]
        if failed:
            raise Failure(f"not restored: {', '.join(failed)}: see above")

    def _attempt(self, item: Item, repository: Restic, snapshot: Snapshot, target: str | None) -> bool:
        """Whether it is restored; what goes wrong with one keeps none of the others from being restored."""
        self.backups.clean_staging()
        try:
            repository.prepare()
            if target is not None:
                self._extract(item, repository, snapshot, os.path.join(target, item["name"]))
            else:
                self._replace(item, repository, snapshot)
            return True
        except Exception as error:
            say(f"{item['name']}: FAILED: {in_words(error)}")
            return False
        finally:
            self.backups.clean_staging()

    def _extract(self, item: Item, repository: Restic, snapshot: Snapshot, target: str) -> None:
        """Into a folder of its own, which must not hold anything yet."""
        if os.path.isdir(target) and os.listdir(target):
            raise Failure(f"{target} is not empty")
        os.makedirs(target, mode=0o700, exist_ok=True)
        if item["kind"] == "archive":
            source = repository.dump(snapshot, archive_name(item))
            self._pipe(snapshot, source, [sys.executable, "-B", self.backups.agent, "extract", target])
        else:
            repository.restore(snapshot, target)
        if item["kind"] == "etcd":
            folder = next(f for f, _, files in os.walk(target) if etcds.SNAPSHOT in files)
            self._judge(snapshot, folder)
        say(f"{item['name']} of {snapshot['time']} is in {target}")

    def _pipe(self, snapshot: Snapshot, source: Started, command: Sequence[str]) -> None:
        receiver = Started(command, stdin=source.output)
        source.output.close()
        receiver.output.read()
        code = receiver.wait()
        if source.wait() != 0:
            raise damaged(snapshot, source.words())
        if code != 0:
            raise Failure(receiver.words())

    def _judge(self, snapshot: Snapshot, folder: str) -> Manifest:
        try:
            return etcds.require_whole(self.backups.etcd(), folder)
        except (Failure, OSError, ValueError, KeyError) as error:
            raise damaged(snapshot, error) from None

    def _replace(self, item: Item, repository: Restic, snapshot: Snapshot) -> None:
        if item["kind"] == "etcd":
            self._replace_etcd(repository, snapshot)
        elif item["kind"] == "tree":
            self._replace_tree(item, repository, snapshot)
        else:
            with sources.awake(item.get("machine"), self.settings["holdSeconds"]):
                source = repository.dump(snapshot, archive_name(item))
                sources.unpack(item, source, lambda words: damaged(snapshot, words), self.backups.agent)
        if item.get("pods"):
            sources.restart_pods(self.settings["kubectl"], item["pods"])

    def _replace_etcd(self, repository: Restic, snapshot: Snapshot) -> None:
        folder = self.backups.fetch_etcd(repository, snapshot)
        manifest = self._judge(snapshot, folder)
        member = self.settings["etcd"]["member"]
        if member["kind"] == "rke2":
            restore_rke2(member, folder)
        else:
            Member(member, self.backups.etcd()).restore(folder, manifest)
        sources.await_api(self.settings["kubectl"])

    def _replace_tree(self, item: Item, repository: Restic, snapshot: Snapshot) -> None:
        """Restored beside each folder, on its file system, and exchanged once everything is there."""
        stamp = time.strftime("%Y-%m-%dT%H%M%SZ", time.gmtime(self.clock()))
        for path in item["paths"]:
            if not any(path == kept or kept.startswith(f"{path}/") for kept in snapshot["paths"]):
                continue
            fresh = f"{path}.restoring"
            shutil.rmtree(fresh, ignore_errors=True)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            try:
                repository.restore({**snapshot, "include": path}, fresh)
            except Failure:
                shutil.rmtree(fresh, ignore_errors=True)
                raise
            aside = f"{path}.before-{stamp}"
            while os.path.lexists(aside):
                aside += "-again"
            if os.path.lexists(path):
                os.rename(path, aside)
                say(f"what was in {path} is in {aside}")
            os.rename(f"{fresh}{path}", path)
            shutil.rmtree(fresh)
            say(f"restored {path}")


def resume(settings: Settings, backups: Backups) -> None:
    """Starts what an interrupted restore of etcd has stopped, with the data that is in place."""
    member = settings["etcd"]["member"]
    if member["kind"] == "rke2":
        run(["systemctl", "start", member["unit"]])
    else:
        Member(member, backups.etcd()).start(None)
