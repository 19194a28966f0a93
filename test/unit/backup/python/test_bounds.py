"""What a machine sends is bounded in size, time and words: ten times too much stops that backup, and nothing else."""

import os
import sys
import time

from support import RESTIC, Case

import common
import restic
import stream


class Bounds(Case):
    def setUp(self):
        super().setUp()
        self.program("restic", RESTIC)
        self.keeper = restic.Restic(self.at("repository"), self.at("password"), "test")
        self.keeper.prepare()

    def take(self, script, **limits):
        source = common.Started([sys.executable, "-c", f"import os, sys, time\n{script}"])
        facts = self.keeper.backup_stream("app.tar", ["item=app"], source, stream.Limits(**limits))
        return facts, source

    def refused(self, words, script, **limits):
        begin = time.monotonic()
        with self.assertRaisesRegex(common.Failure, words):
            self.take(script, **limits)
        self.assertLess(time.monotonic() - begin, 10)
        self.assertEqual(os.listdir(self.at("repository/snapshots")), [])

    def test_an_archive_without_end_stops_where_the_disk_has_no_room_left(self):
        sent = []

        def room():
            sent.append(os.path.getsize(self.at("repository/incoming")))
            if len(sent) == 10:
                raise common.Failure("less than 10% of the disk is free")

        script = "while True: sys.stdout.write('x' * 65536)"
        self.refused("of the disk is free", script, room=room, look_every=1 << 20)
        self.assertLess(sent[-1], 12 << 20)

    def test_a_source_that_is_silent_or_drips_for_ever_is_given_up(self):
        self.refused("nothing came for 0 s", "time.sleep(600)", silence=0.2)
        script = "while True: sys.stdout.write('x'); sys.stdout.flush(); time.sleep(0.01)"
        self.refused("took longer than 0 s", script, longest=0.4)

    def test_errors_without_end_take_no_disk_and_little_memory(self):
        facts, source = self.take("sys.stderr.write('a line of errors\\n' * 50_000); sys.stderr.write('the last')")
        self.assertEqual(facts["snapshot"], "0")
        notes = source.notes()
        self.assertLess(len(notes), 70_000)
        self.assertTrue(notes.startswith("a line of errors\n") and notes.endswith("the last"))
        self.assertIn("\n...\n", notes)

    def test_a_source_that_closes_its_output_and_goes_on_is_given_up(self):
        linger, restic.LINGER = restic.LINGER, 0.3
        self.addCleanup(setattr, restic, "LINGER", linger)
        self.refused("does not end", "os.close(1); time.sleep(600)")
