"""Names inside and outside, the gateway, and that the program's namespaces deny by default."""

from __future__ import annotations

from kube import Object
from model import Settings
from result import Check, Group, Observations


def check(seen: Observations, settings: Settings, now: float) -> list[Check]:
    group = Group("network")
    for title, name in (("internal DNS", settings["internalName"]), ("external DNS", settings["externalName"])):
        group.attempt(title, _dns, seen, title, name)
    group.attempt("gateway", _gateway, seen, settings)
    group.attempt("pod network", _pod_network, seen, settings)
    group.attempt("policies", _policies, seen, settings)
    return group.checks


def _dns(group: Group, seen: Observations, title: str, name: str) -> None:
    answer = seen.get("dns").get(name, {"error": "not asked"})
    bad = [] if answer.get("ok") else [f"{name}: {answer.get('error', 'no address')}"]
    group.judge(
        title,
        bad,
        f"the cluster's DNS knows {name}",
        "look at CoreDNS: kubectl -n kube-system logs -l k8s-app=kube-dns",
        ", ".join(answer.get("ok", [])),
    )


def _gateway(group: Group, seen: Observations, settings: Settings) -> None:
    bad = [] if seen.get("gateway") else [f"{settings['gateway']} does not answer"]
    group.judge("gateway", bad, "the LAN's router answers a ping", "look at the router and its cable")


# What has to be let through between machines.
PATHS = {"IPIP": "IP protocol 4", "VXLAN": "UDP port 4789", "None": "packets from and to pods' addresses"}


def _pod_network(group: Group, seen: Observations, settings: Settings) -> None:
    """A pod of each awake machine, asked from the control plane over the pod network."""
    path = PATHS[settings["encapsulation"].removesuffix("CrossSubnet")]
    reach = seen.get("podNetwork")
    bad = [f"no pod on {machine} in reach ({error})" for machine, error in reach.items() if error]
    group.judge(
        "pod network",
        bad,
        "a pod on every awake machine is in reach",
        f"look at Calico: calicoctl node status; is let through: {path}?",
        f"{len(reach)} machines",
    )


def _policies(group: Group, seen: Observations, settings: Settings) -> None:
    policies = seen.items("networkpolicies")
    denied = {p["metadata"]["namespace"] for p in policies if _denies_all(p)}
    bad = [f"{n} has no default deny" for n in settings["namespaces"] if n not in denied]
    group.judge(
        "policies",
        bad,
        "every namespace of the program denies by default",
        "run pulumi up",
        f"{len(policies)} policies",
    )


def _denies_all(policy: Object) -> bool:
    spec = policy["spec"]
    return not spec.get("podSelector") and not spec.get("ingress") and "Ingress" in spec.get("policyTypes", [])
