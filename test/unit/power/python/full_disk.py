"""What test_full_disk.py runs in a mount namespace of its own: TMPDIR is a small file system, which is filled here."""

from __future__ import annotations

import contextlib
import io
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from fakes import IDLE, FakeWorld, pod_object, quiet

import controller
import decide
import manual
import watch

ASLEEP = replace(IDLE, state="asleep")


@contextlib.contextmanager
def full() -> Iterator[None]:
    """No block and no inode is free; metadata that is there already stays writable, as on a real disk."""
    folder = f"{os.environ['TMPDIR']}/filler"
    os.mkdir(folder)
    with contextlib.suppress(OSError), open(f"{folder}/blocks", "wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)
    with contextlib.suppress(OSError):
        for number in range(100_000):
            os.close(os.open(f"{folder}/{number}", os.O_CREAT | os.O_WRONLY))
    try:
        yield
    finally:
        for name in os.listdir(folder):
            os.unlink(f"{folder}/{name}")
        os.rmdir(folder)


@contextlib.contextmanager
def asleep_on_a_full_disk() -> Iterator[tuple[FakeWorld, io.StringIO]]:
    """(world, what it says) of a machine that sleeps; afterwards what was on disk is still there, whole."""
    world = FakeWorld()
    world.store.save("box", ASLEEP)
    world.machines.up = world.kube.alive = False
    path = world.store.folder / "box.json"
    before = path.read_text()
    with full(), quiet() as out:
        yield world, out
        assert path.read_text() == before, "what is kept was cut"
    assert world.machines.packets > 0, "no packet"
    assert world.store.load("box").state == "awake", world.store.load("box")
    assert "cannot be written: [Errno 28]" in out.getvalue(), out.getvalue()
    with quiet():
        controller.check_all(world)
    assert json.loads(path.read_text())["state"] == "awake", "not written once there is room again"
    world.close()


def wakes_manual() -> None:
    with asleep_on_a_full_disk() as (world, _):
        assert manual.wake(world, "box", "ann") == (0, [])


def wakes_for_a_pod() -> None:
    with asleep_on_a_full_disk() as (world, _):
        world.kube.pods["p"] = pod_object("p", None)
        watcher = watch.Watcher(world)
        watcher.on_pod()
        for thread in watcher.threads.values():
            thread.join(10)


def wakes_for_a_connection() -> None:
    with asleep_on_a_full_disk() as (world, _):
        world.store.request("box", "a connection to jellyfin")
        action, _ = controller.check_all(world)["box"]
        assert action == decide.WAKE, action


def puts_nothing_to_sleep() -> None:
    world = FakeWorld()
    world.store.save("box", IDLE)
    with full(), quiet():
        _, record = controller.check_all(world)["box"]
    assert (record.state, world.machines.up) == ("awake", True)
    assert "its state cannot be written" in record.reasons[0], record.reasons
    assert not world.kube.nodes["box"]["spec"].get("unschedulable")
    world.close()


def refuses_a_hold_and_keeps_the_others() -> None:
    world = FakeWorld()
    world.store.hold("box", "backup", 600)
    with full():
        try:
            world.store.hold("box", "guests", 600)
            raise AssertionError("a hold that is nowhere")
        except OSError as error:
            assert error.errno == 28, error
        assert [h["why"] for h in world.store.holds("box")] == ["backup"]
    world.close()


def publish(world: FakeWorld) -> None:
    """As the real one does it."""
    real: Any = controller.RealWorld.publish
    real(world)


def keeps_the_metrics_whole() -> None:
    world = FakeWorld()
    world.store.save("box", IDLE)
    publish(world)
    before = open(world.settings["metrics"], encoding="utf-8").read()
    with full(), quiet() as out:
        publish(world)
    assert open(world.settings["metrics"], encoding="utf-8").read() == before
    assert "the metrics cannot be written" in out.getvalue()
    world.close()


CASES = (
    *(wakes_manual, wakes_for_a_pod, wakes_for_a_connection, puts_nothing_to_sleep),
    *(refuses_a_hold_and_keeps_the_others, keeps_the_metrics_whole),
)

if __name__ == "__main__":
    for case in CASES:
        try:
            case()
        except Exception as error:
            raise AssertionError(case.__name__) from error
