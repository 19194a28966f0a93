#!/usr/bin/env python3
"""Puts machines to sleep and wakes them, from the controller's network namespace.

Reads commands as JSON lines on stdin, writes events as JSON lines on stdout.

    {"do": "watch", "machine", "mac", "port", "cgroup", "folder"}   folder holds the pipes suspend and resume
    {"do": "forget" | "freeze" | "thaw", "machine"}
    {"event": "ready"}
    {"event": "watching" | "forgotten" | "asleep" | "awake", "machine", "at"}
    {"event": "magic", "mac", "from", "at"}          every magic packet on the bridge, no matter who it is for

A sleeping machine is a frozen control group behind a port without a link: to others it is a machine
that does not answer. Its magic packet, in UDP or bare, thaws it.
"""

from __future__ import annotations

import json
import os
import re
import select
import socket
import subprocess
import sys
import time

BRIDGE = "rig0"
EVERY_PROTOCOL = 3
# Six bytes of ones, then the address sixteen times.
MAGIC = re.compile(rb"\xff{6}(?!\xff)(.{6})\1{15}", re.DOTALL)


def say(event: str, **more: object) -> None:
    print(json.dumps({"event": event, "at": time.time(), **more}), flush=True)


def source(frame: bytes) -> str:
    """The sender's IPv4 address, or its MAC where the packet is bare Ethernet."""
    if frame[12:14] == b"\x08\x00":
        return socket.inet_ntoa(frame[26:30])
    return frame[6:12].hex(":")


class Machine:
    def __init__(self, order: dict[str, str]) -> None:
        self.name, self.mac = order["machine"], order["mac"].lower()
        self.port, self.cgroup = order["port"], order["cgroup"]
        self.pipes = [os.open(f"{order['folder']}/{p}", os.O_RDWR | os.O_NONBLOCK) for p in ("suspend", "resume")]
        self.asleep = self.asked = False

    def freeze(self, asked: bool) -> None:
        if self.asleep:
            return
        self.set_frozen(True)
        self.set_link("down")
        self.asleep, self.asked = True, asked
        say("asleep", machine=self.name)

    def thaw(self) -> None:
        if not self.asleep:
            return
        self.set_link("up")
        if self.asked:
            os.write(self.pipes[1], b"resume\n")
        self.set_frozen(False)
        self.asleep = False
        say("awake", machine=self.name)

    def set_frozen(self, frozen: bool) -> None:
        """Returns when every task of the machine has stopped, or may run again."""
        with open(f"{self.cgroup}/cgroup.events") as events:
            self.switch(str(int(frozen)))
            changed = select.poll()
            changed.register(events, select.POLLPRI)
            while f"frozen {int(frozen)}" not in events.read():
                changed.poll(1000)
                events.seek(0)

    def switch(self, state: str) -> None:
        with open(f"{self.cgroup}/cgroup.freeze", "w") as freeze:
            freeze.write(state)

    def set_link(self, state: str) -> None:
        subprocess.run(["ip", "link", "set", self.port, state], check=True)

    def forget(self) -> None:
        """For a machine that is off: its next boot must not start frozen."""
        if self.asleep:
            self.switch("0")
        for pipe in self.pipes:
            os.close(pipe)
        say("forgotten", machine=self.name)


class Watcher:
    def __init__(self) -> None:
        self.machines: dict[str, Machine] = {}
        self.wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(EVERY_PROTOCOL))
        self.wire.bind((BRIDGE, 0))
        self.orders = b""

    def run(self) -> None:
        say("ready")
        while True:
            suspends = {machine.pipes[0]: machine for machine in self.machines.values()}
            wire = self.wire.fileno()
            readable: list[int] = select.select([0, wire, *suspends], [], [])[0]
            for ready in readable:
                if ready == 0:
                    text = os.read(0, 65536)
                    if not text:
                        return
                    self.obey(text)
                elif ready == wire:
                    self.look(self.wire.recv(2048))
                elif suspends[ready].name in self.machines and os.read(ready, 4096):
                    suspends[ready].freeze(asked=True)

    def obey(self, text: bytes) -> None:
        *lines, self.orders = (self.orders + text).split(b"\n")
        for line in lines:
            order = json.loads(line)
            name = order["machine"]
            if order["do"] == "watch":
                self.machines[name] = Machine(order)
                say("watching", machine=name)
            elif order["do"] == "forget":
                self.machines.pop(name).forget()
            elif order["do"] == "freeze":
                self.machines[name].freeze(asked=False)
            elif order["do"] == "thaw":
                self.machines[name].thaw()

    def look(self, frame: bytes) -> None:
        found = MAGIC.search(frame)
        if not found:
            return
        mac = found.group(1).hex(":")
        say("magic", mac=mac, **{"from": source(frame)})
        for machine in self.machines.values():
            if machine.mac == mac:
                machine.thaw()


if __name__ == "__main__":
    Watcher().run()
    sys.exit(0)
