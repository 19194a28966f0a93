"""The whole cluster down and up again: the machines that sleep; the program sees to those that never do.

Spun down, nothing wakes a machine by itself, no pod, no connection and no calendar, until spin-up or its button.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TypedDict

import act
import controller
import decide
import manual
from act import Manner
from kube import KubeError
from manual import Answer
from model import Policy, Seen
from record import Record
from world import World

# How long the API server may take after the control plane has been switched on.
API_PATIENCE = 600


class Entry(TypedDict):
    machine: str
    done: bool
    why: list[str]


def order(world: World) -> list[Policy]:
    """Who goes down after whom: workers, then those that others mount from; up the other way round."""
    there = [policy for policy in world.settings["machines"] if not policy.get("offline")]
    return sorted(there, key=lambda policy: (policy.get("storage", False), policy["name"]))


def _manner(even_if_in_use: bool) -> Manner:
    """Permanently: the clock's alarm would bring up a machine that nobody puts to sleep again."""

    def judge(policy: Policy, _record: Record, seen: Seen) -> list[str]:
        return [] if even_if_in_use else decide.use_reasons(policy, seen)

    return act.Manner(arm=("arm", "disarm"), judge=judge)


def _entry(policy: Policy, code: int, why: list[str]) -> Entry:
    return {"machine": policy["name"], "done": code == 0, "why": why}


def _against(policy: Policy, world: World, even_if_in_use: bool) -> list[str]:
    record = world.store.load(policy["name"])
    if manual.is_asleep(policy, record, world):
        return []
    if record.state not in (*manual.UP, "asleep"):
        return [f"it is {record.state}: {'; '.join(record.reasons)}"]
    if not world.machines.answers(policy) or even_if_in_use:
        return []
    return manual.against(policy, record, world, lambda seen: decide.use_reasons(policy, seen))


def spin_down(world: World, dry_run: bool = False, even_if_in_use: bool = False) -> tuple[int, list[Entry]]:
    """(exit code, [{machine, done, why}]): all of them off, or none where one of them is in use."""
    machines = order(world)
    with ThreadPoolExecutor(max_workers=max(1, len(machines))) as pool:
        looks = pool.map(lambda policy: _against(policy, world, even_if_in_use), machines)
        against = list(zip(machines, looks))
    refused = any(why for _, why in against)
    if refused or dry_run:
        return int(refused), [_entry(policy, int(bool(why)), why) for policy, why in against]
    world.store.spin_down()
    done = []
    for policy in machines:
        code, why = _switch_off(policy, world, even_if_in_use)
        done.append(_entry(policy, code, why))
        if code != 0:
            # Half a cluster stays one that wakes for those who need it.
            world.store.spin_up()
            return 1, done
    return 0, done


def _switch_off(policy: Policy, world: World, even_if_in_use: bool) -> Answer:
    name = policy["name"]
    with world.store.lock(name, manual.PATIENCE):
        record = world.store.load(name)
        if manual.is_asleep(policy, record, world):
            return 0, [f"asleep already: {'; '.join(record.reasons)}"]
        if not world.machines.answers(policy):
            return 0, ["it does not answer and counts as off"]
        off: Policy = {**policy, "method": "poweroff", "evict": False}
        manner = _manner(even_if_in_use)
        after = controller.put_to_sleep(off, record, world, "spin-down", manner)
        return (0, []) if after.state == "asleep" else (1, list(after.reasons))


def spin_up(world: World) -> tuple[int, list[Entry]]:
    """(exit code, [{machine, done, why}]): each of them awake and in service again, as far as it comes."""
    _await_api(world)
    world.store.spin_up()
    results = []
    for policy in reversed(order(world)):
        results.append(_entry(policy, *manual.wake(world, policy["name"], "spin-up")))
    return int(not all(result["done"] for result in results)), results


def _await_api(world: World) -> None:
    """Raises KubeError where the API server does not come."""
    deadline = world.ticks() + API_PATIENCE
    while True:
        try:
            world.kube.read()
            return
        except KubeError:
            if world.ticks() >= deadline:
                raise
        world.pause(2)
