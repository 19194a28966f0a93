"""Leaves an app's objects to the stack's program alone: who else has written a field is forgotten, the field stays.

npx vmstation pulumi stack export --file .vmstation/state.json
kubectl get … -o json --show-managed-fields | python3 own-fields.py .vmstation/state.json | kubectl replace -f -
"""

from __future__ import annotations

import json
import sys
from typing import Any

Object = dict[str, Any]


def read_names(state: Object) -> set[str]:
    """By which names the program writes today: each object by its own, which is in the state alone."""
    outputs = (resource.get("outputs") or {} for resource in state["deployment"]["resources"])
    return {str(each["__fieldManager"]) for each in outputs if "__fieldManager" in each}


def leave(item: Object, names: set[str]) -> bool:
    """Whether the object is the program's. A controller's status stays its own."""
    fields = item["metadata"].get("managedFields", [])
    ours = [entry for entry in fields if entry["operation"] == "Apply" and entry["manager"] in names]
    if not ours:
        return False
    item["metadata"]["managedFields"] = [*ours, *(e for e in fields if e.get("subresource") == "status")]
    return True


with open(sys.argv[1], encoding="utf-8") as file:
    today = read_names(json.load(file))
found = json.load(sys.stdin)
found["items"] = [item for item in found["items"] if leave(item, today)]
json.dump(found, sys.stdout)
