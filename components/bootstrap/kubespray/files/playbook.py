"""One ansible-playbook run: its output is the log; what an operator sees is the progress, or the failure."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Sequence

from discover import ADMIN
from inventory import known_hosts
from model import Step, Tell

LIBRARY = os.path.dirname(os.path.abspath(__file__))
HEAD = re.compile(r"^(PLAY|TASK|RUNNING HANDLER) \[(.*?)\] \**$")
FATAL = re.compile(
    r"^(?:fatal|failed): \[([^\]\s]+?)(?: -> [^\]]*)?\]:? ?(?:\(item=.*?\) )?(?:=> |(FAILED|UNREACHABLE)! => )(.*)$"
)


# Kubespray hides what its downloads say, so that no password of a registry is in a log.
HIDDEN = (
    "where it downloads: the file or image is not at its source, or it has another digest;"
    " a digest under bootstrap.variables begins with sha256:"
)


class Progress:
    """Reads Ansible's default output, line by line."""

    def __init__(self, plays: int, tell: Tell) -> None:
        self.plays, self.tell = plays, tell
        self.play, self.task, self.seen = "", "", 0
        self.failures: list[tuple[str, str, str, str]] = []

    def feed(self, line: str) -> None:
        head = HEAD.match(line)
        if head and head.group(1) == "PLAY":
            self.seen += 1
            self.play = head.group(2)
            self.tell(f"{self.percent():3d} %  {self.play}")
        elif head:
            self.task = head.group(2)
            self.tell(f"{self.percent():3d} %    {self.task}")
        elif line.startswith("...ignoring") and self.failures:
            self.failures.pop()
        else:
            fatal = FATAL.match(line)
            if fatal:
                self.failures.append((self.play, self.task, fatal.group(1), message_of(fatal.group(3))))

    def percent(self) -> int:
        return min(99, 100 * (self.seen - 1) // max(1, self.plays, self.seen))


def message_of(result: str) -> str:
    """The message in a task's result; standard error where a command failed, else the text as it is."""
    try:
        fields = json.loads(result)
    except ValueError:
        return result[:1000]
    if fields.get("censored"):
        return f"{fields['censored']}\n{HIDDEN}"
    parts = [fields.get("msg"), fields.get("stderr")]
    return "\n".join(str(part).strip()[-1000:] for part in parts if part) or result[:1000]


def render_failures(failures: Sequence[tuple[str, str, str, str]]) -> str:
    return "".join(
        f"host: {host}\nplay: {play}\ntask: {task}\nmessage: {message}\n" for play, task, host, message in failures[-5:]
    )


def environment(home: str, joining: Sequence[str] = ()) -> dict[str, str]:
    """Kubespray's ansible.cfg, with host keys checked, our own key and facts that never expire; our callbacks/."""
    ssh = (
        "-o ControlMaster=auto -o ControlPersist=30m -o ServerAliveInterval=15 -o ServerAliveCountMax=8 "
        f"-o 'UserKnownHostsFile={known_hosts(home)}' -o GlobalKnownHostsFile=/dev/null "
        "-o StrictHostKeyChecking=yes -o IdentitiesOnly=yes -o ConnectTimeout=15"
    )
    nodes = [f"node/{name}" for name in joining]
    return os.environ | {
        "VMSTATION_AWAIT_NODES": json.dumps([*ADMIN, "wait", "--for=create", *nodes] if nodes else []),
        "ANSIBLE_CALLBACK_PLUGINS": f"{LIBRARY}/callbacks",
        "HOME": "/root",
        "ANSIBLE_CONFIG": f"{home}/checkout/ansible.cfg",
        "ANSIBLE_HOME": f"{home}/ansible",
        "ANSIBLE_HOST_KEY_CHECKING": "True",
        "ANSIBLE_PRIVATE_KEY_FILE": f"{home}/key",
        "ANSIBLE_SSH_ARGS": ssh,
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": f"{home}/facts",
        "ANSIBLE_CACHE_PLUGIN_TIMEOUT": "0",
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_STDOUT_CALLBACK": "default",
        "PYTHONUNBUFFERED": "1",
        "PATH": f"{home}/venv/bin:{os.environ['PATH']}",
    }


def arguments(step: Step, home: str, version: str, limit: str | None) -> list[str]:
    extra = step["extra"] | {"kube_version": version}
    words = [f"{home}/venv/bin/ansible-playbook", "--become", "-i", f"{home}/inventory/step.json"]
    words += ["-e", json.dumps(extra, sort_keys=True)]
    words += ["--limit", limit] if limit else []
    words += ["--tags", ",".join(step["tags"])] if step["tags"] else []
    return [*words, step["playbook"]]


def run(
    step: Step, home: str, version: str, limit: str | None, joining: Sequence[str], tell: Tell
) -> tuple[int, list[tuple[str, str, str, str]]]:
    """(exit code, failures). Everything that Ansible says goes to our own standard output, the log."""
    words, where = arguments(step, home, version, limit), f"{home}/checkout"
    env = environment(home, joining)
    listed = subprocess.run([*words, "--list-tasks"], cwd=where, env=env, capture_output=True, text=True, check=False)
    progress = Progress(len(re.findall(r"^\s+play #\d+", listed.stdout, re.MULTILINE)), tell)
    with subprocess.Popen(
        words, cwd=where, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as child:
        for line in child.stdout or ():
            print(line, end="", flush=True)
            progress.feed(line.rstrip("\n"))
    return child.returncode, progress.failures
