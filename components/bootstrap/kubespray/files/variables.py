"""Every variable of ours must be one that the checked-out tag knows; a misspelt one is an error."""

from __future__ import annotations

import glob
import re
from collections.abc import Sequence

from members import Refused

NAME = re.compile(r"^(?:# ?)?([a-z_][a-z0-9_]*):(?:\s|$)", re.MULTILINE)
# Roles' own defaults, and the sample inventory, which names in comments what has no default.
DEFAULTS = ("roles/**/defaults/**/*.yml", "roles/**/defaults/*.yml")
SAMPLE = ("inventory/sample/group_vars/**/*.yml",)
# Variables of a role win over every inventory.
ROLE_VARIABLES = ("roles/**/vars/**/*.yml",)


def names_in(text: str) -> set[str]:
    return set(NAME.findall(text))


def known_to(checkout: str) -> set[str]:
    return named_in(checkout, DEFAULTS + SAMPLE + ROLE_VARIABLES)


def kept_by_roles(checkout: str) -> set[str]:
    """What no inventory can set. A default of the same name is one that some systems' files replace."""
    return named_in(checkout, ROLE_VARIABLES) - named_in(checkout, DEFAULTS)


def named_in(checkout: str, places: Sequence[str]) -> set[str]:
    known = set()
    for place in places:
        for path in glob.glob(f"{checkout}/{place}", recursive=True):
            with open(path, encoding="utf-8") as file:
                known |= names_in(file.read())
    return known


def unknown(ours: set[str], known: set[str]) -> list[str]:
    return sorted(ours - known)


def check(home: str) -> None:
    ours = set()
    for path in glob.glob(f"{home}/inventory/group_vars/all/*.yml"):
        with open(path, encoding="utf-8") as file:
            ours |= set(re.findall(r"^([A-Za-z_]\w*):", file.read(), re.MULTILINE))
    kept = ours & kept_by_roles(f"{home}/checkout")
    if kept:
        raise Refused(
            f"Kubespray's roles set the variable(s) {', '.join(sorted(kept))} themselves; an inventory cannot",
            "take them out of vmstation:bootstrap.variables",
        )
    strangers = unknown({n for n in ours if not n.startswith("ansible_")}, known_to(f"{home}/checkout"))
    if strangers:
        raise Refused(
            f"Kubespray does not know the variable(s) {', '.join(strangers)}",
            "look for the right name in its roles' defaults; ours are in vmstation:bootstrap.variables",
        )
