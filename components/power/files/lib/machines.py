"""The machines themselves: their agent over SSH, and whether anything answers."""

from __future__ import annotations

import json
import socket
import subprocess
from typing import Any

import bounded
from login import Login
from model import Policy, Settings
from way import Run


class AgentError(Exception):
    """The machine's agent could not be asked, or refused."""


class Lost(AgentError):
    """The connection failed or ended: nobody knows whether the verb was carried out."""


# ssh's own failures, unlike the remote command's.
SSH_FAILED = 255


class Machines:
    def __init__(self, settings: Settings, run: Run = bounded.run) -> None:
        """`settings`: power.json as a whole."""
        self.login = Login(settings["key"], settings["knownHosts"], settings["agentUser"], patience=5, missing=2)
        self.run = run

    def agent(self, policy: Policy, verb: str, timeout: float = 30) -> dict[str, Any]:
        """What the machine's agent prints, as JSON. The key that is used can run nothing but the agent."""
        command = self.login.command(policy["address"], policy["sshPort"], verb)
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
