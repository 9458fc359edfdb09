"""What letters of enforcement (执法文书) print besides what was filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypedDict

from sqlalchemy import select

from casework.acts.act import Act
from casework.acts.actors import ever_in_force
from casework.common.timekeeping import in_chinese
from casework.documents.paper_parts import Part, Parts
from casework.enforcement.exemption.collect import door_of, violation_of
from casework.models import Account, Person, Post
from casework.parts.evidence.register import on_file
from state_machines.enforcement.exemption.forms import (
    CHECK_OTHER,
    CORRECT_ON_THE_SPOT,
    PROPOSE_EXEMPTION,
    RECHECK,
    Lead,
)
from state_machines.enforcement.exemption.forms import OtherGround as Ground
from state_machines.enforcement.penalty.forms import Transfer, TransferKind
from state_machines.parts.officers.forms import OfficersNamed
from state_machines.verification import Presence

_THIRTY_THREE = "《中华人民共和国行政处罚法》第三十三条"
_SUPERVISION = "《中华人民共和国监察法》关于国家机关移送公职人员问题线索"
_VIOLATED, _SUSPECTED = "违反了", "涉嫌违反"
_TAUGHT = (
    "不予行政处罚不免除改正违法行为的义务。本机关依据《中华人民共和国行政处罚法》第三十三条第三款"
    "对你（单位）进行教育，请遵守法律、法规和规章，防止再次发生同类行为；再次发生的，本机关将依法处理。"
)


class ViolationPart(TypedDict):
    """The violation (案由) in hand."""

    code: str
    label: str
    act: str
    violated: str
    law: str


class HandlerPart(TypedDict):
    """A handler (承办人)."""

    name: str
    certificate: str


class ProofPart(TypedDict):
    """An item of the evidence register: by name and kind, and when and where it was taken."""

    item: str
    kind: str
    on: str
    place: str
    proves: str


class ExemptionPart(TypedDict):
    """On which ground nobody is punished, and by which door of the law (处罚法33)."""

    door: str
    basis: str
    rule: str
    finding: str
    duty: str
    correction: str


@dataclass(frozen=True)
class _Ground:
    """A ground of not punishing: its name, its article, what the law says, whether the act is held
    to be proved, and what is asked of the party all the same."""

    door: str
    basis: str
    rule: str
    finding: str
    duty: str


_DOORS = {
    "minor": _Ground(
        "轻微违法不予处罚",
        f"{_THIRTY_THREE}第一款前段、第五十七条第一款第二项",
        "违法行为轻微并及时改正，没有造成危害后果的，不予行政处罚",
        _VIOLATED,
        _TAUGHT,
    ),
    "first": _Ground(
        "初次违法可以不予处罚",
        f"{_THIRTY_THREE}第一款后段、第五十七条第一款第二项",
        "初次违法且危害后果轻微并及时改正的，可以不予行政处罚",
        _VIOLATED,
        _TAUGHT,
    ),
    "no_fault": _Ground(
        "没有主观过错不予处罚",
        f"{_THIRTY_THREE}第二款、第五十七条第一款第二项",
        "当事人有证据足以证明没有主观过错的，不予行政处罚",
        _VIOLATED,
        _TAUGHT,
    ),
}
_OTHERS: Mapping[str, _Ground] = {
    Ground.CHILD.value: _Ground(
        "不满十四周岁不予处罚",
        "《中华人民共和国行政处罚法》第三十条",
        "不满十四周岁的未成年人有违法行为的，不予行政处罚，责令监护人加以管教",
        _VIOLATED,
        "责令监护人加以管教，防止再次发生同类行为。",
    ),
    Ground.INCAPABLE.value: _Ground(
        "不能辨认或者不能控制自己行为不予处罚",
        "《中华人民共和国行政处罚法》第三十一条",
        "精神病人、智力残疾人在不能辨认或者不能控制自己行为时有违法行为的，不予行政处罚",
        _VIOLATED,
        "责令监护人严加看管和治疗。",
    ),
    Ground.TIME_BARRED.value: _Ground(
        "超过追责期限不再处罚",
        "《中华人民共和国行政处罚法》第三十六条",
        "违法行为在追责期限内未被发现的，不再给予行政处罚",
        _VIOLATED,
        "不再给予行政处罚不免除依法改正的义务。",
    ),
    Ground.UNPROVEN.value: _Ground(
        "违法事实不能成立不予处罚",
        "《中华人民共和国行政处罚法》第五十七条第一款第三项",
        "违法事实不能成立的，不予行政处罚",
        _SUSPECTED,
        "本决定不免除你（单位）依法应当履行的其他义务。",
    ),
}


def violation_in(act: Act) -> ViolationPart | Literal[""]:
    """The violation (案由) in hand; an empty text where there is none."""
    if "violation" not in act.inputs.application(Lead).model_fields_set:
        return ""
    violation = violation_of(act)
    return {
        "code": violation.code,
        "label": violation.label,
        "act": violation.act,
        "violated": violation.violated,
        "law": violation.law,
    }


def handlers_of(act: Act) -> list[HandlerPart]:
    """The handlers (承办人) or inspectors whom filing, assignment or hand-over named last, or where
    nobody was named, as on the spot, the two who acted last; each with the certificate that stood
    in a post last by the day of the act."""
    named = [
        officers_named.handlers or officers_named.inspectors
        for officers_named in act.inputs.saying(OfficersNamed)
        if officers_named.model_fields_set
    ]
    chosen = Account.username.in_(named[-1]) if named else Person.id.in_(_acted(act))
    rows = act.session.execute(
        select(Person.id, Person.name, Post.certificate_number)
        .join(Account, Account.person_id == Person.id)
        .join(Post, Post.person_id == Person.id)
        .where(
            chosen,
            Post.authority_id == act.case.authority_id,
            Post.certificate_number.is_not(None),
            Post.valid_from <= act.day,
            ever_in_force(),
        )
        .order_by(Account.username, Post.valid_from, Post.id)
    )
    found: dict[int, HandlerPart] = {
        person: {"name": name, "certificate": number} for person, name, number in rows
    }
    return list(found.values())


def _acted(act: Act) -> list[int]:
    """The officers of this step, or of the last one before it that two of them took."""
    here = [officer.person_id for officer in act.execution.officers]
    if len(here) > 1:
        return here
    headers = reversed(act.dossier.headers)
    return next(
        (list(header["officers"]) for header in headers if len(header["officers"]) > 1), here
    )


def proofs_of(act: Act) -> list[ProofPart]:
    """What the case rests on: its evidence register, each item by name."""
    return [
        {
            "item": item.said["title"],
            "kind": item.said["kind"],
            "on": item.said["collected_on"],
            "place": item.said["place"],
            "proves": item.said["proves"],
        }
        for item in on_file(act.session, act.case)
    ]


def exemption_of(act: Act) -> ExemptionPart | Literal[""]:
    """On which ground nobody is punished, and what is asked all the same; an empty text before that
    was proposed."""
    if PROPOSE_EXEMPTION not in act.inputs:
        return ""
    other = act.inputs.at(CHECK_OTHER)
    ground = _DOORS.get(door_of(act)) or _OTHERS[other.ground if other else ""]
    return {
        "door": ground.door,
        "basis": ground.basis,
        "rule": ground.rule,
        "finding": ground.finding,
        "duty": ground.duty,
        "correction": _correction(act),
    }


def _correction(act: Act) -> str:
    """How the act was corrected, in a sentence; an empty text if it was not."""
    if (spot := act.inputs.at(CORRECT_ON_THE_SPOT)) and spot.corrected:
        return f"{spot.corrected}（当场改正）"
    if (seen := act.inputs.at(RECHECK)) and seen.corrected_on:
        return f"{seen.summary}（{in_chinese(seen.corrected_on)}完成，经复查属实）"
    return ""


class HandedOverPart(TypedDict):
    """By which law a case is handed over (移送)."""

    law: str


def handed_over(act: Act) -> HandedOverPart:
    """The law of the step; what goes to the supervisory authority (监察机关) goes there by its own
    law, whose articles were numbered anew in 2025, and is thus named by no number."""
    office = act.filled(Transfer).kind == TransferKind.OFFICE
    return {"law": _SUPERVISION if office else act.step.law}


PARTS: Parts = {
    "exemption": Part(exemption_of, Presence(steps=(PROPOSE_EXEMPTION,))),
    "handlers": Part(handlers_of),
    "handed_over": Part(handed_over),
    "proofs": Part(proofs_of),
    "violation": Part(violation_in, Presence(fields=("violation",))),
}
