"""A full disk, really full: no other backup is stopped, nothing that is kept is cut, and what failed is said."""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

MOUNT = 'mount -t tmpfs -o size=128k,nr_inodes=64 full "$FULL" && cd "$1" && exec "$2" -B full_disk.py'


class FullDisk(unittest.TestCase):
    def test_with_a_real_full_file_system(self):
        tried = subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False)
        if os.geteuid() != 0 or tried.returncode != 0:
            print("    skipped: a really full disk needs root, and mount namespaces")
            self.skipTest("no mount namespace")
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(
                ["unshare", "--mount", "sh", "-c", MOUNT, "sh", Path(__file__).parent, sys.executable],
                env={**os.environ, "FULL": folder},
                capture_output=True,
                text=True,
                check=False,
            )
        self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
