"""Brings the cluster to what wanted.json says, step by step, recording each; run.py [MODE] HOME.

--plan names the steps and takes none; --record prints the record, as one line of JSON; --again has the next run apply
every variable again; --reset wipes the cluster that is recorded.
Exit code 0: it is so (with --plan: nothing to do); 1: a step failed; 2: refused; 3: --plan found steps.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import awake
import discover
import inventory
import name_servers
import newcomers
import playbook
import removal
import variables
from fixed import fixed_values, settle
from members import Refused
from model import Machine, Record, Ssh, Step, Wanted
from plan_steps import bare, describe, plan, record_after, step
from refusals import check_members

RECORD = "/var/lib/vmstation/bootstrap/recorded.json"
# There while a first installation has begun and not ended: what is on the machines then is ours.
BEGUN = "/var/lib/vmstation/bootstrap/begun"
LIBRARY = os.path.dirname(os.path.abspath(__file__))


def decide(
    recorded: Record | None, begun: bool, kind: str | None, found: Record | None, wanted: Wanted
) -> tuple[Record | None, list[Step]]:
    """(record to start from, steps). What another hand installed is treated as the policy says."""
    if kind is None or begun:
        return None, plan(None, wanted)
    if recorded is not None:
        return recorded, plan(recorded, wanted)
    policy, name = wanted["existing"], wanted["clusterName"]
    if policy == "refuse":
        raise Refused(
            f"a cluster ({kind}) runs here that this stack did not install",
            "set vmstation:bootstrap.existing to adopt, to take it over as it is",
        )
    if kind != "kubespray":
        raise Refused(
            f"a cluster of another installer ({kind}) is on this machine",
            "choose that method in vmstation:bootstrap, or take that cluster away with its own installer",
        )
    if policy == "adopt" and found is not None:
        start = discover.adopt(found, wanted)
        return start, plan(start, wanted)
    if wanted["resetClusterName"] != name:
        raise Refused(
            "bootstrap.existing says reset, which wipes the cluster and all that is in it",
            f"set vmstation:bootstrap.resetClusterName to {name} as well, if that is what you want",
        )
    wipe = step("reset.yml", "the old cluster is wiped", extra={"reset_confirmation": "yes"})
    first = plan(None, wanted)
    return None, [wipe | {"joining": first[0]["joining"]}, *first]


def load(path: str) -> Any:
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def outline(recorded: Record) -> dict[str, Any]:
    """The record without what only a run needs: it stands in the stack's outputs, and is shown with them."""
    kept = ("roles", "digest", "version", "offline", "key")
    shown = ("node_labels", "node_taints")
    machines = {name: _only(kept, m) | {"vars": _only(shown, m["vars"])} for name, m in recorded["machines"].items()}
    return {**recorded, "machines": machines}


def _only(keys: Sequence[str], of: Mapping[str, object]) -> dict[str, Any]:
    return {key: of[key] for key in keys if key in of}


def save(path: str, value: object) -> None:
    """Whole or not at all: a record that is cut would have the next run start from nothing."""
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    with open(f"{path}.new", "w", encoding="utf-8") as file:
        json.dump(value, file, indent=2)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(f"{path}.new", path)


def tell(line: str) -> None:
    """To the log, and to anybody who is attached."""
    print(line, flush=True)
    progress = os.environ.get("VMSTATION_PROGRESS")
    if progress:
        with open(progress, "a", encoding="utf-8") as file:
            file.write(f"{line}\n")


def give_up(text: str, code: int) -> int:
    print(text, file=sys.stderr, flush=True)
    failure = os.environ.get("VMSTATION_FAILURE")
    if failure:
        with open(failure, "w", encoding="utf-8") as file:
            file.write(f"{text}\n")
    return code


def ssh_to(home: str) -> Ssh:
    def words(machine: Machine) -> list[str]:
        user, host = machine["vars"]["ansible_user"], machine["vars"]["ansible_host"]
        options = ["-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-o", "StrictHostKeyChecking=yes"]
        options += ["-o", f"UserKnownHostsFile={inventory.known_hosts(home)}", "-o", "ConnectTimeout=15"]
        return ["ssh", *options, "-i", f"{home}/key", "-p", str(machine["vars"]["ansible_port"]), f"{user}@{host}"]

    return words


def snapshot(recorded: Record, wanted: Wanted, ssh: Ssh) -> int:
    name, member = next((n, m) for n, m in recorded["machines"].items() if "etcd" in m["roles"])
    with open(f"{LIBRARY}/etcd-snapshot.sh", encoding="utf-8") as script:
        settings = wanted["snapshot"]
        words = f"sudo -n sh -s -- {name} {settings['directory']} {settings['keep']}"
        return subprocess.run([*ssh(member), words], stdin=script, check=False).returncode


def unlabel(gone: Mapping[str, Mapping[str, list[str]]]) -> int:
    """Takes labels and taints off nodes, as far as they are still there."""
    for name, of in gone.items():
        asked = [*discover.KUBECTL, "get", "node", name, "-o", "json"]
        answer = subprocess.run(asked, capture_output=True, text=True, check=False)
        if answer.returncode != 0:
            return give_up(f"host: {name}\nmessage: {answer.stderr.strip()[-500:]}", 1)
        there = discover.machine(json.loads(answer.stdout))["vars"]
        taints = [bare(t) for t in there["node_taints"]]
        words = {
            "label": [f"{key}-" for key in of["labels"] if key in there["node_labels"]],
            "taint": [f"{taint}-" for taint in of["taints"] if taint in taints],
        }
        for verb, removals in words.items():
            command = [*discover.KUBECTL, verb, "node", name, *removals]
            if removals and subprocess.run(command, check=False).returncode != 0:
                return give_up(f"host: {name}\nmessage: kubectl {verb} does not remove {' '.join(removals)}", 1)
    return 0


