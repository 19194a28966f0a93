"""All triggers: the reasons for which machines are woken. A new one is a file trigger_NAME.py and its line in NAMES."""

from __future__ import annotations

import importlib

from model import Policy, Seen
from record import Record
from trigger import Situation, Trigger

NAMES = (
    "requests",
    "pods",
    "calendar",
    "wake_test",
)

TRIGGERS: dict[str, Trigger] = {name: importlib.import_module(f"trigger_{name}").TRIGGER for name in NAMES}


def urgent(policy: Policy, record: Record, seen: Seen, now: float) -> list[str]:
    """Who waits for the machine, in words."""
    return [why for trigger, each in _ask(policy, record, seen, now) if trigger.is_urgent for why in each]


def planned(policy: Policy, record: Record, seen: Seen, now: float) -> list[str]:
    """Why the machine is to be woken although nobody waits for it."""
    return [why for trigger, each in _ask(policy, record, seen, now) if not trigger.is_urgent for why in each]


def keeping(policy: Policy, record: Record, seen: Seen, now: float) -> list[str]:
    """Why a machine that is up does not sleep although nobody waits for it. Also while the cluster is down.

    A trigger that is broken keeps it awake: nobody knows what it wants.
    """
    reasons: list[str] = []
    for name, trigger in TRIGGERS.items():
        try:
            wanted = trigger.wanted(_situation(name, policy, record, seen, now))
        except Exception as error:  # pylint: disable=broad-except
            reasons.append(f"the trigger {name} is broken: {type(error).__name__}: {error}")
            continue
        if trigger.keeps_awake and not trigger.is_urgent:
            reasons += wanted
    return reasons


def unread(seen: Seen) -> list[str]:
    """Triggers whose look has failed."""
    return [name for name, trigger in TRIGGERS.items() if trigger.look is not None and name not in seen["looks"]]


def _ask(policy: Policy, record: Record, seen: Seen, now: float) -> list[tuple[Trigger, list[str]]]:
    """Nobody waits, and nothing is planned, while the whole cluster is down on purpose."""
    if seen["spunDown"]:
        return []
    return [(trigger, _wanted(name, trigger, policy, record, seen, now)) for name, trigger in TRIGGERS.items()]


def _wanted(name: str, trigger: Trigger, policy: Policy, record: Record, seen: Seen, now: float) -> list[str]:
    """Nothing where the trigger is broken: the others wake the machine anyway, and `keeping` names it."""
    try:
        return trigger.wanted(_situation(name, policy, record, seen, now))
    except Exception:  # pylint: disable=broad-except
        return []


def _situation(name: str, policy: Policy, record: Record, seen: Seen, now: float) -> Situation:
    return Situation(policy, record, seen, now, seen["looks"].get(name))
