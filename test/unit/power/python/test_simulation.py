"""90 days of generated activity through the decision itself, checked against what the rules allow."""

import random
import unittest

from support import DAY, HOUR, NOON, idle, policy, silent

import decide
import record as records

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
    """A machine that does as it is told, takes a minute to wake, and is demanded when its activity begins."""

    def __init__(self, rules, spans):
        self.rules = rules
        self.busy = {minute for a, b in spans for minute in range(a, b)}
        self.record = records.Record(since=NOON, proved_at=NOON, checked_at=NOON - STEP)
        self.sleeps = []
        self.minutes = {"asleep": 0, "allowed": 0}
        self.idle_since = NOON
        self.woken_at = NOON

    def is_busy(self, now):
        return (now - NOON) // 60 in self.busy

    def check(self, now):
        """One check by the clock; what the simulated world adds is that waking and sleeping always work."""
        asleep = self.record.state == "asleep"
        seen = silent() if asleep else idle(sessions=["ann"] if self.is_busy(now) else [])
        decision = decide.decide(self.rules, self.record, seen, now)
        self.record = decision.record
        if decision.action in (decide.SLEEP, decide.TEST):
            self.fall_asleep(now)
        if decision.action in (decide.WAKE, decide.TEST):
            self.wake(now, "clock")

    def fall_asleep(self, now):
        assert not self.is_busy(now), "put to sleep while active"
        self.sleeps.append(now)
        self.record = records.slept(records.told(records.draining(self.record, now, "idle")), now, "idle")

    def wake(self, now, why):
        woke = records.woken(records.waking(self.record, now, why), now + 60, why)
        self.record = woke
        self.woken_at = now


def run(rules, seed):
    """Minute by minute; returns the machine with its sleeps, and asserts that it never sleeps while active."""
    spans = busy_spans(seed)
    machine = Machine(rules, spans)
    begins = {a for a, _ in spans}
    for minute in range(DAYS * 1440):
        now = NOON + minute * 60.0
        if minute in begins and machine.record.state == "asleep":
            seen = silent(requests=["a connection"])
            assert decide.decide(rules, machine.record, seen, now).action == decide.WAKE
            machine.wake(now, "a connection")
        if now % STEP == 0:
            machine.check(now)
        account(machine, rules, now)
        if minute in machine.busy:
            assert machine.record.state != "asleep", f"asleep while active in minute {minute}"
    return machine


def account(machine, rules, now):
    """Counts a minute in which the rules, told here once more and in other words, allow sleep."""
    if machine.record.state == "asleep":
        machine.minutes["asleep"] += 1
        machine.minutes["allowed"] += 1
        return
    if machine.is_busy(now):
        machine.idle_since = now + 60
        return
    idle_for = now - max(machine.idle_since, machine.woken_at)
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


class NinetyDays(unittest.TestCase):
    def check(self, **changes):
        rules = policy(**changes)
        for seed in range(4):
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

    def test_every_generator_seed_has_activity_in_it(self):
        for seed in range(4):
            minutes = sum(b - a for a, b in busy_spans(seed))
            self.assertGreater(minutes, 4 * 1440)
            self.assertLess(minutes, 45 * 1440)


if __name__ == "__main__":
    unittest.main()
