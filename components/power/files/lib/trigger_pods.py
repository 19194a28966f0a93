"""A pod that the scheduler has no place for, and that the machine would take. watch.py sees it at once."""

from __future__ import annotations

from record import DAY
from trigger import Situation, Trigger


def _wanted(situation: Situation) -> list[str]:
    """Without those that the machine has refused while it was up."""
    refused = {uid for uid, at in situation.record.refused if situation.now - at < DAY}
    waiting = situation.seen["waiting"] or ()
    return [f"pod {pod['name']} waits for it" for pod in waiting if pod["uid"] not in refused]


TRIGGER = Trigger(wanted=_wanted, is_urgent=True)
