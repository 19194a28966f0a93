#!/usr/bin/python3
"""
What the checks ask of a machine, one program of each kind that no test machine has: `part.py NAME`.

node-exporter, kubelet   this machine's own clock (and what /run/part/ahead adds, in seconds) and file systems
grafana, prometheus      200, the targets in /etc/part/targets.json, and nothing for each query
dns                      the names in /etc/part/zone, "NAME ADDRESS" a line
"""

from __future__ import annotations

import http.server
import json
import os
import socket
import socketserver
import ssl
import struct
import subprocess
import sys
import time
from typing import Callable

FOLDERS = ["/", "/srv/media"]


def read(path: str, otherwise: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return otherwise


def metrics() -> str:
    ahead = float(read("/run/part/ahead", "0"))
    lines = [f"node_time_seconds {time.time() + ahead:.3f}", "node_timex_offset_seconds 0", "node_timex_sync_status 1"]
    for folder in filter(os.path.ismount, FOLDERS):
        seen = os.statvfs(folder)
        labels = f'{{device="d",device_error="",fstype="tmpfs",mountpoint="{folder}"}}'
        lines += [
            f"node_filesystem_size_bytes{labels} {seen.f_blocks * seen.f_frsize}",
            f"node_filesystem_avail_bytes{labels} {seen.f_bavail * seen.f_frsize}",
            f"node_filesystem_readonly{labels} 0",
        ]
    return "\n".join(lines) + "\n"


def summary() -> str:
    seen = os.statvfs("/")
    fs = {"availableBytes": seen.f_bavail * seen.f_frsize, "capacityBytes": seen.f_blocks * seen.f_frsize}
    return json.dumps({"node": {"fs": fs}})


def serve(port: int, pages: dict[str, Callable[[], str]], secure: bool = False) -> None:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = pages.get(self.path.split("?")[0])
            body = answer().encode() if answer else b"no such page\n"
            self.send_response(200 if answer else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("", port), Handler)
    if secure:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate())
        server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve_forever()


def certificate() -> str:
    """In memory, so that a full disk does not matter."""
    file = "/run/part/kubelet.pem"
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", file]
    made = subprocess.run(
        ["openssl", "req", "-x509", "-subj", "/CN=kubelet", *key], check=True, capture_output=True, text=True
    )
    with open(file, "a", encoding="utf-8") as pem:
        pem.write(made.stdout)
    return file


class Dns(socketserver.BaseRequestHandler):
    """A records of the zone; "no such name" (3) of all others. RFC 1035."""

    def handle(self) -> None:
        packet, answering = self.request
        parts, at = [], 12
        while packet[at]:
            parts.append(packet[at + 1 : at + 1 + packet[at]].decode())
            at += packet[at] + 1
        zone = dict(line.split() for line in read("/etc/part/zone", "").splitlines())
        address = zone.get(".".join(parts))
        head = packet[:2] + struct.pack(">5H", 0x8180 if address else 0x8183, 1, bool(address), 0, 0)
        record = struct.pack(">3HIH", 0xC00C, 1, 1, 30, 4) + socket.inet_aton(address) if address else b""
        answering.sendto(head + packet[12 : at + 5] + record, self.client_address)


PROMETHEUS: dict[str, Callable[[], str]] = {
    "/api/v1/targets": lambda: read("/etc/part/targets.json", ""),
    "/api/v1/query": lambda: json.dumps({"data": {"result": json.loads(read("/run/part/lost", "[]"))}}),
}

PARTS = {
    "node-exporter": lambda: serve(9100, {"/metrics": metrics}),
    "kubelet": lambda: serve(10250, {"/stats/summary": summary}, secure=True),
    "grafana": lambda: serve(30300, {"/api/health": lambda: "{}"}),
    "prometheus": lambda: serve(30090, PROMETHEUS),
    "dns": lambda: socketserver.ThreadingUDPServer(("10.96.0.10", 53), Dns).serve_forever(),
}

os.makedirs("/run/part", exist_ok=True)
PARTS[sys.argv[1]]()
