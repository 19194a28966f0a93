"""A line for the journal, whole: machines are asked side by side, and print writes a line's end by itself."""

import contextlib
import sys


def say(line: str) -> None:
    """Nobody may be there to read it, or no room to keep it: no reason to stop half-way."""
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
