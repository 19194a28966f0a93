"""What a client says first, and whether that deserves a wake. Pure.

A wake costs minutes of a machine's time, so a port scanner, a monitor or a half-open connection must not cause one:

  http          a whole head of an HTTP request
  client-first  anything said by the client
  server-first  a client that waits for the server's first words for some seconds
"""

from __future__ import annotations

import re

HTTP, CLIENT_FIRST, SERVER_FIRST = "http", "client-first", "server-first"

# Bytes of a request's head; servers commonly refuse longer ones.
HEAD = 16 * 1024

REQUEST = re.compile(rb"[A-Z]{3,20} \S{1,8192} HTTP/[12]\.[0-9]\r?\n")
# How such a line may begin, while it is not whole.
BEGINNING = re.compile(rb"[A-Z]{1,20}( (\S{1,8192}( [HTP/0-9.]{0,8}\r?)?)?)?|")


def deserves_wake(speaks: str, said: bytes) -> bool | None:
    """True or False; None where more has to be heard. `said`: all that the client has said so far."""
    if speaks != HTTP:
        return True if said else None
    if not REQUEST.match(said):
        return None if BEGINNING.fullmatch(said) else False
    return True if is_whole(said) or len(said) >= HEAD else None


def is_whole(head: bytes) -> bool:
    return b"\r\n\r\n" in head or b"\n\n" in head


TARGET = re.compile(rb"GET (/(?!/)[!-~]*) HTTP/")


def target_of(head: bytes) -> str:
    """Path and query of a request; empty where a browser could take it for an address of somebody else's."""
    match = TARGET.match(head)
    return match.group(1).decode("ascii") if match and b"\\" not in match.group(1) else ""


def is_browser(head: bytes) -> bool:
    """Whether these are the first words of an HTTP request that shows a page to a person."""
    lines = head.split(b"\r\n")
    if not lines[0].startswith(b"GET ") or b" HTTP/1." not in lines[0]:
        return False
    return any(line.lower().startswith(b"accept:") and b"text/html" in line.lower() for line in lines[1:])
