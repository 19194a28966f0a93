"""Runs a program whose output is not ours to trust: for so long and for so many bytes, and no more."""

from __future__ import annotations

import selectors
import subprocess
import time

# Bytes of both outputs together; an agent says a few kilobytes.
LARGEST = 2**20


class TooMuch(OSError):
    """It printed more than anything that is meant for us."""


def run(command, timeout, env=None):
    """As subprocess.run with both outputs as text; TimeoutExpired or TooMuch where it exceeds its bounds."""
    with subprocess.Popen(
        command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            out, err = _read(process, command, timeout)
            code = process.wait(max(0.1, timeout))
        except BaseException:
            process.kill()
            raise
    return subprocess.CompletedProcess(command, code, _text(out), _text(err))


def _text(data):
    return bytes(data).decode("utf-8", "replace")


def _read(process, command, timeout):
    deadline = time.monotonic() + timeout
    read = {process.stdout: bytearray(), process.stderr: bytearray()}
    with selectors.DefaultSelector() as selector:
        for stream in read:
            selector.register(stream, selectors.EVENT_READ)
        while selector.get_map():
            left = deadline - time.monotonic()
            if left <= 0:
                raise subprocess.TimeoutExpired(command, timeout)
            for key, _ in selector.select(left):
                data = key.fileobj.read1(65536)
                read[key.fileobj] += data
                if not data:
                    selector.unregister(key.fileobj)
            if sum(map(len, read.values())) > LARGEST:
                raise TooMuch(f"{command[0]}: more than {LARGEST // 1024} KiB of output")
    return read.values()
