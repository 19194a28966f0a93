"""The store of secrets has its first keys, and is unsealed: after each start somebody has to do that."""

from __future__ import annotations

import json
from typing import Any

from collect import Looker
from result import Group, Observations

# What is looked at for it.
NEEDS = ("vault",)


def check(group: Group, seen: Observations, settings: dict[str, Any], now: float) -> None:
    group.attempt("vault", _seal, seen, settings["unseal"])


def _seal(group: Group, seen: Observations, unseal: str) -> None:
    state = seen.get("vault")
    bad, advice = [], f"once for each key that it wants: {unseal}"
    if not state.get("initialized"):
        bad = ["it has no keys yet, and gives out nothing"]
        advice = f"make them, and keep them outside of this cluster: {unseal.replace('unseal', 'init')}"
    elif state.get("sealed"):
        bad = [f"sealed: {state.get('progress', 0)} of {state.get('t')} keys given"]
    group.judge("vault", bad, "an unsealed store of secrets", advice, "unsealed")


def _ask(looker: Looker) -> object:
    # Of a stack without it nobody asks.
    settings: dict[str, Any] = dict(looker.settings).get("apps", {}).get("vault", {})  # type: ignore[attr-defined]
    pod = f"{settings['pod']}:{settings['port']}"
    path = f"/api/v1/namespaces/{settings['namespace']}/pods/{pod}/proxy/v1/sys/seal-status"
    return json.loads(looker.kubectl("get", "--raw", path))


# Its own way to look.
LOOKS = {
    "vault": _ask,
}
