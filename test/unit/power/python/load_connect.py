"""Run in a network namespace of its own: ten times of what the port holder bounds, against the real program.

Prints as JSON what was seen; test_connect_load.py judges it.
"""

from __future__ import annotations

import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Callable

from support import FILES, MODULES, policy

from clients import Bounds

BOUNDS = Bounds()
REQUEST = b"GET /System/Info HTTP/1.1\r\nHost: tv\r\n\r\n"
PORTS = {"http": 30096, "client-first": 30920}


def start(folder: str) -> subprocess.Popen[bytes]:
    """`vmstation-connect` as systemd starts it: sockets from the third descriptor on."""
    settings = {
        **{"stateDirectory": folder, "kubectl": f"{folder}/kubectl", "kubeconfig": "none", "key": "none"},
        **{"connections": f"{folder}/connections.json", "metrics": f"{folder}/vmstation.prom"},
        **{"broadcast": "127.255.255.255", "agentUser": "nobody", "knownHosts": "none"},
        "machines": [policy(address="127.0.0.9", sshPort=1, apps=["app"])],
        "apps": [
            {
                **{"app": "app", "title": "App", "machine": "box", "namespace": "media", "kind": "Deployment"},
                **{"workload": "app", "service": "app", "probePort": 1, "probe": {}},
                "advertised": [{"port": port, "servicePort": 1, "speaks": speaks} for speaks, port in PORTS.items()],
            }
        ],
    }
    Path(f"{folder}/power.json").write_text(json.dumps(settings))
    Path(f"{folder}/box.json").write_text(json.dumps({"state": "asleep", "since": time.time()}))
    Path(f"{folder}/kubectl").write_text(f"#!/bin/sh\necho $* >>{folder}/asked\nexit 1\n")
    os.chmod(f"{folder}/kubectl", 0o755)
    listeners = [socket.create_server(("0.0.0.0", port), backlog=128) for port in PORTS.values()]
    for number, listener in enumerate(listeners):
        os.dup2(listener.fileno(), 3 + number)
    code = "import os, sys; os.environ['LISTEN_PID'] = str(os.getpid()); os.execv(sys.executable, sys.argv[1:])"
    main = [sys.executable, "-B", f"{FILES}/lib/main.py", "--config", f"{folder}/power.json", "connect"]
    return subprocess.Popen(
        [sys.executable, "-c", code, *main],
        pass_fds=(3, 4),
        env={**os.environ, "LISTEN_FDS": "2", "PYTHONPATH": os.pathsep.join(MODULES)},
        stdout=open(f"{folder}/log", "w"),
        stderr=subprocess.STDOUT,
    )


def client(address: str, port: int) -> socket.socket:
    sock = socket.socket()
    sock.settimeout(20)
    sock.bind((address, 0))
    sock.connect(("127.0.0.1", port))
    return sock


def flood(count: int, addresses: int, port: int, words: bytes = b"") -> list[socket.socket]:
    """So many clients, the addresses in turn; those that are left open."""
    made = []
    for i in range(count):
        sock = client(f"127.0.1.{1 + i % addresses}", port)
        sock.setblocking(False)
        try:
            sock.send(words)
        except OSError:
            pass
        made.append(sock)
    return made


def still_open(socks: list[socket.socket]) -> int:
    """How many, once that no longer changes."""
    numbers = [count_open(socks)]
    while len(numbers) < 20 or len(set(numbers[-20:])) > 1:
        numbers.append(count_open(socks))
        time.sleep(0.005)
    return numbers[-1]


def count_open(socks: list[socket.socket]) -> int:
    def is_open(sock: socket.socket) -> bool:
        try:
            return sock.recv(1) != b""
        except BlockingIOError:
            return True
        except OSError:
            return False

    return sum(is_open(sock) for sock in socks)


def settled(folder: str, what: Callable[[int], bool]) -> None:
    """Until the file of numbers says so."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            if what(json.loads(Path(f"{folder}/connections.json").read_text())["app"]):
                return
        except (OSError, ValueError):
            pass
        time.sleep(0.01)


def memory(process: subprocess.Popen[bytes]) -> int:
    status = Path(f"/proc/{process.pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))


def main() -> None:
    os.umask(0o022)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 20_000), hard))
    with tempfile.TemporaryDirectory() as folder:
        process = start(folder)
        settled(folder, lambda number: number == 0)
        before = memory(process)
        # Nobody says anything: ten times what one address may have.
        one = flood(10 * BOUNDS.per_address, 1, PORTS["http"])
        seen: dict[str, object] = {"oneAddress": still_open(one)}
        # Everybody says what is no request, and as much of it as the kernel takes.
        noise = flood(10 * BOUNDS.per_address, 200, PORTS["http"], b"\x16\x03\x01" + b"x" * 65_536)
        asked = Path(f"{folder}/asked")
        seen["requestsByNoise"] = Path(f"{folder}/requests").exists() or asked.exists()
        # Clients that deserve a wake, ten times as many as there may be in all: each sends what the kernel takes.
        held = flood(10 * BOUNDS.total, 200, PORTS["client-first"], b"x" * 65_536)
        settled(folder, lambda number: number > 0)
        seen["held"] = still_open(held)
        seen["memoryPerClient"] = (memory(process) - before) / BOUNDS.total
        for sock in one + noise + held:
            sock.close()
        settled(folder, lambda number: number == 0)
        last = client("127.0.0.2", PORTS["http"])
        last.send(REQUEST)
        settled(folder, lambda number: number == 1)
        seen["served"] = json.loads(Path(f"{folder}/connections.json").read_text())["app"]
        seen["alive"] = process.poll() is None
        process.terminate()
        process.wait()
        seen["linesOfLog"] = len(Path(f"{folder}/log").read_text().splitlines())
    print(json.dumps(seen))


if __name__ == "__main__":
    main()
