"""Monitoring: its pods, its services as people reach them, Prometheus' targets."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from collections.abc import Collection

import kube
from collect import SECONDS, Looker, attempt
from kube import Object
from model import Settings
from result import Check, Group, Observations, Sources

# What is looked at for it.
NEEDS = ("nodes", "pods", "http", "targets", "notifications")


def applies(settings: Settings) -> bool:
    return settings["prometheus"] is not None


def check(seen: Observations, settings: Settings, now: float) -> list[Check]:
    group = Group("monitoring")
    group.attempt("pods", _pods, seen, settings)
    for title, url in sorted(settings["endpoints"].items()):
        group.attempt(title, _endpoint, seen, title, url)
    group.attempt("targets", _targets, seen, settings)
    group.attempt("notifications", _notifications, seen)
    return group.checks


def _pods(group: Group, seen: Observations, settings: Settings) -> None:
    away = seen.away()
    pods = [
        p
        for p in seen.items("pods")
        if p["metadata"]["namespace"] == settings["monitoringNamespace"]
        and not kube.over(p)
        and not kube.sleeps_with(p, away)
    ]
    bad = [kube.name(p) for p in pods if not kube.ready(p)]
    if not pods:
        bad = ["there are none"]
    group.judge(
        "pods", bad, "every pod of monitoring is Ready", "kubectl -n monitoring describe pod NAME", f"{len(pods)} pods"
    )


def _endpoint(group: Group, seen: Observations, title: str, url: str) -> None:
    answer = seen.get("http").get(url, {"error": "not asked"})
    bad = [] if answer.get("ok") == 200 else [f"{url}: {answer.get('ok') or answer.get('error')}"]
    group.judge(title, bad, f"{url} answers 200", "look at its pod and its Service", "200")


def _targets(group: Group, seen: Observations, settings: Settings) -> None:
    away = seen.away()
    known = [
        (n, address)
        for n, machine in settings["machines"].items()
        for address in (machine["address"], machine.get("clusterAddress"))
    ]
    addresses = {address for n, address in [*known, *settings.get("offline", {}).items()] if n in away}
    targets = [t for t in seen.get("targets")["data"]["activeTargets"] if not _away(t, away, addresses)]
    down = [
        t["labels"].get("job", "?") + " " + t["labels"].get("instance", "?") for t in targets if t["health"] == "down"
    ]
    limit = settings["targetsDown"]
    bad = sorted(down) if targets and len(down) / len(targets) > limit else []
    if not targets:
        bad = ["Prometheus has no targets"]
    group.judge(
        "targets",
        bad,
        f"at most {limit:.0%} of the targets are down",
        "Prometheus' page Status, Targets says why",
        f"{len(down)} of {len(targets)} down",
    )


def _notifications(group: Group, seen: Observations) -> None:
    """What the alert about this cannot say itself: it goes the same way."""
    failed = seen.get("notifications")["data"]["result"]
    bad = sorted(
        f"{kind}: {float(each['value'][1]):.0f} given up in the last hour"
        for each in failed
        for kind in [each["metric"].get("integration", "?")]
    )
    group.judge(
        "notifications",
        bad,
        "every alert reaches its receiver",
        "for the receiver's answer: vmstation alert test",
        "none was given up in the last hour",
    )


def _away(target: Object, away: set[str], addresses: Collection[str | None]) -> bool:
    known = target["labels"]
    host = known.get("instance", "").rsplit(":", 1)[0]
    return bool({known.get("node"), host} & away) or host in addresses


def _ask(looker: Looker) -> Sources:
    return {url: attempt(_status, url) for url in looker.settings["endpoints"].values()}


def _status(url: str) -> int:
    with urllib.request.urlopen(url, timeout=SECONDS) as answer:
        return int(answer.status)


def _read_targets(looker: Looker) -> object:
    return json.loads(looker.fetch(f"{looker.settings['prometheus']}/api/v1/targets?state=active"))


def _read_notifications(looker: Looker) -> object:
    query = "sum by (integration) (increase(alertmanager_notifications_failed_total[1h])) > 0.5"
    address = f"{looker.settings['prometheus']}/api/v1/query?query={urllib.parse.quote(query)}"
    return json.loads(looker.fetch(address))


# Its own ways to look, by what they look at.
LOOKS = {
    "http": _ask,
    "targets": _read_targets,
    "notifications": _read_notifications,
}
