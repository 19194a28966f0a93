"""The configuration says when the machine is to be awake: power.calendar."""

from __future__ import annotations

from times import in_calendar
from trigger import Situation, Trigger


def _wanted(situation: Situation) -> list[str]:
    return ["calendar"] if in_calendar(situation.policy, situation.now) else []


TRIGGER = Trigger(wanted=_wanted, is_urgent=False)
