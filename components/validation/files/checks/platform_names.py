"""The DNS server of the internal domain answers on its address, with the addresses of the configuration."""

from __future__ import annotations

from typing import Any

import dns
from collect import Looker, attempt
from result import Group, Observations

# What is looked at for it.
NEEDS = ("names",)


def check(group: Group, seen: Observations, settings: dict[str, Any], now: float) -> None:
    group.attempt("names", _names, seen, settings["names"], settings["server"])


def _names(group: Group, seen: Observations, wanted: dict[str, str], server: str) -> None:
    answers = seen.get("names")
    bad = []
    for name, address in sorted(wanted.items()):
        answer = answers.get(name, {"error": "not asked"})
        got = answer.get("ok")
        if got != [address]:
            bad.append(f"{name}: {', '.join(got) if got else answer.get('error')}, not {address}")
    if len(bad) == len(wanted) > 1:
        bad = [f"{server} answers none of {len(wanted)} names: {bad[0]}"]
    group.judge(
        "names",
        bad,
        f"{server} answers each name of the internal domain with its address",
        "kubectl -n names get pods,services",
        f"{len(wanted)} names",
    )


def _ask(looker: Looker) -> object:
    # Of a stack without the part nobody asks.
    settings: dict[str, Any] = dict(looker.settings).get("platform", {}).get("names", {})  # type: ignore[attr-defined]
    return {name: attempt(dns.resolve, name, settings["server"]) for name in settings.get("names", {})}


# Its own ways to look, by what they look at.
LOOKS = {
    "names": _ask,
}
