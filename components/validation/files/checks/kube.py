"""Reading Kubernetes objects: names, conditions, and which machines are asleep on purpose."""

STATE_LABEL = "vmstation.io/power-state"
SLEEPS_WITH = "vmstation.io/sleeps-with"

# States in which a machine may be away: the power controller put it to sleep, or is waking it.
AWAY = {"draining", "asleep", "waking"}


def name(item):
    return item["metadata"]["name"]


def full_name(item):
    namespace = item["metadata"].get("namespace")
    return f"{namespace}/{name(item)}" if namespace else name(item)


def labels(item):
    return item["metadata"].get("labels") or {}


def condition(item, kind):
    """The status of a condition: "True", "False", "Unknown"; None where there is none."""
    for each in item.get("status", {}).get("conditions") or []:
        if each["type"] == kind:
            return each["status"]
    return None


def ready(item):
    return condition(item, "Ready") == "True"


def over(pod):
    """Whether a pod has ended and only its record is left: done, evicted, or ended with its machine."""
    return pod["status"].get("phase") in ("Succeeded", "Failed")


def asleep(nodes):
    """Names of the machines that are away on purpose: not ready, and the power controller says why."""
    return {name(n) for n in nodes if not ready(n) and labels(n).get(STATE_LABEL) in AWAY}


def sleeps_with(pod, away):
    """Whether a pod is away with its machine: bound to it, or waiting for it under the mark."""
    machine = pod.get("spec", {}).get("nodeName")
    return machine in away if machine else labels(pod).get(SLEEPS_WITH) in away


def matches(selector, item):
    return bool(selector) and selector.items() <= labels(item).items()
