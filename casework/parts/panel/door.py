"""Who weighs a case sits in it (合议、集体讨论), in cases of every version.

An opinion is that of the officers who sign it, and of others only by the record that they signed;
each may handle the case. The heads who discuss it are led by one of them who did not handle it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import ColumnElement, Row, select

from casework.acts.act import Act
from casework.acts.actors import done_before, in_force, recused
from casework.models import Person, Post
from casework.parts.evidence.register import registered_since
from casework.parts.hearing.collect import labels_of
from state_machines.enforcement.penalty.forms import CLOSE_INVESTIGATION, PROPOSE, PanelOpinion
from state_machines.language.vocabulary import Refusal, Role
from state_machines.parts.panel.forms import CONCLUDE_PANEL, REJECT_IN_PANEL, VOTE, PanelMinute

_OFFICERS = (Role.CASE_HANDLER.value, Role.INSPECTOR.value)
_SIGNING = 2
_APART = re.compile(r"[、，,;；\s]+")
# A certificate stands behind its officer (执法证 …).
_ASIDE = re.compile(r"[（(][^（）()]*[）)]")
_RECORD = "合议记录"
_LAW = "《行政处罚法》第四十二条、第四十三条"
_HEADS = (Role.APPROVER.value, Role.PANEL_MEMBER.value)
_PANEL_LAW = "《行政处罚法》第五十七条第二款、第四十三条"


def refusals(act: Act) -> list[Refusal]:
    """Who is said to have taken part, and may not have."""
    if act.process.key == "penalty" and act.step.name == PROPOSE and act.execution.officers:
        return list(_of_members(act))
    if act.step.name in (CONCLUDE_PANEL, REJECT_IN_PANEL):
        return list(_of_presiding(act))
    return []


def _of_presiding(act: Act) -> Iterator[Refusal]:
    """The heads discuss under one of theirs: in post that day, not standing aside, and with no hand
    in the case before, as any of them who votes."""
    said = _ASIDE.sub("", act.filled(PanelMinute).presiding).strip()
    if not said:
        return
    heads = {person for person, name in _in_post(act, _HEADS) if name == said}
    if not heads:
        text = f"集体讨论由本机关负责人主持，“{said}”不是本机关当日在任的负责人、集体讨论成员"
        yield Refusal("presiding_is_no_head", text, _PANEL_LAW)
        return
    vote = act.process.step(VOTE)
    done = {head: done_before(act.session, act.case, vote, head) for head in heads}
    if heads <= recused(act.session, act.case) or all(done.values()):
        steps = {name for one in done.values() for name in one}
        did = "、".join(sorted(labels_of(act, (name for name in steps if "." not in name))))
        why = f"办理过本案的“{did}”" if did else "参与过本案或者已被决定回避"
        text = f"{said}{why}，不能主持集体讨论"
        yield Refusal("presiding_handled_it", text, _PANEL_LAW)


def _of_members(act: Act) -> Iterator[Refusal]:
    said = _ASIDE.sub("", act.filled(PanelOpinion).members)
    named = {name for name in _APART.split(said) if name}
    if not named:
        return
    signers = {officer.name for officer in act.execution.officers}
    if away := sorted(signers - named):
        text = f"合议人员没有写明办理人{'、'.join(away)}：合议由办理的执法人员参加并签名"
        yield Refusal("member_not_named", text, _LAW)
    # Whether those who sign may is asked of whoever acts.
    if unfit := sorted(named - signers - _fit(act)):
        text = (
            f"合议人员{'、'.join(unfit)}不是本机关当日持有有效执法证件、"
            "没有被决定回避的执法人员，不能参加合议"
        )
        yield Refusal("member_may_not_sit", text, _LAW)
        return
    # Of two who sign the second does so later.
    others = len(named - signers) - (_SIGNING - len(signers))
    since = act.dossier.row_of(CLOSE_INVESTIGATION)
    if others > 0 and not registered_since(act, _RECORD, since):
        text = (
            "除两名办理人以外的合议人员以其签名的合议记录为准："
            f"请先登记证据“{_RECORD}”（扫描件）再办理"
        )
        yield Refusal("member_did_not_sign", text, _LAW)


def _fit(act: Act) -> set[str]:
    """The names of those who may handle the case on its day."""
    certified = (Post.certificate_number.is_not(None), Post.certificate_expires >= act.day)
    aside = recused(act.session, act.case)
    rows = _in_post(act, _OFFICERS, *certified)
    return {name for person, name in rows if person not in aside}


def _in_post(
    act: Act, roles: Collection[str], *also: ColumnElement[bool]
) -> Sequence[Row[tuple[int, str]]]:
    """Persons of the case's authority who hold one of these posts on its day, and their names."""
    return act.session.execute(
        select(Person.id, Person.name)
        .join(Post, Post.person_id == Person.id)
        .where(
            Post.authority_id == act.case.authority_id,
            Post.role.in_(roles),
            in_force(act.day, Post),
            *also,
        )
    ).all()
