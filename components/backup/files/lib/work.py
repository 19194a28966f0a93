"""Backups: takes them, keeps as many as wanted, and checks that they can be read back."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time

import etcd as etcds
import sources
from common import Failure, say, start
from record import is_away, key_of, write_metrics
from restic import Restic, damaged

STAGING = "/var/lib/vmstation/backup/staging"
PASSWORD = "/etc/vmstation/backup/password"


class Backups:
    def __init__(self, settings, staging=STAGING, password=PASSWORD, agent=sources.AGENT, clock=time.time):
        self.settings = settings
        self.staging = staging
        self.password = password
        self.agent = agent
        self.clock = clock

    def items_of(self, wanted):
        """The items of a set, one item by its name, or all."""
        items = self.settings["items"]
        found = [i for i in items if wanted in ("all", i["set"])] or [i for i in items if i["name"] == wanted]
        if not found:
            known = sorted({i["set"] for i in items} | {i["name"] for i in items})
            raise Failure(f"nothing here is backed up as {wanted}; there are {', '.join(known)}, and all")
        return found

    def repository(self, name):
        return Restic(os.path.join(self.settings["repository"], name), self.password, self.settings["cluster"])

    def etcd(self):
        return etcds.Etcd(self.settings["etcd"]["access"])

    def require_place(self):
        """Only inside the mount that is to hold the backups, and only while its disk has room."""
        mount, folder = self.settings["mount"], self.settings["repository"]
        if mount and not os.path.ismount(mount):
            raise Failure(f"nothing is mounted at {mount}: look at 'systemctl status' of that mount")
        os.makedirs(folder, mode=0o700, exist_ok=True)
        usage = shutil.disk_usage(folder)
        if usage.free < self.settings["minimumFree"] * usage.total:
            raise Failure(
                f"less than {self.settings['minimumFree']:.0%} of the disk below {folder} is free: "
                "make room, or set vmstation:backup.repository to another disk"
            )

    def clean_staging(self):
        """Of a run that was cut; the caller holds the lock."""
        shutil.rmtree(self.staging, ignore_errors=True)
        os.makedirs(self.staging, mode=0o700)

    def run(self, wanted, record, dry_run=False):
        """Each item by itself: one that fails keeps none of the others from being backed up. Yields the failed."""
        items = self.items_of(wanted)
        if dry_run:
            return self._rehearse(items)
        self.clean_staging()
        failed = []
        for item in items:
            if is_away(item):
                say(f"{item['name']}: left as it is: {item['machine']['name']} is marked offline")
                continue
            begin = self.clock()
            try:
                self.require_place()
                facts = self._back_up(item)
                record.succeed(key_of(item), self.clock(), **facts, seconds=round(self.clock() - begin, 1))
                size = facts["size"]
                say(f"{item['name']}: done: {size} bytes, {facts['added']} of them new, {facts['snapshot'][:8]}")
            except (Failure, OSError) as error:
                record.fail(key_of(item), self.clock(), error)
                failed.append(item["name"])
                say(f"{item['name']}: FAILED: {error}")
            write_metrics(self.settings, record, self.clock())
            record.save()
        self.clean_staging()
        return failed + self._forget(items, failed)

    def _rehearse(self, items):
        for item in items:
            say(f"would back up {item['name']}: {describe(item)}")
            own = self.settings["sets"][item["set"]]
            repository = self.repository(item["set"])
            if repository.exists:
                for gone in repository.forget(item["name"], own["keepLast"], own["keepWithin"], dry_run=True):
                    say(f"would forget {gone} of {item['name']}")
        return []

    def _back_up(self, item):
        say(f"{item['name']}: {describe(item)}")
        repository = self.repository(item["set"])
        repository.prepare()
        tags = [f"set={item['set']}", f"item={item['name']}"]
        if item["kind"] == "etcd":
            folder = os.path.join(self.staging, "etcd")
            os.makedirs(folder, mode=0o700)
            manifest = self.etcd().save(folder)
            say(f"{item['name']}: a scratch etcd holds all {manifest['keys']} keys")
            return repository.backup_tree([folder], [], tags)
        if item["kind"] == "tree":
            paths = [path for path in item["paths"] if os.path.lexists(path)]
            if not paths:
                raise Failure(f"none of {', '.join(item['paths'])} is there: run `pulumi up`, or look at its mount")
            return repository.backup_tree(paths, item["leaveOut"], tags)
        with sources.awake(item.get("machine"), self.settings["holdSeconds"]):
            source = sources.open_archive(item, self.agent)
            facts = repository.backup_stream(archive_name(item), tags, source)
            for line in filter(None, source.notes().splitlines()):
                say(f"{item['name']}: {line}")
            return facts

    def _forget(self, items, failed):
        """Old ones go only after a new one is there."""
        for name in sorted({item["set"] for item in items}):
            repository, own = self.repository(name), self.settings["sets"][name]
            gone = []
            try:
                for item in items:
                    if item["set"] == name and item["name"] not in failed and not is_away(item):
                        gone += repository.forget(item["name"], own["keepLast"], own["keepWithin"])
                if gone:
                    repository.prune()
                    say(f"{name}: forgot {len(gone)} old snapshots")
            except Failure as error:
                say(f"{name}: old backups are not removed: {error}")
                return [f"{name} repository"]
        return []

    def list(self, wanted):
        items = self.items_of(wanted)
        found = []
        for name in sorted({item["set"] for item in items}):
            repository = self.repository(name)
            names = {item["name"] for item in items if item["set"] == name}
            if repository.exists:
                found += [{"set": name, **s} for s in repository.snapshots() if s["item"] in names]
        return [{key: s[key] for key in ("set", "item", "time", "id", "short")} for s in found]

    def check(self, record):
        """Every repository's structure and a part of its data, and each item's newest snapshot by reading it back."""
        failed = []
        self.clean_staging()
        for name in sorted({item["set"] for item in self.settings["items"]}):
            key = f"{name} repository"
            try:
                self._check_set(name)
                record.succeed(key, self.clock())
            except (Failure, OSError) as error:
                record.fail(key, self.clock(), error)
                failed.append(name)
                say(f"{name}: DAMAGED: {error}")
        self.clean_staging()
        record.save()
        write_metrics(self.settings, record, self.clock())
        return failed

    def _check_set(self, name):
        repository = self.repository(name)
        repository.require()
        repository.prepare()
        repository.check(self.settings["checkSubset"])
        say(f"{name}: the repository is sound, {self.settings['checkSubset']} of its data read")
        for item in self.settings["items"]:
            if item["set"] != name or item["kind"] == "tree" or is_away(item):
                continue
            snapshot = repository.find(item["name"])
            if item["kind"] == "etcd":
                etcds.require_whole(self.etcd(), self.fetch_etcd(repository, snapshot))
            else:
                self._read_archive(repository, snapshot, item)

    def fetch_etcd(self, repository, snapshot):
        """The folder that holds the snapshot's etcd."""
        target = tempfile.mkdtemp(dir=self.staging, prefix="restored.")
        repository.restore(snapshot, target)
        for folder, _folders, files in os.walk(target):
            if etcds.SNAPSHOT in files:
                return folder
        raise damaged(snapshot, "there is no etcd in it")

    def _read_archive(self, repository, snapshot, item):
        source = repository.dump(snapshot, archive_name(item))
        reader = start([sys.executable, "-B", self.agent, "verify"], stdin=source.stdout)
        source.stdout.close()
        words = reader.stdout.read().decode("utf-8", errors="replace").strip()
        if reader.wait() != 0:
            raise damaged(snapshot, reader.words())
        if source.wait() != 0:
            raise damaged(snapshot, source.words())
        say(f"{item['name']}: {words}")


def archive_name(item):
    return f"{item['name']}.tar"


def describe(item):
    if item["kind"] == "etcd":
        return "etcd's keys"
    where = f" of {item['machine']['name']}" if item.get("machine") else ""
    return f"{', '.join(item['paths'])}{where}"

