"""Somebody has asked for the machine: a person, a client at a port that the controller holds, `up`, or a backup."""

from __future__ import annotations

from trigger import Situation, Trigger


def _wanted(situation: Situation) -> list[str]:
    return situation.seen["requests"]


TRIGGER = Trigger(wanted=_wanted, is_urgent=True)
