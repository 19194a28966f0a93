"""Until a machine is up: magic packets until its sshd answers, then its kubelet's own word. The caller's time limit."""

from __future__ import annotations

from kube import KubeError
from machines import AgentError
from observe import is_ready
from say import say

# The BMC is asked when magic packets alone have done nothing for this long.
BMC_AFTER = 45

# Between magic packets: seconds, growing to the last one.
PACKET_INTERVALS = (1, 2, 3, 5, 10)


class GivenUp(Exception):
    """The machine does not go to sleep, or does not wake, for the reason given."""


def until_answering(policy, world, begin):
    sent = 0
    asked_bmc = False
    while not world.machines.answers(policy):
        waited = world.now() - begin
        if waited >= policy["wakeTimeout"]:
            raise GivenUp(f"no SSH within {policy['wakeTimeout']} s of the first magic packet")
        world.machines.send_packet(policy)
        if policy.get("bmc") and not asked_bmc and waited >= BMC_AFTER:
            asked_bmc = True
            _ask_bmc(policy, world)
        world.pause(PACKET_INTERVALS[min(sent, len(PACKET_INTERVALS) - 1)])
        sent += 1


def _ask_bmc(policy, world):
    try:
        world.machines.bmc_on(policy)
    except (AgentError, OSError) as error:
        say(f"{policy['name']}: {error}")


def until_ready(policy, world, begin, lease):
    """Until the kubelet is Ready and has renewed `lease`: a status from before the sleep may still say Ready."""
    problem = "the kubelet is not Ready"
    while True:
        try:
            if world.kube.renewed(policy["name"]) != lease and is_ready(world.kube.node(policy["name"])):
                return
        except KubeError as error:
            problem = str(error)
        if world.now() - begin >= policy["wakeTimeout"]:
            raise GivenUp(f"{problem} within {policy['wakeTimeout']} s of the first magic packet")
        world.pause(1)


def lease_of(policy, world):
    """The kubelet's lease as it stands; None where the API does not say."""
    try:
        return world.kube.renewed(policy["name"])
    except KubeError:
        return None
