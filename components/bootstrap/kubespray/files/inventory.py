"""The inventory of one step: the recorded machines, those that join, and in that order."""

from __future__ import annotations

import os
from collections.abc import Mapping

from model import Machine, Object, Record, Step, Wanted

GROUPS = {"kube_control_plane": "control-plane", "etcd": "etcd", "kube_node": "worker"}


def machines_of(recorded: Record | None, step: Step, wanted: Wanted) -> dict[str, Machine]:
    """Recorded machines first, in their order: Kubespray refuses a new member in the first place."""
    known = {} if recorded is None else dict(recorded["machines"])
    current = {name: wanted["machines"].get(name, machine) for name, machine in known.items()}
    for name in step["joining"]:
        current.setdefault(name, wanted["machines"][name])
    return current


def nodes_of(step: Step, machines: Mapping[str, Machine]) -> list[str]:
    """The machines that a step makes nodes of the cluster: one that only runs etcd is none."""
    return [n for n in step["joining"] if not machines[n]["offline"] and set(machines[n]["roles"]) - {"etcd"}]


def render(machines: Mapping[str, Machine]) -> Object:
    """Ansible's YAML inventory, as plain objects."""
    children: Object = {
        group: {"hosts": {n: {} for n, m in machines.items() if role in m["roles"]}} for group, role in GROUPS.items()
    }
    children["k8s_cluster"] = {"children": {"kube_control_plane": {}, "kube_node": {}}}
    return {"all": {"hosts": {n: m["vars"] for n, m in machines.items()}, "children": children}}


def limit_of(step: Step, machines: Mapping[str, Machine]) -> str | None:
    """--limit, with offline machines left out; None for all."""
    away = sorted(n for n, m in machines.items() if m["offline"] and n != step["extra"].get("node"))
    if not step["limit"] and not away:
        return None
    return ",".join([*(step["limit"] or ["all"]), *(f"!{name}" for name in away)])


def known_hosts(home: str) -> str:
    """Files of host keys, as ssh takes them: of the wanted machines, and of those that are still to be removed."""
    return f"{home}/inventory/known_hosts {home}/inventory/known_hosts.gone"


def host_key_known(machine: Machine, home: str) -> bool:
    host, port = machine["vars"]["ansible_host"], machine["vars"].get("ansible_port", 22)
    name = host if port == 22 else f"[{host}]:{port}"
    for path in known_hosts(home).split(" "):
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                if any(line.split(" ")[0] == name for line in file):
                    return True
    return False


def forget_gone(home: str) -> None:
    """Once all that left the configuration have left the cluster."""
    path = f"{home}/inventory/known_hosts.gone"
    if os.path.exists(path):
        os.remove(path)
