"""A virtual machine, through the API of Proxmox VE; its host, which may be off, by a magic packet before."""

from __future__ import annotations

from typing import Any

import proxmox_sleep
import way_magic_packet
from model import Policy, Settings
from proxmox import Proxmox, ProxmoxError, Silent, end_of, is_online, machine_of, resources
from way import Run, Way


class Starter:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        # By machine: where its last start is noted in Proxmox.
        self.tasks: dict[str, str] = {}

    def wake(self, policy: Policy) -> None:
        try:
            api = Proxmox(policy["proxmox"])
            known = resources(api)
        except Silent:
            # The host that is off may be the only one.
            self._wake_host(policy, policy["proxmox"]["host"])
            raise
        found = machine_of(policy, known)
        host = str(found["node"])
        if not is_online(host, known):
            if not self._wake_host(policy, host):
                raise ProxmoxError(f"its host {host} is off")
        elif found.get("status") != "running":
            self._start(api, policy, found)

    def _start(self, api: Proxmox, policy: Policy, found: dict[str, Any]) -> None:
        """Started again where it has stopped since: the last start has failed, and why is said."""
        name, host = policy["name"], found["node"]
        last = self.tasks.pop(name, None)
        end = end_of(api, last)
        if end is None:
            # Under way.
            self.tasks[name] = str(last)
            return
        self.tasks[name] = str(api.post(f"/nodes/{host}/qemu/{found['vmid']}/status/start"))
        if end not in ("", "OK"):
            raise ProxmoxError(f"the last start has failed: {end}")

    def _wake_host(self, policy: Policy, host: str) -> bool:
        """Whether it is one that sleeps."""
        mac = policy["proxmox"]["hosts"].get(host)
        if mac is not None:
            way_magic_packet.send(mac, (self.settings["broadcast"],), host)
        return mac is not None


def create(settings: Settings, _run: Run) -> Way:
    return Way(
        after=lambda policy: 0 if policy.get("proxmox") else None,
        wake=Starter(settings).wake,
        repeats=True,
        sleep=proxmox_sleep.give,
        order=proxmox_sleep.order,
        check=proxmox_sleep.check,
    )
