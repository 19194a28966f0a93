"""What a machine that leaves the cluster is seen to be first: alive and in reach, or dead."""

from __future__ import annotations

import awake
import discover
import inventory
from members import Refused
from model import Record, Step, Tell, Wanted


def prepare(one: Step, recorded: Record, wanted: Wanted, home: str, tell: Tell) -> Step:
    """A removal as it can be made: one that is dead is not reset. One that lives has to be reached."""
    name = one["extra"]["node"]
    machine = recorded["machines"][name]
    if not one["extra"].get("reset_nodes", True):
        return one
    seconds = wanted["wakeTimeout"] if machine["sleeps"] else 0
    if awake.wake(name, machine, wanted["broadcast"], seconds):
        if inventory.host_key_known(machine, home):
            return one
        raise Refused(
            f"no host key of {name} is known on the controller, so that it cannot be reset",
            f"put {name} back into the configuration, run `up`, then take it out again",
        )
    if discover.is_ready(name):
        raise Refused(
            f"{name} does not answer over SSH, but its kubelet is Ready: it cannot be reset",
            f"look at its network and its SSH server; switch {name} off where it is not to be reset",
        )
    tell(f"{name} does not answer and is not Ready: it is removed without a reset; wipe it before it is used again")
    extra = one["extra"] | {"reset_nodes": False, "allow_ungraceful_removal": True}
    return {**one, "extra": extra}
