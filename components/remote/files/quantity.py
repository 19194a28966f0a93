"""Quantities as the Kubernetes API writes them ("16312Ki", "3900m", "1e3"), read as its own parser reads them.

The one parser of all Python on the machines: the folders of programs that use it hold a link to this file.
"""

from __future__ import annotations

import math
import re
from fractions import Fraction

DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}

SHAPE = re.compile(r"([+-]?)(?=\.?[0-9])([0-9]*)(?:\.([0-9]*))?(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?[0-9]+))?")

# The API's limits: nothing is finer than a billionth, and a binary quantity is at most the largest int64.
FINEST = 10**9
LARGEST_BINARY = 2**63 - 1

# Beyond any use, and 10 to the power of a large number fills the memory.
LARGEST_EXPONENT = 64


def parse_quantity(text: str | float) -> Fraction:
    """The quantity as an exact fraction; ValueError where it is none. Numbers (YAML's) are read as well."""
    match = SHAPE.fullmatch(str(text))
    if match is None:
        raise ValueError(f"not a quantity: {str(text)[:50]!r}")
    sign, whole, decimals, suffix, exponent = match.groups()
    digits = whole + (decimals or "")
    value = Fraction(int(digits), 10 ** len(decimals or ""))
    if suffix in BINARY:
        value *= 2 ** BINARY[suffix]
    else:
        power = DECIMAL[suffix or ""] if exponent is None else int(exponent)
        if abs(power) > LARGEST_EXPONENT:
            raise ValueError(f"a quantity out of range: {str(text)[:50]!r}")
        value *= Fraction(10) ** power
    # Rounded up: who asks for a little gets a little.
    value = Fraction(math.ceil(value * FINEST), FINEST)
    if suffix in BINARY:
        value = min(value, Fraction(LARGEST_BINARY))
    return -value if sign == "-" else value
