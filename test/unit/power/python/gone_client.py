"""Run in a network namespace of its own: a client whose machine loses its power sends nothing more, not even an end."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import time
from dataclasses import replace

from fakes import IDLE, FakeWorld

import connect
from clients import Bounds, Clients
from reach import dial

BOUNDS = Bounds(keep_alive=(1, 1, 2))


def drop_everything_of(port: int) -> None:
    rules = (
        "table inet cut { chain input { type filter hook input priority 0;\n"
        f"tcp sport {port} drop\ntcp dport {port} drop\n}}\n}}\n"
    )
    subprocess.run(["nft", "-f", "-"], input=rules, text=True, check=True)


async def main(world: FakeWorld) -> None:
    world.add_jellyfin()
    world.store.save("box", replace(IDLE, state="awake"))
    app = world.settings["apps"][0]

    async def swallow(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.read()

    server = await asyncio.start_server(swallow, "127.0.0.1", 0)

    async def connect_to_app(_address: str, _port: int) -> socket.socket:
        return await dial(*server.sockets[0].getsockname())

    connector = connect.Connector(world, lambda *_: None, connect_to_app, BOUNDS)
    clients = Clients(BOUNDS, asyncio.get_running_loop().time)
    listener = socket.create_server(("127.0.0.1", 0))
    accepting = asyncio.ensure_future(connector.accept(clients, app, app["advertised"][0], listener))
    _, writer = await asyncio.open_connection(*listener.getsockname())
    writer.write(b"a film, please")
    while connector.open["jellyfin"] != 1:
        await asyncio.sleep(0.01)
    drop_everything_of(writer.get_extra_info("sockname")[1])
    begin = time.monotonic()
    while connector.open["jellyfin"] and time.monotonic() - begin < 40:
        await asyncio.sleep(0.05)
    accepting.cancel()
    print(json.dumps({"users": connector.open["jellyfin"]}))


if __name__ == "__main__":
    held = FakeWorld()
    asyncio.run(main(held))
    held.close()
