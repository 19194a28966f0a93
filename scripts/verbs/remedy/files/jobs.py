"""Failed Jobs: those of a CronJob are taken away, as the next one comes by itself; others are run again."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from functools import partial

import kube
from kube import Object
from world import Failed, World

# What the Job controller adds; it adds it again.
_ADDED = {"controller-uid", "job-name", "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name"}


def failed_jobs(world: World, target: str) -> Iterator[tuple[str, Object, Callable[[World], None]]]:
    """(what would be done, the Job, what does it) for each failed Job."""
    for job in world.items("jobs", "--all-namespaces"):
        if target not in ("", job["metadata"]["namespace"], kube.full_name(job)):
            continue
        if kube.condition(job, "Failed") != "True":
            continue
        name = kube.full_name(job)
        owners = [o for o in job["metadata"].get("ownerReferences") or [] if o["kind"] == "CronJob"]
        if owners:
            yield (
                f"delete job {name}; its CronJob {owners[0]['name']} starts the next by its schedule",
                job,
                partial(_delete, job=job),
            )
        else:
            yield f"run job {name} again", job, partial(_again, job=job)


def _path(job: Object) -> str:
    meta = job["metadata"]
    return f"/apis/batch/v1/namespaces/{meta['namespace']}/jobs/{meta['name']}"


def _delete(world: World, job: Object) -> None:
    world.delete(_path(job), job["metadata"]["uid"])


def render_again(job: Object) -> Object:
    """The Job as it was written, without what the server and the controller have added to it."""
    meta, spec = job["metadata"], copy.deepcopy(job["spec"])
    if not spec.get("manualSelector"):
        spec.pop("selector", None)
        template = spec["template"].setdefault("metadata", {})
        template["labels"] = _own(template.get("labels"))
    kept = {key: meta[key] for key in ("name", "namespace", "annotations", "ownerReferences") if key in meta}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {**kept, "labels": _own(meta.get("labels"))},
        "spec": spec,
    }


def _own(labels: dict[str, str] | None) -> dict[str, str]:
    return {key: value for key, value in (labels or {}).items() if key not in _ADDED}


def _again(world: World, job: Object) -> None:
    new = render_again(job)
    # Under another name first, only asking: what the server would refuse is not deleted.
    trial = copy.deepcopy(new)
    trial["metadata"]["name"] = f"{new['metadata']['name'][:55]}-again"
    world.kubectl("create", "--dry-run=server", "-f", "-", text=json.dumps(trial))
    _delete(world, job)
    space, name = new["metadata"]["namespace"], new["metadata"]["name"]

    def is_gone() -> bool:
        return not world.items("jobs", "-n", space, f"--field-selector=metadata.name={name}")

    world.until(is_gone, 60, f"job {name} does not go away")
    try:
        world.kubectl("create", "-f", "-", text=json.dumps(new))
    except Failed as failed:
        raise Failed(f"{failed}; it is deleted, and was: {json.dumps(new)}") from None
