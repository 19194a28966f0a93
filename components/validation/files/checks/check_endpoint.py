"""The API server's virtual address: it answers, and one control plane holds it."""

from __future__ import annotations

import re
import ssl
import urllib.error
import urllib.request
from typing import Any

from collect import SECONDS, Looker
from model import Endpoint, Settings
from result import Check, Group, Observations

# What is looked at for it.
NEEDS = ("endpoint",)

# One that lets nobody in without a certificate answers as well.
ANSWERS = (200, 401, 403)

HOLDS = re.compile(r"^vmstation_endpoint_holds(?:\{[^}]*\})? (\d)", re.MULTILINE)


def applies(settings: Settings) -> bool:
    return "endpoint" in settings


def check(seen: Observations, settings: Settings, now: float) -> list[Check]:
    group = Group("endpoint")
    group.attempt("virtual address", _address, seen, settings)
    return group.checks


def _address(group: Group, seen: Observations, settings: Settings) -> None:
    endpoint = settings["endpoint"]
    told = seen.get("endpoint")
    bad = [] if told["answer"] in ANSWERS else [f"{_url(endpoint)} answers with {told['answer']}"]
    # Without monitoring nobody knows who holds it.
    holds = {name: one for name, one in told["holds"].items() if name in endpoint["machines"]}
    holders = [name for name, one in holds.items() if one.get("ok") == 1]
    known = holds and all("ok" in one for one in holds.values())
    if len(holders) > 1:
        bad.append(f"{' and '.join(holders)} hold {endpoint['address']} at the same time")
    elif known and not holders:
        bad.append(f"no control plane says that it holds {endpoint['address']}")
    group.judge(
        "virtual address",
        bad,
        "it answers, and one control plane holds it",
        "journalctl -u vmstation-endpoint on each control plane",
        f"{endpoint['address']} answers" + (f", held by {holders[0]}" if holders else ""),
    )


def _url(endpoint: Endpoint) -> str:
    return f"https://{endpoint['address']}:{endpoint['port']}/readyz"


def _answer(endpoint: Endpoint) -> int | str:
    """The status, or why there is none. Who answers there is not looked at: its certificate is another check's."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    try:
        with opener.open(_url(endpoint), timeout=SECONDS) as answer:
            status: int = answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError as error:
        return str(getattr(error, "reason", error))
    return status


def parse_holds(metrics: str) -> int:
    found = HOLDS.search(metrics)
    if found is None:
        raise ValueError("no vmstation_endpoint_holds among its metrics")
    return int(found[1])


def _look(looker: Looker) -> Any:
    holds = looker.of_each_machine(lambda address: parse_holds(looker.metrics(address)))
    return {"answer": _answer(looker.settings["endpoint"]), "holds": holds}


# Its own ways to look, by what they look at.
LOOKS = {
    "endpoint": _look,
}
