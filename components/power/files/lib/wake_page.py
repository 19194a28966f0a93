"""What a client says first: whether that deserves a wake, and the page that a browser is shown meanwhile. Pure.

A wake costs minutes of a machine's time, so a port scanner, a monitor or a half-open connection must not cause one:

  http          a whole head of an HTTP request
  client-first  anything said by the client
  server-first  a client that waits for the server's first words for some seconds
"""

from __future__ import annotations

import html
import re

HTTP, CLIENT_FIRST, SERVER_FIRST = "http", "client-first", "server-first"

# Bytes of a request's head; servers commonly refuse longer ones.
HEAD = 16 * 1024

REQUEST = re.compile(rb"[A-Z]{3,20} \S{1,8192} HTTP/[12]\.[0-9]\r?\n")
# How such a line may begin, while it is not whole.
BEGINNING = re.compile(rb"[A-Z]{1,20}( (\S{1,8192}( [HTP/0-9.]{0,8}\r?)?)?)?|")

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="5">
<meta name="viewport" content="width=device-width"><title>{app} is waking up</title></head>
<body style="font-family: sans-serif; text-align: center; padding-top: 20vh">
<h1>{app} is waking up</h1>
<p>Its machine, {machine}, was asleep. This takes a minute or two; the page reloads by itself.</p>
</body></html>
"""


def deserves_wake(speaks: str, said: bytes) -> bool | None:
    """True or False; None where more has to be heard. `said`: all that the client has said so far."""
    if speaks != HTTP:
        return True if said else None
    if not REQUEST.match(said):
        return None if BEGINNING.fullmatch(said) else False
    return True if is_whole(said) or len(said) >= HEAD else None


def is_whole(head: bytes) -> bool:
    return b"\r\n\r\n" in head or b"\n\n" in head


def is_browser(head: bytes) -> bool:
    """Whether these are the first words of an HTTP request that shows a page to a person."""
    lines = head.split(b"\r\n")
    if not lines[0].startswith(b"GET ") or b" HTTP/1." not in lines[0]:
        return False
    return any(line.lower().startswith(b"accept:") and b"text/html" in line.lower() for line in lines[1:])


def render_page(app: str, machine: str) -> bytes:
    body = PAGE.format(app=html.escape(app), machine=html.escape(machine)).encode()
    head = (
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/html; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nRetry-After: 5\r\nCache-Control: no-store\r\n"
        "Connection: close\r\n\r\n"
    )
    return head.encode() + body
