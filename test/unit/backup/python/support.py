"""What the tests of the backups share: the modules on the path, folders that go again, programs that stand in."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import os
import pathlib
import random
import shutil
import sys
import tempfile
import unittest
import unittest.mock
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from model import Settings

COMPONENTS = pathlib.Path(__file__).resolve().parents[4] / "components"
FILES = COMPONENTS / "backup/files"
# Installed into one folder.
MODULES = [str(FILES / "lib"), str(COMPONENTS / "remote/agent/files/lib")]
sys.path[:0] = [*MODULES, str(FILES / "backup-agent")]


def load_agent() -> Any:
    """The agent as a module; its name has a hyphen, as it is called on the machines."""
    spec = importlib.util.spec_from_file_location("agent", FILES / "backup-agent.py")
    if spec is None or spec.loader is None:
        raise OSError("the agent is no module")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def cases(count: int) -> Iterator[tuple[int, random.Random]]:
    """(seed, random numbers) for so many generated cases; more by VMSTATION_CASES, one by VMSTATION_SEED."""
    one = os.environ.get("VMSTATION_SEED")
    count = int(os.environ.get("VMSTATION_CASES", count))
    first = random.SystemRandom().randrange(1 << 32)
    for seed in [int(one)] if one else range(first, first + count):
        yield seed, random.Random(seed)


class Case(unittest.TestCase):
    def setUp(self) -> None:
        self.root = tempfile.mkdtemp(prefix="vmstation-backup-")
        self.addCleanup(shutil.rmtree, self.root)
        self.said = io.StringIO()
        silence = contextlib.redirect_stderr(self.said)
        silence.__enter__()
        self.addCleanup(silence.__exit__, None, None, None)

    def at(self, *steps: str) -> str:
        return os.path.join(self.root, *steps)

    def write(self, path: str, text: str, mode: int = 0o644) -> str:
        os.makedirs(os.path.dirname(self.at(path)), exist_ok=True)
        with open(self.at(path), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(self.at(path), mode)
        return self.at(path)

    def read(self, *steps: str) -> str:
        with open(self.at(*steps), encoding="utf-8") as file:
            return file.read()

    def program(self, name: str, text: str) -> str:
        """A shell script in a folder that comes first on the path."""
        os.makedirs(self.at("bin"), exist_ok=True)
        if not os.environ["PATH"].startswith(self.at("bin")):
            before = os.environ["PATH"]
            os.environ["PATH"] = f"{self.at('bin')}:{before}"
            self.addCleanup(os.environ.__setitem__, "PATH", before)
        return self.write(f"bin/{name}", f"#!/bin/sh\n{text}", 0o755)

    def settings(self, items: list[Any], **more: Any) -> Settings:
        """As render-settings.ts writes them."""
        made: dict[str, Any] = {
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
        return cast("Settings", made)


class AgentCase(Case):
    """The agent by its verbs, on one item that is called app."""

    NOW = 1_767_225_600.0  # 2026-01-01T00:00:00Z

    def setUp(self) -> None:
        super().setUp()
        self.agent = load_agent()
        self.item = {"path": self.at("data"), "leaveOut": []}
        # Waits for every disk of the computer that runs the tests.
        patch = unittest.mock.patch.object(os, "sync")
        patch.start()
        self.addCleanup(patch.stop)

    def ask(self, verb: str, *rest: str, data: bytes = b"") -> tuple[int, bytes]:
        """(exit code, standard output)."""
        settings = self.write("agent.json", json.dumps({"items": {"app": self.item}}))
        out = io.TextIOWrapper(io.BytesIO())
        with contextlib.redirect_stdout(out), unittest.mock.patch("sys.stdin", io.TextIOWrapper(io.BytesIO(data))):
            code = self.agent.main([verb, *rest], self.NOW, settings)
        out.flush()
        return code, out.buffer.getvalue()

    def archive(self, code: int = 0) -> bytes:
        found, data = self.ask("archive", "app")
        self.assertEqual(found, code, self.said.getvalue())
        return data

    def restore(self, data: bytes, code: int = 0) -> None:
        found, _ = self.ask("restore", "app", data=data)
        self.assertEqual(found, code, self.said.getvalue())


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
    number=0
    while ls "$repository/snapshots" | grep -q "^$number[.]"; do number=$((number + 1)); done
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
      time=2026-01-0$((number + 1))T00:00:00.1Z
      [ ! -e "$repository/time.$number" ] || time=$(cat "$repository/time.$number")
      more=
      [ ! -e "$repository/tag.$number" ] || more=',"incomplete=yes"'
      printf '%s{"id":"%s","short_id":"%s","time":"%s","tags":["%s"%s],"paths":["/x"]}' \
        "$separator" "$number" "$number" "$time" "${name#*.}" "$more"
      separator=,
    done
    [ "$separator" = , ] && echo ] || echo null
    ;;
  forget) for id in "$@"; do rm "$repository/snapshots/$id".*; done ;;
  tag) : >"$repository/tag.$3" ;;
  dump) cat "$repository/snapshots/$1".* ;;
esac
"""


def rows(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]
