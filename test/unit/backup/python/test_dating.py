"""Which backup is the newest, and which go, also after a clock that ran ahead or behind."""

from support import RESTIC, Case, cases

import dating
import record
import work

DAY = 86_400
NOW = 1_769_904_000  # 2026-02-01T00:00:00Z


def snapshot(number, at, incomplete=False):
    return {"id": str(number), "at": at, "incomplete": incomplete}


def newest_first(snapshots):
    return sorted(snapshots, key=lambda each: each["at"], reverse=True)


class Dating(Case):
    def test_keeps_the_newest_by_count_and_the_others_by_age(self):
        found = [snapshot(n, NOW - n * DAY) for n in range(10)]
        gone = dating.outdated(found, 3, 5 * DAY, {}, NOW)
        self.assertEqual([s["id"] for s in gone], ["6", "7", "8", "9"])
        self.assertEqual([s["id"] for s in dating.outdated(found, 8, 5 * DAY, {}, NOW)], ["8", "9"])

    def test_one_that_lacks_files_takes_no_whole_ones_place(self):
        found = [snapshot(n, NOW - n * DAY, incomplete=n < 3) for n in range(6)]
        self.assertEqual([s["id"] for s in dating.outdated(found, 2, 0, {}, NOW)], ["1", "2", "5"])

    def test_lengths_are_read_as_they_are_written(self):
        self.assertEqual([*map(dating.seconds_of, ("7d", "36h", "1d2h"))], [7 * DAY, 36 * 3600, 26 * 3600])

    def simulate(self, random):
        """A backup each day for 90 days, with a clock that jumps; yields what is kept and how many were right."""
        kept, noticed, offset = [], {}, 0
        last, within = random.randrange(1, 5), random.randrange(1, 15) * DAY
        for day in range(90):
            if random.random() < 0.1:
                offset = random.choice([0, 0, 365.3 * DAY, 3.3 * DAY, -3.3 * DAY, -2000.3 * DAY])
            now = NOW + day * DAY + offset
            noticed = dating.notice(kept, noticed, now)
            kept = newest_first([*kept, {**snapshot(day, now), "true": NOW + day * DAY}])
            noticed = dating.notice(kept, noticed, now)
            gone = dating.outdated(kept, last, within, noticed, now)
            self.assertNotIn(str(day), [s["id"] for s in gone], "the one that was just made")
            kept = [s for s in kept if s not in gone]
        return kept, noticed, last, within

    def test_a_clock_that_jumps_neither_loses_the_newest_nor_keeps_one_for_ever(self):
        for seed, random in cases(40):
            with self.subTest(VMSTATION_SEED=seed):
                kept, noticed, last, within = self.simulate(random)
                for day in range(90, 150):
                    now = NOW + day * DAY
                    kept = newest_first([*kept, {**snapshot(day, now), "true": now}])
                    noticed = dating.notice(kept, noticed, now)
                    gone = dating.outdated(kept, last, within, noticed, now)
                    kept = [s for s in kept if s not in gone]
                    right = [s for s in kept if s["id"] not in noticed]
                    self.assertEqual(right[0]["id"], str(day), "the newest")
                # All of them are of the days in which the clock was right again, as many as are wanted.
                self.assertLess({int(s["id"]) for s in kept}, {*range(90, 150)})
                self.assertGreaterEqual(len(kept), last)

    def test_a_clock_that_is_far_behind_takes_no_backup_away(self):
        found = [snapshot(n, NOW - n * DAY) for n in range(10)]
        behind = NOW - 3000 * DAY
        self.assertEqual(dating.notice(found, {}, behind), {})
        self.assertEqual(dating.outdated(found, 1, DAY, {}, behind), [])

    def test_a_last_success_in_the_future_is_overdue_like_any_other(self):
        kept = record.Record(self.at("state.json"))
        kept.succeed("etcd", NOW + 365 * DAY)
        self.assertEqual(kept.of("etcd", NOW)["success"], NOW)
        self.assertEqual(kept.of("etcd", NOW + DAY)["success"], NOW)


class Newest(Case):
    def test_is_not_one_that_is_dated_in_the_future_which_is_named(self):
        self.program("restic", RESTIC)
        for number, time in enumerate(("2026-01-30", "2026-01-31", "2027-06-01")):
            self.write(f"repository/apps/snapshots/{number}.item=app", "data")
            self.write(f"repository/apps/time.{number}", f"{time}T00:00:00.123456789Z")
        self.write("repository/apps/config", "")
        item = {"name": "app", "set": "apps", "kind": "archive", "paths": ["/x"], "leaveOut": []}
        backups = work.Backups(self.settings([item]), self.at("staging"), self.at("password"), clock=lambda: NOW)
        kept = record.Record(self.at("state.json"))
        repository = backups.repository("apps")
        self.assertEqual(backups.newest(repository, item, kept)["id"], "1")
        self.assertIn("app: the backup 2 of 2027-06-01T00:00:00Z is dated in the future", self.said.getvalue())
        self.assertEqual(backups.newest(repository, item, kept, "2")["id"], "2")
        # Its day has come, and it is still not the newest.
        backups.clock = lambda: NOW + 400 * DAY
        self.assertEqual(backups.newest(repository, item, kept)["id"], "1")
