"""Machines that sleep are woken before a run and held awake until it ends."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator

from model import Machine, Ssh

WAKE = "/usr/local/bin/vmstation-wake.sh"


def magic_packet(mac: str) -> bytes:
    return b"\xff" * 6 + bytes.fromhex(mac.replace(":", "")) * 16


def answers(address: str, port: int, timeout: float) -> bool:
    try:
        with socket.create_connection((address, port), timeout=timeout):
            return True
    except OSError:
        return False


def ask_controller(name: str) -> None:
    """A virtual machine is woken by the power controller, where it runs on this machine."""
    if os.access(WAKE, os.X_OK):
        words = [WAKE, name, "--no-wait", "--why", "kubespray"]
        subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=60, check=False)


def wake(name: str, machine: Machine, broadcast: str, seconds: float) -> bool:
    """Magic packets until SSH answers; False where the machine does not within `seconds`."""
    address, port = machine["vars"]["ansible_host"], machine["vars"]["ansible_port"]
    if answers(address, port, 2):
        return True
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if machine["mac"] is None:
            ask_controller(name)
        else:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
                sender.sendto(magic_packet(machine["mac"]), (broadcast, 9))
        started = time.monotonic()
        if answers(address, port, 5):
            return True
        # A refused connection returns at once; a machine that boots does so for some seconds.
        time.sleep(max(0.0, min(5.0, deadline - time.monotonic()) - (time.monotonic() - started)))
    return False


@contextlib.contextmanager
def held(machines: Iterable[Machine], ssh: Ssh) -> Iterator[None]:
    """An inhibitor lock on each machine, for as long as this process and its connection live."""
    words = "sudo -n systemd-inhibit --what=sleep:idle --mode=block --who=vmstation --why=cluster-change cat"
    locks = [
        subprocess.Popen(
            [*ssh(machine), words], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for machine in machines
    ]
    try:
        yield
    finally:
        for lock in locks:
            if lock.stdin is not None:
                lock.stdin.close()
            lock.wait(timeout=30)
