"""Monitoring: its pods, its services as people reach them, Prometheus' targets."""

import kube
from result import Group


def check(seen, settings, now):
    group = Group("monitoring")
    group.attempt("pods", _pods, seen, settings)
    for title, url in sorted(settings["endpoints"].items()):
        group.attempt(title, _endpoint, seen, title, url)
    group.attempt("targets", _targets, seen, settings)
    return group.checks


def _pods(group, seen, settings):
    away = kube.asleep(seen.items("nodes"))
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


def _endpoint(group, seen, title, url):
    answer = seen.get("http").get(url, {"error": "not asked"})
    bad = [] if answer.get("ok") == 200 else [f"{url}: {answer.get('ok') or answer.get('error')}"]
    group.judge(title, bad, f"{url} answers 200", "look at its pod and its Service", "200")


def _targets(group, seen, settings):
    away = kube.asleep(seen.items("nodes"))
    addresses = {settings["machines"].get(n, {}).get("address") for n in away}
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


def _away(target, away, addresses):
    known = target["labels"]
    host = known.get("instance", "").rsplit(":", 1)[0]
    return bool({known.get("node"), host} & away) or host in addresses
