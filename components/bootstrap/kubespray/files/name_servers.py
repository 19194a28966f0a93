"""After a reset of machines: their resolv.conf forgets the cluster's name servers, which answer no more."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping

from model import Machine, Ssh, Step, Tell

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "resolver.py")


def wiped(one: Step, machines: Mapping[str, Machine]) -> list[str]:
    """Names of the machines that a playbook takes out of the cluster and can reach."""
    if one["playbook"] == "remove-node.yml":
        return [one["extra"]["node"]] if one["extra"].get("reset_nodes", True) else []
    if one["playbook"] != "reset.yml":
        return []
    return [name for name, machine in machines.items() if not machine["offline"]]


def forget(one: Step, machines: Mapping[str, Machine], services: str, ssh: Ssh, tell: Tell) -> None:
    """A machine that cannot be asked is named; the others are done, and the wipe itself counts."""
    for name in wiped(one, machines):
        machine = machines[name]
        servers = machine["vars"].get("upstream_dns_servers", [])
        words = " ".join(["sudo -n python3 -B -", services, *servers])
        with open(SCRIPT, encoding="utf-8") as script:
            ran = subprocess.run([*ssh(machine), words], stdin=script, capture_output=True, text=True, check=False)
        if ran.returncode != 0:
            tell(
                f"{name}: look at /etc/resolv.conf, which may still name the cluster's DNS: {ran.stderr.strip()[-200:]}"
            )
        elif ran.stdout.strip():
            tell(f"{name}: {ran.stdout.strip()}")
