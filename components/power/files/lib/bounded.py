"""Runs a program whose output is not ours to trust: for so long and for so many bytes, and no more."""

from __future__ import annotations

import io
import selectors
import subprocess
import time
from collections.abc import Mapping, Sequence

# Bytes of both outputs together; an agent says a few kilobytes.
LARGEST = 2**20


class TooMuch(OSError):
    """It printed more than anything that is meant for us."""


def run(
    command: Sequence[str], timeout: float, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
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


def _text(data: bytes | bytearray) -> str:
    return bytes(data).decode("utf-8", "replace")


def _read(process: subprocess.Popen[bytes], command: Sequence[str], timeout: float) -> tuple[bytearray, bytearray]:
    deadline = time.monotonic() + timeout
    out, err = bytearray(), bytearray()
    with selectors.DefaultSelector() as selector:
        for stream, text in ((process.stdout, out), (process.stderr, err)):
            if isinstance(stream, io.BufferedReader):
                selector.register(stream, selectors.EVENT_READ, (stream, text))
        while selector.get_map():
            left = deadline - time.monotonic()
            if left <= 0:
                raise subprocess.TimeoutExpired(command, timeout)
            for key, _ in selector.select(left):
                stream, text = key.data
                data = stream.read1(65536)
                text += data
                if not data:
                    selector.unregister(stream)
            if len(out) + len(err) > LARGEST:
                raise TooMuch(f"{command[0]}: more than {LARGEST // 1024} KiB of output")
    return out, err
