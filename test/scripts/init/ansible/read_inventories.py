"""What ansible-core makes of inventories: a path on each line of the input, a JSON document on each line of the answer.

One process for all of them, since to start one costs as much as reading fifty inventories.
"""

from __future__ import annotations

import json
import math
import sys
from typing import Any

from ansible import constants as C
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import connection_loader, init_plugin_loader
from ansible.utils.display import Display
from ansible.vars.manager import VariableManager


class Warnings:
    """Ansible tells of a file that it cannot read by a warning, and goes on."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        Display.warning = lambda _, text, *more, **options: self.texts.append(text)
        Display.error = lambda _, text, *more, **options: self.texts.append(text)

    def take(self) -> list[str]:
        taken, self.texts = self.texts, []
        return taken


def plain(value: object) -> object:
    if value is None or isinstance(value, (bool, str)):
        return value if value is None or isinstance(value, bool) else str(value)
    if isinstance(value, int):
        return value if abs(value) <= 2**53 else {"int": str(value)}
    if isinstance(value, float):
        return value if math.isfinite(value) else {"float": str(value).replace("inf", "Infinity").replace("nan", "NaN")}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {json.dumps(key) if not isinstance(key, str) else str(key): plain(each) for key, each in value.items()}
    return {"opaque": True}


def option(name: str, variables: dict[str, Any]) -> object:
    """What the connection over SSH would use."""
    try:
        value, _ = C.config.get_config_value_and_origin(
            name, plugin_type="connection", plugin_name="ssh", variables=variables
        )
    except Exception:
        return {"opaque": True}
    return plain(value)


def read(path: str, warnings: Warnings) -> dict[str, object]:
    loader = DataLoader()
    warnings.take()
    try:
        inventory = InventoryManager(loader=loader, sources=[path])
        manager = VariableManager(loader=loader, inventory=inventory)
        said = warnings.take()
        failed = [text for text in said if "nable to parse" in text or "No inventory was parsed" in text]
        if failed:
            return {"refused": " ".join(said)}
        hosts = {}
        for host in inventory.get_hosts("all"):
            variables = manager.get_vars(host=host, include_hostvars=False, stage="all")
            known = {k: v for k, v in variables.items() if k not in C.INTERNAL_STATIC_VARS}
            hosts[host.name] = {
                "groups": sorted(["all", *host.get_magic_vars()["group_names"]]),
                "variables": plain(known),
                "ssh": {name: option(name, variables) for name in ("host", "port", "remote_user")},
            }
        return {"hosts": hosts}
    except Exception as error:
        return {"refused": f"{type(error).__name__}: {error}"}


def main() -> None:
    warnings = Warnings()
    init_plugin_loader()
    connection_loader.get("ssh", class_only=True)
    for line in sys.stdin:
        print(json.dumps(read(line.rstrip("\n"), warnings)), flush=True)


main()
