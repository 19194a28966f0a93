"""Connections to sleeping apps: held while the machine wakes, forwarded, counted; a browser is shown a page."""

import asyncio
import json
import unittest
from dataclasses import replace

from fakes import IDLE, FakeWorld, quiet

import connect
import controller

BROWSER = b"GET / HTTP/1.1\r\nHost: tv\r\nAccept: text/html,application/xhtml+xml\r\n\r\n"
CLIENT = b"GET /System/Info HTTP/1.1\r\nHost: tv\r\nAccept: application/json\r\n\r\n"


class FirstWords(unittest.TestCase):
    def test_a_browser_asks_for_a_page(self):
        self.assertTrue(connect.is_browser(BROWSER))

    def test_anything_else_is_forwarded(self):
        for head in (
            CLIENT,
            b"",
            b"\x16\x03\x01\x02\x00",
            b"POST / HTTP/1.1\r\nAccept: text/html\r\n\r\n",
            b"GET / HTTP/1.1\r\nX: accept: text/html\r\n\r\n",
        ):
            self.assertFalse(connect.is_browser(head), head)

    def test_the_page_escapes_names_and_tells_its_length(self):
        head, _, body = connect.render_page("<b>", "box").partition(b"\r\n\r\n")
        self.assertIn(b"&lt;b&gt; is waking up", body)
        self.assertIn(f"Content-Length: {len(body)}".encode(), head)
        self.assertTrue(head.startswith(b"HTTP/1.1 503 "))


class Connections(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.world = FakeWorld()
        self.addCleanup(self.world.close)
        self.world.add_jellyfin()
        self.app = self.world.settings["apps"][0]
        self.app_is_up = asyncio.Event()
        self.seen = []
        # The real app on loopback; what dials it stands in for the machine being there.
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        self.addAsyncCleanup(self.stop)
        self.connector = connect.Connector(self.world, self.check_all, self.dial)
        self.front = await asyncio.start_server(self.client, "127.0.0.1", 0)

    async def stop(self):
        await self.until_none_is_open()
        self.front.close()
        self.server.close()

    def check_all(self, *arguments):
        with quiet():
            result = controller.check_all(*arguments)
        if self.world.machines.up:
            self.loop.call_soon_threadsafe(self.app_is_up.set)
        return result

    async def dial(self, address, port):
        self.assertEqual((address, port), ("127.0.0.1", 8096))
        if not self.app_is_up.is_set():
            raise ConnectionRefusedError
        return await asyncio.open_connection(*self.server.sockets[0].getsockname())

    async def serve(self, reader, writer):
        data = await reader.read(65536)
        self.seen.append(data)
        writer.write(b"answer to " + data)
        await reader.read()
        writer.close()

    async def client(self, reader, writer):
        await self.connector.handle(self.app, self.app["advertised"][0], reader, writer)

    async def ask(self, words):
        """Everything that a client gets which says `words` and then waits for the answer."""
        self.loop = asyncio.get_running_loop()
        reader, writer = await asyncio.open_connection(*self.front.sockets[0].getsockname())
        writer.write(words)
        data = await reader.read(65536)
        writer.close()
        return data

    def counted(self):
        with open(self.world.settings["connections"], encoding="utf-8") as file:
            return json.load(file)["jellyfin"]

    async def until_none_is_open(self):
        while self.connector.open["jellyfin"]:
            await asyncio.sleep(0)

    def fall_asleep(self):
        self.world.machines.up = self.world.kube.alive = False
        self.world.store.save("box", replace(IDLE, state="asleep"))

    async def test_an_app_that_is_up_is_forwarded_to_at_once(self):
        self.world.store.save("box", IDLE)
        self.app_is_up.set()
        self.assertEqual(await self.ask(CLIENT), b"answer to " + CLIENT)
        self.assertEqual(self.world.store.requests("box", 900), [])
        self.assertEqual(self.world.machines.packets, 0)

    async def test_a_request_made_while_asleep_wakes_the_machine_and_is_answered(self):
        self.fall_asleep()
        self.assertEqual(await self.ask(CLIENT), b"answer to " + CLIENT)
        self.assertEqual(self.seen, [CLIENT])
        self.assertEqual(self.world.machines.packets, 1)
        record = self.world.store.load("box")
        self.assertEqual((record.state, record.reasons), ("awake", ("a connection to jellyfin",)))

    async def test_a_browser_gets_the_page_at_once_and_the_machine_wakes(self):
        self.fall_asleep()
        answer = await self.ask(BROWSER)
        self.assertIn(b"jellyfin is waking up", answer)
        self.assertEqual(self.seen, [])
        await self.connector.checks["box"]
        self.assertEqual(self.world.store.load("box").state, "awake")

    async def test_a_machine_that_is_going_to_sleep_finds_the_request(self):
        self.world.store.save("box", replace(IDLE, state="draining"))
        with self.world.store.lock("box"):
            await self.ask(BROWSER)
            self.assertEqual(self.world.store.requests("box", 900), ["a connection to jellyfin"])
        await self.connector.checks["box"]

    async def test_open_connections_are_counted_and_no_longer_when_closed(self):
        self.world.store.save("box", IDLE)
        self.app_is_up.set()
        self.loop = asyncio.get_running_loop()
        reader, writer = await asyncio.open_connection(*self.front.sockets[0].getsockname())
        writer.write(b"hello")
        await reader.read(1)
        self.assertEqual(self.counted(), 1)
        writer.close()
        await self.until_none_is_open()
        self.assertEqual(self.counted(), 0)

    async def test_two_clients_are_one_wake(self):
        self.fall_asleep()
        answers = await asyncio.gather(self.ask(CLIENT), self.ask(b"hello"))
        self.assertEqual(answers, [b"answer to " + CLIENT, b"answer to hello"])
        self.assertEqual(self.world.machines.packets, 1)
        self.assertEqual(self.world.store.load("box").wakes, 1)


if __name__ == "__main__":
    unittest.main()
