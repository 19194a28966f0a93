"""Clients of sleeping apps: held while the machine wakes, forwarded, counted; noise wakes nothing."""

import asyncio
import contextlib
import json
import socket
import unittest
from dataclasses import replace
from unittest import mock

from fakes import IDLE, FakeWorld, quiet

import connect
import controller
import reach
from clients import Bounds, Clients

BROWSER = b"GET / HTTP/1.1\r\nHost: tv\r\nAccept: text/html,application/xhtml+xml\r\n\r\n"
CLIENT = b"GET /System/Info HTTP/1.1\r\nHost: tv\r\nAccept: application/json\r\n\r\n"


class PortOfAnApp(unittest.IsolatedAsyncioTestCase):
    """One port, held on loopback; `bounds` are the test's."""

    bounds = Bounds()

    async def asyncSetUp(self):
        soon = (mock.patch.object(reach, "RETRY", 0.02), mock.patch.object(connect, "PUBLISH_EVERY", 0.01))
        for put in (quiet(), *soon):
            put.__enter__()
            self.addCleanup(put.__exit__, None, None, None)
        self.world = FakeWorld()
        self.addCleanup(self.world.close)
        self.world.add_jellyfin()
        self.app = self.world.settings["apps"][0]
        self.port = self.app["advertised"][0]
        self.app_is_up = asyncio.Event()
        self.seen = []
        self.made = self.answering = 0
        self.loop = asyncio.get_running_loop()
        # The real app on loopback; what dials it stands in for the machine being there.
        self.server = await asyncio.start_server(self.answer, "127.0.0.1", 0)
        self.connector = connect.Connector(self.world, self.check_all, self.dial, self.bounds)
        self.clients = Clients(self.bounds, self.loop.time)
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        accepting = self.connector.accept(self.clients, self.app, self.port, self.listener)
        self.accepting = asyncio.ensure_future(accepting)
        self.addAsyncCleanup(self.stop)

    async def stop(self):
        self.accepting.cancel()
        for client in [*self.clients.all]:
            client.task.cancel()
        await self.until(lambda: not self.clients.all and not self.connector.publishing)
        tasks = [*self.connector.reach.attempts.values(), *self.connector.reach.checks.values()]
        await asyncio.gather(*tasks)
        self.listener.close()
        self.server.close()
        await self.until(lambda: not self.answering)

    def check_all(self, *arguments):
        self.made += 1
        result = controller.check_all(*arguments)
        if self.world.machines.up:
            self.loop.call_soon_threadsafe(self.app_is_up.set)
        return result

    async def dial(self, address, port):
        self.assertEqual((address, port), ("127.0.0.1", 8096))
        if not self.app_is_up.is_set():
            raise ConnectionRefusedError
        return await reach.dial(*self.server.sockets[0].getsockname())

    async def answer(self, reader, writer):
        self.answering += 1
        with contextlib.suppress(ConnectionError):
            data = await reader.read(65536)
            self.seen.append(data)
            writer.write(b"answer to " + data)
            await reader.read()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
        self.answering -= 1

    async def connect(self, words=b"", local="127.0.0.1"):
        reader, writer = await asyncio.open_connection(*self.listener.getsockname(), local_addr=(local, 0))
        self.addCleanup(writer.close)
        writer.write(words)
        return reader, writer

    async def ask(self, words):
        """Everything that a client gets which says `words` and then waits for the answer."""
        reader, writer = await self.connect(words)
        data = await reader.read(65536)
        writer.close()
        return data

    async def until(self, condition):
        while not condition():
            await asyncio.sleep(0.005)

    def counted(self):
        with open(self.world.settings["connections"], encoding="utf-8") as file:
            return json.load(file)["jellyfin"]

    def fall_asleep(self):
        self.world.machines.up = self.world.kube.alive = False
        self.world.store.save("box", replace(IDLE, state="asleep"))

    def nothing_was_woken(self):
        self.assertEqual(self.world.store.requests("box", 900), [])
        self.assertEqual((self.world.machines.packets, self.made, self.counted()), (0, 0, 0))


