"""Where an archive comes from and goes to: the agent on this machine, or over SSH on another, woken and held awake."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator

from common import Failure, Started, Tail, run, say
from login import Login
from model import Item, Kubectl, Machine, Pods

AGENT = "/usr/local/lib/vmstation/backup-agent.py"
SECRETS = "/etc/vmstation/backup"
LOGIN = Login(f"{SECRETS}/key", f"{SECRETS}/known_hosts", "vmstation-backup", patience=15, missing=4)
POWER = "/usr/local/bin/vmstation-{}.sh"
WHY = "backup"
# Seconds that a control plane may take to start.
API_PATIENCE = 300


def agent_command(item: Item, verb: str, agent: str = AGENT) -> list[str]:
    """The agent's verb for an item, where the item is."""
    machine = item.get("machine")
    if machine is None:
        return ["python3", "-B", agent, verb, item["name"]]
    return LOGIN.command(machine["address"], machine["port"], f"{verb} {item['name']}")


def open_archive(item: Item, agent: str = AGENT) -> Started:
    """A started process that writes the item's archive."""
    return Started(agent_command(item, "archive", agent))


def unpack(item: Item, source: Started, blame: Callable[[str], Failure], agent: str = AGENT) -> None:
    """Gives what `source` writes to the item's agent, which puts it in place once it has all of it.

    `blame` makes the failure of a source that ended too early out of its words.
    """
    receiver = Started(agent_command(item, "restore", agent), stdin=source.output)
    # The receiver's alone, so that the source notices when it ends.
    source.output.close()
    answer = Tail(receiver.output).text()
    code = receiver.wait()
    if source.wait() != 0:
        raise blame(source.words())
    if code != 0:
        raise Failure(receiver.words())
    for line in answer.splitlines():
        say(line)


@contextlib.contextmanager
def awake(machine: Machine | None, seconds: float, power: str = POWER) -> Iterator[None]:
    """Holds a machine that sleeps awake meanwhile; the hold ends by itself should this process be killed."""
    if machine is None or not machine["sleeps"]:
        yield
        return
    entries = {verb: power.format(verb) for verb in ("hold", "wake", "release")}
    if not os.access(entries["hold"], os.X_OK):
        raise Failure(f"nothing here can wake {machine['name']}: {entries['hold']} is missing; run `pulumi up`")
    name = machine["name"]
    run([entries["hold"], name, "--for", f"{seconds}s", "--why", WHY])
    try:
        say(f"waking {name}, unless it is awake")
        run([entries["wake"], name, "--why", WHY])
        yield
    finally:
        try:
            run([entries["release"], name, "--why", WHY])
        except Failure as error:
            say(f"{name} stays awake for {seconds} s at most: {error}")


def await_api(kubectl: Kubectl, patience: float = API_PATIENCE, pause: float = 1) -> None:
    """Returns once the API server answers again: what follows a restore asks it."""
    if not os.access(kubectl["program"], os.X_OK):
        return
    say("waiting for the API server")
    command = [kubectl["program"], f"--kubeconfig={kubectl['kubeconfig']}", "--request-timeout=10s"]
    deadline = time.monotonic() + patience
    while True:
        try:
            run([*command, "get", "--raw", "/readyz"], timeout=30)
            return
        except Failure as error:
            if time.monotonic() > deadline:
                raise Failure(
                    f"etcd is restored, but the API server does not answer after {patience:.0f} s ({error}): "
                    "look at 'journalctl' of the kubelet, or of the server, on this machine"
                ) from None
        time.sleep(pause)


def restart_pods(kubectl: Kubectl, pods: Pods) -> None:
    """Pods go on with the folder that they have mounted, which is the old one now: new pods mount the new one."""
    if not os.access(kubectl["program"], os.X_OK):
        say(f"restart the pods of {pods['namespace']} yourself: there is no {kubectl['program']}")
        return
    command = [
        *(kubectl["program"], "--kubeconfig", kubectl["kubeconfig"], "--namespace", pods["namespace"]),
        *("delete", "pods", "--selector", pods["selector"], "--wait=false", "--ignore-not-found"),
    ]
    try:
        run(command, timeout=60)
        say(f"restarted the pods of {pods['namespace']}")
    except Failure as error:
        say(f"restart the pods of {pods['namespace']} yourself: {error}")
