"""Which first words of a connection deserve a wake, and whether a browser says them."""

import unittest

import first_words

BROWSER = b"GET / HTTP/1.1\r\nHost: tv\r\nAccept: text/html,application/xhtml+xml\r\n\r\n"
CLIENT = b"GET /System/Info HTTP/1.1\r\nHost: tv\r\nAccept: application/json\r\n\r\n"


class FirstWords(unittest.TestCase):
    def test_a_browser_asks_for_a_page(self):
        self.assertTrue(first_words.is_browser(BROWSER))

    def test_anything_else_is_forwarded(self):
        for head in (
            CLIENT,
            b"",
            b"\x16\x03\x01\x02\x00",
            b"POST / HTTP/1.1\r\nAccept: text/html\r\n\r\n",
            b"GET / HTTP/1.1\r\nX: accept: text/html\r\n\r\n",
        ):
            self.assertFalse(first_words.is_browser(head), head)

    def test_a_whole_request_deserves_a_wake_and_no_part_of_it(self):
        for request in (CLIENT, b"OPTIONS * HTTP/1.0\n\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"):
            self.assertIs(first_words.deserves_wake("http", request), True, request)
            self.assertIsNone(first_words.deserves_wake("http", b""))
            for i in range(1, request.index(b"\n") + 2):
                self.assertIsNone(first_words.deserves_wake("http", request[:i]), request[:i])

    def test_what_is_no_request_is_noise_at_once(self):
        for noise in (b"\x16\x03\x01", b"SSH-2.0-x", b"get / HTTP/1.1", b"\r\n", b"GET  /", b"A" * 21):
            self.assertIs(first_words.deserves_wake("http", noise), False, noise)

    def test_a_request_of_many_headers_deserves_a_wake(self):
        long = CLIENT[:-2] + b"Cookie: " + b"a" * first_words.HEAD
        self.assertIs(first_words.deserves_wake("http", long[: first_words.HEAD]), True)

    def test_where_it_is_not_http_anything_said_does(self):
        for speaks in ("client-first", "server-first"):
            self.assertIs(first_words.deserves_wake(speaks, b"\x00"), True)
            self.assertIsNone(first_words.deserves_wake(speaks, b""))
