"""Which machines leave the cluster and which join it, in which order, so that etcd always keeps its majority. Pure.

A machine is {"roles", "key", "offline"}. `key` is its host key, by which a new machine under an old name is known; None
where it is not known, or tells nothing. Machines that are offline are taken to be dead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypedDict

CONTROL = ("control-plane", "etcd")


class Refused(Exception):
    """The change is not made; the message says why, `advice` what to do instead."""

    def __init__(self, cause: str, advice: str) -> None:
        super().__init__(cause)
        self.advice = advice


class Member(TypedDict):
    roles: list[str]
    key: str | None
    offline: bool


class Rules(TypedDict):
    """What the method can do, and what the configuration allows."""

    controller: str
    allowRemoval: bool
    # Whether a new member of etcd has a vote only once it runs and has the data, or from the start.
    learners: bool
    # Whether machines that left the configuration leave the cluster before others join.
    leavesFirst: bool


class Change(TypedDict):
    """One machine leaves or joins. `member`: of etcd. `alive`: it runs while it leaves."""

    joins: bool
    machine: str
    member: bool
    alive: bool
    why: str


def changes(
    before: Mapping[str, Member], after: Mapping[str, Member], rules: Rules, dead: Iterable[str] = ()
) -> list[Change]:
    """The changes, in order. `dead`: machines that do not run, beside those that are offline."""
    gone = {name for name, one in [*before.items(), *after.items()] if one["offline"]} | set(dead)
    new = replaced(before, after)
    moved = [name for name in promoted(before, after) if name not in new]
    removed = [name for name in before if name not in after]
    check(before, after, rules, [*new, *moved], removed)
    first = [leave(before, name, False, "another machine has its place") for name in new]
    first += [leave(before, name, True, "it joins again with its new roles") for name in moved]
    last = [leave(before, name, name not in gone, "it left the configuration") for name in removed]
    last.sort(key=lambda one: one["alive"])
    into = [join(after, name, "it is a new machine") for name in new]
    into += [join(after, name, "it was a worker") for name in moved]
    into += [join(after, n, "it joined the configuration") for n in after if n not in before and n not in gone]
    planned = [*first, *last, *into] if rules["leavesFirst"] else [*first, *into, *last]
    if any(one["member"] for one in planned):
        running = {name: name not in gone and name not in new for name in before if is_member(before[name])}
        keep_majority(running, planned, rules["learners"])
    return planned


def replaced(before: Mapping[str, Member], after: Mapping[str, Member]) -> list[str]:
    """Machines that have another host key than before."""
    there = [name for name, one in after.items() if name in before and not one["offline"]]
    return [n for n in there if before[n]["key"] and after[n]["key"] and before[n]["key"] != after[n]["key"]]


def promoted(before: Mapping[str, Member], after: Mapping[str, Member]) -> list[str]:
    """Workers that become control planes, or members of etcd."""
    there = [name for name, one in after.items() if name in before and not one["offline"]]
    return [name for name in there if not controls(before[name]) and controls(after[name])]


def controls(one: Member) -> list[str]:
    return [role for role in CONTROL if role in one["roles"]]


def is_member(one: Member) -> bool:
    return "etcd" in one["roles"]


def leave(before: Mapping[str, Member], name: str, alive: bool, why: str) -> Change:
    return {"joins": False, "machine": name, "member": is_member(before[name]), "alive": alive, "why": why}


def join(after: Mapping[str, Member], name: str, why: str) -> Change:
    return {"joins": True, "machine": name, "member": is_member(after[name]), "alive": True, "why": why}


def check(
    before: Mapping[str, Member],
    after: Mapping[str, Member],
    rules: Rules,
    again: Sequence[str],
    removed: Sequence[str],
) -> None:
    """What no order of steps makes right."""
    controller = rules["controller"]
    if controller in again or controller in removed:
        raise Refused(
            f"{controller} is the controller, by which all other machines join: it cannot leave the cluster",
            f"keep {controller}, or restore it from its backup (docs/backup.md)",
        )
    if removed and not rules["allowRemoval"]:
        raise Refused(
            f"{', '.join(removed)} left the configuration and would be drained and removed from the cluster",
            "set vmstation:bootstrap.allowRemoval to true, or put the machine back "
            "(offline: true keeps one that is away)",
        )
    for name, one in after.items():
        if name not in before or name in again or one["offline"]:
            continue
        was, now = controls(before[name]), controls(one)
        if was != now:
            raise Refused(
                f"{name} had the roles {', '.join(sorted(before[name]['roles']))} "
                f"and is now to have {', '.join(sorted(one['roles']))}",
                f"put them back, or install a new system on {name} and pin its new host key "
                f"(`vmstation trust {name}`): it then joins as another machine in its place",
            )


BRING_BACK = "bring the other members back first, or restore etcd from its backup (docs/backup.md)"
FEWER = "add fewer of them at once"
GROW = (
    "with this method etcd cannot grow from one member: keep the one, or take a new cluster with three of them "
    "(`vmstation reset hard`, then `up`), or a method whose members join without a vote (kubeadm, rke2, k3s)"
)


def keep_majority(running: Mapping[str, bool], planned: Iterable[Change], learners: bool) -> None:
    """Goes through the changes member by member. `running`: of each member that has a vote, whether it runs."""
    votes = dict(running)
    demand(votes, "etcd has no majority now", BRING_BACK)
    for one in planned:
        name = one["machine"]
        if one["member"] and not one["joins"]:
            votes.pop(name, None)
            demand(votes, f"without {name} etcd would have no majority", BRING_BACK)
        elif one["member"]:
            alone = len(votes) == 1
            # Those that join together may all be announced before the first of them runs.
            votes[name] = learners
            demand(votes, f"until {name} runs etcd would have no majority", GROW if alone else FEWER)


def demand(votes: Mapping[str, bool], otherwise: str, advice: str) -> None:
    up = sorted(name for name, runs in votes.items() if runs)
    if len(up) <= len(votes) // 2:
        raise Refused(f"{otherwise}: {len(up)} of {len(votes)} members run{of(up)}", advice)


def of(names: Sequence[str]) -> str:
    return f" ({', '.join(names)})" if names else ""


def describe(one: Change) -> str:
    """A change as an operator reads it."""
    name, member = one["machine"], one["member"]
    if one["joins"]:
        return f"{name} joins{', as a member of etcd too' if member else ''} ({one['why']})"
    how = "is drained" if one["alive"] else "is not asked, as it does not run"
    forgotten = "etcd forgets its member, " if member else ""
    return f"{name} {how}, {forgotten}its Node is deleted ({one['why']})"
