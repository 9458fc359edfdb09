"""Filing an application: for whom, at which authority, about which premises."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from casework.actors import Actor, may_file, widest
from casework.codes import normalise
from casework.models import Authority, Mandate, Party, Place
from casework.problems import BadInput, NotAllowed
from casework.rules import Rules
from state_machines.vocabulary import Process, Role


@dataclass(frozen=True)
class Filing:
    """Where a new case belongs, and the mandate under which it was filed."""

    authority_id: int
    authority_code: str
    party_id: int
    place_id: int | None
    mandate: Mandate | None  # none for a case that another one opens


def file_application(
    session: Session,
    rules: Rules,
    process: Process,
    data: Mapping[str, Any],
    actor: Actor,
    party_code: str | None,
    day: date,
) -> Filing:
    """Find party, competent authority and premises for a new application.

    Raises NotAllowed if the actor may not open it, BadInput if one of the three cannot be found.
    """
    if Role.APPLICANT not in process.opened_by:
        raise NotAllowed(f"{process.label}由系统根据其他案件开立，不能直接申请")
    authority = _competent(session, process, data)
    party, mandate = _party(session, actor, party_code, day)
    if mandate is None:
        raise NotAllowed("您没有代表该当事人申请的权限")
    if not may_file(mandate):
        raise NotAllowed("授权委托书没有载明可以代为申请", law="《民法典》第一百六十五条")
    _known_kind(rules, data, day, authority.region)
    return Filing(
        authority_id=authority.id,
        authority_code=authority.code,
        party_id=party.id,
        place_id=_place(session, data),
        mandate=mandate,
    )


def address_key(address: str) -> str:
    """An address without blanks and variants of width, by which premises are recognised."""
    return re.sub(r"[\s,，.。]", "", unicodedata.normalize("NFKC", address)).casefold()


def _competent(session: Session, process: Process, data: Mapping[str, Any]) -> Authority:
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


def _party(
    session: Session, actor: Actor, code: str | None, day: date
) -> tuple[Party, Mandate | None]:
    rows = session.execute(
        select(Party, Mandate)
        .join(Mandate, Mandate.party_id == Party.id)
        .where(
            Mandate.person_id == actor.person_id,
            Mandate.valid_from <= day,
            Mandate.valid_to.is_(None) | (Mandate.valid_to >= day),
        )
        .order_by(Mandate.id)
    ).all()
    mine = {party.code: party for party, _ in rows}
    if code is None:
        if len(mine) == 1:
            return rows[0][0], widest(mandate for _, mandate in rows)
        raise BadInput(
            "请选择为哪一个当事人申请"
            if mine
            else "您的账号没有可以代表的当事人，请先到窗口办理绑定",
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


def _place(session: Session, data: Mapping[str, Any]) -> int | None:
    if "address" not in data:
        return None
    known = {"region": data["region"], "address_key": address_key(data["address"])}
    session.execute(insert(Place).values(**known, address=data["address"]).on_conflict_do_nothing())
    return session.scalar(select(Place.id).filter_by(**known))
