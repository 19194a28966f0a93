"""Copies a Secret of the cluster; private_authority.py FROM TO [--newest].

FROM and TO are NAMESPACE/NAME. Labels and annotations come along: cert-manager takes a Secret without its own for
one of somebody else, and has it signed again. A TO that is there stays as it is, unless the newest is wanted. Where
there is no FROM, nothing is done. Exit code 0: it is as wanted; 1: the cluster does not answer or refuses it, in its
words.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

# Of Kubespray and kubeadm, of RKE2, of K3s.
KUBECONFIGS = ("/etc/kubernetes/admin.conf", "/etc/rancher/rke2/rke2.yaml", "/etc/rancher/k3s/k3s.yaml")


class Refused(Exception):
    """What the cluster says."""


def kubectl(*words: str, text: str | None = None) -> str:
    kubeconfig = next((path for path in KUBECONFIGS if os.path.exists(path)), KUBECONFIGS[0])
    done = subprocess.run(
        ["kubectl", f"--kubeconfig={kubeconfig}", "--request-timeout=15s", *words],
        capture_output=True,
        text=True,
        check=False,
        input=text,
    )
    if done.returncode:
        raise Refused(done.stderr.strip()[:500])
    return done.stdout


def read(where: str) -> dict[str, Any] | None:
    namespace, name = where.split("/")
    text = kubectl("get", "secret", name, "-n", namespace, "--ignore-not-found", "-o", "json")
    secret: dict[str, Any] | None = json.loads(text) if text.strip() else None
    return secret


def render(secret: dict[str, Any], where: str) -> str:
    """The same content in another place, without what the API server wrote itself."""
    namespace, name = where.split("/")
    kept = {key: secret["metadata"][key] for key in ("labels", "annotations") if key in secret["metadata"]}
    metadata = {"name": name, "namespace": namespace, **kept}
    return json.dumps({**{key: secret[key] for key in ("apiVersion", "kind", "type", "data")}, "metadata": metadata})


def main(words: list[str]) -> int:
    source, target = words[:2]
    if "--newest" in words and not any(os.path.exists(path) for path in KUBECONFIGS):
        # No control plane any more: another one keeps it.
        return 0
    try:
        secret = read(source)
        if secret is None or ("--newest" not in words and read(target) is not None):
            return 0
        # By standard input: what is on the command line is seen by everybody on the machine.
        options = ("--server-side", "--force-conflicts", "--field-manager=vmstation")
        kubectl("apply", *options, "-f", "-", text=render(secret, target))
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
