"""What the repository says is what is there: each Application of Argo CD is in sync, and well."""

from __future__ import annotations

import json
from typing import Any

import kube
from collect import Looker
from kube import Object
from model import Settings
from result import Check, Group, Observations


class GitopsSettings(Settings):
    """Those of a stack that has Argo CD."""

    gitops: dict[str, Any]


# What is looked at for it.
NEEDS = ("applications",)


def check(seen: Observations, settings: GitopsSettings, now: float) -> list[Check]:
    group = Group("gitops")
    group.attempt("applications", _applications, seen, settings["gitops"]["page"])
    return group.checks


def _applications(group: Group, seen: Observations, page: str) -> None:
    found = seen.items("applications")
    bad = [text for application in found for text in _faults(application)]
    if not any(kube.name(each) == "root" for each in found):
        bad.append("the root Application is not there: is the key of vmstation:gitops.deployKeySecret set?")
    group.judge(
        "applications",
        bad,
        "each Application is what the repository says, and well",
        f"{page} says why; kubectl -n argocd describe application NAME",
        f"{len(found)} in sync",
    )


def _faults(application: Object) -> list[str]:
    name, status = kube.name(application), application.get("status") or {}
    said = [each.get("message", "") for each in status.get("conditions") or [] if "Error" in each.get("type", "")]
    why = f" ({said[0][:200]})" if said else ""
    sync = (status.get("sync") or {}).get("status", "Unknown")
    health = (status.get("health") or {}).get("status", "Unknown")
    if sync != "Synced":
        differ = [
            f"{each['kind']} {each['name']}"
            for each in status.get("resources") or []
            if each.get("status") not in (None, "Synced")
        ]
        return [f"{name} is {sync}{': ' + ', '.join(differ[:5]) if differ else ''}{why}"]
    return [] if health == "Healthy" else [f"{name} is {health}{why}"]


def _ask(looker: Looker) -> object:
    return json.loads(looker.kubectl("get", "applications.argoproj.io", "-n", "argocd", "-o", "json"))


# Its own way to look.
LOOKS = {
    "applications": _ask,
}
