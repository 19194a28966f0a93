"""Leaves an app's objects to the stack's program alone: who else has written a field is forgotten, the field stays.

kubectl get … -o json --show-managed-fields | python3 own-fields.py | kubectl replace -f -
"""

from __future__ import annotations

import json
import sys
from typing import Any

Object = dict[str, Any]


def is_ours(entry: Object) -> bool:
    return entry["operation"] == "Apply" and str(entry["manager"]).startswith("pulumi-kubernetes-")


def leave(item: Object) -> bool:
    """Whether the program has written the object. Its newest entry is today's; an earlier one is from before Git."""
    fields = item["metadata"].get("managedFields", [])
    ours = [entry for entry in fields if is_ours(entry)]
    if not ours:
        return False
    newest = max(ours, key=lambda entry: str(entry.get("time", "")))
    # A controller's status is its own.
    item["metadata"]["managedFields"] = [newest, *(e for e in fields if e.get("subresource") == "status")]
    return True


found = json.load(sys.stdin)
found["items"] = [item for item in found["items"] if leave(item)]
json.dump(found, sys.stdout)
