"""Ansible callback: the play goes on to labels and taints once machines that join are Nodes, which their kubelets make.

`kubeadm join` of a worker ends before that, and Kubespray labels at once. VMSTATION_AWAIT_NODES: the command, as JSON,
that waits for the Nodes; none where no machine joins.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from typing import Any

from ansible.plugins.callback import CallbackBase

# The role that labels; the one that taints comes after it.
ROLE = "kubernetes/node-label : "
SECONDS = 180


class CallbackModule(CallbackBase):  # type: ignore[misc]
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "await_nodes"

    def __init__(self) -> None:
        super().__init__()
        self.command = json.loads(os.environ.get("VMSTATION_AWAIT_NODES", "[]"))

    # Ansible begins the task once its callbacks have returned.
    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        if self.command and task.get_name().startswith(ROLE):
            command, self.command = self.command, []
            if not await_nodes(command):
                self._display.display(f"not all is there after {SECONDS} s: {' '.join(command)}")


def await_nodes(command: list[str]) -> bool:
    """The API server may be away for a moment: then kubectl ends at once, and is asked again."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        left = max(1, int(end - time.monotonic()))
        if subprocess.run([*command, f"--timeout={left}s"], stdin=subprocess.DEVNULL, check=False).returncode == 0:
            return True
        time.sleep(1)
    return False
