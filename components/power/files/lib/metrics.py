"""The controller's metrics in Prometheus' text format, for node-exporter's textfile collector."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from model import Policy
from record import STATES, Record
from say import say

HELP = {
    "vmstation_power_state": ("gauge", "1 for the state that the machine is in."),
    "vmstation_power_asleep_seconds_total": ("counter", "Time that the machine has been asleep."),
    "vmstation_power_wakes_total": ("counter", "Wakes that brought the machine back into service."),
    "vmstation_power_failed_wakes_total": ("counter", "Wakes that ran into their time limit."),
    "vmstation_power_saved_watt_hours_total": ("counter", "Energy not drawn thanks to sleep."),
    "vmstation_power_wake_failed": ("gauge", "1 while the machine has not come back from its last wake."),
    "vmstation_power_last_wake_seconds": ("gauge", "How long the last wake took."),
    "vmstation_power_proved": ("gauge", "1 where a wake test has passed, and none failed since."),
    "vmstation_power_distrusted": ("gauge", "1 where a sleep or wake failed, and no wake test has passed since."),
    "vmstation_power_checked_timestamp_seconds": ("gauge", "When the machine was last looked at."),
}

# Shown instead of the state of a machine that the configuration says is dead or away.
OFFLINE = "offline"


def asleep_seconds(record: Record, now: float) -> float:
    running = now - record.since if record.state == "asleep" else 0
    return record.asleep_seconds + max(0, running)


def saved_watt_hours(policy: Policy, record: Record, now: float) -> float | None:
    """None where the configuration does not say what the machine draws."""
    watts = policy.get("watts")
    if watts is None:
        return None
    return asleep_seconds(record, now) / 3600 * (watts["awake"] - watts["asleep"])


def samples(policy: Policy, record: Record, now: float) -> Iterator[tuple[str, str, float]]:
    """(metric, extra labels, value) of one machine."""
    offline = bool(policy.get("offline"))
    shown = OFFLINE if offline else record.state
    for state in (*STATES, OFFLINE):
        yield "vmstation_power_state", f',state="{state}"', int(shown == state)
    yield "vmstation_power_asleep_seconds_total", "", asleep_seconds(record, now)
    yield "vmstation_power_wakes_total", "", record.wakes
    yield "vmstation_power_failed_wakes_total", "", record.failed_wakes
    saved = saved_watt_hours(policy, record, now)
    if saved is not None:
        yield "vmstation_power_saved_watt_hours_total", "", saved
    yield "vmstation_power_wake_failed", "", int(shown == "failed")
    if record.last_wake_seconds is not None:
        yield "vmstation_power_last_wake_seconds", "", record.last_wake_seconds
    yield "vmstation_power_proved", "", int(record.proved_at > record.failed_at)
    distrusted = record.failed_at > record.proved_at and not offline
    yield "vmstation_power_distrusted", "", int(distrusted)
    yield "vmstation_power_checked_timestamp_seconds", "", record.checked_at


def render(machines: Iterable[tuple[Policy, Record]], now: float) -> str:
    """`machines`: (policy, record) of each; a metric's lines stay together, as the format wants it."""
    lines: dict[str, list[str]] = {name: [] for name in HELP}
    for policy, record in machines:
        try:
            found = [(name, labels, round(value, 3)) for name, labels, value in samples(policy, record, now)]
        except (TypeError, ValueError, KeyError) as error:
            say(f"{policy['name']}: no metrics: {error}")
            continue
        for name, labels, value in found:
            lines[name].append(f'{name}{{node="{policy["name"]}"{labels}}} {value}')
    text = []
    for name, (kind, about) in HELP.items():
        if lines[name]:
            text += [f"# HELP {name} {about}", f"# TYPE {name} {kind}", *lines[name]]
    return "\n".join(text) + "\n"
