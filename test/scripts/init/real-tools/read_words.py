"""Python's own reading of each text: a JSON string on each line of the input, [literal, words] on each answered."""

from __future__ import annotations

import ast
import json
import shlex
import sys
import warnings


def plain(value: object) -> object:
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return value if abs(value) <= 2**53 else {"int": str(value)}
    if isinstance(value, float):
        return value if abs(value) < float("inf") else {"opaque": True}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return [[plain(key), plain(each)] for key, each in value.items()]
    return {"opaque": True}


def literal(text: str) -> object:
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
    except TypeError:
        return {"refused": True}
    return value.decode() if isinstance(value, bytes) else plain(value)


def words(text: str) -> list[str] | None:
    try:
        return shlex.split(text, comments=True)
    except ValueError:
        return None


warnings.simplefilter("ignore")
for line in sys.stdin:
    given = json.loads(line)
    print(json.dumps([literal(given), words(given)]))
