"""Registering parties (当事人登记) at the counter; a wrong check digit is asked about."""

from __future__ import annotations

import re

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from casework.actors import Actor
from casework.codes import CodeMalformed, doubts_about, normalise
from casework.models import Party
from casework.office import Office
from casework.problems import CodeDoubtful, NotAllowed, bad_field
from casework.reading import PartyView, reader_of
from casework.reading.case import party_view
from casework.reading.listing import holds
from state_machines.vocabulary import Role

_LABELS = {
    "name": "名称（姓名）",
    "representative": "法定代表人或负责人",
    "address": "住所",
    "phone": "联系电话",
}
_PHONE = re.compile(r"[0-9+() \-]{5,20}")
_LONGEST = 200


def register(
    office: Office,
    session: Session,
    actor: Actor,
    *,
    code_kind: str,
    code: str,
    name: str,
    representative: str,
    address: str,
    phone: str,
    override_reason: str | None = None,
) -> tuple[PartyView, bool]:
    """The party of that code, and whether it is new; one that is registered stays as it is.

    `code_kind` is `uscc` 统一社会信用代码 (GB 32100) or `id` 公民身份号码 (GB 11643). A wrong check
    digit is refused as CodeDoubtful unless `override_reason` says why it stands; that is kept.
    Raises NotAllowed for anyone but a window clerk, BadInput.
    """
    reader = reader_of(office, session, actor)
    if Role.WINDOW_CLERK not in reader.roles:
        raise NotAllowed("当事人信息由窗口人员登记，请到窗口办理")
    said = {"name": name, "representative": representative, "address": address, "phone": phone}
    _judge(said)
    wanted = normalise(code)
    try:
        doubts = doubts_about(code_kind, wanted)
    except CodeMalformed as error:
        raise bad_field("code", "证件号码", str(error)) from None
    reason = (override_reason or "").strip() or None
    if doubts and reason is None:
        raise CodeDoubtful(
            f"{'；'.join(doubts)}。请核对证照；确认无误的，填写保留理由后登记", doubts=doubts
        )
    fresh = session.scalar(
        insert(Party)
        .values(
            code_kind=code_kind,
            code=wanted,
            code_override_reason=reason if doubts else None,
            **{field: value.strip() for field, value in said.items()},
        )
        .on_conflict_do_nothing(index_elements=["code"])
        .returning(Party.id)
    )
    party = session.scalars(select(Party).where(Party.code == wanted)).one()
    return party_view(party), fresh is not None


def search(
    office: Office, session: Session, actor: Actor, wanted: str, *, most: int = 20
) -> tuple[PartyView, ...]:
    """Parties of that code, or whose name holds the text. Raises NotAllowed for anyone but a window
    clerk."""
    if Role.WINDOW_CLERK not in reader_of(office, session, actor).roles:
        raise NotAllowed("当事人由窗口人员查找，请到窗口办理")
    found = session.scalars(
        select(Party)
        .where(or_(Party.code == normalise(wanted), holds(Party.name, wanted)))
        .order_by(Party.id)
        .limit(most)
    )
    return tuple(party_view(party) for party in found)


def _judge(said: dict[str, str]) -> None:
    for field, value in said.items():
        label = _LABELS[field]
        if not value.strip():
            raise bad_field(field, label, "必须填写")
        if len(value) > _LONGEST:
            raise bad_field(field, label, f"不能超过 {_LONGEST} 个字")
    if not _PHONE.fullmatch(said["phone"].strip()):
        raise bad_field("phone", _LABELS["phone"], "格式不对")
