"""How a controller logs in on a machine: by its own key, which runs nothing but the agent, and to a pinned host key."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Login:
    # Paths of the private key and of the machines' host keys.
    key: str
    known_hosts: str
    account: str
    # Seconds until a connection must be there, and between two signs of life.
    patience: int
    # How many signs of life may be missing in a row.
    missing: int

    def command(self, address: str, port: int, words: str) -> list[str]:
        """The command line that has the agent there do what `words` say. Nobody is asked, and no file is written."""
        options = [
            "BatchMode=yes",
            "IdentitiesOnly=yes",
            "StrictHostKeyChecking=yes",
            f"UserKnownHostsFile={self.known_hosts}",
            "GlobalKnownHostsFile=/dev/null",
            f"ConnectTimeout={self.patience}",
            f"ServerAliveInterval={self.patience}",
            f"ServerAliveCountMax={self.missing}",
            "LogLevel=ERROR",
        ]
        return [
            *("ssh", "-F", "none", "-T", "-i", self.key, "-p", str(port)),
            *(part for option in options for part in ("-o", option)),
            *(f"{self.account}@{address}", words),
        ]
