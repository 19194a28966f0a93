"""Names the playbooks between two states, for a preview: standard input is {"recorded", "wanted"}, both as JSON.

Standard output is {"steps": [...]}, or {"refused": why, "advice": what to do instead}. Looks at no machine.
"""

from __future__ import annotations

import json
import sys

from members import Refused
from model import Record, Wanted
from plan_steps import describe, plan


def name(recorded: Record | None, wanted: Wanted) -> dict[str, object]:
    try:
        return {"steps": [describe(one) for one in plan(recorded, wanted)]}
    except Refused as refusal:
        return {"refused": str(refusal), "advice": refusal.advice}


if __name__ == "__main__":
    given = json.load(sys.stdin)
    json.dump(name(given["recorded"], given["wanted"]), sys.stdout)
