"""Names the machines that leave and join between two states, for a preview.

Standard input is {"before", "after", "rules"}. Standard output is {"steps": [...]}, or {"refused": why, "advice": what
to do instead}. Looks at no machine.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping

from members import Member, Refused, Rules, changes, describe


def name(before: Mapping[str, Member], after: Mapping[str, Member], rules: Rules) -> dict[str, object]:
    try:
        return {"steps": [describe(one) for one in changes(before, after, rules)]}
    except Refused as refusal:
        return {"refused": str(refusal), "advice": refusal.advice}


if __name__ == "__main__":
    given = json.load(sys.stdin)
    json.dump(name(given["before"], given["after"], given["rules"]), sys.stdout)
