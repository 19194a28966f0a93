"""Certificates of the control plane: how long they last."""

from __future__ import annotations

import base64
import calendar
import glob
import os
import re
import time

from collect import KUBECONFIGS, Looker, attempt, run
from model import Settings
from result import Check, Group, Observations, Sources

# Of Kubespray, of kubeadm, of RKE2 and K3s; etcd's own.
CERTIFICATES = (
    "/etc/kubernetes/ssl/*.crt",
    "/etc/kubernetes/pki/*.crt",
    "/etc/kubernetes/pki/etcd/*.crt",
    "/etc/ssl/etcd/ssl/*.pem",
    "/var/lib/kubelet/pki/kubelet-client-current.pem",
    "/var/lib/rancher/rke2/server/tls/*.crt",
    "/var/lib/rancher/rke2/server/tls/etcd/*.crt",
    "/var/lib/rancher/k3s/server/tls/*.crt",
    "/var/lib/rancher/k3s/server/tls/etcd/*.crt",
)

# What is looked at for it.
NEEDS = ("certificates",)


def check(seen: Observations, settings: Settings, now: float) -> list[Check]:
    group = Group("certificates")
    group.attempt("validity", _validity, seen, settings, now)
    return group.checks


def _renewal(bad: list[str]) -> str:
    """How the tool that made them renews them: RKE2 and K3s do it themselves when they start."""
    for tool, unit in (("rke2", "rke2-server"), ("k3s", "k3s")):
        if any(line.startswith(f"/var/lib/rancher/{tool}/") for line in bad):
            return f"systemctl restart {unit} on that machine: it renews certificates that end soon"
    return "kubeadm certs renew all, then restart the control plane's pods"


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
        _renewal(bad),
        f"{len(found)} certificates",
    )


def _read_ends(_looker: Looker) -> Sources:
    """The end of each, or why it cannot be read: one that is broken is no fault of the others'."""
    paths = [p for pattern in CERTIFICATES for p in sorted(glob.glob(pattern))]
    found = {p: attempt(certificate_end, p) for p in paths if not is_only_key(p)}
    found |= {p: attempt(kubeconfig_end, p) for p in filter(os.path.exists, KUBECONFIGS)}
    return {path: end for path, end in found.items() if end != {"ok": None}}


def is_only_key(path: str) -> bool:
    """By what is in it: a name may hold any word, as a machine's may."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read()
    except OSError:
        return False
    return "PRIVATE KEY-----" in text and "-----BEGIN CERTIFICATE-----" not in text


def certificate_end(path: str) -> float:
    return parse_end(run(["openssl", "x509", "-noout", "-enddate", "-in", path]))


def kubeconfig_end(path: str) -> float | None:
    """Of the certificate in it that ends first; None where it has none."""
    with open(path, encoding="utf-8") as file:
        certificates = client_certificates(file.read())
    return min((parse_end(run(["openssl", "x509", "-noout", "-enddate"], pem)) for pem in certificates), default=None)


def parse_end(text: str) -> float:
    """Seconds since the epoch from OpenSSL's "notAfter=Nov 20 10:00:00 2027 GMT"."""
    return float(calendar.timegm(time.strptime(text.strip(), "notAfter=%b %d %H:%M:%S %Y GMT")))


def client_certificates(kubeconfig: str) -> list[str]:
    found = re.findall(r"client-certificate-data:\s*([A-Za-z0-9+/=]+)", kubeconfig)
    return [base64.b64decode(data).decode() for data in found]


# Its own ways to look, by what they look at.
LOOKS = {
    "certificates": _read_ends,
}