class Connections(PortOfAnApp):
    bounds = Bounds(silence=0.2, patience=0.2)

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
        self.assertIn(b"Jellyfin is waking up", answer)
        self.assertEqual(self.seen, [])
        await self.connector.reach.checks["box"]
        self.assertEqual(self.world.store.load("box").state, "awake")

    async def test_a_machine_that_is_going_to_sleep_finds_the_request(self):
        self.world.store.save("box", replace(IDLE, state="draining"))
        with self.world.store.lock("box"):
            await self.ask(BROWSER)
            self.assertEqual(self.world.store.requests("box", 900), ["a connection to jellyfin"])
        await self.connector.reach.checks["box"]

    async def test_an_app_that_starts_late_leaves_no_request_behind_once_it_answers(self):
        self.world.store.save("box", IDLE)
        self.world.store.request("box", "a backup")
        answer = asyncio.ensure_future(self.ask(CLIENT))
        await self.until(lambda: "a connection to jellyfin" in self.world.store.requests("box", 900))
        self.app_is_up.set()
        self.assertEqual(await answer, b"answer to " + CLIENT)
        self.assertEqual(self.world.store.requests("box", 900), ["a backup"])

    async def test_a_machine_that_is_going_to_sleep_finds_the_request_of_whom_its_app_still_answers(self):
        self.world.store.save("box", replace(IDLE, state="draining"))
        self.app_is_up.set()
        with self.world.store.lock("box"):
            self.assertEqual(await self.ask(CLIENT), b"answer to " + CLIENT)
            self.assertEqual(self.world.store.requests("box", 900), ["a connection to jellyfin"])
        await self.connector.reach.checks["box"]

    async def test_open_connections_are_counted_and_no_longer_when_closed(self):
        self.world.store.save("box", IDLE)
        self.app_is_up.set()
        reader, writer = await self.connect(b"hello")
        await reader.read(1)
        self.assertEqual(self.counted(), 1)
        writer.close()
        await self.until(lambda: self.counted() == 0)

    async def test_two_clients_are_one_wake(self):
        self.fall_asleep()
        answers = await asyncio.gather(self.ask(CLIENT), self.ask(CLIENT))
        self.assertEqual(answers, [b"answer to " + CLIENT] * 2)
        self.assertEqual(self.world.machines.packets, 1)
        self.assertEqual(self.world.store.load("box").wakes, 1)

    async def test_a_bare_connect_wakes_nothing(self):
        self.fall_asleep()
        _, writer = await self.connect()
        writer.close()
        await self.until(lambda: not self.clients.all)
        self.nothing_was_woken()

    async def test_silence_ends_and_wakes_nothing(self):
        self.fall_asleep()
        self.assertEqual(await self.ask(b""), b"")
        self.assertEqual(await self.ask(b"GET / HTTP/1.1\r\n"), b"")
        self.nothing_was_woken()

    async def test_what_is_no_request_wakes_nothing(self):
        self.fall_asleep()
        self.assertEqual(await self.ask(b"\x16\x03\x01\x02\x00"), b"")
        self.nothing_was_woken()

    async def test_a_client_that_speaks_first_wakes_it_by_any_word(self):
        self.port["speaks"] = "client-first"
        self.fall_asleep()
        self.assertEqual(await self.ask(b"hello"), b"answer to hello")
        self.assertEqual(self.world.machines.packets, 1)

    async def test_a_client_that_waits_for_the_server_wakes_it_and_one_that_leaves_does_not(self):
        self.port["speaks"] = "server-first"
        self.fall_asleep()
        _, writer = await self.connect()
        writer.close()
        await self.until(lambda: not self.clients.all)
        self.nothing_was_woken()
        _, writer = await self.connect()
        await self.until(lambda: self.world.machines.packets == 1)

    async def test_one_that_spoke_and_left_causes_one_check_and_no_more(self):
        self.fall_asleep()
        self.world.machines.deaf = True
        with mock.patch.object(controller, "check_all") as check:
            self.connector.reach.check_all = check
            _, writer = await self.connect(CLIENT)
            writer.close()
            await self.until(lambda: not self.clients.all)
            self.assertEqual(self.world.store.requests("box", 900), ["a connection to jellyfin"])
            tasks = [*self.connector.reach.attempts.values(), *self.connector.reach.checks.values()]
            await asyncio.wait(tasks)
            self.assertEqual(check.call_count, 1)
        await self.until(lambda: self.counted() == 0)

    async def test_a_machine_that_does_not_come_is_checked_less_and_less_often(self):
        self.fall_asleep()
        with mock.patch.object(controller, "check_all") as check:
            self.connector.reach.check_all = check
            await asyncio.gather(*(self.connect(CLIENT) for _ in range(20)))
            await self.until(lambda: self.connector.reach.fruitless["box"] == 1)
            wait = self.connector.reach.check_after["box"] - self.loop.time()
            self.assertGreater(wait, 1.5)
            self.connector.reach.fruitless["box"] = 60
            await self.connector.reach._check(self.app)
            wait = self.connector.reach.check_after["box"] - self.loop.time()
            self.assertAlmostEqual(wait, reach.CHECK_EVERY, delta=0.5)

    async def test_a_request_that_cannot_be_written_wakes_it_all_the_same(self):
        self.fall_asleep()
        with mock.patch.object(self.world.store, "request", side_effect=OSError("disk full")):
            self.assertEqual(await self.ask(CLIENT), b"answer to " + CLIENT)
        self.assertGreaterEqual(self.world.machines.packets, 1)

    async def test_a_check_that_dies_leaves_the_port_open(self):
        self.fall_asleep()
        self.connector.reach.check_all = mock.Mock(side_effect=RuntimeError("a bug"))
        self.assertIn(b"waking up", await self.ask(BROWSER))
        self.assertIn(b"waking up", await self.ask(BROWSER))


