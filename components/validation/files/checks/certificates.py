"""Certificates of the control plane: how long they last."""

from __future__ import annotations

from model import Settings
from result import Check, Group, Observations


def check(seen: Observations, settings: Settings, now: float) -> list[Check]:
    group = Group("certificates")
    group.attempt("validity", _validity, seen, settings, now)
    return group.checks


def _validity(group: Group, seen: Observations, settings: Settings, now: float) -> None:
    least = settings["certificates"]
    found = seen.get("certificates")
    bad = []
    for path, end in sorted(found.items()):
        if "error" in end:
            bad.append(f"{path} cannot be read: {end['error']}")
            continue
        left = end["ok"] - now
        if left < 0:
            bad.append(f"{path} ended {-left // 86400:.0f} days ago")
        elif left < least:
            bad.append(f"{path} ends in {left // 86400:.0f} days")
    if not found:
        bad = ["no certificate of the cluster"]
    group.judge(
        "validity",
        bad,
        f"every certificate lasts at least {least // 86400} days",
        "kubeadm certs renew all, then restart the control plane's pods",
        f"{len(found)} certificates",
    )
