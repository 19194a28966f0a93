"""The last proof that the machine wakes is too old: power.wakeTest.every."""

from __future__ import annotations

from trigger import Situation, Trigger


def _wanted(situation: Situation) -> list[str]:
    proved = situation.record.proved_at
    is_due = proved and situation.now - proved > situation.policy["testEvery"]
    return ["wake test is due"] if is_due else []


TRIGGER = Trigger(wanted=_wanted, is_urgent=False, keeps_awake=False)
