"""Decides, for one machine, what the power controller does next and why.

Pure: observations and the recorded state in, an action with its reasons and the new record out. It reads no
clock, file or network; what could not be observed arrives as None, and counts as active.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import triggers
from model import Exports, Inhibitor, NodeSeen, PodSeen, Policy, Rates, Seen
from record import DAY, Record, enter, obeyed_late
from times import clock, hours, in_spans

# What the controller can do.
NOTHING = "nothing"  # look again later
SLEEP = "sleep"  # drain, then suspend or power off
TEST = "test"  # sleep and wake at once: the last proof that it wakes is too old
WAKE = "wake"  # magic packet until it is back in service
UNDO = "undo"  # an interrupted sleep: put everything back
ADOPT = "adopt"  # it is up without this run's doing: put it back into service
SETTLE = "settle"  # an interrupted sleep that went through: note it as asleep

# A machine that did not wake is tried again for those who wait, but not at each of their retries.
RETRY_FAILED = 1800

# Namespaces of what the cluster itself consists of: CoreDNS, Calico's controllers and API server, metrics-server.
ADD_ONS = ("kube-system", "calico-system", "calico-apiserver", "tigera-operator")

# An order to sleep that a hypervisor carries out, in words.
ON_ITS_WAY = {"saving": "its memory is still being saved", "stopping": "it is still shutting down"}

# More checks than this missing in a row: nobody knows what happened meanwhile.
MISSED_CHECKS = 3


@dataclass(frozen=True)
class Decision:
    action: str
    record: Record

    @property
    def reasons(self) -> tuple[str, ...]:
        return self.record.reasons


def decide(policy: Policy, record: Record, seen: Seen, now: float) -> Decision:
    """`policy`: the machine's entry of power.json. `seen`: see observe.py. `now`: Unix seconds."""
    handler = {
        "awake": _up,
        "idle": _up,
        "draining": _interrupted_sleep,
        "asleep": _asleep,
        "waking": _interrupted_wake,
        "failed": _failed,
    }[record.state]
    if policy.get("offline"):
        handler = _offline
    decision = handler(policy, record, seen, now)
    return Decision(decision.action, replace(decision.record, checked_at=now))


def _offline(_policy: Policy, record: Record, _seen: Seen, now: float) -> Decision:
    """Dead or away, says the configuration: what the record knows is kept for when it is back."""
    return Decision(NOTHING, enter(record, record.state, now, ["the configuration says that it is offline"]))


def _refused(record: Record, seen: Seen, now: float) -> tuple[tuple[str, float], ...]:
    """A pod that still waits at the next check of a machine that is up is not waiting for that machine."""
    known = {uid: at for uid, at in record.refused if now - at < DAY}
    for pod in seen["waiting"] or ():
        known.setdefault(pod["uid"], now)
    return tuple(known.items())


def _up(policy: Policy, record: Record, seen: Seen, now: float) -> Decision:
    wanted = triggers.urgent(policy, record, seen, now)
    if not seen["reachable"]:
        wanted = [*_late_reasons(record, seen), *wanted]
        if wanted:
            return Decision(WAKE, enter(record, record.state, now, wanted))
        why = _on_its_way(record, seen) or "it does not answer"
        gone = replace(enter(record, "awake", now, [why]), idle_since=None, sample=None)
        return Decision(NOTHING, gone)
    record = replace(
        record,
        sample=seen["sample"],
        # What takes longer than the limit ends some time.
        told=obeyed_late(record, policy, now) or (record.told and seen["order"] != "none"),
        refused=_refused(record, seen, now),
    )
    reasons = [*active_reasons(policy, seen), *wanted]
    if reasons:
        return Decision(NOTHING, replace(enter(record, "awake", now, reasons), idle_since=None))
    missed = now - record.checked_at > MISSED_CHECKS * policy["checkEvery"]
    idle_since = now if record.idle_since is None or missed else record.idle_since
    record = replace(record, idle_since=idle_since)
    waits = [*limits(policy, record, seen, now), *arriving_reasons(seen)]
    if waits:
        return Decision(NOTHING, enter(record, "idle", now, waits))
    why = f"idle for {hours(now - idle_since)}"
    action = TEST if now - record.proved_at > policy["testEvery"] else SLEEP
    return Decision(action, enter(record, "idle", now, [why]))


def _on_its_way(record: Record, seen: Seen) -> str | None:
    """Whether it is going off, in words: until that is over, nothing can wake it."""
    return ON_ITS_WAY.get(seen["order"] or "") if record.told else None


def _late_reasons(record: Record, seen: Seen) -> list[str]:
    """It is in service, says the record, so nothing else would wake it."""
    if not record.told or seen["spunDown"] or _on_its_way(record, seen):
        return []
    return ["it went to sleep after the order was taken back"]


