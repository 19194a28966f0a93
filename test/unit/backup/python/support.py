"""What the tests of the backups share: the modules on the path, folders that go again, programs that stand in."""

import contextlib
import io
import json
import os
import pathlib
import shutil
import sys
import tempfile
import unittest

FILES = pathlib.Path(__file__).resolve().parents[4] / "components/backup/files"
sys.path.insert(0, str(FILES / "lib"))


class Case(unittest.TestCase):
    def setUp(self):
        self.root = tempfile.mkdtemp(prefix="vmstation-backup-")
        self.addCleanup(shutil.rmtree, self.root)
        self.said = io.StringIO()
        silence = contextlib.redirect_stderr(self.said)
        silence.__enter__()
        self.addCleanup(silence.__exit__, None, None, None)

    def at(self, *steps):
        return os.path.join(self.root, *steps)

    def write(self, path, text, mode=0o644):
        os.makedirs(os.path.dirname(self.at(path)), exist_ok=True)
        with open(self.at(path), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(self.at(path), mode)
        return self.at(path)

    def read(self, *steps):
        with open(self.at(*steps), encoding="utf-8") as file:
            return file.read()

    def program(self, name, text):
        """A shell script in a folder that comes first on the path."""
        os.makedirs(self.at("bin"), exist_ok=True)
        if not os.environ["PATH"].startswith(self.at("bin")):
            before = os.environ["PATH"]
            os.environ["PATH"] = f"{self.at('bin')}:{before}"
            self.addCleanup(os.environ.__setitem__, "PATH", before)
        return self.write(f"bin/{name}", f"#!/bin/sh\n{text}", 0o755)

    def settings(self, items, **more):
        """As render-settings.ts writes them."""
        return {
            "cluster": "test",
            "repository": self.at("repository"),
            "mount": "",
            "minimumFree": 0,
            "holdSeconds": 60,
            "checkSubset": "10%",
            "metrics": self.at("metrics/backup.prom"),
            "kubectl": {"program": self.at("no-kubectl"), "kubeconfig": ""},
            "sets": {
                "apps": {"keepLast": 2, "keepWithin": "7d", "maxAge": 100, "checkMaxAge": 1000},
            },
            "items": items,
            **more,
        }


# Stands in for restic: a snapshot is a file with what came in; the newest is the last. It says what it was asked.
RESTIC = """
echo "$*" >>"$0.asked"
repository=
while [ $# -gt 0 ]; do
  case $1 in
    --repo) repository=$2; shift 2 ;;
    --password-file) shift 2 ;;
    --no-cache) shift ;;
    *) break ;;
  esac
done
verb=$1
shift
tag=
id=
for word in "$@"; do case $word in item=*) tag=$word ;; esac; done
case $verb in
  init) mkdir -p "$repository/snapshots"; : >"$repository/config" ;;
  unlock | prune | check) ;;
  backup)
    number=$(ls "$repository/snapshots" | wc -l)
    cat >"$repository/incoming"
    mv "$repository/incoming" "$repository/snapshots/$number.$tag"
    echo '{"message_type":"summary","snapshot_id":"'"$number"'","total_bytes_processed":3,"data_added":2}'
    ;;
  snapshots)
    separator=[
    for file in "$repository"/snapshots/*; do
      name=${file##*/}
      number=${name%%.*}
      case " $* " in *"${name#*.}"* | " --json ") ;; *) continue ;; esac
      printf '%s{"id":"%s","short_id":"%s","time":"2026-01-0%sT00:00:00.1Z","tags":["%s"],"paths":["/x"]}' \
        "$separator" "$number" "$number" "$((number + 1))" "${name#*.}"
      separator=,
    done
    [ "$separator" = , ] && echo ] || echo null
    ;;
  forget) echo '[{"remove":[{"short_id":"old"}]}]' ;;
  dump) cat "$repository/snapshots/$1".* ;;
esac
"""


def rows(text):
    return [json.loads(line) for line in text.splitlines()]
