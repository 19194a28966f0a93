"""How many people use an app; None where it cannot be told, which counts as in use.

An app may bring a probe of its own: a module with `users(address, port, key)`. Whatever goes wrong in it is this app's
affair alone. Without one, connections through the ports that the controller holds are counted.
"""

from __future__ import annotations

import importlib.util
import json

from model import App, Probe, Settings
from say import say


def users(app: App, address: str, settings: Settings) -> int | None:
    """`app`: its entry in power.json; `address`: its Service's address; `settings`: power.json."""
    try:
        probe = app["probe"]
        if "file" not in probe:
            return _open_connections(app["app"], settings["connections"])
        return _ask(probe, address, app["probePort"])
    except Exception as error:  # pylint: disable=broad-except
        say(f"{app['app']}: its probe: {type(error).__name__}: {error}")
        return None


def _ask(probe: Probe, address: str, port: int) -> int:
    spec = importlib.util.spec_from_file_location("probe", probe["file"])
    if spec is None or spec.loader is None:
        raise OSError(f"{probe['file']} is no module")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return int(module.users(address, port, _key(probe)))


def _key(probe: Probe) -> str | None:
    path = probe.get("keyFile")
    if path is None:
        return None
    with open(path, encoding="utf-8") as file:
        return file.read().strip()


def _open_connections(app: str, path: str) -> int:
    """Connections that the controller forwards to the app, from the file that connect.py keeps."""
    with open(path, encoding="utf-8") as file:
        return int(json.load(file)[app])
