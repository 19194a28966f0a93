"""Checks types: python_types.py FILE... Each folder's files are one program, since folders have modules of one name.

A program whose name is no module's (power-agent.py, kubectl) is checked by itself. What a program finds in another
folder, because its path names that, is in BESIDE.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections import defaultdict
from pathlib import Path

from mypy import api

ROOT = Path(__file__).resolve().parents[2]
CACHES = ROOT / ".cache/mypy"

# Folder → folders whose modules its files import as well.
AGENT = "components/remote/agent/files/lib"
BESIDE = {
    "components/backup/files/lib": [AGENT],
    "components/power/files/lib": [AGENT],
    "components/bootstrap/kubespray/files": ["components/bootstrap/files"],
    "components/backup/files": ["components/backup/files/backup-agent"],
    "scripts/verbs/remedy/files": ["components/validation/files/checks"],
    "test/support/fixtures/checks": ["components/validation/files/checks"],
    "test/support/fixtures/triggers": ["components/power/files/lib", AGENT, "test/unit/power/python"],
    "test/support/fixtures/ways": ["components/power/files/lib", AGENT, "test/unit/power/python"],
    "test/cluster/placement": ["components/power/files/lib", AGENT],
    "test/unit/apps/python": ["components/power/files/lib", AGENT],
    "test/unit/backup/python": ["components/backup/files/lib", AGENT, "components/backup/files/backup-agent"],
    "test/unit/power/python": ["components/power/files/lib", AGENT],
}


# Tests hand over wrong values on purpose and replace methods. Of what they do, mypy says only what cannot be meant: a
# name, an attribute or a parameter that does not exist.
TESTS = re.compile(r"^test/.*/test_[^/]*\.py$|^test/unit/backup/python/full_disk\.py$")


NOT_IN_TESTS = [
    *["arg-type", "assignment", "call-overload", "func-returns-value", "index", "list-item", "method-assign", "misc"],
    *["typeddict-item", "union-attr", "var-annotated"],
]
# Not pyproject.toml's settings, which are strict.
LIGHTER = [
    *["--config-file=", "--python-version=3.9", "--check-untyped-defs"],
    *[f"--disable-error-code={code}" for code in NOT_IN_TESTS],
]


def programs(files: list[str]) -> dict[tuple[str, str], list[str]]:
    """(folder, name) → files; the name is empty where they are a folder's modules."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for file in files:
        folder, name = os.path.split(file)
        stem, ending = os.path.splitext(name)
        is_module = ending == ".py" and stem.isidentifier()
        found[(folder, "" if is_module else name)].append(file)
    return found


def cache_of(program: str) -> Path:
    """A folder of its own. A new one begins with another's, which has read most of the standard library already."""
    cache = CACHES / program.strip("/").replace("/", "+")
    if CACHES.is_dir() and not cache.exists():
        known = max(CACHES.iterdir(), key=lambda other: sum(1 for _ in other.rglob("*")), default=None)
        if known is not None:
            shutil.copytree(known, cache)
    return cache


def check(folder: str, name: str, files: list[str], settings: list[str]) -> int:
    cache = cache_of(f"{folder}/{name}" if settings == [] else f"{folder}/{name}/tests")
    os.environ["MYPYPATH"] = os.pathsep.join([folder, *BESIDE.get(folder, [])])
    out, err, code = api.run(["--no-error-summary", "--scripts-are-modules", *settings, f"--cache-dir={cache}", *files])
    sys.stdout.write(out + err)
    return code


def main() -> int:
    os.chdir(ROOT)
    tests = [file for file in sys.argv[1:] if TESTS.match(file)]
    others = [file for file in sys.argv[1:] if not TESTS.match(file)]
    ends = [check(*key, each, []) for key, each in programs(others).items()]
    ends += [check(*key, each, LIGHTER) for key, each in programs(tests).items()]
    return max(ends, default=0)


if __name__ == "__main__":
    sys.exit(main())
