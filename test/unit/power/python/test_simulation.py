"""90 days of generated activity through the decision itself, checked against what the rules allow.

Also by a clock that is wrong and is set, and where the local time is changed twice a year.
"""

import os
import random
import unittest
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from support import DAY, HOUR, NOON, idle, policy, silent

import decide
import moments
import record as records
from clock import Clock

STEP = 900
DAYS = 90
ASLEEP_SHARE = 0.95


def busy_spans(seed):
    """[begin, end) of activity in minutes since NOON: evenings, some nights, weeks without; minutes to hours long."""
    dice = random.Random(seed)
    spans = []
    day = 0
    while day < DAYS:
        if dice.random() < 0.08:
            day += dice.randint(2, 9)
            continue
        for _ in range(dice.choice((0, 1, 1, 1, 2, 3))):
            begin = int(day * 1440 + dice.gauss(19, 3) % 24 * 60)
            spans.append((begin, begin + 1 + int(dice.lognormvariate(4.3, 0.9))))
        day += 1
    return sorted(spans)


class Machine:
    """A machine that does as it is told, takes a minute to wake, and is demanded when its activity begins.

    `clocks`: minute → what happens then to its controller's clock, see ClockOf. All times here are the true ones.
    """

    def __init__(self, rules, spans, start, clocks):
        self.rules = rules
        self.start = start
        self.busy = {minute for a, b in spans for minute in range(a, b)}
        self.clock_of = ClockOf(start, clocks)
        self.clock = self.clock_of.clock
        self.record = records.Record(since=start, proved_at=start, checked_at=start - STEP)
        self.sleeps = []
        self.minutes = {"asleep": 0, "allowed": 0}
        self.idle_since = start
        self.woken_at = start
        self.restless = 0
        self.cycles = []

    def is_busy(self, now):
        return (now - self.start) // 60 in self.busy

    def load(self):
        """As the store does it; where the clock is right all the time, that changes nothing."""
        return moments.as_of_now(self.record, self.clock) if self.clock_of.events else self.record

    def keep(self, record):
        self.record = replace(record, clock=self.clock.stamp()) if self.clock_of.events else record

    def check(self, now):
        """One check by the clock; what the simulated world adds is that waking and sleeping always work."""
        asleep = self.record.state == "asleep"
        seen = silent() if asleep else idle(sessions=["ann"] if self.is_busy(now) else [])
        decision = decide.decide(self.rules, self.load(), seen, self.clock.now())
        self.keep(decision.record)
        if decision.action in (decide.SLEEP, decide.TEST):
            self.fall_asleep(now)
        if decision.action in (decide.WAKE, decide.TEST):
            self.wake(now, "clock")

    def fall_asleep(self, now):
        assert not self.is_busy(now), "put to sleep while active"
        self.sleeps.append(now)
        shown = self.clock.now()
        draining = records.draining(self.record, shown, "idle")
        self.keep(records.slept(records.told(draining), shown, "idle"))

    def wake(self, now, why):
        shown = self.clock.now()
        self.keep(records.woken(records.waking(self.load(), shown, why), shown, why, took=60))
        self.cycles.append((self.sleeps[-1] if self.sleeps else now, now))
        self.woken_at = now


class ClockOf:
    """The controller's clock: `events` is minute → (seconds that it is wrong by from then on, whether it boots)."""

    def __init__(self, start, events):
        self.events = events
        self.true = start
        self.wrong = 0.0
        self.boots = 0
        self.booted_at = start
        self.clock = Clock(lambda: self.true + self.wrong, lambda: self.true - self.booted_at, lambda: str(self.boots))

    def happen(self, event):
        self.wrong, boots = event
        if boots:
            self.boots += 1
            self.booted_at = self.true


def run(rules, seed, start=NOON, clocks=None):
    """Minute by minute; returns the machine with its sleeps, and asserts that it never sleeps while active."""
    spans = busy_spans(seed)
    machine = Machine(rules, spans, start, clocks or {})
    begins = {a for a, _ in spans}
    for minute in range(DAYS * 1440):
        now = start + minute * 60.0
        machine.clock_of.true = now
        if minute in machine.clock_of.events:
            machine.clock_of.happen(machine.clock_of.events[minute])
        if machine.record.state == "asleep" and minute not in machine.busy and now % STEP:
            # Most of the time: nothing happens.
            machine.minutes["asleep"] += 1
            machine.minutes["allowed"] += 1
            continue
        if minute in begins and machine.record.state == "asleep":
            seen = silent(requests=["a connection"])
            decided = decide.decide(rules, machine.load(), seen, machine.clock.now())
            assert decided.action == decide.WAKE
            machine.wake(now, "a connection")
        if now % STEP == 0:
            machine.check(now)
        account(machine, rules, now)
        if minute in machine.busy:
            assert machine.record.state != "asleep", f"asleep while active in minute {minute}"
    return machine


def account(machine, rules, now):
    """Counts a minute in which the rules, told here again and in other words, allow sleep."""
    if machine.record.state == "asleep":
        machine.minutes["asleep"] += 1
        machine.minutes["allowed"] += 1
        return
    if machine.is_busy(now):
        machine.idle_since = now + 60
        return
    idle_for = now - max(machine.idle_since, machine.woken_at)
    machine.restless = max(machine.restless, idle_for)
    rested = idle_for >= rules["idleAfter"] and now - machine.woken_at >= rules["minimumAwake"]
    if rested and has_room(machine, rules, now) and not any_span(rules["quietHours"], now):
        machine.minutes["allowed"] += 1


