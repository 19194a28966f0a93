"""Generated clusters and pods: `generate.py SEED FIRST COUNT` prints a list of cases as JSON.

A case is {"before": objects, "pod": the pod that is asked for, "node": the name of the only node it may get}. Each has
its own nodes, labels and topologies, so that many share a cluster without touching each other. One node of a case is
cordoned: it counts for affinity and spread, but takes no pod.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

T = TypeVar("T")

# An object of the API, or a part of one.
Object = dict[str, Any]

CPU = ("100m", "250m", "0.5", "500m", "750m", "1", "1250m", "1500m", "2", "0.1")
MEMORY = ("64Mi", "128974848", "129e6", "129M", "123Mi", "256Mi", "0.5Gi", "524288Ki", "1Gi", "1G", "1073741824")
OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt")
EFFECTS = ("NoSchedule", "NoExecute", "PreferNoSchedule")
NAMESPACES = ("one", "two")


# kwok leaves alone what carries it: hundreds of nodes' heartbeats would be all that the cluster does.
QUIET = {"annotations": {"test.vmstation.io/asleep": ""}}


class Case:
    def __init__(self, seed: str, number: int) -> None:
        self.dice = random.Random(f"{seed}/{number}")
        self.number = number
        self.node = f"n{number}"
        self.other = f"o{number}"
        self.zone = f"zone{number}.test/zone"
        self.host = f"zone{number}.test/host"
        self.before: list[Object] = []
        self.volumes: list[Object] = []

    def maybe(self, chance: float) -> bool:
        return self.dice.random() < chance

    def pick(self, *choices: T) -> T:
        return self.dice.choice(choices)

    def some(self, choices: Sequence[T], most: int) -> list[T]:
        return self.dice.sample(choices, self.dice.randint(0, min(most, len(choices))))


def resources(case: Case, extended: bool = True) -> Object:
    asked = {}
    if case.maybe(0.8):
        asked["cpu"] = case.pick(*CPU)
    if case.maybe(0.6):
        asked["memory"] = case.pick(*MEMORY)
    if case.maybe(0.15):
        asked["ephemeral-storage"] = case.pick("100Mi", "1Gi")
    if extended and case.maybe(0.1):
        asked["test.vmstation.io/gpu"] = case.pick("1", "2")
    limits = {name: amount for name, amount in asked.items() if "/" in name}
    return {"resources": {"requests": asked, "limits": limits}}


def container(case: Case, name: str, ports: bool = False) -> Object:
    made = {"name": name, "image": "example.invalid/x:1", **resources(case)}
    if ports:
        made["ports"] = [
            {
                **{"containerPort": number, "hostPort": number, "protocol": case.pick("TCP", "UDP")},
                **({"hostIP": case.pick("127.0.0.1", "10.0.0.1", "0.0.0.0")} if case.maybe(0.5) else {}),
            }
            for number in case.some((8001, 8002), 2)
        ]
    return made


def containers(case: Case, sidecars: float = 0.3, ports: bool = False) -> Object:
    spec: Object = {"containers": [container(case, f"c{i}", ports) for i in range(case.pick(1, 1, 2))]}
    if case.maybe(sidecars):
        spec["initContainers"] = [container(case, f"i{i}", ports) for i in range(case.pick(1, 2, 3))]
        for each in spec["initContainers"]:
            if case.maybe(0.5):
                each["restartPolicy"] = "Always"
            else:
                each.pop("ports", None)
    if case.maybe(0.15):
        for each in [*spec["containers"], *spec.get("initContainers", [])]:
            each["resources"] = {}
        spec["resources"] = {"requests": {"cpu": case.pick(*CPU), "memory": case.pick(*MEMORY)}}
    if case.maybe(0.1):
        spec["runtimeClassName"] = "heavy"
    return spec


def node(case: Case, name: str) -> Object:
    """Room for one to three of the pods."""
    allocatable = {
        **{"cpu": case.pick("1", "1500m", "2", "2500m", "4"), "pods": case.pick("1", "2", "3", "110", "110")},
        **{"memory": case.pick("1Gi", "1048576Ki", "1536Mi", "4Gi", "2000000k"), "ephemeral-storage": "2Gi"},
    }
    if case.maybe(0.3):
        allocatable["test.vmstation.io/gpu"] = case.pick("1", "2")
    labels = {
        **{"case": str(case.number), "kubernetes.io/hostname": name, "kubernetes.io/os": "linux"},
        **({"disks": case.pick("1", "4", "12", "007", "x", "9223372036854775808")} if case.maybe(0.7) else {}),
        **({"role": case.pick("storage", "compute")} if case.maybe(0.7) else {}),
        **({case.zone: case.pick("a", "b")} if case.maybe(0.85) else {}),
        case.host: name,
    }
    ready = {"type": "Ready", "status": "True", "reason": "x", "message": "x"}
    return {
        **{"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels, **QUIET}},
        "spec": {"unschedulable": True} if name == case.other else {},
        "status": {"allocatable": allocatable, "capacity": allocatable, "conditions": [ready]},
    }


def taints(case: Case, target: Object) -> None:
    chosen = [
        {"key": key, "effect": case.pick(*EFFECTS), **({"value": case.pick("x", "y")} if case.maybe(0.7) else {})}
        for key in case.some(("a", "b"), 2)
    ]
    if chosen:
        target["spec"]["taints"] = chosen


def tolerations(case: Case) -> list[Object]:
    made = []
    for _ in range(case.pick(1, 1, 2)):
        each = {"operator": case.pick("Exists", "Equal", "Equal")}
        if each["operator"] == "Equal" or case.maybe(0.8):
            each["key"] = case.pick("a", "b")
        if each["operator"] == "Equal":
            each["value"] = case.pick("x", "y", "")
            if case.maybe(0.3):
                del each["operator"]
        if case.maybe(0.5):
            each["effect"] = case.pick(*EFFECTS)
        made.append(each)
    return made


def expression(case: Case, values: Mapping[str, list[str]]) -> Object:
    key = case.pick(*values)
    operator = case.pick(*OPERATORS)
    made: Object = {"key": key, "operator": operator}
    if operator in ("In", "NotIn"):
        made["values"] = case.some(values[key], 2) or [values[key][0]]
    elif operator in ("Gt", "Lt"):
        made["values"] = [case.pick("0", "3", "7", "12")]
    return made


def selects_nodes(case: Case, spec: Object) -> None:
    values = {"role": ["storage", "compute"], "disks": ["1", "4", "12"], case.zone: ["a", "b"], "none": ["x"]}
    if case.maybe(0.3):
        spec["nodeSelector"]["role"] = case.pick("storage", "compute")
    terms = []
    for _ in range(case.pick(1, 1, 2)):
        term: Object = {}
        if case.maybe(0.9):
            term["matchExpressions"] = [expression(case, values) for _ in range(case.pick(1, 1, 2))]
        if case.maybe(0.2):
            names = [case.pick(case.node, case.other)]
            term["matchFields"] = [{"key": "metadata.name", "operator": case.pick("In", "NotIn"), "values": names}]
        terms.append(term)
    spec["affinity"]["nodeAffinity"] = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}


def selector(case: Case) -> Object | None:
    """Of pods, by the labels that `labels` gives them."""
    if case.maybe(0.1):
        return case.pick({}, None)
    app = f"app{case.number}"
    made: Object = {}
    if case.maybe(0.7):
        made["matchLabels"] = {app: case.pick("x", "y")}
    else:
        operator = case.pick("In", "NotIn", "Exists", "DoesNotExist")
        each = {"key": app, "operator": operator}
        made["matchExpressions"] = [{**each, "values": ["x"]} if operator in ("In", "NotIn") else each]
    return made


def labels(case: Case) -> dict[str, str]:
    return {"case": str(case.number), f"app{case.number}": case.pick("x", "y"), "hash": case.pick("1", "2")}


def neighbour_term(case: Case) -> Object:
    # Only its own case's pods: a selector that takes all would take those of every case.
    own = {"key": "case", "operator": "In", "values": [str(case.number)]}
    found = selector(case)
    if found is not None:
        found = {**found, "matchExpressions": [*found.get("matchExpressions", []), own]}
    term = {"topologyKey": case.pick(case.zone, case.host, case.zone), **({"labelSelector": found} if found else {})}
    chance = case.dice.random()
    if chance < 0.2:
        term["namespaceSelector"] = case.pick({}, {}, {"matchLabels": {"team": "one"}})
    elif chance < 0.4:
        term["namespaces"] = case.some(NAMESPACES, 2) or ["one"]
    if case.maybe(0.1) and found:
        term[case.pick("matchLabelKeys", "mismatchLabelKeys")] = ["hash"]
    return term


def company(case: Case, spec: Object, kinds: Sequence[str] = ("podAffinity", "podAntiAffinity")) -> None:
    for kind in kinds:
        if case.maybe(0.6):
            spec["affinity"][kind] = {
                "requiredDuringSchedulingIgnoredDuringExecution": [
                    neighbour_term(case) for _ in range(case.pick(1, 1, 2))
                ]
            }


def spread(case: Case, spec: Object) -> None:
    made = []
    for key in case.some((case.zone, case.host), 2) or [case.zone]:
        each = {
            **{"maxSkew": case.pick(1, 1, 2), "topologyKey": key},
            "whenUnsatisfiable": case.pick("DoNotSchedule", "DoNotSchedule", "DoNotSchedule", "ScheduleAnyway"),
        }
        found = selector(case)
        if found is not None:
            each["labelSelector"] = found
        if each["whenUnsatisfiable"] == "DoNotSchedule" and case.maybe(0.3):
            each["minDomains"] = case.pick(1, 2, 3)
        if case.maybe(0.3):
            each["nodeAffinityPolicy"] = case.pick("Honor", "Ignore")
        if case.maybe(0.4):
            each["nodeTaintsPolicy"] = case.pick("Honor", "Ignore")
        if case.maybe(0.2) and found:
            each["matchLabelKeys"] = ["hash"]
        made.append(each)
    spec["topologySpreadConstraints"] = made


def claim(case: Case, name: str, namespace: str | None, **spec: Any) -> Object:
    return {
        **{"apiVersion": "v1", "kind": "PersistentVolumeClaim"},
        "metadata": {"name": name, "namespace": namespace, "labels": {"case": str(case.number)}},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}, **spec},
    }


def volume(case: Case, name: str, host: str | None = None, **spec: Any) -> Object:
    affinity: Object = {}
    if host:
        fits = {"key": case.host, "operator": "In", "values": [host]}
        affinity = {"nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [fits]}]}}}
    source = {} if "csi" in spec else {"local": {"path": "/x"}} if host else {"hostPath": {"path": "/x"}}
    return {
        **{"apiVersion": "v1", "kind": "PersistentVolume"},
        "metadata": {"name": name, "labels": {"case": str(case.number)}},
        "spec": {
            **{"capacity": {"storage": "2Gi"}, "accessModes": ["ReadWriteOnce"], "storageClassName": ""},
            **{"persistentVolumeReclaimPolicy": "Retain", **affinity, **source, **spec},
        },
    }


def uses_volumes(case: Case, spec: Object, namespace: str | None) -> None:
    spec["volumes"] = []
    for number in range(case.pick(1, 1, 2)):
        name = f"v{case.number}-{number}"
        kind = case.pick("bound", "bound", "unbound", "waits", "waits", "made", "missing", "csi", "alone", "ephemeral")
        source: Object = {"persistentVolumeClaim": {"claimName": name}}
        reserved = {"claimRef": {"namespace": namespace, "name": name}}
        if kind in ("bound", "alone"):
            modes: Object = {"accessModes": ["ReadWriteOncePod"]} if kind == "alone" else {}
            host = case.pick(case.node, case.node, case.other, None)
            case.before.append(volume(case, name, host, **reserved, **modes))
            case.before.append(claim(case, name, namespace, storageClassName="", volumeName=name, **modes))
            if kind == "alone" and case.maybe(0.5):
                user = bound(case, case.pick(case.node, case.other), f"user{number}", namespace)
                user["spec"]["volumes"] = [{"name": "v", **source}]
        elif kind == "csi":
            driver = f"driver{case.number}.test"
            csi = {"csi": {"driver": driver, "volumeHandle": name}}
            case.before.append(volume(case, name, case.pick(case.node, None), **reserved, **csi))
            case.before.append(claim(case, name, namespace, storageClassName="", volumeName=name))
            if case.maybe(0.7) and number == 0:
                count = case.pick({"count": 1}, {"count": 2}, {})
                drivers = [{"name": driver, "nodeID": case.node, "topologyKeys": [], "allocatable": count}]
                case.before.append(
                    {
                        **{"apiVersion": "storage.k8s.io/v1", "kind": "CSINode"},
                        **{"metadata": {"name": case.node}, "spec": {"drivers": drivers}},
                    }
                )
        elif kind == "unbound":
            names = case.pick(*({"storageClassName": each} for each in ("", "gone", "at-once")), {})
            case.before.append(claim(case, name, namespace, **names))
        elif kind in ("waits", "made"):
            wanted = {"waits": "waits", "made": case.pick("made", "made-in-zone-a", "made-counted")}[kind]
            if kind == "waits" and case.maybe(0.8):
                sizes = {"capacity": {"storage": case.pick("1Gi", "1073741824", "1G", "3Gi")}}
                modes = case.pick({}, {}, {"accessModes": ["ReadOnlyMany"]}, {"volumeMode": "Block"})
                # By the case's size alone no other case's claim takes it.
                host = case.pick(case.node, case.node, case.other)
                case.before.append(volume(case, name, host, storageClassName="waits", **sizes, **modes))
            own: Object = {"selector": {"matchLabels": {"case": str(case.number)}}} if kind == "waits" else {}
            case.before.append(claim(case, name, namespace, storageClassName=wanted, **own))
        elif kind == "ephemeral":
            template = claim(case, name, namespace, storageClassName=case.pick("waits", "made"))["spec"]
            template.update({"selector": {"matchLabels": {"case": str(case.number)}}} if case.maybe(0.5) else {})
            source = {"ephemeral": {"volumeClaimTemplate": {"spec": template}}}
        spec["volumes"].append({"name": f"v{number}", **source})


def bound(case: Case, where: str, name: str, namespace: str | None = None) -> Object:
    """A pod that runs already."""
    spec = containers(case, ports=case.maybe(0.3))
    spec["affinity"] = {}
    if case.maybe(0.25):
        company(case, spec, ("podAntiAffinity",))
    pod = {
        **{"apiVersion": "v1", "kind": "Pod"},
        "metadata": {
            **{"name": f"{name}-{case.number}", "namespace": namespace or case.pick(*NAMESPACES)},
            **{"labels": labels(case), **QUIET},
        },
        "spec": {**spec, "nodeName": where, "tolerations": [{"operator": "Exists"}]},
    }
    case.before.append(pod)
    return pod


def oddity(case: Case, spec: Object) -> None:
    spec.update(
        case.pick(
            *({"schedulingGates": [{"name": "test.vmstation.io/gate"}]}, {"schedulerName": "another"}),
            *({"hostNetwork": True}, {"priority": 0}, {"enableServiceLinks": False, "hostname": "h"}),
            *({"resourceClaims": [{"name": "r", "resourceClaimName": "none"}]}, {"os": {"name": "linux"}}),
            {"readinessGates": [{"conditionType": "test.vmstation.io/x"}], "terminationGracePeriodSeconds": 5},
        )
    )


def make(seed: str, number: int) -> Object:
    case = Case(seed, number)
    machine, other = node(case, case.node), node(case, case.other)
    namespace = case.pick(*NAMESPACES)
    features = case.some(("ports", "taints", "nodes", "company", "spread", "volumes", "odd"), 3)
    spec = {**containers(case, ports="ports" in features), "affinity": {}, "nodeSelector": {"case": str(number)}}
    for number_of in range(case.pick(0, 0, 1, 2)):
        bound(case, case.pick(case.node, case.node, case.other), f"there{number_of}")
    if "taints" in features:
        taints(case, machine)
        taints(case, other)
        if case.maybe(0.7):
            spec["tolerations"] = tolerations(case)
    if "nodes" in features:
        selects_nodes(case, spec)
    if "company" in features:
        company(case, spec)
    if "spread" in features:
        spread(case, spec)
    if "volumes" in features:
        uses_volumes(case, spec, namespace)
    if "odd" in features:
        oddity(case, spec)
    pod = {
        **{"apiVersion": "v1", "kind": "Pod", "spec": spec},
        "metadata": {"name": f"p{number}", "namespace": namespace, "labels": labels(case)},
    }
    return {"before": [machine, other, *case.before], "pod": pod, "node": case.node, "features": features}


if __name__ == "__main__":
    seed, first, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    print(json.dumps([make(seed, number) for number in range(first, first + count)]))
