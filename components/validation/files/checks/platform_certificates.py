"""Each certificate is issued; where one is not, the authority's or Cloudflare's own words say why."""

from __future__ import annotations

import json
from typing import Any

import kube
from collect import Looker
from kube import Object
from result import Group, Observations

# What is looked at for it.
NEEDS = ("issuers", "issuedCertificates", "challenges")


def check(group: Group, seen: Observations, settings: dict[str, Any], now: float) -> None:
    group.attempt("issuer", _issuers, seen)
    group.attempt("certificates", _certificates, seen)


def _issuers(group: Group, seen: Observations) -> None:
    issuers = seen.items("issuers")
    bad = [f"{kube.name(i)}: {_why(i)}" for i in issuers if not kube.ready(i)]
    if not issuers:
        bad = ["there is none"]
    group.judge(
        "issuer",
        bad,
        "every issuer is ready",
        "kubectl describe clusterissuer NAME; the token's secret has to be set, and the email an address of yours",
        f"{len(issuers)} ready",
    )


def _certificates(group: Group, seen: Observations) -> None:
    certificates = seen.items("issuedCertificates")
    challenges = seen.items("challenges")
    bad = [f"{kube.full_name(c)}: {_words(c, challenges)}" for c in certificates if not kube.ready(c)]
    group.judge(
        "certificates",
        bad,
        "every certificate is issued",
        "a new one takes some minutes; then: kubectl -n NAMESPACE describe challenges. What was mended outside of the "
        "cluster is seen at once after: kubectl -n cert-manager rollout restart deployment cert-manager",
        f"{len(certificates)} issued",
    )


def _words(certificate: Object, challenges: list[Object]) -> str:
    """What its challenges say, else what it says itself."""
    names = {name.removeprefix("*.") for name in certificate["spec"].get("dnsNames") or []}
    said = sorted(
        {
            _line(c["status"]["reason"])
            for c in challenges
            if c["spec"].get("dnsName") in names and c.get("status", {}).get("reason")
        }
    )
    return ", ".join(said) or _why(certificate)


def _why(item: Object) -> str:
    """What the last attempt ended with, which the condition Ready does not repeat; else what Ready says."""
    conditions = {each["type"]: each for each in item.get("status", {}).get("conditions") or []}
    last = conditions.get("Issuing", {})
    if last.get("status") == "False" and last.get("message"):
        return _line(last["message"])
    ready = conditions.get("Ready")
    if ready is None:
        return "nothing was done yet"
    return _line(ready.get("message") or ready.get("reason") or "not ready")


def _line(words: object) -> str:
    """What Cloudflare says comes in several lines."""
    return " ".join(str(words).split())


def _list(kind: str, *where: str) -> Any:
    return lambda looker: _ask(looker, kind, *where)


def _ask(looker: Looker, kind: str, *where: str) -> Any:
    return json.loads(looker.kubectl("get", kind, *where, "-o", "json"))


# Its own ways to look, by what they look at.
LOOKS = {
    "issuers": _list("clusterissuers.cert-manager.io"),
    "issuedCertificates": _list("certificates.cert-manager.io", "--all-namespaces"),
    "challenges": _list("challenges.acme.cert-manager.io", "--all-namespaces"),
}
