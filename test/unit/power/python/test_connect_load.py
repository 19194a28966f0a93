"""The port holder under ten times of what it bounds: it stays, and wakes nothing for noise."""

import json
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

from load_connect import BOUNDS

IN_NAMESPACE = ["unshare", "--map-root-user", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]


class Load(unittest.TestCase):
    def setUp(self):
        if shutil.which("ip") is None or subprocess.call([*IN_NAMESPACE, "true"]) != 0:
            self.skipTest("no network namespace can be made here")

    def test_ten_times_each_bound_ends_nothing_and_wakes_nobody(self):
        load = [sys.executable, "-B", "load_connect.py"]
        done = subprocess.run(
            [*IN_NAMESPACE, *load], cwd=Path(__file__).parent, capture_output=True, text=True, check=False
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        seen = json.loads(done.stdout)
        self.assertLessEqual(seen["oneAddress"], BOUNDS.per_address)
        self.assertEqual(seen["requestsByNoise"], False)
        self.assertLessEqual(seen["held"], BOUNDS.total)
        self.assertLess(seen["memoryPerClient"], 100, "KiB")
        self.assertEqual(seen["served"], 1)
        self.assertEqual(seen["alive"], True)
        self.assertLess(seen["linesOfLog"], 50)

    def test_a_client_that_is_gone_without_a_word_counts_no_longer(self):
        if shutil.which("nft") is None or subprocess.call([*IN_NAMESPACE, "nft", "list", "ruleset"]) != 0:
            self.skipTest("nft cannot be used in a network namespace here")
        done = subprocess.run(
            [*IN_NAMESPACE, sys.executable, "-B", "gone_client.py"],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout), {"users": 0})


if __name__ == "__main__":
    unittest.main()
