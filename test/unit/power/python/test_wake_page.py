"""The page of a wake: how far it is, from the machine's record, and that nothing in it can be taken for markup."""

import re
import unittest
from dataclasses import replace

from support import NOON, policy

import first_words
import wake_page
from record import Record, failed, from_json, to_json, waking, woken

APP = {"app": "jellyfin", "title": "Jellyfin", "machine": "box"}
ASLEEP = Record(state="asleep", since=NOON - 3600)
WAKES = tuple((NOON - 9000 - i, NOON - 8000 - i, took, "x") for i, took in enumerate((40.0, None, 300.0, 50.0)))


def render(record, page=None, spun_down=False, target="/", **changes):
    asked = wake_page.Asked({**APP, **changes}, target, NOON)
    answer = wake_page.render_page(asked, policy(), record, page, spun_down)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert f"Content-Length: {len(body)}".encode() in head, head
    return head.decode(), body.decode()


def step_of(record, now=NOON, **changes):
    return wake_page.progress_of({**policy(), **changes}, record, now).step


class HowFarItIs(unittest.TestCase):
    def test_each_step_follows_from_the_record(self):
        self.assertEqual(step_of(ASLEEP), "signal")
        begun = waking(ASLEEP, NOON - 20, "a connection")
        self.assertEqual(step_of(begun), "machine")
        # Answered in an earlier wake.
        self.assertEqual(step_of(replace(begun, answered_at=NOON - 4000)), "machine")
        self.assertEqual(step_of(replace(begun, answered_at=NOON - 5)), "cluster")
        self.assertEqual(step_of(woken(begun, NOON, "a connection")), "app")
        self.assertEqual(step_of(failed(begun, NOON, "no SSH")), "failed")
        self.assertEqual(step_of(ASLEEP, offline=True), "offline")
        self.assertEqual(wake_page.progress_of(policy(), ASLEEP, NOON, spun_down=True).step, "off")

    def test_the_time_is_counted_from_the_packet_until_the_app_is_there(self):
        begun = waking(ASLEEP, NOON - 20, "a connection")
        self.assertEqual(wake_page.progress_of(policy(), begun, NOON).elapsed, 20)
        done = woken(begun, NOON, "a connection")
        self.assertEqual(wake_page.progress_of(policy(), done, NOON + 7).elapsed, 27)
        # Nobody waits since yesterday: the app itself has ended.
        self.assertIsNone(wake_page.progress_of(policy(), done, NOON + 86400).elapsed)

    def test_the_usual_time_is_the_middle_one_of_the_last_wakes(self):
        self.assertEqual(wake_page.usual_seconds(replace(ASLEEP, cycles=WAKES)), 50)
        self.assertEqual(wake_page.usual_seconds(replace(ASLEEP, last_wake_seconds=33.0)), 33)
        self.assertIsNone(wake_page.usual_seconds(ASLEEP))

    def test_an_app_of_an_earlier_version_has_its_short_name(self):
        old = {name: value for name, value in APP.items() if name != "title"}
        answer = wake_page.render_page(wake_page.Asked(old, "/", NOON), policy(), ASLEEP, None, False)
        self.assertIn(b"<h1>jellyfin is waking up</h1>", answer)

    def test_a_record_of_an_earlier_version_has_not_seen_an_answer(self):
        old = to_json(waking(ASLEEP, NOON, "x"))
        del old["answered_at"]
        self.assertEqual(step_of(from_json(old)), "machine")


class WhatIsShown(unittest.TestCase):
    def test_it_names_the_app_the_steps_and_the_times(self):
        _, body = render(replace(waking(ASLEEP, NOON - 65, "x"), answered_at=NOON - 5, cycles=WAKES))
        self.assertIn("<h1>Jellyfin is waking up</h1>", body)
        self.assertEqual(re.findall(r'<li class="(\w+)"', body), ["done", "done", "now"])
        self.assertIn("1 min 5 s so far. The last wakes took about 50 s until box was back.", body)
        self.assertIn("<h1>Jellyfin is starting</h1>", render(woken(waking(ASLEEP, NOON, "x"), NOON, "x"))[1])

    def test_one_that_failed_says_what_to_do_and_when_it_is_tried_again(self):
        _, body = render(failed(ASLEEP, NOON, "no SSH within 300 s"))
        for part in ("could not be woken", "Press the power button of box", "no SSH within 300 s", "12:30"):
            self.assertIn(part, body)

    def test_one_that_takes_long_says_so(self):
        slow = replace(waking(ASLEEP, NOON - 300, "x"), cycles=WAKES)
        self.assertIn("longer than usual", render(slow)[1])
        self.assertNotIn("longer than usual", render(replace(slow, since=NOON - 30))[1])
        self.assertIn("does not answer yet", render(Record(state="awake", since=NOON - 9000, woken_at=NOON - 9000))[1])

    def test_names_texts_and_reasons_are_never_markup(self):
        evil = '<script>alert(1)</script>"&'
        page = {"language": "de", "texts": {"failed": evil}}
        _, body = render(failed(ASLEEP, NOON, evil), page=page, title=evil, machine=evil)
        self.assertEqual(body.count("<script>"), 1)
        self.assertNotIn("alert(1)</script>", body)
        self.assertIn("&lt;script&gt;", body)

    def test_texts_and_the_language_are_replaced(self):
        page = {"language": "de", "texts": {"title": "{app} wird geweckt"}}
        _, body = render(waking(ASLEEP, NOON, "x"), page=page)
        self.assertIn('<html lang="de">', body)
        self.assertIn("<h1>Jellyfin wird geweckt</h1>", body)

    def test_it_needs_nothing_from_elsewhere(self):
        head, body = render(ASLEEP)
        self.assertIsNone(re.search(r"(?:src=|href=|url\(|@import|https?:)", body))
        self.assertIn("default-src 'none'", head)
        self.assertTrue(head.startswith("HTTP/1.1 503 "))

    def offline(self):
        asked = wake_page.Asked(APP, "/", NOON)
        return wake_page.render_page(asked, {**policy(), "offline": True}, ASLEEP, None, False).decode()

    def test_it_comes_back_to_the_address_that_was_asked_for_and_to_no_other(self):
        head = b"GET /web/?a=1&b=%22 HTTP/1.1\r\n\r\n"
        self.assertEqual(first_words.target_of(head), "/web/?a=1&b=%22")
        for other in (b"//evil.example/", b"/\\evil.example/", b"http://evil.example/", b"*", b"/\xff"):
            self.assertEqual(first_words.target_of(b"GET " + other + b" HTTP/1.1\r\n"), "", other)
        self.assertIn('content="4;url=/web/?a=1&amp;b=&quot;"', render(ASLEEP, target='/web/?a=1&b="')[1])
        self.assertIn('content="4"', render(ASLEEP, target="")[1])

    def test_every_text_is_used_and_every_placeholder_filled(self):
        records = [ASLEEP, failed(ASLEEP, NOON, "x"), Record(state="awake", since=1, woken_at=1)]
        records += [replace(waking(ASLEEP, NOON - 400, "x"), cycles=WAKES), woken(waking(ASLEEP, NOON, "x"), NOON, "x")]
        shown = [render(record)[1] for record in records]
        shown += [render(ASLEEP, spun_down=True)[1]]
        shown += [self.offline()]
        self.assertNotRegex("".join(body[body.index("<main") : body.index("</main")] for body in shown[:-1]), r"[{}]")
        for key, text in wake_page.TEXTS.items():
            part = max(re.split(r"\{\w+\}", text), key=len)
            self.assertTrue(any(part in body for body in shown), key)


if __name__ == "__main__":
    unittest.main()
