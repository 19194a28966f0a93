"""Label selectors and node selectors, as the scheduler reads them. Pure. ValueError: one that this does not know."""

from __future__ import annotations

import re
from collections.abc import Mapping

from api import Expression, HasMetadata, Node, NodeTerm, Selector

WHOLE_NUMBER = re.compile(r"[+-]?[0-9]+")


def _number(text: str | None) -> int | None:
    """An int64 as Go reads it; None where it is none."""
    if text is None or not WHOLE_NUMBER.fullmatch(text):
        return None
    number = int(text)
    return number if -(2**63) <= number < 2**63 else None


def matches_expression(expression: Expression, values: Mapping[str, str]) -> bool:
    found = values.get(expression["key"])
    operator, wanted = expression["operator"], expression.get("values") or []
    if operator == "In":
        return found in wanted
    if operator == "NotIn":
        return found not in wanted
    if operator == "Exists":
        return found is not None
    if operator == "DoesNotExist":
        return found is None
    if operator not in ("Gt", "Lt"):
        raise ValueError(f"operator {operator}")
    number, limit = _number(found), _number(wanted[0] if len(wanted) == 1 else None)
    if number is None or limit is None:
        return False
    return number > limit if operator == "Gt" else number < limit


def matches_selector(selector: Selector | None, labels: dict[str, str]) -> bool:
    """A LabelSelector; none selects nothing, an empty one everything."""
    if selector is None:
        return False
    unknown = set(selector) - {"matchLabels", "matchExpressions"}
    if unknown:
        raise ValueError(f"selector with {', '.join(sorted(unknown))}")
    return all(labels.get(k) == v for k, v in (selector.get("matchLabels") or {}).items()) and all(
        matches_expression(each, labels) for each in selector.get("matchExpressions") or ()
    )


def is_empty(selector: Selector) -> bool:
    return not selector.get("matchLabels") and not selector.get("matchExpressions")


def matches_terms(terms: list[NodeTerm], node: Node) -> bool:
    """Node selector terms: one of them must match with all its expressions; an empty term matches nothing."""
    labels = node["metadata"].get("labels", {})
    own = {"metadata.name": node["metadata"]["name"]}
    for term in terms:
        expressions = term.get("matchExpressions") or []
        named = term.get("matchFields") or []
        if not expressions and not named:
            continue
        if all(matches_expression(e, labels) for e in expressions) and all(matches_expression(e, own) for e in named):
            return True
    return False


def labels_of(item: HasMetadata) -> dict[str, str]:
    return item["metadata"].get("labels") or {}
