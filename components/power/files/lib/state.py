"""What people and scripts are shown: the state of each machine, and its sleep cycles. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from metrics import OFFLINE, asleep_seconds, saved_watt_hours
from model import Analysis, Held, Policy, Row
from record import Record, asleep_within
from times import clock, hours


def row(policy: Policy, record: Record, now: float, holds: Iterable[Held] = (), spun_down: bool = False) -> Row:
    """One machine as plain values; times are Unix seconds, durations seconds. `spun_down`: so is the whole cluster."""
    return {
        "machine": policy["name"],
        "state": OFFLINE if policy.get("offline") else record.state,
        "since": record.since,
        "reasons": list(record.reasons),
        "checkedAt": record.checked_at,
        "nextCheckAt": record.checked_at + policy["checkEvery"],
        "proved": record.proved_at > record.failed_at,
        "lastWakeAt": record.woken_at or None,
        "lastWakeSeconds": record.last_wake_seconds,
        "asleepSeconds7d": asleep_within(record, now),
        "asleepSeconds": asleep_seconds(record, now),
        "wakes": record.wakes,
        "failedWakes": record.failed_wakes,
        "holds": list(holds),
        "spunDown": spun_down,
        "savedWattHours": saved_watt_hours(policy, record, now),
    }


def table(rows: Sequence[Row], policies: Sequence[Policy]) -> str:
    """Rows as text, columns aligned."""
    head = ("MACHINE", "STATE", "SINCE", "NEXT CHECK", "LAST WAKE", "ASLEEP 7 D", "SAVED", "WHY")
    lines = [head]
    for entry, policy in zip(rows, policies):
        took = entry["lastWakeSeconds"]
        woke = clock(policy, entry["lastWakeAt"]) if entry["lastWakeAt"] else "-"
        saved = entry["savedWattHours"]
        lines.append(
            (
                entry["machine"],
                entry["state"],
                clock(policy, entry["since"]),
                clock(policy, entry["nextCheckAt"]) if entry["checkedAt"] else "-",
                woke if took is None else f"{woke} ({took:.0f} s)",
                hours(entry["asleepSeconds7d"]),
                "-" if saved is None else f"{saved:.0f} Wh",
                "; ".join(entry["reasons"]) or "-",
            )
        )
    widths = [max(len(line[i]) for line in lines) for i in range(len(head) - 1)]
    return "\n".join("  ".join([*(cell.ljust(width) for cell, width in zip(line, widths)), line[-1]]) for line in lines)


def analysis(policy: Policy, record: Record, now: float) -> Analysis:
    """The cycles of the last 7 days."""
    took = [c[2] for c in record.cycles if c[2] is not None]
    return {
        "machine": policy["name"],
        "cycles": [{"sleptAt": c[0], "wokenAt": c[1], "wakeSeconds": c[2], "trigger": c[3]} for c in record.cycles],
        "asleepSeconds": asleep_within(record, now),
        "asleepShare": asleep_within(record, now) / (7 * 86400),
        "meanWakeSeconds": sum(took) / len(took) if took else None,
        "slowestWakeSeconds": max(took) if took else None,
        "failedWakes": record.failed_wakes,
    }
