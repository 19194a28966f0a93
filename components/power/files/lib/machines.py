"""The machines themselves: their agent over SSH, magic packets, the BMC, and whether anything answers."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import bounded
from model import Policy, Settings
from say import say

# UDP port of magic packets: 9, "discard", as every sender since AMD's white paper.
WAKE_PORT = 9


class AgentError(Exception):
    """The machine's agent could not be asked, or refused."""


class Lost(AgentError):
    """The connection failed or ended: nobody knows whether the verb was carried out."""


# ssh's own failures, unlike the remote command's.
SSH_FAILED = 255


def magic_packet(mac: str) -> bytes:
    """Six bytes of 0xff, then the MAC address sixteen times (AMD, Magic Packet Technology, 1995)."""
    address = bytes.fromhex(mac.replace(":", ""))
    if len(address) != 6:
        raise ValueError(f"not a MAC address: {mac}")
    return b"\xff" * 6 + address * 16


class Run(Protocol):
    """As bounded.run."""

    def __call__(
        self, command: Sequence[str], timeout: float, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]: ...


class Machines:
    def __init__(self, settings: Settings, run: Run = bounded.run) -> None:
        """`settings`: power.json as a whole."""
        self.settings = settings
        self.run = run

    def agent(self, policy: Policy, verb: str, timeout: float = 30) -> dict[str, Any]:
        """What the machine's agent prints, as JSON. The key that is used can run nothing but the agent."""
        command = [
            "ssh",
            *("-F", "none", "-i", self.settings["key"], "-p", str(policy["sshPort"])),
            *("-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-o", "ConnectTimeout=5"),
            *("-o", "StrictHostKeyChecking=yes", "-o", f"UserKnownHostsFile={self.settings['knownHosts']}"),
            *("-o", "ServerAliveInterval=5", "-o", "ServerAliveCountMax=2", "-o", "LogLevel=ERROR"),
            f"{self.settings['agentUser']}@{policy['address']}",
            verb,
        ]
        try:
            done = self.run(command, timeout=timeout)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Lost(f"{verb}: {error}") from error
        if done.returncode != 0:
            last = done.stderr.strip().splitlines()[-1:] or [f"code {done.returncode}"]
            kind = Lost if done.returncode == SSH_FAILED else AgentError
            raise kind(f"{verb}: {last[0]}")
        try:
            answer = json.loads(done.stdout)
        except (ValueError, RecursionError) as error:
            raise AgentError(f"{verb}: no JSON") from error
        if not isinstance(answer, dict):
            raise AgentError(f"{verb}: no JSON object")
        return answer

    def answers(self, policy: Policy, timeout: float = 2.0) -> bool:
        """Whether sshd introduces itself (RFC 4253: "SSH-" first)."""
        try:
            with socket.create_connection((policy["address"], policy["sshPort"]), timeout) as link:
                link.settimeout(timeout)
                return link.recv(4) == b"SSH-"
        except OSError:
            return False

    def is_silent(self, policy: Policy, timeout: float = 2.0) -> bool:
        """Whether nothing at all answers there: a machine that still refuses a connection is not asleep."""
        try:
            socket.create_connection((policy["address"], policy["sshPort"]), timeout).close()
        except ConnectionRefusedError:
            return False
        except OSError:
            return True
        return False

    def send_packet(self, policy: Policy) -> None:
        """One magic packet to the LAN's broadcast address, and one to the machine's own."""
        packet = magic_packet(policy["mac"])
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            for target in (self.settings["broadcast"], policy["address"]):
                try:
                    sender.sendto(packet, (target, WAKE_PORT))
                except OSError as error:
                    # No ARP answer from a sleeping machine is no reason to leave out the broadcast.
                    say(f"{policy['name']}: no packet to {target}: {error}")

    def bmc_on(self, policy: Policy) -> None:
        """Power on by IPMI; the password reaches ipmitool by its environment, never its arguments."""
        bmc = policy["bmc"]
        with open(bmc["passwordFile"], encoding="utf-8") as file:
            password = file.read().strip()
        command = ["ipmitool", "-I", "lanplus", "-H", bmc["address"], "-U", bmc["user"], "-E"]
        try:
            env = {**os.environ, "IPMI_PASSWORD": password}
            done = self.run([*command, "chassis", "power", "on"], timeout=30, env=env)
        except subprocess.TimeoutExpired as error:
            raise AgentError("ipmitool: no answer within 30 s") from error
        if done.returncode != 0:
            raise AgentError(f"ipmitool: {done.stderr.strip() or done.returncode}")