def _interrupted_sleep(policy: Policy, record: Record, seen: Seen, now: float) -> Decision:
    if record.told and not seen["reachable"]:
        on_its_way = _on_its_way(record, seen)
        if on_its_way is not None:
            # It goes to sleep as it was told, and could not be woken before it has.
            return Decision(NOTHING, enter(record, "draining", now, [on_its_way]))
    if record.told and not seen["reachable"] and not _runs_on(policy, seen):
        return Decision(SETTLE, enter(record, "draining", now, ["asleep, seen after an interruption"]))
    return Decision(UNDO, enter(record, "draining", now, ["going to sleep was interrupted"]))


def _runs_on(policy: Policy, seen: Seen) -> bool:
    """A machine that is silent and, as its hypervisor says, neither off nor on the way there."""
    return bool(policy.get("proxmox")) and seen["order"] == "none"


def _interrupted_wake(_policy: Policy, record: Record, _seen: Seen, now: float) -> Decision:
    return Decision(WAKE, enter(record, "waking", now, record.reasons or ["waking was interrupted"]))


def _asleep(policy: Policy, record: Record, seen: Seen, now: float) -> Decision:
    if seen["reachable"]:
        return _found_up(record, seen, now)
    wanted = triggers.urgent(policy, record, seen, now)
    if not wanted and record.told and policy["method"] == "poweroff" and _runs_on(policy, seen):
        # Noted as asleep while its hypervisor was silent too. One that hibernates may be off by somebody's hand, and
        # stays so.
        return Decision(UNDO, enter(record, "asleep", now, ["its hypervisor says that it runs"]))
    # What was silent when nobody knew more has obeyed by now.
    record = replace(record, told=record.told and seen["order"] in (*ON_ITS_WAY, None))
    if wanted:
        return Decision(WAKE, enter(record, "asleep", now, wanted))
    planned = triggers.planned(policy, record, seen, now)
    quiet = in_spans(policy, policy["quietHours"], now)
    if planned and not quiet and now - record.since >= policy["minimumAsleep"]:
        return Decision(WAKE, enter(record, "asleep", now, planned[:1]))
    return Decision(NOTHING, record)


def _found_up(record: Record, seen: Seen, now: float) -> Decision:
    """By its button or its clock, unless somebody has asked for it: a packet may be on its way before this look."""
    return Decision(
        ADOPT,
        enter(record, record.state, now, seen["requests"] or ["woken by somebody else, its power button or its clock"]),
    )


def _failed(policy: Policy, record: Record, seen: Seen, now: float) -> Decision:
    if seen["reachable"]:
        return _found_up(record, seen, now)
    wanted = triggers.urgent(policy, record, seen, now)
    if seen["order"] == "obeyed":
        wanted = [*_late_reasons(record, seen), *wanted]
    if wanted and now - record.failed_at >= RETRY_FAILED:
        return Decision(WAKE, replace(record, reasons=tuple(wanted)))
    return Decision(NOTHING, record)


def active_reasons(policy: Policy, seen: Seen) -> list[str]:
    """All that keeps the machine awake, in words; empty: it is idle."""
    return [
        *_node_reasons(seen["node"]),
        *_pod_reasons(policy, seen["pods"]),
        *([] if seen["waiting"] is not None else _unread("which pods wait for a machine")),
        *[why for name in triggers.unread(seen) for why in _unread(f"whether the trigger {name} wants it awake")],
        *[f"the last Ready worker, and pod {pod} has no other" for pod in seen["neededBy"]],
        *_user_reasons(policy, seen),
        *_rate_reasons(policy, seen["rates"]),
    ]


def arriving_reasons(seen: Seen) -> list[str]:
    """A log-in on its way keeps the machine up now. It is no use yet: a scanner's never becomes one."""
    return [f"somebody is logging in as {user}" for user in seen["arriving"] or ()]


def use_reasons(policy: Policy, seen: Seen) -> list[str]:
    """What forbids to switch the machine off with the whole cluster: its users, not what merely runs on it."""
    marked = None if seen["node"] is None else seen["node"]["keepAwake"]
    pods = [p for p in seen["pods"] or () if p["keepAwake"] is not None or p["owner"] == "Job"]
    return [
        *([] if marked is None else [f"the node is marked keep-awake: {marked}"]),
        *_pod_reasons(policy, None if seen["pods"] is None else pods),
        *_user_reasons(policy, seen),
    ]


def _user_reasons(policy: Policy, seen: Seen) -> list[str]:
    return [
        *_probe_reasons(policy, seen["probes"]),
        *_session_reasons(seen["sessions"]),
        *_inhibitor_reasons(seen["inhibitors"]),
        *_export_reasons(seen["exports"]),
        *[f"held until {clock(policy, h['until'])}: {h['why']}" for h in seen["holds"]],
    ]


