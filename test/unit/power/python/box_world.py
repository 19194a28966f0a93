"""One machine, box, in a world of stand-ins, for tests of what the controller does."""

from __future__ import annotations

import unittest
from typing import Any

from fakes import IDLE, FakeWorld, quiet

import controller
from record import Record


class WithWorld(unittest.TestCase):
    changes: dict[str, Any] = {}

    def setUp(self) -> None:
        self.world = FakeWorld(**self.changes)
        self.addCleanup(self.world.close)
        self.world.store.save("box", IDLE)

    def check(self) -> Any:
        with quiet() as out:
            results = controller.check_all(self.world)
        self.said = out.getvalue()
        return results["box"]

    def record(self) -> Record:
        return self.world.store.load("box")
