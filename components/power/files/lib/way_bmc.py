"""The machine's BMC, by IPMI: power on, where magic packets alone have done nothing."""

from __future__ import annotations

import os
import subprocess

from model import Policy, Settings
from way import Run, WakeError, Way

# Seconds.
AFTER = 45
TIMEOUT = 30


def create(_settings: Settings, run: Run) -> Way:
    def power_on(policy: Policy) -> None:
        """The password reaches ipmitool by its environment, never its arguments."""
        bmc = policy["bmc"]
        with open(bmc["passwordFile"], encoding="utf-8") as file:
            password = file.read().strip()
        command = ["ipmitool", "-I", "lanplus", "-H", bmc["address"], "-U", bmc["user"], "-E"]
        try:
            env = {**os.environ, "IPMI_PASSWORD": password}
            done = run([*command, "chassis", "power", "on"], timeout=TIMEOUT, env=env)
        except subprocess.TimeoutExpired as error:
            raise WakeError(f"ipmitool: no answer within {TIMEOUT} s") from error
        if done.returncode != 0:
            raise WakeError(f"ipmitool: {done.stderr.strip() or done.returncode}")

    return Way(after=lambda policy: AFTER if policy.get("bmc") else None, wake=power_on)
