"""The power controller's own code against an API: one verb for the machine that standard input describes.

Each line is {"verb", "policy"}; the verbs are check, wake, sleep, order and rest. Each gets one line: what was
said, in JSON.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import tempfile
import time
from types import SimpleNamespace
from typing import Any

import support

import hosts
import ways
from record import Record
from store import Store
from way import WakeError

assert support.MODULES


def act(verb: str, policy: Any, known: list[Any]) -> None:
    if verb == "check":
        ways.check(known, policy)
    elif verb == "wake":
        ways.wake(known, policy)
    elif verb == "sleep":
        ways.sleep(known, policy, lambda: None, time.sleep)
    elif verb == "order":
        print(ways.order(known, policy))
    else:
        with tempfile.TemporaryDirectory() as folder:
            store = Store(folder)
            now = store.clock.now()
            store.save(policy["name"], Record(state="asleep", since=now - 3600))
            world: Any = SimpleNamespace(settings={"machines": [policy]}, store=store, now=store.clock.now)
            hosts.rest(world)


def main() -> None:
    # The broadcast address of the loopback: no packet leaves this machine.
    known = ways.load({"broadcast": "127.255.255.255"})  # type: ignore[typeddict-item]
    for line in sys.stdin:
        asked = json.loads(line)
        with contextlib.redirect_stdout(io.StringIO()) as out:
            try:
                act(asked["verb"], asked["policy"], known)
            except (WakeError, OSError) as error:
                print(error)
        print(json.dumps(out.getvalue().strip()), flush=True)


main()
