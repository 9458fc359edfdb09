"""Filing an application: for whom, at which authority, about which premises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acts.actors import (
    Actor,
    conflict_of_interest,
    in_force,
    mandate_present,
    may_file,
    widest,
)
from casework.acts.numbers import cases_numbered
from casework.acts.successions import behind, successors
from casework.common.codes import normalise
from casework.common.problems import BadInput, NotAllowed, bad_field
from casework.common.timekeeping import in_chinese
from casework.models import Authority, Case, Mandate, Party, Post
from casework.rules.premises import premises_at
from casework.rules.rule_cache import Rules
from state_machines.language.vocabulary import Process, Role


@dataclass(frozen=True)
class Filing:
    """Where a new case belongs, and the mandate under which it was filed."""

    authority_id: int
    authority_code: str
    party_id: int
    place_id: int | None
    family_id: int | None  # none for a case that is the first of its family
    mandate: Mandate | None  # none for a case that another one opens


@dataclass(frozen=True)
class Presence:
    """For whom somebody files: `party` by its code, or at the counter (窗口) the `mandate` of the
    representative or agent who is present."""

    party: str | None = None
    mandate: int | None = None


def file_application(
    session: Session,
    rules: Rules,
    process: Process,
    data: Mapping[str, Any],
    actor: Actor,
    presence: Presence,
    day: date,
) -> Filing:
    """Find party, competent authority and premises for a new application.

    Raises NotAllowed if the actor may not open it, BadInput if one of the three cannot be found.
    """
    if Role.APPLICANT not in process.opened_by:
        raise NotAllowed(f"{process.label}由系统根据其他案件开立，不能直接申请")
    subject = subject_of(session, process, data)
    authority = (
        session.get_one(Authority, subject.authority_id)
        if subject
        else _competent(session, process, data)
    )
    mandate: Mandate | None
    if presence.mandate is not None:
        party, mandate = _present(session, actor, authority, presence.mandate, day)
    else:
        of = _holder(session, actor, subject, day) if subject else presence.party
        party, mandate = _party(session, actor, of, day)
    held = session.scalars(behind([party.id], day)).all() if subject else ()
    if subject and (mandate is None or subject.party_id not in held):
        raise NotAllowed(
            "只有持证单位（个人）可以就该许可证提出申请；卫生许可不得转让，受让经营的请重新申请许可",
            law="《行政许可法》第九条",
        )
    if mandate is None:
        raise NotAllowed("您没有代表该当事人申请的权限")
    if party.dissolved_on is not None and party.dissolved_on <= day:
        raise NotAllowed(
            f"{party.name}已于{in_chinese(party.dissolved_on)}注销，不能再提出申请",
            law="《民法典》第五十九条",
        )
    if not may_file(mandate):
        raise NotAllowed("授权委托书没有载明可以代为申请", law="《民法典》第一百六十五条")
    _judge_read_only(process, data)
    _known_kind(rules, data, day, authority.region)
    return Filing(
        authority_id=authority.id,
        authority_code=authority.code,
        party_id=party.id,
        place_id=subject.place_id if subject else _place(session, rules, data),
        family_id=(subject.family_id or subject.id) if subject else None,
        mandate=mandate,
    )


def _judge_read_only(process: Process, data: Mapping[str, Any]) -> None:
    """Raise BadInput for a field that a later step writes, and no applicant. Of an application
    about a case these were taken from there already."""
    for name, of in process.form.get("properties", {}).items():
        if of.get("readOnly") and not process.about and data.get(name) != of.get("default"):
            raise bad_field(name, of["title"], "由本机关填写，不能自行填写")


def subject_of(session: Session, process: Process, data: Mapping[str, Any]) -> Case | None:
    """The case that an application is about, by the number given in the field of its relation.

    None for an application that is about no case. Raises BadInput if there is none of that number.
    """
    if not process.about:
        return None
    number = data.get(process.about)
    case = session.scalar(cases_numbered(process.about, str(number)).limit(1))
    if case is None:
        text = f"没有编号为“{number}”的许可证，请核对证书上的编号"
        raise BadInput(
            text, [{"field": process.about, "label": "许可证编号", "text": "没有该编号"}]
        )
    return case


def with_subject(session: Session, process: Process, data: Any) -> Any:
    """The application with what its subject says: always in fields that are only for reading, and
    in others that were left out. Raises BadInput as `subject_of`."""
    if not process.about or not isinstance(data, Mapping) or process.about not in data:
        return data
    subject = subject_of(session, process, data)
    said = subject.data["application"] if subject else {}
    fields = process.form.get("properties", {})
    return {
        **{name: said[name] for name in fields if name in said},
        **data,
        process.about: said.get("number", data[process.about]),  # as it was given out
        **{name: said[name] for name, of in fields.items() if of.get("readOnly") and name in said},
    }


def _competent(session: Session, process: Process, data: Mapping[str, Any]) -> Authority:
    """The authority of the region that takes in such applications. Raises BadInput."""
    authority = session.scalar(
        select(Authority).where(
            Authority.region == data.get("region"), Authority.matters.contains([process.matter])
        )
    )
    if authority is None:
        raise BadInput(
            f"行政区划“{data.get('region')}”没有受理“{process.label}”的机关，请核对所在区",
            [{"field": "region", "label": "所在区", "text": "没有受理机关"}],
        )
    return authority


def _present(
    session: Session, actor: Actor, authority: Authority, mandate_id: int, day: date
) -> tuple[Party, Mandate]:
    """The party at the counter, if the actor is a clerk of this authority and the mandate holds.
    Raises NotAllowed."""
    clerk = session.scalar(
        select(Post.id).where(
            Post.person_id == actor.person_id,
            Post.authority_id == authority.id,
            Post.role == Role.WINDOW_CLERK.value,
            in_force(day, Post),
        )
    )
    if clerk is None:
        raise NotAllowed(f"只有{authority.name}的窗口人员可以代当事人录入申请")
    mandate = mandate_present(session, mandate_id, (day,))
    if mandate.person_id == actor.person_id:
        raise conflict_of_interest(actor.name)
    return session.get_one(Party, mandate.party_id), mandate


def _holder(session: Session, actor: Actor, subject: Case, day: date) -> str:
    """The code under which the actor may apply about a case: that of its party, or the one by which
    the party goes on now."""
    line = successors(subject.party_id, day)
    mine = session.scalars(
        select(Party.code)
        .join(Mandate, Mandate.party_id == Party.id)
        .where(Mandate.person_id == actor.person_id, in_force(day), Party.id.in_(line))
        .order_by(Party.id.desc())
    ).first()
    return mine or session.get_one(Party, subject.party_id).code


def _party(
    session: Session, actor: Actor, code: str | None, day: date
) -> tuple[Party, Mandate | None]:
    """The party that the actor applies for, and the widest mandate that he has of it; None for
    another's. Raises BadInput."""
    rows = session.execute(
        select(Party, Mandate)
        .join(Mandate, Mandate.party_id == Party.id)
        .where(Mandate.person_id == actor.person_id, in_force(day))
        .order_by(Mandate.id)
    ).all()
    mine = {party.code: party for party, _ in rows}
    if code is None:
        if len(mine) == 1:
            return rows[0][0], widest(mandate for _, mandate in rows)
        raise BadInput(
            "请选择为哪一个当事人申请"
            if mine
            else "您的账号没有可以代表的当事人，请先绑定单位，或者到窗口办理",
            [{"field": "party", "label": "当事人", "text": "必须填写"}],
        )
    wanted = normalise(code)
    if wanted in mine:
        return mine[wanted], widest(mandate for party, mandate in rows if party.code == wanted)
    party = session.scalar(select(Party).where(Party.code == wanted))
    if party is None:
        raise BadInput(
            f"没有代码为“{wanted}”的当事人，请先登记当事人信息",
            [{"field": "party", "label": "当事人", "text": "尚未登记"}],
        )
    return party, None


def _known_kind(rules: Rules, data: Mapping[str, Any], day: date, region: str) -> None:
    key = data.get("place_kind")
    if key is not None and key not in rules.keys("place_kind"):
        known = "、".join(kind.label for kind in rules.place_kinds(day, region))
        raise BadInput(
            f"经营项目“{key}”不在目录中，可选：{known}",
            [{"field": "place_kind", "label": "经营项目", "text": "不在目录中"}],
        )


def _place(session: Session, rules: Rules, data: Mapping[str, Any]) -> int | None:
    """The id of the premises of an application, known or new; None without an address."""
    if "address" not in data:
        return None
    return premises_at(session, rules, data["region"], data["address"])
