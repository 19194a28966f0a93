#!/usr/bin/env python3
"""Backups of monitoring's data: `backup`, `list`, `restore NAME`, each with --dry-run where it changes something.

A backup is a folder named by its time (UTC) that looks complete by itself; a file that has not changed since the
backup before is the same file on the disk (a hard link), so a day costs what the day has written. Left out is
what is being written to at any moment (write-ahead logs): a backup lacks the last two to three hours of samples
and log lines. SQLite databases are copied by SQLite, in one piece.

Configuration: /etc/vmstation/backup-monitoring.json. Exit codes: 0 done, 1 failed, 2 could not run.
"""
import argparse
import fnmatch
import json
import os
import shutil
import sqlite3
import sys
import time

CONFIG = "/etc/vmstation/backup-monitoring.json"
NAME = "%Y-%m-%dT%H%M%SZ"


class Failure(Exception):
    """Says what went wrong and what to do."""


def names_of(destination):
    """Names of the complete backups, oldest first."""
    if not os.path.isdir(destination):
        return []
    return sorted(name for name in os.listdir(destination) if is_name(name))


def is_name(name):
    try:
        time.strptime(name, NAME)
    except ValueError:
        return False
    return True


def expired(names, now, keep):
    """Those older than `keep` seconds; never the newest, however old."""
    limit = time.strftime(NAME, time.gmtime(now - keep))
    return [name for name in names[:-1] if name < limit]


def left_out(path, patterns):
    """Whether a path below a part, or any folder above it, matches a pattern."""
    return any(fnmatch.fnmatch(step, pattern) for step in path.split(os.sep) for pattern in patterns)


def files_below(root):
    """Relative paths of the regular files, in order; symbolic links are not followed and not kept."""
    for folder, folders, files in os.walk(root):
        folders.sort()
        for name in sorted(files):
            full = os.path.join(folder, name)
            if os.path.isfile(full) and not os.path.islink(full):
                yield os.path.relpath(full, root)


def same(a, b):
    """Whether a file is as it was backed up: size, time of change, owner and mode."""
    try:
        one, other = os.stat(a), os.stat(b)
    except FileNotFoundError:
        return False
    keys = ("st_size", "st_mtime_ns", "st_uid", "st_gid", "st_mode")
    return all(getattr(one, key) == getattr(other, key) for key in keys)


def like(source, target):
    """Gives `target` the owner, mode and times of `source`."""
    found = os.stat(source)
    os.chown(target, found.st_uid, found.st_gid)
    shutil.copystat(source, target)


def make_folders(source, target, relative):
    """The folders above a file, each like the one that it stands for."""
    steps = os.path.dirname(relative).split(os.sep)
    for count in range(len(steps) + 1):
        below = os.path.join(*steps[:count]) if count else ""
        if not os.path.isdir(os.path.join(target, below)):
            os.makedirs(os.path.join(target, below))
            like(os.path.join(source, below), os.path.join(target, below))


def copy_database(source, target):
    with sqlite3.connect(f"file:{source}?mode=ro", uri=True) as old, sqlite3.connect(target) as new:
        old.backup(new)
    old.close()
    new.close()
    like(source, target)


def copy_part(part, source, target, previous):
    """One part into a new backup. A file that vanishes meanwhile was of no more use to its owner either."""
    for relative in files_below(source):
        if left_out(relative, part["leaveOut"]):
            continue
        old, new = os.path.join(source, relative), os.path.join(target, relative)
        before = os.path.join(previous, relative) if previous else ""
        try:
            make_folders(source, target, relative)
            if relative in part["databases"]:
                copy_database(old, new)
            elif previous and same(old, before):
                os.link(before, new)
            else:
                shutil.copyfile(old, new)
                like(old, new)
        except FileNotFoundError:
            if os.path.exists(old):
                raise


