"""
plan PROBLEM [TARGET]           what would be done, as JSON; changes nothing
act PROBLEM TARGET ID [ID ...]  does those of the actions that are still called for
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import TypedDict

from remedies import REMEDIES, Action, Refusal, ready_again
from world import Failed, World


class Done(TypedDict):
    """What became of an action."""

    id: str
    done: bool
    why: str


def plan(world: World, problem: str, target: str) -> tuple[list[Action], list[Refusal]]:
    found = list(REMEDIES[problem](world, target))
    actions = [each for each in found if isinstance(each, Action)]
    refusals = [each for each in found if not isinstance(each, Action)]
    return actions, refusals


def act(world: World, problem: str, target: str, wanted: list[str]) -> Iterator[Done]:
    """One after the other; what has mended itself or changed since it was shown is left alone."""
    actions = {each.id: each for each in plan(world, problem, target)[0]}
    if problem == "not-ready-node":
        # A kubelet that was restarted may be quicker than this look.
        actions = {each: ready_again(each) for each in wanted}
    for each in wanted:
        result: Done = {"id": each, "done": False, "why": ""}
        try:
            if each in actions:
                actions[each].run(world)
                result["done"] = True
            else:
                result["why"] = "it has changed in the meantime; nothing was done"
        except Failed as failed:
            result["why"] = str(failed)
        yield result


def main(words: list[str]) -> int:
    verb, problem, target, *wanted = [*words, ""] if len(words) == 2 else words
    world = World()
    document: dict[str, object]
    try:
        if verb == "plan":
            actions, refusals = plan(world, problem, target)
            document = {
                "actions": [{"id": a.id, "does": a.does, "why": a.why} for a in actions],
                "refusals": [{"what": r.what, "why": r.why} for r in refusals],
            }
        else:
            document = {"results": list(act(world, problem, target, wanted))}
    except Failed as failed:
        print(failed, file=sys.stderr)
        return 1
    print(json.dumps(document))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
