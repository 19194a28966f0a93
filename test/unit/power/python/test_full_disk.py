"""A full disk: machines still wake, nothing that is kept is cut, and what could not be written is said."""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from support import skip

HERE = Path(__file__).parent

MOUNT = 'mount -t tmpfs -o size=256k,nr_inodes=64 full "$TMPDIR" && cd "$1" && exec "$2" -B full_disk.py'


def can_mount():
    if os.geteuid() != 0:
        return False
    tried = subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False)
    return tried.returncode == 0


class FullDisk(unittest.TestCase):
    def test_with_a_real_full_file_system(self):
        if not can_mount():
            skip(self, "a really full disk needs root, and mount namespaces")
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(
                ["unshare", "--mount", "sh", "-c", MOUNT, "sh", HERE, sys.executable],
                env={**os.environ, "TMPDIR": folder},
                capture_output=True,
                text=True,
                check=False,
            )
        self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
