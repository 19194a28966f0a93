"""The cluster: its API, its machines, the pods of kube-system, DNS, CNI and proxy."""

from __future__ import annotations

import re

import kube
from collect import Looker, execute, output
from model import Settings
from result import Check, Group, Observations

# What is looked at for it.
NEEDS = ("readyz", "nodes", "pods", "daemonsets")


def check(seen: Observations, settings: Settings, now: float) -> list[Check]:
    group = Group("cluster")
    group.attempt("API", _api, seen)
    group.attempt("machines ready", _machines, seen, settings)
    group.attempt("system pods", _system_pods, seen)
    group.attempt("cluster DNS", _dns, seen)
    for name in settings["daemonSets"]:
        group.attempt(name, _daemon_set, seen, name)
    return group.checks


def _api(group: Group, seen: Observations) -> None:
    bad = [line for line in seen.get("readyz").splitlines() if line.startswith("[-]")]
    group.judge("API", bad, "every check of /readyz passes", "read the API server's log on the control plane")


def _machines(group: Group, seen: Observations, settings: Settings) -> None:
    nodes = seen.items("nodes")
    away = seen.away()
    found = {kube.name(n) for n in nodes}
    bad = [f"{n} is not part of the cluster" for n in settings["machines"] if n not in found]
    bad += [f"{kube.name(n)} is not Ready" for n in nodes if not kube.ready(n) and kube.name(n) not in away]
    offline = [n for n in away if n in seen.offline]
    good = f"{len(nodes) - len(away)} Ready, {len(away) - len(offline)} asleep"
    if offline:
        good += f", {len(offline)} offline"
    group.judge(
        "machines ready",
        bad,
        "every machine that is awake is Ready",
        "look at the kubelet there: journalctl -u kubelet",
        good,
    )


def _system_pods(group: Group, seen: Observations) -> None:
    away = seen.away()
    pods = [p for p in seen.items("pods") if p["metadata"]["namespace"] == "kube-system" and not kube.over(p)]
    bad = [kube.name(p) for p in pods if not kube.ready(p) and not kube.sleeps_with(p, away)]
    group.judge(
        "system pods",
        bad,
        "every pod of kube-system on an awake machine is Ready",
        "kubectl -n kube-system describe pod NAME",
        f"{len(pods)} pods",
    )


def _dns(group: Group, seen: Observations) -> None:
    pods = [p for p in seen.items("pods") if kube.labels(p).get("k8s-app") == "kube-dns" and not kube.over(p)]
    able = [p for p in pods if kube.ready(p)]
    bad = [] if able else [f"none of {len(pods)} CoreDNS pods is Ready"]
    group.judge(
        "cluster DNS",
        bad,
        "at least one CoreDNS pod is Ready",
        "kubectl -n kube-system rollout restart deployment coredns",
        f"{len(able)} Ready",
    )


def _daemon_set(group: Group, seen: Observations, prefix: str) -> None:
    """Counted by pods: a DaemonSet's own numbers include machines that are asleep."""
    nodes = seen.items("nodes")
    away = seen.away()
    sets = [d for d in seen.items("daemonsets") if kube.name(d) == prefix]
    on = {
        p["spec"].get("nodeName")
        for p in seen.items("pods")
        if kube.ready(p)
        and any(o["name"] == prefix and o["kind"] == "DaemonSet" for o in p["metadata"].get("ownerReferences", []))
    }
    bad = (
        [f"none on {kube.name(n)}" for n in nodes if kube.name(n) not in away and kube.name(n) not in on]
        if sets
        else ["it is not installed"]
    )
    # Calico's operator has a namespace of its own.
    namespace = sets[0]["metadata"].get("namespace", "kube-system") if sets else "kube-system"
    group.judge(
        prefix, bad, "a Ready pod on every awake machine", f"kubectl -n {namespace} rollout restart daemonset {prefix}"
    )


def _readyz(looker: Looker) -> str:
    done = execute(looker.kubectl_words("get", "--raw", "/readyz?verbose"))
    return parse_unready(done.stderr) if "[+]" in done.stderr else output(done)


def parse_unready(error: str) -> str:
    """A line for each check of a server that is not ready: kubectl quotes them, up to 2 KiB, in an error."""
    lines = re.findall(r"\[[+-]\](?:(?!\\n|\").)*", error)
    if not any(line.startswith("[-]") for line in lines):
        lines.append("[-]one that was not quoted failed")
    return "\n".join(lines)


# Its own ways to look, by what they look at.
LOOKS = {
    "readyz": _readyz,
}
