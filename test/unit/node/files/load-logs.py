"""Run in a network namespace of its own: real rsyslogd and logrotate with the log server's files, and tenfold load.

  load-logs.py RSYSLOG LOGROTATE FOLDER KNOWN BYTES   prints as JSON what was seen

KNOWN: two addresses that may send; BYTES: what the file of one may have.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Callable

RSYSLOG, LOGROTATE, FOLDER, KNOWN, BYTES = sys.argv[1:]
FIRST, SECOND = KNOWN.split(",")
ROUNDS = 12


def until(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 40
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def connect(address: str) -> socket.socket:
    while True:
        sock = socket.socket()
        sock.settimeout(20)
        sock.bind((address, 0))
        try:
            sock.connect(("127.0.0.1", 514))
            return sock
        except ConnectionRefusedError:
            sock.close()
            time.sleep(0.05)


def line(host: str, text: str) -> bytes:
    return f"<13>Nov 29 20:00:00 {host} prog[1]: {text}\n".encode()


def files() -> list[str]:
    return sorted(str(path.relative_to(FOLDER)) for path in Path(FOLDER).rglob("*") if path.is_file())


def content(sender: str) -> str:
    path = Path(FOLDER, sender, "syslog.log")
    return path.read_text() if path.exists() else ""


def hear(words: str) -> bool:
    return until(lambda: words in content("second"))


def total() -> int:
    return sum(path.stat().st_size for path in Path(FOLDER).rglob("*") if path.is_file())


def is_refused(address: str) -> bool:
    with connect(address) as sock:
        try:
            sock.sendall(line("stranger", "let me in"))
            return sock.recv(1) == b""
        except ConnectionError:
            return True


def load() -> dict[str, object]:
    seen: dict[str, object] = {}
    first, second = connect(FIRST), connect(SECOND)
    # Names that would lead out of the folder, and four thousand of them.
    for number in range(4000):
        first.sendall(line(f"../../name{number}", "by its address"))
    first.sendall(line("last", "of the names"))
    until(lambda: "of the names" in content("first"))
    seen["files"] = files()
    # Ten times as many connections as there may be sessions, of somebody who is not known.
    with connect("127.0.8.1") as pod:
        pod.sendall(line("first", "by a pod"))
    seen["refused"] = all(is_refused(f"127.0.9.{1 + number % 200}") for number in range(500))
    seen["pod"] = "by a pod" in content("first")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.sendto(line("stranger", "by UDP"), ("127.0.0.1", 514))
    # Ten times what the file of one sender may have, over and over; another one is heard all the while.
    text = "x" * 900
    most = 0
    for number in range(ROUNDS):
        for _ in range(10 * int(BYTES) // len(text) // ROUNDS + 1):
            first.sendall(line("first", text))
        for _ in range(int(BYTES) // len(text) + 50):
            first.sendall(line("first", text))
        second.sendall(line("second", f"round {number}"))
        hear(f"round {number}")
        most = max(most, total())
        subprocess.run(["logrotate", "-f", "-s", f"{FOLDER}.state", LOGROTATE], check=True)
        most = max(most, total())
        until(lambda: not content("second"))
        second.sendall(line("second", f"after {number}"))
        hear(f"after {number}")
    seen["most"] = most
    seen["heard"] = f"after {ROUNDS - 1}" in content("second")
    seen["folders"] = sorted(os.listdir(FOLDER))
    return seen


def main() -> None:
    command = ["rsyslogd", "-n", "-f", RSYSLOG, "-i", f"{FOLDER}.pid"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as server:
        try:
            seen = load()
            print(json.dumps({**seen, "alive": server.poll() is None}))
        finally:
            server.terminate()


if __name__ == "__main__":
    main()
