"""From what is on the machines and what is wanted to the playbooks in between. Pure: it looks at nothing.

The record, and the part of the wanted state that it is compared with:

  kubernetesVersion  "1.35.4"
  kubespray          "v2.31.0"; None where another hand installed the cluster
  networks           {"podCidr": ..., "serviceCidr": ...}
  machines           {name: {"roles", "digest", "version", "offline", ...}}, in the order of the inventory
  groups             {group of variables: digest}; None where another hand installed the cluster
  fixed              {key: value} of keys that a running cluster keeps; absent in a record of before
  observable         {setting: value}, of a cluster found without a record

A step is {"playbook", "limit", "tags", "extra", "joining", "reason", "effect"}. The playbook "snapshot" is
etcd's snapshot, "unlabel" takes labels and taints off nodes, "record" only writes the record. `joining` are the
machines that the inventory holds beside the recorded ones; `effect` is what the record gains once the step has
succeeded.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any

from members import CONTROL, Change, Member, changes
from model import Effect, Machine, Record, Step, Vars, Wanted
from observe import differences
from refusals import check_addresses, check_first, check_fixed, check_members, check_networks, check_version

CONTROL_LIMIT = ("etcd", "kube_control_plane")


def plan(recorded: Record | None, wanted: Wanted) -> list[Step]:
    """The steps, in order, that turn `recorded` (None: no cluster) into `wanted`."""
    wanted = wanted | {"machines": within_reach(recorded, wanted)}
    check_members(wanted["machines"])
    if recorded is None:
        whole = step("cluster.yml", "the first installation", effect=everything(wanted))
        return [whole | {"joining": list(wanted["machines"])}]
    check_networks(recorded, wanted)
    check_fixed(recorded, wanted)
    check_addresses(recorded["machines"], wanted["machines"])
    check_first(recorded["machines"], [name for name in recorded["machines"] if name not in wanted["machines"]])
    leaving = moves(recorded, wanted)
    names = [change["machine"] for change in leaving]
    check_first(recorded["machines"], names)
    stay: Record = {**recorded, "machines": {n: m for n, m in recorded["machines"].items() if n not in names}}
    steps = unlabel(stay, wanted) + removal(recorded, leaving) + upgrade(stay, wanted) + addition(stay, wanted)
    steps += adoption(stay, wanted, steps) + settings(stay, wanted, steps)
    disruptive = any(s["playbook"] in ("remove-node.yml", "upgrade-cluster.yml") for s in steps)
    if disruptive and wanted["snapshot"]["enabled"]:
        steps.insert(0, step("snapshot", "before an upgrade or a removal"))
    return steps


def moves(recorded: Record, wanted: Wanted) -> list[Change]:
    """The machines that leave: without coming back, or to join again as a new machine or with new roles."""
    planned = changes(
        {name: member_of(machine) for name, machine in recorded["machines"].items()},
        {name: member_of(machine) for name, machine in wanted["machines"].items()},
        # Which machine is the first of its group decides here, and not which one Ansible runs on.
        {"controller": "", "allowRemoval": wanted["allowRemoval"], "learners": False, "leavesFirst": True},
    )
    return [change for change in planned if not change["joins"]]


def member_of(machine: Machine) -> Member:
    return {"roles": machine["roles"], "key": machine.get("key"), "offline": machine["offline"]}


def within_reach(recorded: Record | None, wanted: Wanted) -> dict[str, Machine]:
    """An offline machine stays as the record knows it, and is no part of the cluster where it never was."""
    known = {} if recorded is None else recorded["machines"]
    return {
        name: known[name] | {"offline": True} if machine["offline"] else machine
        for name, machine in wanted["machines"].items()
        if not machine["offline"] or name in known
    }


def record_after(recorded: Record | None, one: Step) -> Record:
    """The record once a step has succeeded."""
    result = copy.deepcopy(recorded) if recorded is not None else {"machines": {}, "groups": {}}
    effect = copy.deepcopy(one["effect"])
    for name in effect.pop("removed", []):
        result["machines"].pop(name, None)
    result["machines"].update(effect.pop("machines", {}))
    result.update(effect)
    if result["groups"] is not None:
        result.pop("observable", None)
    return result


def step(
    playbook: str,
    reason: str,
    limit: Iterable[str] = (),
    tags: Iterable[str] = (),
    extra: dict[str, Any] | None = None,
    effect: Effect | None = None,
) -> Step:
    return {
        "playbook": playbook,
        "limit": list(limit),
        "tags": list(tags),
        "extra": extra or {},
        "joining": [],
        "reason": reason,
        "effect": effect or {},
    }


def describe(one: Step) -> str:
    """A step as an operator reads it: the playbook, what it is limited to, why."""
    words = [one["playbook"]]
    words += [f"--limit {','.join(one['limit'])}"] if one["limit"] else []
    words += [f"--tags {','.join(one['tags'])}"] if one["tags"] else []
    words += [f"-e node={one['extra']['node']}"] if "node" in one["extra"] else []
    return f"{' '.join(words)} ({one['reason']})"


def everything(wanted: Wanted) -> Effect:
    return {
        "clusterName": wanted["clusterName"],
        "kubernetesVersion": wanted["kubernetesVersion"],
        "kubespray": wanted["kubespray"],
        "networks": wanted["networks"],
        "machines": wanted["machines"],
        "groups": digests(wanted),
    }


def digests(wanted: Wanted) -> dict[str, str]:
    return {name: group["digest"] for name, group in wanted["groups"].items()}


def removal(recorded: Record, leaving: list[Change]) -> list[Step]:
    steps = []
    for change in leaving:
        name = change["machine"]
        extra: dict[str, Any] = {"node": name, "skip_confirmation": True}
        if not change["alive"]:
            extra |= {"reset_nodes": False, "allow_ungraceful_removal": True}
        gone: Effect = {"removed": [name]}
        steps.append(step("remove-node.yml", f"{name}: {change['why']}", extra=extra, effect=gone))
    if any(set(recorded["machines"][change["machine"]]["roles"]) & set(CONTROL) for change in leaving):
        steps.append(step("cluster.yml", "the members that stay forget the one that left"))
    return steps


def unlabel(recorded: Record, wanted: Wanted) -> list[Step]:
    """Labels and taints that left the configuration: Kubespray only adds. First, as later steps write the record."""
    gone = {}
    for name, machine in wanted["machines"].items():
        known = recorded["machines"].get(name)
        was: Vars = known.get("vars", {}) if known else {}
        now: Vars = machine.get("vars", {})
        labels = sorted(set(was.get("node_labels", {})) - set(now.get("node_labels", {})))
        taints = sorted({bare(t) for t in was.get("node_taints", [])} - {bare(t) for t in now.get("node_taints", [])})
        if recorded["groups"] is not None and not machine["offline"] and labels + taints:
            gone[name] = {"labels": labels, "taints": taints}
    if not gone:
        return []
    reason = "; ".join(f"{name} loses {', '.join(g['labels'] + g['taints'])}" for name, g in gone.items())
    return [step("unlabel", reason, extra={"gone": gone})]


def bare(taint: str) -> str:
    """KEY:EFFECT of KEY=VALUE:EFFECT: what tells one taint of a node from another."""
    key, effect = taint.split(":")
    return f"{key.split('=')[0]}:{effect}"


def upgrade(recorded: Record, wanted: Wanted) -> list[Step]:
    """All machines, drained one at a time; or those that were away when the others were upgraded."""
    before, after = recorded["kubernetesVersion"], wanted["kubernetesVersion"]
    check_version("Kubernetes", before, after)
    was, now = recorded["kubespray"], wanted["kubespray"]
    if was is not None:
        check_version("Kubespray", was, now)
    kept = {m: d for m, d in wanted["machines"].items() if m in recorded["machines"] and not d["offline"]}
    if before != after or (was is not None and was != now):
        reason = f"Kubernetes {before} to {after}, Kubespray {was or 'of another hand'} to {now}"
        effect: Effect = {"kubernetesVersion": after, "kubespray": now, "groups": digests(wanted), "machines": kept}
        return [step("upgrade-cluster.yml", reason, extra={"serial": 1}, effect=effect)]
    behind = {m: d for m, d in kept.items() if recorded["machines"][m]["version"] != after}
    if not behind:
        return []
    reason = f"{', '.join(behind)} missed the upgrade to Kubernetes {after}"
    late = step("upgrade-cluster.yml", reason, limit=behind, extra={"serial": 1}, effect={"machines": behind})
    return [facts(), late]


def facts(joining: Iterable[str] = ()) -> Step:
    """A limit needs the facts of the machines outside it."""
    return step("playbooks/facts.yml", "facts of all machines") | {"joining": list(joining)}


def addition(recorded: Record, wanted: Wanted) -> list[Step]:
    added = {m: d for m, d in wanted["machines"].items() if m not in recorded["machines"]}
    control = {m: d for m, d in added.items() if set(d["roles"]) & set(CONTROL)}
    workers = {m: d for m, d in added.items() if m not in control}
    steps = []
    if control:
        steps += [facts(control), *add_control(control)]
    if workers:
        reason = f"{', '.join(workers)} joined the configuration"
        join = step("scale.yml", reason, limit=workers, effect={"machines": workers})
        steps += [facts(workers), join | {"joining": list(workers)}]
    return steps


def add_control(control: Mapping[str, Machine]) -> list[Step]:
    """Kubespray's docs/operations/nodes.md: cluster.yml, and for etcd upgrade-cluster.yml, with these limits."""
    names = ", ".join(control)
    joined: Effect = {"machines": dict(control)}
    if any("etcd" in d["roles"] for d in control.values()):
        extra = {"ignore_assert_errors": True, "etcd_retries": 10}
        told = "every member learns of the new ones"
        steps = [
            step("cluster.yml", f"{names} joined etcd", limit=CONTROL_LIMIT, extra=extra),
            step("upgrade-cluster.yml", told, limit=CONTROL_LIMIT, extra=extra, effect=joined),
        ]
    else:
        steps = [step("cluster.yml", f"{names} joined the control plane", limit=CONTROL_LIMIT[1:], effect=joined)]
    return [one | {"joining": list(control)} for one in steps]


