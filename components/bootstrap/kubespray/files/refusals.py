"""Changes that are not made, from the record and the wanted state. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from fixed import refused_settings
from members import CONTROL, Refused
from model import Machine, Record, Wanted


def check_networks(recorded: Record, wanted: Wanted) -> None:
    if recorded["networks"] != wanted["networks"]:
        raise Refused(
            f"the cluster has the networks {recorded['networks']}, the configuration says {wanted['networks']}",
            "set vmstation:network to what the cluster has; networks cannot change under a running cluster",
        )


def check_fixed(recorded: Record, wanted: Wanted) -> None:
    refused = refused_settings(recorded, wanted)
    if refused:
        was = recorded["fixed"]
        raise Refused(
            "; ".join(
                f"vmstation:{s['key']}: the cluster has {was[s['key']]}, the configuration says {s['value']}"
                for s in refused
            ),
            "; ".join(f"{s['key']}: {s['instead']}" if len(refused) > 1 else s["instead"] for s in refused),
        )


def check_addresses(recorded: Mapping[str, Machine], wanted: Mapping[str, Machine]) -> None:
    """Where the cluster knows machines by another address than the LAN's, or is to. A new machine brings its own."""
    moved = [
        f"vmstation:machines.{name}.clusterAddress: the cluster knows {name} by {address_of(recorded[name])}, "
        f"and would by {address_of(machine)}"
        for name, machine in wanted.items()
        if name in recorded and recorded[name].get("key") == machine.get("key")
        if address_of(recorded[name]) not in (None, address_of(machine))
        if has_own_address(machine) or has_own_address(recorded[name])
    ]
    if moved:
        raise Refused(
            "; ".join(moved),
            "put the former addresses back; others take a new cluster: `vmstation reset hard`, then `up`",
        )


def address_of(machine: Machine) -> str | None:
    return machine.get("vars", {}).get("ip")


def has_own_address(machine: Machine) -> bool:
    return address_of(machine) not in (None, machine.get("vars", {}).get("ansible_host"))


def check_members(machines: Mapping[str, Machine]) -> None:
    for role in CONTROL:
        if not any(role in m["roles"] for m in machines.values()):
            raise Refused(f"no machine has the role {role}", f"give the role {role} to a machine")


def check_first(before: Mapping[str, Machine], leaving: Sequence[str]) -> None:
    """Kubespray cannot do without the first member of a group."""
    for role in CONTROL:
        members = [n for n, m in before.items() if role in m["roles"]]
        if members and members[0] in leaving:
            raise Refused(
                f"{members[0]} is the first of the {role} members; Kubespray cannot remove that one",
                "keep it, or put another one first by hand as Kubespray's docs/operations/nodes.md says",
            )


VERSION = re.compile(r"v?([0-9]+\.[0-9]+(?:\.[0-9]+)*)")


def numbers(version: str) -> list[int]:
    """Its numbers: [1, 35, 4] of "v1.35.4", "1.35.4+rke2r1" and "1.35.4-rc.1"."""
    match = VERSION.match(version)
    if match is None:
        raise Refused(f"{version!r} is no version", "look at `kubectl version` and `kubectl get nodes`")
    return [int(part) for part in match[1].split(".")]


def check_version(what: str, before: str, after: str) -> None:
    was, now = numbers(before), numbers(after)
    if now < was:
        raise Refused(f"{what} {before} is installed and {after} is older", f"keep {before} or a newer one")
    if now[0] != was[0] or now[1] > was[1] + 1:
        path = ", ".join(f"{now[0]}.{minor}" for minor in range(was[1] + 1, now[1] + 1))
        raise Refused(
            f"from {what} {before} to {after} skips a minor version",
            f"go one minor version at a time, one `up` each: {path}",
        )