class Limits(PortOfAnApp):
    bounds = Bounds(total=6, per_address=4, silence=60, idle=60, keep_alive=(1, 1, 1))

    async def test_one_address_has_no_more_than_its_share(self):
        self.world.store.save("box", IDLE)
        self.app_is_up.set()
        kept = [await self.connect(b"hello") for _ in range(4)]
        await self.until(lambda: len(self.seen) == 4)
        self.assertEqual(await self.ask(b""), b"")
        _, writer = kept.pop()
        writer.close()
        await self.until(lambda: len(self.clients.all) == 3)
        self.assertEqual(await self.ask(b"hello"), b"answer to hello")

    async def test_who_says_nothing_gives_way_and_who_is_served_does_not(self):
        self.fall_asleep()
        silent = [await self.connect(local=f"127.0.0.{2 + i}") for i in range(6)]
        await self.until(lambda: len(self.clients.all) == 6)
        self.assertEqual(await self.ask(CLIENT), b"answer to " + CLIENT)
        self.assertEqual(await silent[0][0].read(1), b"")
        self.assertLessEqual(len(self.clients.all), 6)
        served = [await self.connect(b"x", local=f"127.0.0.{2 + i}") for i in range(6)]
        for reader, _ in served:
            self.assertEqual(await reader.read(11), b"answer to x")
        self.assertEqual(await self.ask(CLIENT), b"")

    async def test_a_connection_without_a_byte_ends_after_its_time(self):
        self.world.store.save("box", IDLE)
        self.app_is_up.set()
        reader, _ = await self.connect(b"hello")
        await reader.read(20)
        (client,) = self.clients.all
        self.clients.end_idle()
        self.assertEqual(self.counted(), 1)
        client.moved -= 61
        self.clients.end_idle()
        self.assertEqual(await reader.read(1), b"")
        await self.until(lambda: self.counted() == 0)

    async def test_both_sides_are_asked_whether_they_are_still_there(self):
        self.world.store.save("box", IDLE)
        self.app_is_up.set()
        with mock.patch.object(reach, "keep_alive", wraps=reach.keep_alive) as upstream:
            await self.ask(b"hello")
            self.assertEqual(upstream.call_count, 1)
        await self.connect(b"hello")
        await self.until(lambda: self.clients.all)
        for sock in (next(iter(self.clients.all)).sock,):
            self.assertEqual(sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE), 1)
            self.assertEqual(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE), 1)


if __name__ == "__main__":
    unittest.main()