def has_room(machine, rules, now):
    """Whether a sleep and the wake after it are still among the day's changes."""
    recent = [t for t in machine.record.changes if now - t < DAY]
    return len(recent) + 2 <= rules["maxChangesPerDay"]


def any_span(spans, now):
    minute = int(now % DAY) // 60
    for span in spans:
        begin, end = (int(t[:2]) * 60 + int(t[3:]) for t in (span["from"], span["until"]))
        if (minute - begin) % 1440 < (end - begin) % 1440:
            return True
    return False


def most_in_a_day(times):
    return max((sum(1 for t in times if a <= t < a + DAY) for a in times), default=0)


def wrong_clocks(seed):
    """minute → (seconds wrong, whether it boots): every few days something happens to the clock, and is mended."""
    dice = random.Random(f"clocks {seed}")
    events, minute = {}, 0
    while minute < DAYS * 1440:
        minute += dice.randint(1000, 7000)
        wrong = dice.choice((HOUR, -HOUR, 90, -90, 365 * DAY, -365 * DAY, 5 * HOUR, 0))
        events[minute] = (wrong, dice.random() < 0.5)
        minute += dice.choice((3, 10, 200, 2000))
        # Set right by NTP, or by a reboot.
        events[minute] = (0.0, dice.random() < 0.3)
    return events


# When the local time is changed: an hour forwards, an hour backwards, half an hour backwards.
CHANGES = {
    "Europe/Berlin": datetime(2026, 3, 29, tzinfo=ZoneInfo("UTC")).timestamp(),
    "America/New_York": datetime(2026, 11, 1, tzinfo=ZoneInfo("UTC")).timestamp(),
    "Australia/Lord_Howe": datetime(2026, 4, 5, tzinfo=ZoneInfo("UTC")).timestamp(),
}


# A seed is a second of work: two by default.
SEEDS = int(os.environ.get("VMSTATION_CASES", "2"))


class NinetyDays(unittest.TestCase):
    def check(self, **changes):
        rules = policy(**changes)
        for seed in range(SEEDS):
            with self.subTest(seed=seed):
                machine = run(rules, seed)
                self.assertGreater(len(machine.sleeps), 30)
                share = machine.minutes["asleep"] / machine.minutes["allowed"]
                self.assertGreaterEqual(share, ASLEEP_SHARE)
                # Each sleep counts with the wake that must be able to follow it.
                self.assertLessEqual(2 * most_in_a_day(machine.sleeps), rules["maxChangesPerDay"])

    def test_the_defaults(self):
        self.check()

    def test_few_changes_a_day(self):
        self.check(maxChangesPerDay=4, idleAfter=HOUR)

    def test_quiet_nights(self):
        self.check(quietHours=[{"from": "23:00", "until": "05:30"}])

    def test_a_clock_that_is_wrong_and_is_set(self):
        for seed in range(int(os.environ.get("VMSTATION_CASES", "1"))):
            with self.subTest(seed=seed):
                machine = run(policy(), seed, clocks=wrong_clocks(seed))
                self.assertGreater(len(machine.sleeps), 30)
                share = machine.minutes["asleep"] / machine.minutes["allowed"]
                self.assertGreaterEqual(share, ASLEEP_SHARE - 0.05)
                # Its idle time may begin again when the clock is set, and again at a reboot soon after.
                self.assertLess(machine.restless, 3 * policy()["idleAfter"])

    def test_quiet_hours_and_calendar_where_the_local_time_is_changed(self):
        quiet = [{"from": "23:00", "until": "05:30"}]
        evening = [{"days": ["mon", "wed", "sat"], "from": "17:00", "until": "19:30"}]
        for zone, changed in CHANGES.items():
            with self.subTest(zone):
                rules = policy(timeZone=zone, quietHours=quiet, calendar=evening)
                start = changed - 45 * DAY
                machine = run(rules, 1, start=start - start % STEP)
                self.assertGreater(len(machine.sleeps), 30)
                for at in machine.sleeps:
                    hour = datetime.fromtimestamp(at, ZoneInfo(zone)).strftime("%H:%M")
                    self.assertFalse(hour >= "23:00" or hour < "05:30", hour)
                for now in range(int(start), int(start + DAYS * DAY), 1800):
                    local = datetime.fromtimestamp(now, ZoneInfo(zone))
                    # Half an hour late at most: it is checked every quarter, and sleeps for ten minutes at least.
                    if local.strftime("%a") in ("Mon", "Wed", "Sat") and "17:30" <= local.strftime("%H:%M") < "19:30":
                        self.assertFalse(any(a <= now < b for a, b in machine.cycles), local)

    def test_every_generator_seed_has_activity_in_it(self):
        for seed in range(SEEDS):
            minutes = sum(b - a for a, b in busy_spans(seed))
            self.assertGreater(minutes, 4 * 1440)
            self.assertLess(minutes, 45 * 1440)


if __name__ == "__main__":
    unittest.main()
