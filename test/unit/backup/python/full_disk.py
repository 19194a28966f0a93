"""What test_full_disk.py runs in a mount namespace of its own: the folder FULL is a small file system, filled here."""

import contextlib
import os
import shutil

from test_work import Backups, record

FULL = os.environ["FULL"]


@contextlib.contextmanager
def full():
    """No block and no inode is free."""
    folder = f"{FULL}/filler"
    os.mkdir(folder)
    with contextlib.suppress(OSError), open(f"{folder}/blocks", "wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)
    with contextlib.suppress(OSError):
        for number in range(100_000):
            os.close(os.open(f"{folder}/{number}", os.O_CREAT | os.O_WRONLY))
    yield
    for name in os.listdir(folder):
        os.unlink(f"{folder}/{name}")
    os.rmdir(folder)


def read():
    found = {}
    for at, _, names in os.walk(FULL):
        for name in names:
            if at != f"{FULL}/filler":
                with open(os.path.join(at, name), encoding="utf-8") as file:
                    found[os.path.join(at, name)] = file.read()
    return found


def the_record_and_the_metrics(case):
    backups = case.backups(case.app("one"), case.app("two"), metrics=f"{FULL}/metrics/backup.prom")
    kept = record.Record(f"{FULL}/state.json")
    case.assertEqual(backups.run("all", kept), [])
    before = read()
    case.now += 3600
    with full():
        case.assertEqual(backups.run("all", kept), ["record"])
        case.assertEqual(read(), before, "what is kept was cut, or something was left behind")
    case.assertEqual(len(case.snapshots()), 4, "taken anyway")
    case.assertIn("state.json cannot be written, so that this run is not known: ", case.said.getvalue())
    case.assertEqual(backups.run("all", kept), [])
    case.assertNotEqual(read(), before, "written once there is room again")


def the_repository(case):
    backups = case.backups(case.app("one"), repository=f"{FULL}/repository")
    kept = case.record()
    case.assertEqual(backups.run("all", kept), [])
    before = read()
    with full():
        case.assertEqual(backups.run("all", kept), ["one"])
        case.assertTrue(kept.items["one"]["failed"])
        for path, text in before.items():
            with open(path, encoding="utf-8") as file:
                case.assertEqual(file.read(), text, path)
    case.assertEqual(backups.run("all", kept), [])


def what_is_only_needed_meanwhile(case):
    backups = case.backups(case.app("one"), {**case.app("keys"), "kind": "etcd"})
    backups.staging = f"{FULL}/staging"
    with full():
        case.assertEqual(backups.run("all", case.record()), ["keys"])
    case.assertIn("keys: FAILED: [Errno 28] No space left on device", case.said.getvalue())
    case.assertEqual(case.snapshots(), ["0.item=one"])


def main():
    for look in (the_record_and_the_metrics, the_repository, what_is_only_needed_meanwhile):
        case = Backups("assertTrue")
        case.setUp()
        look(case)
        case.doCleanups()
        for entry in os.scandir(FULL):
            if entry.is_dir():
                shutil.rmtree(entry.path)
            else:
                os.unlink(entry.path)


if __name__ == "__main__":
    main()
