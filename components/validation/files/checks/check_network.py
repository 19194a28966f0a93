"""Names inside and outside, the gateway, and that the program's namespaces deny by default."""

from __future__ import annotations

import json

import dns
import kube
from collect import Looker, attempt
from kube import Object
from model import Settings
from result import Check, Group, Observations, Sources

# Where Calico writes down the address of a machine's tunnel, by the encapsulation; without one there is no tunnel.
TUNNEL_ADDRESS = {
    "IPIP": "projectcalico.org/IPv4IPIPTunnelAddr",
    "VXLAN": "projectcalico.org/IPv4VXLANTunnelAddr",
}

OPEN_NAMESPACES = ("kube-system", "calico-system")

# What is looked at for it.
NEEDS = ("nodes", "dns", "gateway", "podNetwork", "networkpolicies")


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
    group.judge(
        "gateway", bad, "the LAN's router answers a ping", "look at the router and at the cable of the control plane"
    )


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
        f"look at Calico (calicoctl node status), and let {path} pass between the machines",
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


def _reach_pods(looker: Looker) -> dict[str, str | None]:
    """An address of the pod network on each awake machine: Calico's tunnel address, where there is a tunnel."""
    key = TUNNEL_ADDRESS.get(looker.settings["encapsulation"].removesuffix("CrossSubnet"))
    if key is None:
        return {m: looker.silent(address) for m, address in _pod_addresses(looker).items()}
    found = {}
    for node in looker.awake():
        address = (node["metadata"].get("annotations") or {}).get(key)
        found[kube.name(node)] = looker.silent(address) if address else "it has no tunnel address"
    return found


def _pod_addresses(looker: Looker) -> dict[str, str]:
    """Of one pod on each awake machine, in namespaces where nothing of ours denies; a machine may have none."""
    awake = {kube.name(n) for n in looker.awake()}
    found: dict[str, str] = {}
    for namespace in OPEN_NAMESPACES:
        for pod in json.loads(looker.kubectl("get", "pods", "-n", namespace, "-o", "json"))["items"]:
            machine, address = pod["spec"].get("nodeName"), pod["status"].get("podIP")
            if machine in awake and address and kube.ready(pod) and not pod["spec"].get("hostNetwork"):
                found.setdefault(machine, address)
    return found


def _ask_gateway(looker: Looker) -> bool:
    return looker.silent(looker.settings["gateway"]) is None


def _look_up(looker: Looker) -> Sources:
    names = (looker.settings["internalName"], looker.settings["externalName"])
    return {n: attempt(dns.resolve, n, looker.settings["dnsServer"]) for n in names}


# Its own ways to look, by what they look at.
LOOKS = {
    "dns": _look_up,
    "gateway": _ask_gateway,
    "podNetwork": _reach_pods,
}
