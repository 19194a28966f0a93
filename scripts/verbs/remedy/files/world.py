"""What the remedies see and touch: the cluster, by kubectl on the control plane."""

import json
import os
import subprocess
import time

import kube

# Of Kubespray and kubeadm, of RKE2.
KUBECONFIGS = ("/etc/kubernetes/admin.conf", "/etc/rancher/rke2/rke2.yaml")

# One answer of the API server, in seconds.
SECONDS = 30


class Failed(Exception):
    """A command said no; its own words."""


class World:
    def __init__(self):
        self.kubeconfig = next((p for p in KUBECONFIGS if os.path.exists(p)), KUBECONFIGS[0])

    def kubectl(self, *arguments, text=None, seconds=SECONDS):
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

    def items(self, kind, *arguments):
        words = ["get", kind, "-o", "json", f"--request-timeout={SECONDS}s", *arguments]
        return json.loads(self.kubectl(*words))["items"]

    def delete(self, path, uid, propagation="Background"):
        """Deletes exactly the object that was seen: one that took its name meanwhile stays."""
        options = {
            "kind": "DeleteOptions",
            "apiVersion": "v1",
            "preconditions": {"uid": uid},
            "propagationPolicy": propagation,
        }
        self.kubectl("delete", "--raw", path, "-f", "-", text=json.dumps(options))

    def away(self):
        """Names of the machines that are asleep on purpose."""
        return kube.asleep(self.items("nodes"))

    def until(self, condition, seconds, what):
        """Looks every second; raises Failed where it does not become true in time."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise Failed(f"{what}, after {seconds} s")
            time.sleep(1)