def _unread(what: str) -> list[str]:
    return [f"cannot read {what}"]


def _node_reasons(node: NodeSeen | None) -> list[str]:
    if node is None:
        return _unread("the node")
    reasons = []
    if node["protected"]:
        reasons.append("it runs the control plane or etcd")
    if not node["ready"]:
        reasons.append("the node is not Ready")
    if node["keepAwake"] is not None:
        reasons.append(f"the node is marked keep-awake: {node['keepAwake']}")
    return reasons


def _pod_reasons(policy: Policy, pods: list[PodSeen] | None) -> list[str]:
    if pods is None:
        return _unread("its pods")
    reasons = []
    for pod in pods:
        name = f"{pod['namespace']}/{pod['name']}"
        if pod["keepAwake"] is not None:
            reasons.append(f"pod {name} is marked keep-awake: {pod['keepAwake']}")
        elif pod["owner"] == "Job":
            reasons.append(f"Job pod {name} is not finished")
        elif not (pod["owner"] == "DaemonSet" or pod["stays"] or pod["leaves"] or pod["sleepsWith"]):
            if not (policy["evict"] and pod["movable"]):
                reasons.append(f"pod {name} runs here{_advice(policy, pod)}")
    return reasons


def _advice(policy: Policy, pod: PodSeen) -> str:
    """What a person can do about a part of the cluster itself that was here before the machine became a sleeper."""
    if pod["namespace"] not in ADD_ONS or pod["owner"] != "ReplicaSet":
        return ""
    here, move = policy["name"], f"kubectl -n {pod['namespace']} delete pod {pod['name']}"
    return f", a part of the cluster; to move it: kubectl cordon {here}; {move}; kubectl uncordon {here}"


def _probe_reasons(policy: Policy, probes: Mapping[str, int | None]) -> list[str]:
    reasons = []
    for app in policy["apps"]:
        users = probes.get(app)
        if users is None:
            reasons += _unread(f"whether {app} is in use")
        elif users > 0:
            reasons.append(f"{app} is in use by {users}")
    return reasons


def _session_reasons(sessions: list[str] | None) -> list[str]:
    if sessions is None:
        return _unread("its sessions")
    return [f"{user} is logged in" for user in sorted(set(sessions))]


def _rate_reasons(policy: Policy, rates: Rates | None) -> list[str]:
    if rates is None:
        return _unread("CPU, network and disk rates")
    limit = policy["thresholds"]
    reasons = []
    if rates["cpu"] >= limit["cpu"]:
        reasons.append(f"CPU {rates['cpu']:.0%}, limit {limit['cpu']:.0%}")
    for kind in ("network", "disk"):
        if rates[kind] >= limit[kind]:
            reasons.append(f"{kind} {rates[kind] / 1024:.0f} KiB/s, limit {limit[kind] / 1024:.0f}")
    return reasons


def _inhibitor_reasons(inhibitors: list[Inhibitor] | None) -> list[str]:
    if inhibitors is None:
        return _unread("its inhibitors")
    return [f"{i['who']} forbids it: {i['why']}" for i in inhibitors]


def _export_reasons(exports: Exports | None) -> list[str]:
    if exports is None:
        return _unread("clients of its exports")
    reasons = []
    if exports["open"] > 0:
        reasons.append(f"{exports['open']} files are open over NFS")
    if exports["operations"] > 0:
        reasons.append(f"{exports['operations']} NFS operations since the last check")
    return reasons


def limits(policy: Policy, record: Record, seen: Seen, now: float) -> list[str]:
    """Why an idle machine does not sleep yet."""
    waits = []
    idle = 0 if record.idle_since is None else now - record.idle_since
    if idle < policy["idleAfter"]:
        waits.append(f"idle for {hours(idle)} of {hours(policy['idleAfter'])}")
    if record.proved_at == 0:
        waits.append("no wake test has passed yet")
    elif record.failed_at > record.proved_at:
        waits.append("the last wake or wake test failed")
    if now - record.woken_at < policy["minimumAwake"]:
        waits.append(f"awake for {hours(now - record.woken_at)} of {hours(policy['minimumAwake'])}")
    # A sleep is allowed only while the wake after it is as well.
    if len([t for t in record.changes if now - t < DAY]) + 2 > policy["maxChangesPerDay"]:
        waits.append(f"{policy['maxChangesPerDay']} sleeps and wakes in 24 h")
    if in_spans(policy, policy["quietHours"], now):
        waits.append("quiet hours")
    return [*waits, *triggers.keeping(policy, record, seen, now)]