def rouse(machines: Mapping[str, Machine], wanted: Wanted) -> None:
    for name, machine in machines.items():
        if machine["offline"] or not machine["sleeps"]:
            continue
        if not awake.wake(name, machine, wanted["broadcast"], wanted["wakeTimeout"]):
            raise Refused(
                f"{name} sleeps and did not wake within {wanted['wakeTimeout']} s",
                f"look at its power and cable, or set vmstation:machines.{name}.offline to true to go on without it",
            )


def perform(one: Step, recorded: Record | None, wanted: Wanted, home: str) -> int:
    """Exit code of one step."""
    ssh = ssh_to(home)
    after = record_after(recorded, one)
    machines = inventory.machines_of(recorded, one, wanted)
    if one["playbook"] == "record":
        return 0
    if one["playbook"] == "unlabel":
        return unlabel(one["extra"]["gone"])
    if one["playbook"] == "snapshot" and recorded is not None:
        return snapshot(recorded, wanted, ssh)
    save(f"{home}/inventory/step.json", inventory.render(machines))
    if one["playbook"] == "remove-node.yml" and recorded is not None:
        one = removal.prepare(one, recorded, wanted, home, tell)
    rouse({name: m for name, m in machines.items() if name != one["extra"].get("node")}, wanted)
    version = after.get("kubernetesVersion", wanted["kubernetesVersion"])
    new = inventory.nodes_of(one, machines)
    sleepers = [m for m in machines.values() if not m["offline"] and m["sleeps"]]
    with awake.held(sleepers, ssh) if sleepers else contextlib.nullcontext():
        code, failures = playbook.run(one, home, version, inventory.limit_of(one, machines), new, tell)
    if code != 0 and failures:
        give_up(playbook.render_failures(failures), code)
    if code == 0:
        networks = (recorded or {}).get("networks") or wanted["networks"]
        services = networks["serviceCidr"] or wanted["networks"]["serviceCidr"] or ""
        name_servers.forget(one, machines, services, ssh, tell)
    return code


def remember(recorded: Record, wanted: Wanted) -> None:
    """Which machines are away, for the day on which one of them leaves the configuration; what the cluster keeps."""
    recorded["fixed"] = fixed_values(wanted)
    for name, machine in recorded["machines"].items():
        machine["offline"] = wanted["machines"].get(name, machine)["offline"]
        machine["key"] = wanted["machines"].get(name, machine).get("key")
    save(RECORD, recorded)


def again() -> int:
    """Forgets which variables the cluster has, so that the next run applies them all."""
    recorded = load(RECORD)
    if recorded is None:
        raise Refused("no cluster is recorded here", "run `up`: it installs one, or takes over the one that is there")
    save(RECORD, recorded | {"groups": {}})
    return 0


def reset(home: str) -> int:
    """Wipes the recorded cluster, after a snapshot of etcd; the machines and their disks' data stay."""
    recorded, wanted = load(RECORD), load(f"{home}/inventory/wanted.json")
    if recorded is None:
        raise Refused("no cluster is recorded here", "look with `vmstation bootstrap plan` what is on the machine")
    # Our machines keep the network that they have: this run's own connections go over it.
    extra = {"reset_confirmation": "yes", "reset_restart_network": False}
    steps = [step("snapshot", "before the reset")] if wanted["snapshot"]["enabled"] else []
    for one in [*steps, step("reset.yml", "the cluster is wiped", extra=extra)]:
        tell(describe(one))
        code = perform(one, recorded, wanted, home)
        if code != 0:
            return code
    os.remove(RECORD)
    if os.path.exists(BEGUN):
        os.remove(BEGUN)
    return 0


def main(arguments: list[str]) -> int:
    mode, home = arguments[0], arguments[-1]
    if mode == "--record":
        print(json.dumps(outline(load(RECORD)), sort_keys=True, separators=(",", ":")))
        return 0
    if mode == "--again":
        return again()
    if mode == "--reset":
        return reset(home)
    return converge(home, only_plan=mode == "--plan")


def converge(home: str, only_plan: bool) -> int:
    wanted = load(f"{home}/inventory/wanted.json")
    check_members(wanted["machines"])
    recorded = load(RECORD)
    begun = os.path.exists(BEGUN)
    kind, found = discover.look(with_record=recorded is None and not begun)
    if recorded is not None:
        recorded = settle(recorded, wanted, discover.shown)
    if recorded is not None:
        recorded = newcomers.settle(recorded, wanted, None if only_plan else ssh_to(home))
    recorded, steps = decide(recorded, begun, kind, found, wanted)
    if only_plan:
        print("\n".join(describe(one) for one in steps))
        return 3 if steps else 0
    variables.check(home)
    for number, one in enumerate(steps, 1):
        tell(f"step {number} of {len(steps)}: {describe(one)}")
        if recorded is None and one["playbook"] == "cluster.yml":
            save(BEGUN, wanted["clusterName"])
        code = perform(one, recorded, wanted, home)
        if code != 0:
            return code
        if one["effect"]:
            recorded = record_after(recorded, one)
            save(RECORD, recorded)
    remember(recorded, wanted)
    inventory.forget_gone(home)
    if os.path.exists(BEGUN):
        os.remove(BEGUN)
    tell(f"{len(steps)} step(s) done" if steps else "the cluster is as described; nothing to do")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Refused as refusal:
        sys.exit(give_up(f"{refusal}\nto do: {refusal.advice}", 2))
