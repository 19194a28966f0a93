"""What the remedies see and touch: the cluster, by kubectl on the control plane."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable

import kube
from kube import Object

# Of Kubespray and kubeadm, of RKE2, of K3s.
KUBECONFIGS = ("/etc/kubernetes/admin.conf", "/etc/rancher/rke2/rke2.yaml", "/etc/rancher/k3s/k3s.yaml")

# One answer of the API server, in seconds.
SECONDS = 30


class Failed(Exception):
    """A command said no; its own words."""


class World:
    def __init__(self) -> None:
        self.kubeconfig = next((p for p in KUBECONFIGS if os.path.exists(p)), KUBECONFIGS[0])

    def kubectl(self, *arguments: str, text: str | None = None, seconds: float = SECONDS) -> str:
        """Standard output; raises Failed."""
        command = ["kubectl", f"--kubeconfig={self.kubeconfig}", *arguments]
        try:
            done = subprocess.run(
                command,
                input=text,
                capture_output=True,
                text=True,
                check=False,
                timeout=seconds + 5,
                stdin=None if text else subprocess.DEVNULL,
            )
        except subprocess.TimeoutExpired:
            raise Failed(f"kubectl {arguments[0]}: no answer within {seconds} s") from None
        except OSError as error:
            raise Failed(str(error)) from None
        if done.returncode:
            raise Failed((done.stderr or done.stdout).strip()[:500])
        return done.stdout

    def items(self, kind: str, *arguments: str) -> list[Object]:
        words = ["get", kind, "-o", "json", f"--request-timeout={SECONDS}s", *arguments]
        found: list[kube.Object] = json.loads(self.kubectl(*words))["items"]
        return found

    def delete(self, path: str, uid: str, propagation: str = "Background") -> None:
        """Deletes exactly the object that was seen: one that took its name meanwhile stays."""
        options = {
            "kind": "DeleteOptions",
            "apiVersion": "v1",
            "preconditions": {"uid": uid},
            "propagationPolicy": propagation,
        }
        self.kubectl("delete", "--raw", path, "-f", "-", text=json.dumps(options))

    def away(self) -> set[str]:
        """Names of the machines that are asleep on purpose."""
        return kube.asleep(self.items("nodes"))

    def until(self, condition: Callable[[], bool], seconds: float, what: str) -> None:
        """Looks every second; raises Failed where it does not become true in time."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise Failed(f"{what}, after {seconds} s")
            time.sleep(1)
