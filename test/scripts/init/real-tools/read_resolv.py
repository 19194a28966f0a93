"""The IPv4 name servers that glibc takes from /etc/resolv.conf: FOLDER COUNT, a JSON list on each line of the answer.

Each file of the folder, from 0 to COUNT, becomes /etc/resolv.conf in turn. That has to be a file of the caller's own.
"""

from __future__ import annotations

import ctypes
import json
import shutil
import socket
import sys

# struct __res_state of <resolv.h>: the number of servers lies at byte 16, three socket addresses follow it.
COUNT_AT, FIRST_AT, SIZE, MOST = 16, 20, 16, 3


def servers(libc: ctypes.CDLL) -> list[str]:
    libc.__res_init()
    state = ctypes.string_at(libc.__res_state(), FIRST_AT + MOST * SIZE)
    count = int.from_bytes(state[COUNT_AT : COUNT_AT + 4], sys.byteorder)
    found = []
    for index in range(min(count, MOST)):
        at = FIRST_AT + index * SIZE
        if int.from_bytes(state[at : at + 2], sys.byteorder) == socket.AF_INET:
            found.append(socket.inet_ntoa(state[at + 4 : at + 8]))
    return found


def main() -> None:
    folder, count = sys.argv[1], int(sys.argv[2])
    libc = ctypes.CDLL("libc.so.6")
    libc.__res_state.restype = ctypes.c_void_p
    for index in range(count):
        shutil.copyfile(f"{folder}/{index}", "/etc/resolv.conf")
        print(json.dumps(servers(libc)))


main()
