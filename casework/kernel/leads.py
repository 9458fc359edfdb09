"""Opening a case by an officer (线索登记): against whom, at which authority, about which place."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from casework.acts.act import COUNTER, Execution, Officer
from casework.acts.actors import Actor, conflict_of_interest, in_force
from casework.acts.successions import line_of
from casework.common.codes import normalise
from casework.common.problems import NotAllowed, bad_field
from casework.kernel.doors import judge_opening
from casework.kernel.filing import Filing, subject_of
from casework.models import Authority, Mandate, Party, Post
from casework.rules.premises import premises_at
from casework.rules.rule_cache import Rules
from state_machines.language.vocabulary import Process, Role

# Made once: to make an alias costs as much as a small statement.
_NOW = aliased(Post)


def open_by_officer(
    session: Session,
    rules: Rules,
    process: Process,
    data: Mapping[str, Any],
    actor: Actor,
    party: str | None,
    day: date,
    today: date,
) -> tuple[Filing, Execution]:
    """Where an officer's new case belongs, and who opens it under which post; `party` is a code,
    and not needed if the case is about one of that party's.

    Raises NotAllowed if the actor holds no post that may open it or acts for the party, BadInput
    if the party is not registered or the violation is not in the catalogue.
    """
    post = _post(session, process, actor, day, today)
    authority = session.get_one(Authority, post.authority_id)
    subject = subject_of(session, process, data)
    if subject and subject.authority_id != authority.id:
        raise NotAllowed(f"该许可证不是{authority.name}颁发的，请由发证机关办理")
    against = session.get_one(Party, subject.party_id) if subject else party_of_code(session, party)
    if _acts_for(session, actor, against, day):
        raise conflict_of_interest(actor.name)
    _judge(process, rules, data, day, authority.region)
    judge_opening(session, process, against, data, day)
    filing = Filing(
        authority_id=authority.id,
        authority_code=authority.code,
        party_id=against.id,
        place_id=subject.place_id
        if subject
        else premises_at(session, rules, authority.region, data.get("address", "")),
        family_id=(subject.family_id or subject.id) if subject else None,
        mandate=None,
    )
    expires = post.certificate_expires
    certificate = post.certificate_number if expires and expires >= day else None
    officer = Officer(actor.person_id, actor.name, certificate or "")
    return filing, Execution(Role(post.role), COUNTER, (officer,), actor.account_id)


def _post(session: Session, process: Process, actor: Actor, day: date, today: date) -> Post:
    """The post by which the actor opens such a case, held on that day and still today. Raises
    NotAllowed."""
    roles = [role.value for role in process.opened_by if not role.automatic]
    post = session.scalar(
        select(Post)
        .where(
            Post.person_id == actor.person_id,
            Post.role.in_(roles),
            in_force(day, Post),
            # Whoever has left opens nothing any more, as of whichever day.
            exists().where(
                _NOW.person_id == Post.person_id,
                _NOW.authority_id == Post.authority_id,
                _NOW.role == Post.role,
                in_force(today, _NOW),
            ),
        )
        .order_by(Post.id)
        .limit(1)
    )
    if post is None:
        takers = "、".join(Role(role).label for role in roles)
        raise NotAllowed(
            f"{process.label}由{takers}登记线索"
            if takers
            else f"{process.label}由系统根据其他案件开立，不能直接申请"
        )
    return post


def party_of_code(session: Session, code: str | None) -> Party:
    """The party that is registered under a code. Raises BadInput if none is."""
    wanted = normalise(code or "")
    if not wanted:
        raise bad_field("party", "当事人", "请填写统一社会信用代码或者公民身份号码")
    party = session.scalar(select(Party).where(Party.code == wanted))
    if party is None:
        raise bad_field("party", "当事人", f"没有代码为“{wanted}”的当事人，请先登记当事人信息")
    return party


def _acts_for(session: Session, actor: Actor, party: Party, day: date) -> bool:
    mandate = select(Mandate.id).where(
        Mandate.person_id == actor.person_id,
        Mandate.party_id.in_(line_of(party.id, day)),
        in_force(day),
    )
    return session.scalar(mandate.limit(1)) is not None


def _judge(process: Process, rules: Rules, data: Mapping[str, Any], day: date, region: str) -> None:
    for name, of in process.form.get("properties", {}).items():
        # Of a case about another one these were taken from there already.
        if of.get("readOnly") and not process.about and data.get(name) != of.get("default"):
            raise bad_field(name, of["title"], "由转来的案件写明，不能自行填写")
    found_on, act_on = data.get("found_on"), data.get("act_on")
    if found_on and found_on > day.isoformat():
        raise bad_field("found_on", "发现日期", "不能晚于登记线索的日期")
    if found_on and act_on and act_on > found_on:
        raise bad_field("act_on", "违法行为发生日期", "不能晚于发现日期")
    code = str(data.get("violation", ""))
    if "violation" in data and code.casefold() not in rules.known("violation", day, region):
        raise bad_field("violation", "涉嫌案由", f"案由库中没有“{code}”，请在案由库中查找代码")
