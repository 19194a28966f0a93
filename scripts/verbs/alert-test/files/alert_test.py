"""Sends one alert through Alertmanager, and looks in its metrics whether the receiver took it.

python3 alert_test.py NAMESPACE POD INTEGRATION SEVERITY SECONDS writes {"alert", "delivered", "why"} as JSON.
amtool and wget are in Alertmanager's image: what runs in its pod needs no way through the network policies.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import NamedTuple

# Of Kubespray and kubeadm, of RKE2, of K3s.
KUBECONFIGS = ("/etc/kubernetes/admin.conf", "/etc/rancher/rke2/rke2.yaml", "/etc/rancher/k3s/k3s.yaml")

# One answer of the API server, in seconds.
SECONDS = 30
CONTAINER = "alertmanager"
ADDRESS = "http://localhost:9093"

# The alert ends by itself after this.
LASTS = 120

# What a receiver says that will not take it the next time either, although Alertmanager tries on for minutes: "(401)"
# of Telegram, but not "too many requests"; ": 535 " of a mail server; and what is wrong with its encryption.
REFUSAL = re.compile(
    r"\((?!408|429)4\d\d\)|: 5\d\d[ -]|\bx509: |not advertise the STARTTLS|tls: first record does not look like"
)


class Failed(Exception):
    """A command said no; its own words."""


class Alertmanager:
    def __init__(self, namespace: str, pod: str) -> None:
        kubeconfig = next((path for path in KUBECONFIGS if os.path.exists(path)), KUBECONFIGS[0])
        self.kubectl = ["kubectl", f"--kubeconfig={kubeconfig}", f"--namespace={namespace}"]
        self.pod = pod

    def run(self, *words: str) -> str:
        """Runs a command in its container."""
        return _output([*self.kubectl, "exec", self.pod, "-c", CONTAINER, "--", *words])

    def send(self, alert: str, severity: str) -> None:
        end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + LASTS))
        summary = "Test of the alerts: nothing is wrong"
        self.run(
            *("amtool", f"--alertmanager.url={ADDRESS}", "alert", "add", f"--end={end}"),
            *(f"alertname={alert}", f"severity={severity}", f"--annotation=summary={summary}"),
        )

    def counters(self, integration: str) -> Counters:
        return Counters(self.run("wget", "-q", "-O", "-", f"{ADDRESS}/metrics"), integration)

    def last_words(self, alert: str) -> LastWords:
        lines = _output([*self.kubectl, "logs", self.pod, "-c", CONTAINER, "--since=10m"]).splitlines()
        failures = [(line, value) for line in lines if "otify" in line and (value := logged(line, "err")) is not None]
        own = [value for line, value in failures if alert in line]
        return LastWords(tried="".join(own[-1:]), given_up="".join(own[-1:] or [value for _, value in failures[-1:]]))


class LastWords(NamedTuple):
    """Why the last notification failed, by the log. The address in it may hold a bot's token."""

    # Of this alert.
    tried: str
    # Alertmanager names no alert where it gives one up at once.
    given_up: str


class Counters:
    """How often an integration was asked to send, how often that failed, and how often it was given up."""

    def __init__(self, metrics: str, integration: str) -> None:
        def total(name: str) -> float:
            values = rf'^alertmanager_{name}\{{[^}}]*integration="{integration}"[^}}]*\}} (\S+)$'
            return sum(float(value) for value in re.findall(values, metrics, re.MULTILINE))

        self.requests = total("notification_requests_total")
        self.failures = total("notification_requests_failed_total")
        self.given_up = total("notifications_failed_total")

    @property
    def sent(self) -> float:
        return self.requests - self.failures


def logged(line: str, key: str) -> str | None:
    """The value of a key in a line of a log; one with spaces is in double quotes there, and escaped."""
    found = re.search(rf'(?:^| ){key}=(?:"((?:[^"\\]|\\.)*)"|(\S+))', line)
    if found is None:
        return None
    quoted, word = found.groups()
    if quoted is None:
        return str(word)
    return re.sub(r"\\(.)", lambda escape: {"n": " ", "t": " "}.get(escape[1], escape[1]), quoted)


def _output(command: Sequence[str]) -> str:
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        raise Failed(f"kubectl: no answer within {SECONDS} s") from None
    except OSError as error:
        raise Failed(str(error)) from None
    if done.returncode:
        raise Failed((done.stderr or done.stdout).strip()[:500])
    return done.stdout


def wait(alertmanager: Alertmanager, integration: str, alert: str, before: Counters, seconds: float) -> str | None:
    """None where a message was sent; else why it was not."""
    end = time.monotonic() + seconds
    while True:
        now = alertmanager.counters(integration)
        if now.sent > before.sent:
            return None
        is_over = time.monotonic() > end
        if now.failures > before.failures:
            words = alertmanager.last_words(alert)
            if REFUSAL.search(words.tried):
                return words.tried
            if is_over or now.given_up > before.given_up:
                return words.given_up or "Alertmanager does not say why"
        if is_over:
            return f"Alertmanager has sent nothing to {integration} within {seconds:.0f} s"
        time.sleep(1)


def main(namespace: str, pod: str, integration: str, severity: str, seconds: str) -> None:
    alertmanager = Alertmanager(namespace, pod)
    # A name of its own, by which alerts are grouped: else a second test waits for the first one's next message.
    alert = "VMStationTest" + time.strftime("%H%M%S")
    try:
        before = alertmanager.counters(integration)
        alertmanager.send(alert, severity)
        why = wait(alertmanager, integration, alert, before, float(seconds))
    except Failed as failure:
        sys.exit(str(failure))
    print(json.dumps({"alert": alert, "delivered": why is None, "why": why or ""}))


if __name__ == "__main__":
    main(*sys.argv[1:])
