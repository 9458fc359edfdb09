"""What letters of enforcement (执法文书) print besides what was filled in."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from casework.act import Act
from casework.facts.exemptions import door_of, violation_of
from casework.models import Account, Person, Post
from rulebook.discretion import STAGES, WEIGHTS
from rulebook.money import in_yuan, yuan

_THIRTY_THREE = "《中华人民共和国行政处罚法》第三十三条"
_FIFTY_SEVEN = "《中华人民共和国行政处罚法》第五十七条第一款"
# door: the article, and what the law says of it.
_DOORS = {
    "minor": (
        f"{_THIRTY_THREE}第一款、第五十七条第一款第二项",
        "违法行为轻微并及时改正，没有造成危害后果的，不予行政处罚",
    ),
    "first": (
        f"{_THIRTY_THREE}第一款、第五十七条第一款第二项",
        "初次违法且危害后果轻微并及时改正的，可以不予行政处罚",
    ),
    "no_fault": (
        f"{_THIRTY_THREE}第二款、第五十七条第一款第二项",
        "当事人有证据足以证明没有主观过错的，不予行政处罚",
    ),
}
_OTHERS = {
    "不满十四周岁（第三十条）": (
        "《中华人民共和国行政处罚法》第三十条",
        "不满十四周岁的未成年人有违法行为的，不予行政处罚，责令监护人加以管教",
    ),
    "不能辨认或者不能控制自己行为（第三十一条）": (
        "《中华人民共和国行政处罚法》第三十一条",
        "不能辨认或者不能控制自己行为时有违法行为的，不予行政处罚，责令监护人严加看管和治疗",
    ),
    "超过追责期限（第三十六条）": (
        "《中华人民共和国行政处罚法》第三十六条",
        "违法行为在追责期限内未被发现的，不再给予行政处罚",
    ),
    "违法事实不能成立（第五十七条）": (
        f"{_FIFTY_SEVEN}第三项",
        "违法事实不能成立的，不予行政处罚",
    ),
}


def violation_in(act: Act) -> Any:
    """The violation (案由) in hand; an empty text where there is none."""
    if "violation" not in act.data["application"]:
        return ""
    found = violation_of(act)
    return {
        "code": found.code,
        "label": found.label,
        "act": found.act,
        "violated": found.violated,
        "law": found.law,
    }


def handlers_of(act: Act) -> list[dict[str, str]]:
    """The handlers (承办人) whom the filing named, with their certificates."""
    names = act.data.get("file", {}).get("handlers", ())
    rows = act.session.execute(
        select(Person.id, Person.name, Post.certificate_number)
        .join(Account, Account.person_id == Person.id)
        .join(Post, Post.person_id == Person.id)
        .where(
            Account.username.in_(names),
            Post.authority_id == act.case.authority_id,
            Post.certificate_number.is_not(None),
        )
        .order_by(Account.username, Post.id)
    )
    found = {person: {"name": name, "certificate": number} for person, name, number in rows}
    return list(found.values())


def exemption_of(act: Act) -> Any:
    """On which ground nobody is punished, and the fine that there would have been; an empty text
    before that was proposed."""
    said = act.data.get("propose_exemption")
    if not said:
        return ""
    ground = act.data.get("check_other", {}).get("ground", "")
    basis, rule = _DOORS.get(door_of(act)) or _OTHERS[ground]
    return {
        "basis": basis,
        "rule": rule,
        "stage": STAGES[said["stage"]],
        "weight": WEIGHTS[said["weight"]],
        "would_be_fine": in_yuan(yuan(said["would_be_fine"])),
    }
