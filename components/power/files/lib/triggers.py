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
    """Why a machine that is up does not sleep although nobody waits for it. Also while the cluster is down."""
    return [
        why
        for name, trigger in TRIGGERS.items()
        if trigger.keeps_awake and not trigger.is_urgent
        for why in _wanted(name, trigger, policy, record, seen, now)
    ]


def unread(seen: Seen) -> list[str]:
    """Triggers whose look has failed."""
    return [name for name, trigger in TRIGGERS.items() if trigger.look is not None and name not in seen["looks"]]


def _ask(policy: Policy, record: Record, seen: Seen, now: float) -> list[tuple[Trigger, list[str]]]:
    """Nobody waits, and nothing is planned, while the whole cluster is down on purpose."""
    if seen["spunDown"]:
        return []
    return [(trigger, _wanted(name, trigger, policy, record, seen, now)) for name, trigger in TRIGGERS.items()]


def _wanted(name: str, trigger: Trigger, policy: Policy, record: Record, seen: Seen, now: float) -> list[str]:
    return trigger.wanted(Situation(policy, record, seen, now, seen["looks"].get(name)))
