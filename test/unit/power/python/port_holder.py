"""The real port holder on loopback, with a machine, a cluster and an app that come up when they are told to.

Prints the port that a browser asks, at LISTEN_ADDRESS if that is set, then obeys lines of standard input:

  answer        the machine's sshd answers
  ready         its kubelet is Ready
  app           the app answers
  record JSON   the machine's record from now on
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from support import FILES, MODULES, policy

MACHINE = "127.0.0.9"

# The API as far as a wake asks it: the node, its lease, the app's Service.
KUBECTL = r"""#!/usr/bin/python3
import json, os, sys, time
folder = os.path.dirname(os.path.abspath(__file__))
ready = os.path.exists(folder + "/ready")
words = sys.argv[3:]
if words[:2] == ["get", "lease"]:
    print(json.dumps({"spec": {"renewTime": str(time.time()) if ready else "before"}}))
elif words[:2] == ["get", "node"]:
    status = {"conditions": [{"type": "Ready", "status": "True" if ready else "False"}]}
    print(json.dumps({"metadata": {"name": "box", "resourceVersion": "1"}, "spec": {}, "status": status}))
elif words[:2] == ["get", "service"]:
    print(json.dumps({"spec": {"clusterIP": "127.0.0.1"}}))
elif words[0] == "get":
    print(json.dumps({"items": []}))
"""


class App(BaseHTTPRequestHandler):
    """Answers with the address that was asked for."""

    def do_GET(self) -> None:
        body = f"<!doctype html><title>The app</title><h1>This is the app</h1><p id=path>{self.path}</p>".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def settings(folder: str, port: int, app_port: int, ssh_port: int, page: object) -> dict[str, object]:
    wake_timeout = int(os.environ.get("WAKE_TIMEOUT", "300"))
    return {
        **{"stateDirectory": folder, "kubectl": f"{folder}/kubectl", "kubeconfig": "none", "key": "none"},
        **{"connections": f"{folder}/connections.json", "metrics": f"{folder}/vmstation.prom"},
        **{"broadcast": "127.255.255.255", "agentUser": "nobody", "knownHosts": "none"},
        **({} if page is None else {"page": page}),
        "machines": [
            policy(name="nas", address=MACHINE, sshPort=ssh_port, wakeTimeout=wake_timeout, apps=["jellyfin"])
        ],
        "apps": [
            {
                **{"app": "jellyfin", "title": "Jellyfin", "machine": "nas", "namespace": "media"},
                **{"kind": "Deployment", "workload": "jellyfin", "service": "jellyfin", "probePort": app_port},
                "probe": {},
                "advertised": [{"port": port, "servicePort": app_port, "speaks": "http"}],
            }
        ],
    }


def start(folder: str, port: int) -> subprocess.Popen[bytes]:
    """As systemd starts it: the socket is the third descriptor."""
    listener = socket.create_server((os.environ.get("LISTEN_ADDRESS", "127.0.0.1"), port))
    os.dup2(listener.fileno(), 3)
    code = "import os, sys; os.environ['LISTEN_PID'] = str(os.getpid()); os.execv(sys.executable, sys.argv[1:])"
    main = [sys.executable, "-B", f"{FILES}/lib/main.py", "--config", f"{folder}/power.json", "connect"]
    return subprocess.Popen(
        [sys.executable, "-c", code, *main],
        pass_fds=(3,),
        env={**os.environ, "LISTEN_FDS": "1", "PYTHONPATH": os.pathsep.join(str(each) for each in MODULES)},
        stdout=sys.stderr,
    )


def greet(port: int) -> None:
    """An sshd, as far as its first words."""

    def serve() -> None:
        with socket.create_server((MACHINE, port)) as server:
            while True:
                link, _ = server.accept()
                with link:
                    link.sendall(b"SSH-2.0-stand-in\r\n")

    threading.Thread(target=serve, daemon=True).start()


def write_record(folder: str, record: dict[str, object]) -> None:
    """Whole or not at all, as the controller does."""
    new = Path(f"{folder}/nas.new")
    new.write_text(json.dumps(record))
    new.replace(f"{folder}/nas.json")


def main() -> None:
    page = json.loads(sys.argv[1]) if len(sys.argv) > 1 else None
    port, app_port, ssh_port = free_port(), free_port(), free_port()
    with tempfile.TemporaryDirectory() as folder:
        Path(f"{folder}/power.json").write_text(json.dumps(settings(folder, port, app_port, ssh_port, page)))
        Path(f"{folder}/kubectl").write_text(KUBECTL)
        os.chmod(f"{folder}/kubectl", 0o755)
        now = time.time()
        cycles = [[now - 90_000 - i, now - 80_000 - i, took, "a connection"] for i, took in enumerate((41, 47, 44))]
        write_record(folder, {"state": "asleep", "since": now - 7200, "cycles": cycles})
        process = start(folder, port)
        print(port, flush=True)
        for line in sys.stdin:
            word, _, rest = line.strip().partition(" ")
            if word == "answer":
                greet(ssh_port)
            elif word == "ready":
                Path(f"{folder}/ready").touch()
            elif word == "app":
                app = ThreadingHTTPServer(("127.0.0.1", app_port), App)
                threading.Thread(target=app.serve_forever, daemon=True).start()
            elif word == "record":
                write_record(folder, json.loads(rest))
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
