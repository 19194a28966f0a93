"""What a check finds, and the observations that it judges."""

from __future__ import annotations

import os
import traceback
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Callable

import kube
from kube import Object

# {"ok": value} or {"error": text}.
Source = dict[str, Any]
Sources = dict[str, Source]

PASS, FAIL, ERROR = "pass", "fail", "error"

# Exit codes of the entry: everything right; something wrong; something could not be looked at.
EXIT_CODES = {PASS: 0, FAIL: 1, ERROR: 2}


@dataclass(frozen=True)
class Check:
    """One named check: what was found, what was expected, and what to do where they differ."""

    group: str
    name: str
    status: str
    found: str
    expected: str
    advice: str = ""

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


class Unseen(Exception):
    """Something that a check needs could not be observed."""


class Observations:
    """
    What collect.py saw: each source under its name, as {"ok": value} or {"error": text}.
    A source that was not looked at counts as one that could not be.
    """

    def __init__(self, sources: Sources, offline: Collection[str] = ()) -> None:
        """`offline`: the machines that are so by the configuration."""
        self._sources = sources
        self.offline = offline

    def away(self) -> set[str]:
        """Names of the machines that nobody expects to answer."""
        return kube.away(self.items("nodes"), self.offline)

    def get(self, name: str) -> Any:
        source = self._sources.get(name, {"error": "not looked at"})
        if "ok" not in source:
            raise Unseen(f"{name}: {source.get('error', 'no answer')}")
        return source["ok"]

    def items(self, name: str) -> list[Object]:
        """The objects of a Kubernetes list."""
        found: list[Object] = self.get(name).get("items", [])
        return found


class Group:
    """Collects the checks of one group; what cannot be looked at becomes an error, never a pass."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.checks: list[Check] = []

    def judge(
        self, name: str, bad: Sequence[str], expected: str, advice: str, found_when_good: str = "as expected"
    ) -> None:
        """`bad` holds one text for each fault; none means that the check passes."""
        if bad:
            self.checks.append(Check(self.name, name, FAIL, "; ".join(bad), expected, advice))
        else:
            self.checks.append(Check(self.name, name, PASS, found_when_good, expected))

    def attempt(self, name: str, function: Callable[..., None], *arguments: object) -> None:
        """Runs one check's function; where it cannot see, or is broken, it is an error and the others go on."""
        before = len(self.checks)
        try:
            function(self, *arguments)
        except Unseen as unseen:
            advice = "find out why this cannot be read, then run vmstation-validate again"
            self.checks.append(Check(self.name, name, ERROR, str(unseen), "an answer", advice))
        except Exception as error:
            del self.checks[before:]
            self.checks.append(broken(self.name, name, error))


def broken(group: str, name: str, error: BaseException) -> Check:
    """A check that is itself at fault: which one, what it said, and where."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({os.path.basename(frames[-1].filename)}:{frames[-1].lineno})" if frames else ""
    found = f"the check is broken: {type(error).__name__}: {error}{where}"
    return Check(group, name, ERROR, found, "an answer", "please report this line; the other checks are not affected")


def overall(checks: list[Check]) -> str:
    """The worst status: a failure outweighs what could not be looked at."""
    statuses = {check.status for check in checks}
    return FAIL if FAIL in statuses else ERROR if ERROR in statuses else PASS


def counts(checks: list[Check]) -> dict[str, int]:
    return {status: sum(check.status == status for check in checks) for status in EXIT_CODES}