def require_place(config):
    """Only inside the mount that is to hold the backups, and only while its disk has room."""
    mount = config["mount"]
    if mount and not (os.path.isdir(mount) and os.listdir(mount) is not None and os.path.ismount(mount)):
        raise Failure(f"nothing is mounted at {mount}; look at 'systemctl status' of that mount")
    os.makedirs(config["destination"], mode=0o700, exist_ok=True)
    usage = shutil.disk_usage(config["destination"])
    if usage.free < config["minimumFree"] * usage.total:
        raise Failure(
            f"less than {config['minimumFree']:.0%} of the disk below {config['destination']} is free; "
            "make room, or set vmstation:monitoring.backups.directory to another disk"
        )


def backup(config, now, dry_run):
    destination = config["destination"]
    name = time.strftime(NAME, time.gmtime(now))
    if dry_run:
        print(f"would write {os.path.join(destination, name)}")
        for old in expired(names_of(destination) + [name], now, config["keepSeconds"]):
            print(f"would remove {os.path.join(destination, old)}")
        return
    require_place(config)
    for leftover in os.listdir(destination):
        if leftover.endswith(".partial"):
            shutil.rmtree(os.path.join(destination, leftover))
    newest = names_of(destination)[-1:]
    partial = os.path.join(destination, f"{name}.partial")
    os.mkdir(partial, mode=0o700)
    for part in config["parts"]:
        source = os.path.join(config["source"], part["name"])
        if not os.path.isdir(source):
            raise Failure(f"{source} is not there; run `pulumi up`, or look at its mount")
        previous = os.path.join(destination, newest[0], part["name"]) if newest else ""
        copy_part(part, source, os.path.join(partial, part["name"]), previous)
    os.sync()
    os.rename(partial, os.path.join(destination, name))
    for old in expired(names_of(destination), now, config["keepSeconds"]):
        shutil.rmtree(os.path.join(destination, old))
    write_metric(config["metrics"], now)
    print(f"wrote {os.path.join(destination, name)}")


def write_metric(path, now):
    """When the last backup was complete, for node_exporter's textfile collector."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(f"{path}.new", "w", encoding="ascii") as file:
        file.write("# HELP vmstation_backup_timestamp_seconds When the last backup was complete.\n")
        file.write("# TYPE vmstation_backup_timestamp_seconds gauge\n")
        file.write(f'vmstation_backup_timestamp_seconds{{backup="monitoring"}} {int(now)}\n')
    os.chmod(f"{path}.new", 0o644)
    os.rename(f"{path}.new", path)


def restore(config, name, now, dry_run):
    """Puts a backup in the place of the data, which is moved aside; running pods keep what they have open."""
    chosen = os.path.join(config["destination"], name)
    if name not in names_of(config["destination"]):
        raise Failure(f"no backup {name} in {config['destination']}; `list` shows them")
    stamp = time.strftime(NAME, time.gmtime(now))
    for part in config["parts"]:
        kept, target = os.path.join(chosen, part["name"]), os.path.join(config["source"], part["name"])
        aside = f"{target}.before-{stamp}"
        if dry_run:
            print(f"would move {target} to {aside} and copy {kept} to {target}")
            continue
        fresh = f"{target}.restoring"
        shutil.rmtree(fresh, ignore_errors=True)
        copy_part({"leaveOut": [], "databases": []}, kept, fresh, "")
        if os.path.isdir(target):
            like(target, fresh)
            os.rename(target, aside)
        os.rename(fresh, target)
        print(f"restored {target}; what was there is in {aside}")


def main(arguments, now):
    parser = argparse.ArgumentParser(description="Backups of monitoring's data.")
    parser.add_argument("--config", default=CONFIG)
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb in ("backup", "restore"):
        verbs.add_parser(verb).add_argument("--dry-run", action="store_true")
    verbs.choices["restore"].add_argument("name")
    verbs.add_parser("list")
    given = parser.parse_args(arguments)
    try:
        with open(given.config, encoding="utf-8") as file:
            config = json.load(file)
    except (OSError, ValueError) as error:
        print(f"{given.config}: {error}", file=sys.stderr)
        return 2
    try:
        if given.verb == "backup":
            backup(config, now, given.dry_run)
        elif given.verb == "restore":
            restore(config, given.name, now, given.dry_run)
        else:
            print("\n".join(names_of(config["destination"])))
    except (Failure, OSError, sqlite3.Error) as error:
        print(f"{given.verb}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], time.time()))
