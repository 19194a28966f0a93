"""The page that a browser is shown while the app's machine wakes: how far it is, and what to do where it fails. Pure.

Its texts are in page/texts.json; the configuration may replace each. It needs nothing from elsewhere and reads without
JavaScript, which only spares the reload.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
from dataclasses import dataclass
from pathlib import Path
from string import Template

from decide import RETRY_FAILED
from model import App, Page, Policy
from record import Record
from times import clock

_FOLDER = Path(__file__).parent / "page"


def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8").strip()


TEMPLATE = Template(_read("page.html"))
STYLE = _read("page.css")
SCRIPT = _read("page.js")
TEXTS: dict[str, str] = json.loads(_read("texts.json"))

# The steps of a wake, in their order; the names are those of the texts.
STEPS = ("signal", "machine", "cluster", "app")

# How many of the last wakes tell how long it usually takes.
RECENT = 5
# Seconds that an app may take to answer on a machine that is up, before the page says that something is wrong.
APP_START = 300


@dataclass(frozen=True)
class Progress:
    """How far the wake is."""

    # One of STEPS, "failed", "offline" or "off".
    step: str
    # Seconds since it began; None where nobody waited for a machine.
    elapsed: float | None
    # Seconds that the last wakes took, in the middle; None where there were none.
    usual: float | None


def progress_of(policy: Policy, record: Record, now: float, spun_down: bool = False) -> Progress:
    usual = usual_seconds(record)
    if policy.get("offline"):
        return Progress("offline", None, usual)
    if spun_down and record.state not in ("awake", "idle"):
        return Progress("off", None, usual)
    if record.state == "failed":
        return Progress("failed", None, usual)
    if record.state == "waking":
        step = "cluster" if record.answered_at >= record.since else "machine"
        return Progress(step, max(0, now - record.since), usual)
    if record.state in ("awake", "idle"):
        began = record.woken_at - (record.last_wake_seconds or 0)
        return Progress("app", now - began if 0 <= now - began < 2 * APP_START else None, usual)
    return Progress("signal", None, usual)


def usual_seconds(record: Record) -> float | None:
    took = [cycle[2] for cycle in record.cycles if cycle[2] is not None][-RECENT:]
    if not took:
        return record.last_wake_seconds
    return sorted(took)[len(took) // 2]


def render_seconds(seconds: float) -> str:
    """In units that every language writes so: 45 s, 1 min 5 s."""
    whole = int(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60} s"


class _Words:
    """The texts, escaped, with the names put in."""

    def __init__(self, page: Page | None, values: dict[str, str]) -> None:
        self.texts = {**TEXTS, **(page["texts"] if page is not None else {})}
        self.values = {name: html.escape(value) for name, value in values.items()}

    def text(self, key: str, **more: str) -> str:
        text = html.escape(self.texts[key])
        for name, value in {**self.values, **{n: html.escape(v) for n, v in more.items()}}.items():
            text = text.replace("{" + name + "}", value)
        return text

    def paragraph(self, key: str, style: str = "", **more: str) -> str:
        return f"<p{style and f' class={style}'}>{self.text(key, **more)}</p>"


@dataclass(frozen=True)
class Asked:
    """What a browser asked for, and when."""

    app: App
    # Its path and query; empty where they are not plain.
    target: str
    now: float


def render_page(asked: Asked, policy: Policy, record: Record, page: Page | None, spun_down: bool) -> bytes:
    """A whole answer to an HTTP request. `page`: what the configuration says of it."""
    app = asked.app
    # Settings that an earlier version wrote have only the short name.
    words = _Words(page, {"app": app.get("title", app["app"]), "machine": app["machine"]})
    title, content = _render_content(words, policy, record, asked.now, spun_down)
    document = TEMPLATE.substitute(
        language=html.escape(page["language"] if page is not None else "en"),
        title=title,
        # Without it a browser that has a # in its address goes nowhere.
        target=f";url={html.escape(asked.target)}" if asked.target else "",
        style=STYLE,
        script=SCRIPT,
        content=f"<h1>{title}</h1>\n{content}",
    )
    return render_answer(document.encode())


def _render_content(words: _Words, policy: Policy, record: Record, now: float, spun_down: bool) -> tuple[str, str]:
    """The title, and what is below it."""
    progress = progress_of(policy, record, now, spun_down)
    if progress.step in ("offline", "off"):
        return words.text("offTitle"), words.paragraph(progress.step)
    if progress.step == "failed":
        return words.text("failedTitle"), _render_failure(words, policy, record, now)
    starting = progress.step == "app"
    parts = [words.paragraph("lead"), _render_steps(words, progress.step), _render_time(words, progress)]
    return words.text("startingTitle" if starting else "title"), "\n".join(parts)


def _render_steps(words: _Words, current: str) -> str:
    at = STEPS.index(current)
    marks = ['class="done"' if i < at else 'class="now" aria-current="step"' if i == at else "" for i in range(4)]
    items = [f"<li {mark}>{words.text(step)}</li>".replace(" >", ">") for step, mark in zip(STEPS, marks)]
    return "<ol class=steps>\n" + "\n".join(items) + "\n</ol>"


def _render_time(words: _Words, progress: Progress) -> str:
    elapsed, usual = progress.elapsed, progress.usual
    said = []
    if elapsed is not None:
        said.append(words.text("elapsed", elapsed=render_seconds(elapsed)))
    if usual is not None:
        said.append(words.text("usual", usual=render_seconds(usual)))
    parts = [_render_bar(progress), f"<p>{' '.join(said)}</p>" if said else ""]
    if progress.step == "app" and (elapsed is None or elapsed > APP_START + (usual or 0)):
        parts.append(words.paragraph("noAnswer"))
    elif elapsed is not None and usual is not None and elapsed > 1.5 * usual + 10 and progress.step != "app":
        parts.append(words.paragraph("slow"))
    return "\n".join(part for part in parts if part)


def _render_bar(progress: Progress) -> str:
    """Full only once the page is gone; without a known time it only moves."""
    if progress.usual is None or progress.elapsed is None:
        return "<progress></progress>"
    share = 0.95 if progress.step == "app" else min(0.9, 0.8 * progress.elapsed / max(progress.usual, 1))
    return f'<progress max="100" value="{share * 100:.0f}"></progress>'


def _render_failure(words: _Words, policy: Policy, record: Record, now: float) -> str:
    """What a person in front of it can do, and what somebody else needs to know."""
    steps = "".join(f"<li>{words.text(key)}</li>\n" for key in ("helpButton", "helpCables", "helpWait", "helpAsk"))
    parts = [words.paragraph("failed"), f"<ul class=help>\n{steps}</ul>"]
    if record.failed_at + RETRY_FAILED > now:
        _, time = clock(policy, record.failed_at + RETRY_FAILED).split()
        parts.append(words.paragraph("retry", time=time))
    parts.append(words.paragraph("detail", "small", reason="; ".join(record.reasons)))
    return "\n".join(parts)


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


# The browser runs this script and this style alone, and fetches nothing from elsewhere.
POLICY = (
    f"default-src 'none'; script-src 'sha256-{_digest(SCRIPT)}'; style-src 'sha256-{_digest(STYLE)}'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'"
)


def render_answer(body: bytes) -> bytes:
    head = (
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/html; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nRetry-After: 5\r\nCache-Control: no-store\r\n"
        f"Content-Security-Policy: {POLICY}\r\nX-Content-Type-Options: nosniff\r\nX-VMStation: waking\r\n"
        "Connection: close\r\n\r\n"
    )
    return head.encode() + body
