"""An identity is no slip (身份不是笔误): a correction may only say what the file already proves.

It never makes somebody else of the party, its representative or its place, in cases of every
version.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select

from casework.acts.act import Act
from casework.models import Document, PartyChange, Person, Post
from casework.parts.corrections.corrected import fields_of, latest_issue, texts_at
from state_machines.language.vocabulary import Correct, Refusal
from state_machines.parts.corrections.forms import Correction
from state_machines.parts.intake.forms import Premises

_LAW = "《行政处罚法》第四十条、第五十九条第一款第一项、《行政许可法》第三十八条、第三十九条"
# What makes a sentence of a text, and by which words it speaks of a penalty.
_SENTENCES = "，,。；;！!？?\n"
_PENALTIES = ("吊销", "暂扣", "停产", "停业", "罚款", "没收", "责令")


def refusals(act: Act) -> list[Refusal]:
    """What in a correction would name another party, representative or place than the file."""
    if not any(isinstance(effect, Correct) for effect in act.step.effects):
        return []
    allowed = fields_of(act)
    correction = act.filled(Correction)
    former = latest_issue(act, correction.document)
    if former is None:
        return []
    proved = _proved(act, former)
    found = []
    for field in dict.fromkeys(item.field for item in correction.items):
        path = allowed.get(field, "")
        if any(_says_more(item.right) for item in correction.items if item.field == field):
            text = f"“{field}”的补正只能是名称、号码、地址，不能另写内容"
            found.append(Refusal("slip_says_more", text, _LAW))
            continue
        if path not in proved:
            continue
        for text in texts_at(former.context, path):
            for item in correction.items:
                if item.field == field:
                    text = text.replace(item.wrong, item.right)
            if text not in proved[path]:
                found.append(
                    Refusal(
                        "identity_is_no_slip",
                        f"“{field}”补正后为“{text}”，与案卷证明的“{'、'.join(proved[path])}”不一致："
                        "当事人、负责人、场所、执法人员和救济机关不能以补正更换；"
                        "决定对象有误的，依法撤销后重新作出",
                        _LAW,
                    )
                )
    return found


def _says_more(right: str) -> bool:
    """Whether what takes the place of a slip is a sentence, or speaks of a penalty."""
    return any(mark in right for mark in _SENTENCES) or any(word in right for word in _PENALTIES)


def _proved(act: Act, former: Document) -> Mapping[str, Collection[str]]:
    """Who and where, by the register of parties as it was when the paper was issued, the papers
    that the case was opened with, and the registers of the authority and of its officers."""
    premises = act.inputs.application(Premises)
    party = _as_of(act, former)
    names, certificates = _officers(act, former)
    authority = act.authority
    proved: dict[str, Collection[str]] = {
        "party.name": {party["name"]},
        "party.code": {act.party.code},
        "party.representative": {party["representative"]},
        "place.name": {premises.place_name or ""},
        "act.officers[].name": names,
        "act.officers[].certificate": certificates,
        "authority.address": {authority.address},
        "authority.phone": {authority.phone},
        "authority.reconsideration_body": {authority.reconsideration_body},
        "authority.court": {authority.court},
    }
    return {path: texts for path, texts in proved.items() if any(texts)}


def _as_of(act: Act, former: Document) -> Mapping[str, str]:
    """What the register said of the party when the paper was issued: what changed since is no slip
    of that paper."""
    found = {"name": act.party.name, "representative": act.party.representative or ""}
    seq = _first(act, former).log_seq
    issued = [header["recorded_at"] for header in act.dossier.headers if header["seq"] == seq]
    if not issued:
        return found
    since = datetime.fromisoformat(issued[0])
    later = act.session.scalars(
        select(PartyChange)
        .where(PartyChange.party_id == act.party.id, PartyChange.recorded_at >= since)
        .order_by(PartyChange.id.desc())
    )
    for change in later:
        for name in found:
            if name in change.changes:
                found[name] = change.changes[name][0]
    return found


def _first(act: Act, former: Document) -> Document:
    """The paper as it was first issued, of several versions that were corrected."""
    while former.corrects is not None:
        former = act.session.get_one(Document, former.corrects)
    return former


def _officers(act: Act, former: Document) -> tuple[set[str], set[str]]:
    """Names and certificate numbers of the officers of this authority who took a step of the case,
    and of the one who signs the paper."""
    seq = _first(act, former).log_seq
    headers = [one for one in act.dossier.headers if one["seq"] <= seq]
    persons = {person for header in headers for person in header["officers"]}
    rows = act.session.execute(
        select(Person.name, Post.certificate_number)
        .join(Post, Post.person_id == Person.id)
        .where(Person.id.in_(persons), Post.authority_id == act.case.authority_id)
    ).all()
    return {name for name, _ in rows}, {number for _, number in rows if number}
