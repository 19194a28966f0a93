"""The inventory of one step: the recorded machines, those that join, and in that order."""

GROUPS = {"kube_control_plane": "control-plane", "etcd": "etcd", "kube_node": "worker"}


def machines_of(recorded, step, wanted):
    """Recorded machines first, in their order: Kubespray refuses a new member in the first place."""
    known = {} if recorded is None else dict(recorded["machines"])
    current = {name: wanted["machines"].get(name, machine) for name, machine in known.items()}
    for name in step["joining"]:
        current.setdefault(name, wanted["machines"][name])
    return current


def render(machines):
    """Ansible's YAML inventory, as plain objects."""
    children = {
        group: {"hosts": {n: {} for n, m in machines.items() if role in m["roles"]}}
        for group, role in GROUPS.items()
    }
    children["k8s_cluster"] = {"children": {"kube_control_plane": {}, "kube_node": {}}}
    return {"all": {"hosts": {n: m["vars"] for n, m in machines.items()}, "children": children}}


def limit_of(step, machines):
    """--limit, with offline machines left out; None for all."""
    away = sorted(n for n, m in machines.items() if m["offline"] and n != step["extra"].get("node"))
    if not step["limit"] and not away:
        return None
    return ",".join([*(step["limit"] or ["all"]), *(f"!{name}" for name in away)])
