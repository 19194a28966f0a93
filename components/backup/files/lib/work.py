"""Backups: takes them, keeps as many as wanted, and checks that they can be read back."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time

import etcd as etcds
import sources
from common import Clock, Failure, Started, say
from dating import outdated, seconds_of
from model import Item, Kept, SetSettings, Settings, Shown, Snapshot
from record import Record, is_away, key_of, publish
from restic import Restic, damaged
from stream import DAY, Limits
from tools import Tools
from words import archive_name, describe, in_words, printable

STAGING = "/var/lib/vmstation/backup/staging"
PASSWORD = "/etc/vmstation/backup/password"


class Backups:
    def __init__(
        self,
        settings: Settings,
        staging: str = STAGING,
        password: str = PASSWORD,
        agent: str = sources.AGENT,
        clock: Clock = time.time,
    ) -> None:
        self.settings = settings
        self.staging = staging
        self.password = password
        self.agent = agent
        self.clock = clock

    def items_of(self, wanted: str) -> list[Item]:
        """The items of a set, one item by its name, or all."""
        items = self.settings["items"]
        found = [i for i in items if wanted in ("all", i["set"])] or [i for i in items if i["name"] == wanted]
        if not found:
            known = sorted({i["set"] for i in items} | {i["name"] for i in items})
            raise Failure(f"nothing here is backed up as {wanted}; there are {', '.join(known)}, and all")
        return found

    def repository(self, name: str) -> Restic:
        return Restic(os.path.join(self.settings["repository"], name), self.password, self.settings["cluster"])

    def etcd(self) -> etcds.Etcd:
        etcd = self.settings["etcd"]
        return etcds.Etcd(etcd["access"], Tools(in_pod=etcd["member"]["kind"] != "unit"))

    def require_place(self) -> None:
        """Only inside the mount that is to hold the backups, and only while its disk has room."""
        mount, folder = self.settings["mount"], self.settings["repository"]
        if mount and not os.path.ismount(mount):
            raise Failure(f"nothing is mounted at {mount}: look at 'systemctl status' of that mount")
        os.makedirs(folder, mode=0o700, exist_ok=True)
        self.require_room()

    def require_room(self) -> None:
        folder = self.settings["repository"]
        usage = shutil.disk_usage(folder)
        if usage.free < self.settings["minimumFree"] * usage.total:
            raise Failure(
                f"less than {self.settings['minimumFree']:.0%} of the disk below {folder} is free: "
                "make room, or set vmstation:backup.repository to another disk"
            )

    def clean_staging(self) -> None:
        """Of a run that was cut; the caller holds the lock."""
        shutil.rmtree(self.staging, ignore_errors=True)

    def staged(self) -> str:
        """The folder for what is only needed meanwhile."""
        os.makedirs(self.staging, mode=0o700, exist_ok=True)
        return self.staging

    def run(self, wanted: str, record: Record, dry_run: bool = False) -> list[str]:
        """Each item by itself: one that fails keeps none of the others from being backed up. Yields the failed."""
        items = self.items_of(wanted)
        if dry_run:
            return self._rehearse(items, record)
        self.clean_staging()
        failed, is_known = [], True
        for item in items:
            if is_away(item):
                say(f"{item['name']}: left as it is: {item['machine']['name']} is marked offline")
                continue
            if not self._attempt(item, record):
                failed.append(item["name"])
            self.clean_staging()
            is_known = publish(self.settings, record, self.clock()) and is_known
        failed += self._forget(items, failed, record)
        return failed if publish(self.settings, record, self.clock()) and is_known else [*failed, "record"]

    def _attempt(self, item: Item, record: Record) -> bool:
        """Whether the item is backed up, as the record says from now on. What goes wrong is this item's fault alone."""
        begin = self.clock()
        try:
            self.require_place()
            facts = self._back_up(item)
            size, snapshot = facts["size"], facts["snapshot"][:8]
            if "unread" in facts:
                raise Failure(
                    f"what could not be read is missing: {', '.join(facts['unread'][:3]) or 'see above'}; "
                    f"the rest is kept, marked as incomplete"
                )
            record.succeed(key_of(item), self.clock(), facts, round(self.clock() - begin, 1))
            say(f"{item['name']}: done: {size} bytes, {facts['added']} of them new, {snapshot}")
            return True
        except Exception as error:
            record.fail(key_of(item), self.clock(), in_words(error))
            say(f"{item['name']}: FAILED: {in_words(error)}")
            return False

    def _rehearse(self, items: list[Item], record: Record) -> list[str]:
        for item in items:
            say(f"would back up {item['name']}: {describe(item)}")
            own = self.settings["sets"][item["set"]]
            repository = self.repository(item["set"])
            if repository.exists:
                for gone in self._outdated(repository, item, own, record):
                    say(f"would forget {gone['short']} of {item['name']}")
        return []

    def _outdated(self, repository: Restic, item: Item, own: SetSettings, record: Record) -> list[Snapshot]:
        found, now = repository.snapshots(item["name"]), self.clock()
        noticed = record.noticed(key_of(item), found, now)
        return outdated(found, own["keepLast"], seconds_of(own["keepWithin"]), noticed, now)

    def _back_up(self, item: Item) -> Kept:
        say(f"{item['name']}: {describe(item)}")
        repository = self.repository(item["set"])
        repository.prepare()
        tags = [f"set={item['set']}", f"item={item['name']}"]
        if item["kind"] == "etcd":
            folder = os.path.join(self.staged(), "etcd")
            os.makedirs(folder, mode=0o700)
            manifest = self.etcd().save(folder)
            say(f"{item['name']}: a scratch etcd holds all {manifest['keys']} keys")
            return repository.backup_tree([folder], [], tags)
        if item["kind"] == "tree":
            paths = [path for path in item["paths"] if os.path.lexists(path)]
            if not paths:
                raise Failure(f"none of {', '.join(item['paths'])} is there: run `pulumi up`, or look at its mount")
            return repository.backup_tree(paths, item["leaveOut"], tags)
        return self._fetch(item, repository, tags)

    def _fetch(self, item: Item, repository: Restic, tags: list[str]) -> Kept:
        hold, machine = self.settings["holdSeconds"], item.get("machine")
        # Once the hold has ended the machine may sleep at any time.
        longest = hold if machine and machine["sleeps"] else DAY
        with sources.awake(machine, hold):
            source = sources.open_archive(item, self.agent)
            try:
                return repository.backup_stream(archive_name(item), tags, source, Limits(self.require_room, longest))
            except Failure:
                self._make_room_again(repository)
                raise
            finally:
                for line in filter(None, source.notes().splitlines()):
                    say(f"{item['name']}: {printable(line)}")

    def _make_room_again(self, repository: Restic) -> None:
        """An archive that was too large leaves blocks behind that no snapshot needs."""
        try:
            self.require_room()
        except Failure:
            repository.prepare()
            repository.prune()

    def _forget(self, items: list[Item], failed: list[str], record: Record) -> list[str]:
        """Old ones go only after a new one is there. Yields the repositories where that failed."""
        broken = []
        for name in sorted({item["set"] for item in items}):
            repository, own, gone = self.repository(name), self.settings["sets"][name], []
            try:
                for item in items:
                    if item["set"] == name and item["name"] not in failed and not is_away(item):
                        gone += self._outdated(repository, item, own, record)
                if gone:
                    repository.forget(gone)
                    repository.prune()
                    say(f"{name}: forgot {len(gone)} old snapshots")
            except Exception as error:
                say(f"{name}: old backups are not removed: {in_words(error)}")
                broken.append(f"{name} repository")
        return broken

    def list_kept(self, wanted: str) -> tuple[list[Shown], list[str]]:
        """(snapshots, names of the repositories that could not be asked)."""
        items = self.items_of(wanted)
        found: list[Shown] = []
        broken: list[str] = []
        for name in sorted({item["set"] for item in items}):
            repository = self.repository(name)
            names = {item["name"] for item in items if item["set"] == name}
            try:
                if repository.exists:
                    found += [_shown(name, s) for s in repository.snapshots() if s["item"] in names]
            except Exception as error:
                say(f"{name}: its backups cannot be listed: {in_words(error)}")
                broken.append(name)
        return found, broken

    def check(self, record: Record) -> list[str]:
        """Every repository's structure and a part of its data, and each item's newest snapshot by reading it back."""
        failed = []
        self.clean_staging()
        for name in sorted({item["set"] for item in self.settings["items"]}):
            key = f"{name} repository"
            faults = self._check_set(name, record)
            for fault in faults:
                say(f"{name}: DAMAGED: {fault}")
            if faults:
                record.fail(key, self.clock(), "; ".join(faults))
                failed.append(name)
            else:
                record.succeed(key, self.clock())
            self.clean_staging()
        return failed if publish(self.settings, record, self.clock()) else [*failed, "record"]

    def _check_set(self, name: str, record: Record) -> list[str]:
        """What is wrong with it; an item that is damaged keeps none of the others from being read."""
        repository, faults = self.repository(name), []
        try:
            repository.require()
            repository.prepare()
            repository.check(self.settings["checkSubset"])
            say(f"{name}: the repository is sound, {self.settings['checkSubset']} of its data read")
        except Exception as error:
            faults.append(in_words(error))
        for item in self.settings["items"]:
            if item["set"] != name or item["kind"] == "tree" or is_away(item) or not repository.exists:
                continue
            try:
                self._check_item(repository, item, record)
            except Exception as error:
                faults.append(in_words(error))
        return faults

    def _check_item(self, repository: Restic, item: Item, record: Record) -> None:
        snapshot = self.newest(repository, item, record)
        if item["kind"] == "etcd":
            etcds.require_whole(self.etcd(), self.fetch_etcd(repository, snapshot))
        else:
            self._read_archive(repository, snapshot, item)

    def newest(self, repository: Restic, item: Item, record: Record, wanted: str | None = None) -> Snapshot:
        """The item's newest snapshot, or the one whose id begins with `wanted`."""
        repository.require()
        misdated = record.noticed(key_of(item), repository.snapshots(item["name"]), self.clock())
        return repository.find(item["name"], wanted, misdated)

    def fetch_etcd(self, repository: Restic, snapshot: Snapshot) -> str:
        """The folder that holds the snapshot's etcd."""
        target = tempfile.mkdtemp(dir=self.staged(), prefix="restored.")
        repository.restore(snapshot, target)
        for folder, _folders, files in os.walk(target):
            if etcds.SNAPSHOT in files:
                return folder
        raise damaged(snapshot, "there is no etcd in it")

    def _read_archive(self, repository: Restic, snapshot: Snapshot, item: Item) -> None:
        source = repository.dump(snapshot, archive_name(item))
        reader = Started([sys.executable, "-B", self.agent, "verify"], stdin=source.output)
        source.output.close()
        words = reader.output.read().decode("utf-8", errors="replace").strip()
        if reader.wait() != 0:
            raise damaged(snapshot, reader.words())
        if source.wait() != 0:
            raise damaged(snapshot, source.words())
        say(f"{item['name']}: {words}")


def _shown(name: str, kept: Snapshot) -> Shown:
    return {
        "set": name,
        "item": kept["item"],
        "time": kept["time"],
        "id": kept["id"],
        "short": kept["short"],
        "incomplete": kept["incomplete"],
    }
