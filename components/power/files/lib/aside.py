"""What the controller has kept and cannot read any more."""

from __future__ import annotations

import os
from pathlib import Path

from say import say


def set_aside(path: Path, why: Exception) -> None:
    """Keeps an unreadable file under another name, for people to look at."""
    kept = path.with_suffix(".unreadable")
    say(f"{path} cannot be read ({why}); it is kept as {kept.name}")
    try:
        os.replace(path, kept)
    except OSError as error:
        say(f"{path}: {error}")
