"""Putting down what was published, each channel with a scan of its own."""

from __future__ import annotations

from datetime import date
from typing import Any

import httpx
from sqlalchemy import select

from casework.models import Publication
from casework.publicity import recording
from tests.support.front import Front
from tests.support.signed import pdf
from tests.support.town import Town

SITE, CREDIT_CHINA = "本机关门户网站", "信用中国"
ENTERPRISES = "国家企业信用信息公示系统"
CHANNELS = (SITE, CREDIT_CHINA, ENTERPRISES)


def scan_of(town: Town, channel: str) -> bytes:
    """The receipt of a channel as it is scanned today."""
    return pdf(f"{channel} {town.time.now().date()}")


def kept(front: Front, who: str, channel: str) -> httpx.Response:
    """The answer to whoever hands in the receipt of a channel."""
    files = {"file": (f"{channel}回执.pdf", scan_of(front.town, channel))}
    return front.ask(who, "POST", "/publications/receipts", files=files)


def put(
    front: Front, *entries: int, who: str = "credit", channel: str = SITE, **said: Any
) -> httpx.Response:
    """The answer to whoever puts down entries in one channel, with its receipt."""
    if "receipt" not in said:
        answer = kept(front, who, channel)
        if answer.status_code != 201:
            return answer
        said["receipt"] = answer.json()["receipt"]
    body = {"entries": list(entries), "channel": channel, "on": "2026-09-01", **said}
    return front.post(who, "/publications", body)


def put_down(
    town: Town, *entries: int, channel: str = SITE, on: date | None = None, who: str = "credit"
) -> None:
    """Put down entries as done in one channel, today or `on` a day."""
    actor, name = town.people[who], f"{channel}回执.pdf"
    scan = recording.keep_receipt(town.office, actor, name, scan_of(town, channel))
    day = on or town.time.now().date()
    recording.record(town.office, actor, list(entries), channel, day, scan)


def put_down_first(town: Town) -> None:
    """Put down the first entry of the ledger as done in every channel."""
    with town.session() as session:
        entry = session.scalars(select(Publication.id).order_by(Publication.id).limit(1)).one()
    for channel in CHANNELS:
        put_down(town, entry, channel=channel)
