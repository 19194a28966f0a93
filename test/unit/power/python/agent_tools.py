"""The power agent, and stand-ins for the programs that it asks."""

from __future__ import annotations

import importlib.util
import os
import tempfile
import unittest
from pathlib import Path
from typing import Any

from support import FILES


def load_agent() -> Any:
    """The agent's program, whose name is no module's."""
    spec = importlib.util.spec_from_file_location("power_agent", FILES / "power-agent.py")
    if spec is None or spec.loader is None:
        raise ImportError("power-agent.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


agent = load_agent()

FAKE_TOOL = """#!/bin/sh
printf '%s %s\\n' "${0##*/}" "$*" >>"$TOOLS/calls"
[ ! -e "$TOOLS/${0##*/}.fail" ] || { echo "${0##*/}: no" >&2; exit 1; }
for said in "$TOOLS/${0##*/}.$1.$2" "$TOOLS/${0##*/}.$1" "$TOOLS/${0##*/}"; do
  if [ "$LC_ALL" != C ] && [ -e "$said.german" ]; then exec cat "$said.german"; fi
  if [ -e "$said.out" ]; then exec cat "$said.out"; fi
done
"""

# busctl 252: what logind answers with the kubelet, NetworkManager and a package manager at work.
INHIBITORS = {
    "type": "a(ssssuu)",
    "data": [
        [
            ["shutdown", "kubelet", "Kubelet needs time", "delay", 0, 900],
            ["sleep", "NetworkManager", "needs to turn off networks", "delay", 0, 700],
            ["shutdown:sleep", "apt", "upgrade", "block", 0, 1200],
            ["handle-lid-switch", "desk", "lid", "block", 1000, 1300],
        ]
    ],
}


class WithTools(unittest.TestCase):
    """Stand-ins on the PATH that say what a file next to them holds, and note how they were called."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.tools = Path(folder.name)
        for name in ("ethtool", "rtcwake", "loginctl", "busctl", "ip"):
            path = self.tools / name
            path.write_text(FAKE_TOOL)
            path.chmod(0o755)
        before = dict(os.environ)
        os.environ.update(PATH=f"{folder.name}:{before['PATH']}", TOOLS=folder.name)
        self.addCleanup(os.environ.update, before)
        self.addCleanup(os.environ.clear)

    def says(self, tool: str, text: str) -> None:
        (self.tools / f"{tool}.out").write_text(text)

    def fails(self, tool: str) -> None:
        (self.tools / f"{tool}.fail").touch()

    def calls(self) -> list[str]:
        path = self.tools / "calls"
        return path.read_text().splitlines() if path.exists() else []

    def root(self, files: dict[str, str]) -> str:
        for path, text in files.items():
            target = self.tools / "root" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        return str(self.tools / "root")
