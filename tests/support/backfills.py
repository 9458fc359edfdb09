"""What is entered afterwards (专项补录), over HTTP: opened, confirmed, papers entered under it."""

from __future__ import annotations

from itertools import count
from typing import Any

from tests.support.front import Front
from tests.support.signed import pdf

_papers = count(1)


def scan_of(what: str) -> bytes:
    """A scan that is unlike every other."""
    return pdf(what)


def new_backfill(
    front: Front, who: str = "supervisor", kind: str = "outage", **changes: Any
) -> Any:
    """Ask for one; the answer."""
    data = {
        "kind": kind,
        "first_day": "2026-09-15",
        "last_day": "2026-09-18",
        "reason": "机房停电，系统停运",
        **changes,
    }
    files = {"file": ("停运记录.pdf", scan_of("停运记录"))}
    return front.ask(who, "POST", "/backfills", data=data, files=files)


def backfill_of(front: Front, kind: str = "outage", **changes: Any) -> int:
    """One that is open and confirmed; its id."""
    answer = new_backfill(front, kind=kind, **changes)
    assert answer.status_code == 201, answer.text
    key: int = answer.json()["id"]
    answer = front.post("approver", f"/backfills/{key}/confirmation")
    assert answer.status_code == 204, answer.text
    return key


def numbers_for(
    front: Front, document: str, n: int = 1, field: str = "公共场所", **more: Any
) -> list[str]:
    """Numbers that are set aside for a kind of document."""
    body = {"document": document, "field": field, "count": n, "reason": "备停运时使用", **more}
    answer = front.post("supervisor", "/backfills/numbers", body)
    assert answer.status_code == 201, answer.text
    found: list[str] = answer.json()["numbers"]
    return found


def paper_in(front: Front, number: str, who: str) -> int:
    """Another signed paper that is kept with a case; its id."""
    name = f"纸质文书{next(_papers)}.pdf"
    answer = front.upload(who, number, "backfilled_paper", name, scan_of(name))
    assert answer.status_code == 201, answer.text
    key: int = answer.json()["id"]
    return key


def enter(front: Front, number: str, step: str, who: str, on: str, key: int, **more: Any) -> Any:
    """Enter a step afterwards as of a day, with a paper of its own unless one is given; the
    answer."""
    given, numbers = more.pop("given", None), more.pop("numbers", {})
    paper = more.pop("paper", 0)
    said = {
        "id": key,
        "paper": paper if paper != 0 else paper_in(front, number, who),
        "numbers": numbers,
    }
    return front.step(who, number, step, given, effective_at=on, backfill=said, **more)


def entered(front: Front, number: str, step: str, by: str, on: str, key: int, **more: Any) -> None:
    """Enter a step afterwards, and let a second person confirm it; both must succeed."""
    first, _, second = by.partition("+")
    version = front.town.case(number).version
    answer = enter(front, number, step, first, on, key, **more)
    assert answer.status_code == 202, answer.text
    answer = front.sign(second or "supervisor", number, step, version=version)
    assert answer.status_code == 200, answer.text
