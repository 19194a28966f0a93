"""Every Service that asks for an address of the LAN has one of the pool, and nobody else has one of those."""

from __future__ import annotations

import os
from ipaddress import IPv4Address, IPv4Network
from typing import Any

import kube
from collect import Looker, run
from kube import Object
from result import Group, Observations, Unseen

# What is looked at for it.
NEEDS = ("services", "lananswers")


def check(group: Group, seen: Observations, settings: dict[str, Any], now: float) -> None:
    group.attempt("addresses", _addresses, seen, settings["addresses"])
    group.attempt("free addresses", _free, seen)


def _addresses(group: Group, seen: Observations, ranges: list[str]) -> None:
    pool = [_ends(text) for text in ranges]
    services = _balanced(seen)
    used = {address for service in services for address in _given(service)}
    size = sum(int(last) - int(first) + 1 for first, last in pool)
    inside = sum(_holds(pool, address) for address in used)
    bad = [f"{kube.full_name(s)} waits for an address" for s in services if not _given(s)]
    bad += [
        f"{kube.full_name(s)} has {address}, which is not of the pool"
        for s in services
        for address in _given(s)
        if not _holds(pool, address)
    ]
    full = inside >= size and any(not _given(s) for s in services)
    group.judge(
        "addresses",
        [*bad, f"all {size} addresses of {', '.join(ranges)} are taken"] if full else bad,
        "each Service of type LoadBalancer has an address of the pool",
        "add a range to vmstation:platform.loadBalancer.addresses, or remove a Service"
        if full
        else "look at its events: kubectl -n NAMESPACE describe service NAME",
        f"{inside} of {size} used",
    )


def _free(group: Group, seen: Observations) -> None:
    """Where a Service has an address, the cluster itself answers."""
    used = {str(address) for service in _balanced(seen) for address in _given(service)}
    answers: list[tuple[str, str]] | None = seen.get("lananswers")
    if answers is None and used:
        raise Unseen("lananswers: this machine has nothing to ask the LAN with, which `vmstation up` brings")
    group.judge(
        "free addresses",
        [f"{address} is in use: {mac} answers there" for address, mac in answers or () if address not in used],
        "nobody on the LAN answers for an address of the pool that no Service has",
        "take it out of vmstation:platform.loadBalancer.addresses, or give that device another address; "
        "look at your router's DHCP range",
        "nobody answers" if answers is not None else "skipped: `vmstation up` has not yet come to the pool",
    )


def _ask(looker: Looker) -> object:
    """
    [address, MAC address] of everybody who answers for an address of the pool, by what `up` asks them with; None where
    it has not brought that yet.
    """
    # Of a stack without the part nobody asks.
    settings: dict[str, Any] = dict(looker.settings).get("platform", {}).get("loadBalancer", {})  # type: ignore[attr-defined]
    if not settings:
        return []
    if not os.path.exists(settings["askLan"]):
        return None
    said = run(["python3", "-B", settings["askLan"], settings["from"], *settings["addresses"]])
    return [line.split() for line in said.splitlines()]


def _balanced(seen: Observations) -> list[Object]:
    return [s for s in seen.items("services") if s["spec"].get("type") == "LoadBalancer"]


def _given(service: Object) -> list[IPv4Address]:
    given = (service.get("status", {}).get("loadBalancer") or {}).get("ingress") or []
    return [IPv4Address(each["ip"]) for each in given if each.get("ip")]


def _ends(text: str) -> tuple[IPv4Address, IPv4Address]:
    """First and last address of "A-B" or "A/BITS"."""
    if "/" in text:
        network = IPv4Network(text)
        return network[0], network[-1]
    first, last = text.split("-")
    return IPv4Address(first.strip()), IPv4Address(last.strip())


def _holds(pool: list[tuple[IPv4Address, IPv4Address]], address: IPv4Address) -> bool:
    return any(first <= address <= last for first, last in pool)


# Its own ways to look, by what they look at.
LOOKS = {
    "lananswers": _ask,
}
