"""Whether another machine has come under an old name: one with another host key, on which no cluster is."""

from __future__ import annotations

import subprocess

import discover
from members import Refused, replaced
from model import Machine, Record, Ssh, Wanted
from plan_steps import member_of

# What ssh itself ends with where it cannot log in.
UNREACHABLE = 255


def settle(recorded: Record, wanted: Wanted, ssh: Ssh | None) -> Record:
    """The record, in which only a new machine's key differs from the wanted one. Without `ssh` no machine is asked."""
    before = {name: member_of(machine) for name, machine in recorded["machines"].items()}
    after = {name: member_of(machine) for name, machine in wanted["machines"].items()}
    machines = dict(recorded["machines"])
    for name in replaced(before, after):
        if not is_new(name, wanted["machines"][name], ssh):
            machines[name] = machines[name] | {"key": wanted["machines"][name].get("key")}
    return {**recorded, "machines": machines}


def is_new(name: str, machine: Machine, ssh: Ssh | None) -> bool:
    # Whether one that sleeps is the same one shows when it is up.
    if machine["sleeps"]:
        return False
    ready = discover.is_ready(name)
    if ssh is None:
        return not ready
    look = [*ssh(machine), "test ! -e /etc/kubernetes/kubelet.conf"]
    code = subprocess.run(look, stdin=subprocess.DEVNULL, check=False).returncode
    if code == UNREACHABLE:
        raise Refused(
            f"{name} has another host key than before, and does not answer: whether it is a new machine is not known",
            f"switch it on, or set vmstation:machines.{name}.offline to true to go on without it",
        )
    if code == 0 and ready:
        raise Refused(
            f"{name} has no cluster on it, but a machine of that name runs in the cluster",
            "switch the old machine off, and run `up` again a minute later",
        )
    return code == 0
