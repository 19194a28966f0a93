"""Proxmox VE's API, as far as it takes to wake a virtual machine, and to switch off a host and wake it again."""

from __future__ import annotations

import contextlib
import http.client
import json
import ssl
import time
import urllib.parse
from collections.abc import Callable
from typing import Any

from model import Policy, ProxmoxAccess
from way import WakeError

# Seconds for a step of the connection, and for one answer as a whole.
PATIENCE = 5
TIMEOUT = 15
LARGEST = 4 * 2**20

# Of a host that could not reach another one to the end, or of a proxy before it: the other may have been reached. 595
# is left out, as there was no connection.
LOST = (502, 504, 596, 597, 598, 599)

# X509_V_FLAG_PARTIAL_CHAIN of OpenSSL; Python names it from 3.10 on.
PARTIAL_CHAIN = ssl.VerifyFlags(0x80000)

Connect = Callable[[str, "int | None", ssl.SSLContext], http.client.HTTPSConnection]


class ProxmoxError(WakeError):
    """What the API has refused, or does not have."""


class Silent(ProxmoxError):
    """No host of the cluster answers."""


class Unanswered(ProxmoxError):
    """What was to be changed has been sent, and nobody knows whether it has arrived: it is sent to no other host."""


def connect(host: str, port: int | None, context: ssl.SSLContext) -> http.client.HTTPSConnection:
    return http.client.HTTPSConnection(host, port, timeout=PATIENCE, context=context)


def trust(certificates: str | None) -> ssl.SSLContext:
    """Where certificates are given, nothing else counts. The address must always be one that the host's is for."""
    context = ssl.create_default_context(cadata=certificates)
    if certificates is not None:
        # A host's own certificate is trusted without the one that has signed it.
        context.verify_flags |= PARTIAL_CHAIN
        # Python 3.13 asks for a key identifier, which Proxmox VE up to 8 has written into no host's certificate.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


class Proxmox:
    def __init__(self, access: ProxmoxAccess, connection: Connect = connect) -> None:
        self.access = access
        self.connection = connection
        self.context = trust(access.get("certificateAuthority"))
        with open(access["tokenFile"], encoding="utf-8") as file:
            self.token = file.read().strip()

    def get(self, path: str, /, **query: str) -> Any:
        return self._call("GET", f"{path}?{urllib.parse.urlencode(query)}" if query else path, None)

    def post(self, path: str, /, **values: str) -> Any:
        return self._call("POST", path, urllib.parse.urlencode(values))

    def _call(self, method: str, path: str, body: str | None) -> Any:
        """By the first host that answers: each of them knows the whole cluster."""
        silent = []
        for endpoint in self.access["endpoints"]:
            try:
                link = self._connect(endpoint)
            except (OSError, http.client.HTTPException) as error:
                silent.append(f"{endpoint}: {_describe(error)}")
                continue
            try:
                status, reason, text = self._ask(link, method, path, body)
            except (OSError, http.client.HTTPException) as error:
                silent.append(f"{endpoint}: {_describe(error)}")
                if method != "GET":
                    raise Unanswered(f"Proxmox has not answered: {silent[-1]}") from error
            else:
                if method != "GET" and status in LOST:
                    raise Unanswered(f"Proxmox: {status} {reason}"[:500])
                return _data(status, reason, text)
            finally:
                link.close()
        raise Silent(f"Proxmox does not answer: {'; '.join(silent)}")

    def _connect(self, endpoint: str) -> http.client.HTTPSConnection:
        parts = urllib.parse.urlsplit(endpoint)
        link = self.connection(parts.hostname or "", parts.port, self.context)
        try:
            link.connect()
        except BaseException:
            link.close()
            raise
        return link

    def _ask(self, link: http.client.HTTPSConnection, method: str, path: str, body: str | None) -> tuple[int, str, str]:
        headers = {"Authorization": f"PVEAPIToken={self.token}", "Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        link.request(method, f"/api2/json{path}", body, headers)
        answer = link.getresponse()
        return answer.status, answer.reason, _read(answer)


def _describe(error: Exception) -> str:
    why = str(error) or type(error).__name__
    if isinstance(error, ssl.SSLCertVerificationError):
        why += ". If its certificate was renewed: npx vmstation trust --hypervisor, then npx vmstation up"
    return why


def _read(answer: http.client.HTTPResponse) -> str:
    deadline = time.monotonic() + TIMEOUT
    data = b""
    while piece := answer.read1(65536):
        data += piece
        if len(data) > LARGEST or time.monotonic() > deadline:
            raise OSError(f"an answer of more than {LARGEST // 2**20} MiB or {TIMEOUT} s")
    return data.decode("utf-8", "replace")


def _data(status: int, reason: str, text: str) -> Any:
    """Proxmox says why in the answer's first line; newer versions also in its body."""
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        answer = {}
    if not isinstance(answer, dict):
        answer = {}
    if status == 200 and "data" in answer:
        return answer["data"]
    why = str(answer.get("message") or reason).strip()
    named = answer.get("errors")
    fields = "; ".join(f"{key}: {value}" for key, value in named.items()) if isinstance(named, dict) else ""
    raise ProxmoxError(f"Proxmox: {status} {why}{f' ({fields})' if fields else ''}"[:500])


def resources(api: Proxmox) -> list[dict[str, Any]]:
    """All machines and hosts that the token may see."""
    found = api.get("/cluster/resources")
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def machine_of(policy: Policy, known: list[dict[str, Any]]) -> dict[str, Any]:
    """The virtual machine by its number, wherever in the cluster it is by now."""
    number = policy["proxmox"]["id"]
    for each in known:
        if each.get("type") == "qemu" and each.get("vmid") == number:
            if each.get("name") == policy["name"]:
                return each
            raise ProxmoxError(f"number {number} in Proxmox is {each.get('name')}, and not {policy['name']}")
    raise ProxmoxError(f"Proxmox has no machine {number}, or its token lacks VM.Audit on it")


def is_online(host: str, known: list[dict[str, Any]]) -> bool:
    return any(
        each.get("type") == "node" and each.get("node") == host and each.get("status") == "online" for each in known
    )


def may(api: Proxmox, path: str, right: str) -> bool:
    """Whether the token has that right there."""
    held = api.get("/access/permissions", path=path)
    return isinstance(held, dict) and bool((held.get(path) or {}).get(right))


def end_of(api: Proxmox, task: str | None) -> str | None:
    """What a task ended with: "" for none, None while it runs."""
    if task is None:
        return ""
    with contextlib.suppress(ProxmoxError):
        # UPID:HOST:...
        status = api.get(f"/nodes/{task.split(':')[1]}/tasks/{task}/status")
        if isinstance(status, dict):
            return None if status.get("status") == "running" else str(status.get("exitstatus", ""))
    return ""


def running_task(api: Proxmox, found: dict[str, Any], kind: str) -> str | None:
    """The task of that kind that works on the machine now. The token sees its own tasks.

    The list holds some that have just ended, too.
    """
    for each in api.get(f"/nodes/{found['node']}/tasks", source="active", vmid=str(found["vmid"])):
        if each.get("type") == kind and not each.get("endtime"):
            return str(each.get("upid"))
    return None
