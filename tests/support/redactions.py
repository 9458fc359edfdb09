"""Taking personal data away (删除个人信息), over HTTP: proposed, confirmed, and looked at."""

from __future__ import annotations

from typing import Any

from tests.support.front import Front
from tests.support.signed import SMALL_PDF

REQUEST = SMALL_PDF + b"\n% request"


def ended(front: Front, **changes: Any) -> str:
    """An application that has ended, since its certificate was delivered; its number."""
    number = front.town.granted(**changes)
    front.town.take(number, "deliver", "window", {"recipient": "陈志远"})
    assert front.town.case(number).ended_at is not None
    return number


def seen(front: Front, number: str, by: str = "supervisor") -> Any:
    """What the page of a case's personal data says."""
    answer = front.get(by, f"/cases/{number}/redaction")
    assert answer.status_code == 200, answer.text
    return answer.json()


def named(front: Front, number: str, *labels: str) -> list[str]:
    """The ids of what bears these labels."""
    return [one["id"] for one in seen(front, number)["found"] if one["label"] in labels]


def propose(front: Front, number: str, ids: list[str], by: str = "supervisor", **said: Any) -> Any:
    """Propose to take these away; the answer."""
    files = {"file": ("删除申请书.pdf", said.pop("content", REQUEST))}
    data = {
        "basis": "request",
        "document": "2026年9月1日的删除申请书",
        "reason": "申请人到场，核对了身份证件",
        "chosen": ids,
        **said,
    }
    return front.ask(by, "POST", f"/cases/{number}/redaction", data=data, files=files)


def confirm(front: Front, number: str, by: str = "approver", proposal: int = 0) -> Any:
    """Confirm a proposal, or that which waits now; the answer."""
    waiting = seen(front, number)["waiting"]
    body = {"proposal": proposal or (waiting["id"] if waiting else 1)}
    return front.post(by, f"/cases/{number}/redaction/confirmation", body)


def give_back(front: Front, number: str, reason: str, by: str = "approver") -> Any:
    """Send back the proposal that waits; the answer."""
    body = {"proposal": seen(front, number)["waiting"]["id"], "reason": reason}
    return front.post(by, f"/cases/{number}/redaction/return", body)


def redact(front: Front, number: str, *labels: str, **said: Any) -> None:
    """Take away what bears these labels: a supervisor proposes it, the head confirms."""
    answer = propose(front, number, named(front, number, *labels), **said)
    assert answer.status_code == 204, answer.text
    answer = confirm(front, number)
    assert answer.status_code == 204, answer.text