def settings(recorded: Record, wanted: Wanted, steps: list[Step]) -> list[Step]:
    """Variables that changed, with the tags that fit; none where a step before has applied them all."""
    after = digests(wanted)
    if recorded["groups"] is None or any("groups" in s["effect"] for s in steps):
        return []
    changed = [g for g in wanted["groups"] if recorded["groups"].get(g) != after[g]]
    changed += [g for g in recorded["groups"] if g not in after]
    named = {
        m: d
        for m, d in wanted["machines"].items()
        if m in recorded["machines"] and recorded["machines"][m]["digest"] != d["digest"]
    }
    if not changed and not named:
        return []
    tags = {"facts"} | ({"node-label", "node-taint"} if named else set())
    for group in changed:
        tags |= set(wanted["groups"].get(group, {"tags": []})["tags"])
    whole = any(not wanted["groups"].get(g, {"tags": []})["tags"] for g in changed)
    reason = "settings changed: " + ", ".join([*changed, *(f"labels and taints of {m}" for m in named)])
    effect: Effect = {"groups": after, "machines": named}
    # A group that left had the user's own variables, which may be anybody's.
    manifests = any(wanted["groups"].get(g, {"manifests": True})["manifests"] for g in changed)
    extra = {"upgrade_cluster_setup": True} if manifests else None
    return [step("cluster.yml", reason, tags=() if whole else sorted(tags), extra=extra, effect=effect)]


def adoption(recorded: Record, wanted: Wanted, steps: list[Step]) -> list[Step]:
    """A cluster without a record: nothing runs where it is as described, else cluster.yml makes it so."""
    if recorded["groups"] is not None or any("groups" in s["effect"] for s in steps):
        return []
    lines = differences(recorded["observable"], wanted["observable"])
    unlike = [m for m, d in recorded["machines"].items() if d["digest"] is None and m in wanted["machines"]]
    effect = everything(wanted)
    if lines:
        lines += [f"labels or taints of {m}" for m in unlike]
        extra = {"upgrade_cluster_setup": True}
        return [step("cluster.yml", "adopting: " + "; ".join(lines), extra=extra, effect=effect)]
    if unlike:
        reason = f"adopting: labels or taints of {', '.join(unlike)}"
        return [step("cluster.yml", reason, tags=("facts", "node-label", "node-taint"), effect=effect)]
    return [step("record", "the cluster on the machines is as described: adopted", effect=effect)]
