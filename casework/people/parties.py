"""Registering parties (当事人登记) at the counter, and correcting what is registered of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from casework.access.finding import words_of
from casework.access.party_view import PartyView, party_view
from casework.access.readers import reader_of
from casework.acts.actors import Actor, conflict_of_interest, in_force
from casework.acts.notices import enqueue_of_entry
from casework.common import phones, texts
from casework.common.codes import CodeMalformed, doubts_about, normalise
from casework.common.database import by_index
from casework.common.inputs import near, typed
from casework.common.problems import CodeDoubtful, NotAllowed, NotFound, bad_field
from casework.common.timekeeping import legal_date
from casework.kernel.office import Office
from casework.models import Mandate, Party, PartyChange, PartyPaper, Person
from casework.people.mandate_ends import CORRECTS, end_mandate
from casework.people.party_papers import KINDS, for_correction
from state_machines.language.vocabulary import Role

_LABELS = {
    "name": "名称（姓名）",
    "representative": "法定代表人或负责人",
    "address": "住所",
    "phone": "联系电话",
}
_LONGEST = 200
MOST_FOUND = 20
_REGISTRARS = {Role.INSPECTOR, Role.CASE_HANDLER}
_DISSOLVED = "注销登记（死亡）日期"


@dataclass(frozen=True)
class Said:
    """One field of a correction: what stood there, and what stands there since."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class CorrectionView:
    """A correction of a party's entry: since when it holds in law, and who recorded it when.

    `proof` is the scan that it rests on, by id, kind and name; those of earlier releases have none.
    """

    effective_on: date
    changes: tuple[Said, ...]
    reason: str
    recorded_by: str
    recorded_at: datetime
    proof: tuple[int, str, str] | None


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

    `code_kind` is `uscc` 统一社会信用代码 (GB 32100), `id` 公民身份号码 (GB 11643), or another
    document of a person (`CODE_LABELS`). A wrong check digit is refused as CodeDoubtful unless
    `override_reason` says why it stands; that is kept. Raises NotAllowed for anyone but a window
    clerk or an officer who registers a lead, BadInput.
    """
    if not _REGISTRARS & reader_of(office, session, actor).roles:
        _clerks_only(office, session, actor)
    said = _judged(name, representative, address, phone)
    wanted = normalise(code)
    try:
        doubts = doubts_about(code_kind, wanted)
    except CodeMalformed as error:
        raise bad_field("code", "证件号码", str(error)) from None
    reason = texts.searched(override_reason or "") or None
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
            **said,
        )
        .on_conflict_do_nothing(index_elements=["code"])
        .returning(Party.id)
    )
    party = session.scalars(select(Party).where(Party.code == wanted)).one()
    return party_view(party), fresh is not None


def correct(
    office: Office,
    session: Session,
    actor: Actor,
    code: str,
    *,
    name: str,
    representative: str,
    address: str,
    phone: str,
    dissolved_on: date | None,
    reason: str,
    effective_on: date,
    paper: int | None = None,
) -> PartyView:
    """Bring a party's entry to what its changed papers say (变更登记); what stood there is kept.

    `effective_on` is the day of the change in the papers, `paper` the scan of them. A new
    法定代表人 ends the mandate of the one before, and the party's dissolution all of them, from
    today on. Raises NotAllowed for anyone but a window clerk, or for a clerk's own firm; NotFound,
    BadInput.
    """
    party = _of_code(office, session, actor, code)
    if party.id in reader_of(office, session, actor).parties:
        raise conflict_of_interest(actor.name)
    today = legal_date(office.time.now())
    said = _judged(name, representative, address, phone)
    reason = typed("reason", "变更原因", reason, most=_LONGEST)
    _judge_days(session, party, dissolved_on, effective_on, today)
    wanted: dict[str, str | date | None] = {**said, "dissolved_on": dissolved_on}
    changes = {
        field: [_told(getattr(party, field)), _told(value)]
        for field, value in wanted.items()
        if getattr(party, field) != value
    }
    if not changes:
        raise bad_field("name", "变更内容", "与现有登记一致，没有需要更正的")
    proof = for_correction(session, party, paper, {name: wanted[name] for name in changes})
    formerly, now = party.phone, office.time.now()
    for field, value in wanted.items():
        setattr(party, field, value)
    change = PartyChange(
        party_id=party.id,
        # The daily root proves the changes, and with its digest the scan.
        changes={**changes, "paper": ["", proof.digest]},
        reason=reason,
        effective_on=effective_on,
        recorded_by=actor.person_id,
        recorded_at=now,
    )
    session.add(change)
    session.flush()
    _tell_of(session, party, change, formerly, now)
    _end_mandates(session, party, changes, actor, now)
    session.flush()
    return party_view(party)


def corrections_of(
    office: Office, session: Session, actor: Actor, code: str
) -> tuple[CorrectionView, ...]:
    """What was corrected in a party's entry, the latest first.

    Raises NotAllowed for anyone but a window clerk, NotFound.
    """
    party = _of_code(office, session, actor, code)
    rows = session.execute(
        select(PartyChange, Person.name)
        .join(Person, PartyChange.recorded_by == Person.id)
        .where(PartyChange.party_id == party.id, CORRECTS)
        .order_by(PartyChange.id.desc())
    )
    labels = {**_LABELS, "dissolved_on": _DISSOLVED}
    scans = {
        scan.digest: (scan.id, KINDS[scan.kind], scan.filename)
        for scan in session.scalars(select(PartyPaper).where(PartyPaper.party_id == party.id))
    }
    return tuple(
        CorrectionView(
            effective_on=row.effective_on,
            changes=tuple(
                Said(labels[field], *pair) for field, pair in row.changes.items() if field in labels
            ),
            reason=row.reason,
            recorded_by=recorder,
            recorded_at=row.recorded_at,
            proof=scans.get(row.changes.get("paper", ["", ""])[1]),
        )
        for row, recorder in rows
    )


def search(
    office: Office, session: Session, actor: Actor, wanted: str, *, most: int = MOST_FOUND
) -> tuple[PartyView, ...]:
    """The party of that code, or else parties whose name holds the text, at most so many.

    Raises NotAllowed for anyone but a window clerk.
    """
    _clerks_only(office, session, actor)
    of_code = session.scalar(select(Party).where(Party.code == normalise(wanted)))
    if of_code is not None:
        return (party_view(of_code),)
    words = words_of(session, wanted)
    if not words.words:
        return ()
    by_index(session)
    # Not in order: of a name that thousands bear the first that come will do.
    some = select(Party.id).where(words.indexed_in(func.search_text(Party.name))).limit(most)
    found = session.scalars(
        select(Party).where(Party.id.in_(session.scalars(some).all())).order_by(Party.id)
    )
    return tuple(party_view(party) for party in found)


def _clerks_only(office: Office, session: Session, actor: Actor) -> None:
    if Role.WINDOW_CLERK not in reader_of(office, session, actor).roles:
        raise NotAllowed("当事人信息由窗口人员查找、登记和更正，请到窗口办理")


def _of_code(office: Office, session: Session, actor: Actor, code: str) -> Party:
    """The party of that code; locked, so that corrections follow one another. Raises NotAllowed for
    anyone but a window clerk, NotFound."""
    _clerks_only(office, session, actor)
    party = session.scalar(select(Party).where(Party.code == normalise(code)).with_for_update())
    if party is None:
        raise NotFound(f"没有代码为“{normalise(code)}”的当事人，请先登记")
    return party


def _judge_days(
    session: Session, party: Party, dissolved_on: date | None, effective_on: date, today: date
) -> None:
    for field, label, day in (
        ("effective_on", "变更日期", effective_on),
        ("dissolved_on", _DISSOLVED, dissolved_on),
    ):
        if day is not None and day > today:
            raise bad_field(field, label, "不能晚于今天")
        near(field, label, day, today)
    last = session.scalar(
        select(func.max(PartyChange.effective_on)).where(PartyChange.party_id == party.id, CORRECTS)
    )
    if last is not None and effective_on < last:
        text = f"不能早于上一次变更的日期（{last:%Y-%m-%d}）"
        raise bad_field("effective_on", "变更日期", text)


def _tell_of(
    session: Session, party: Party, change: PartyChange, formerly: str, now: datetime
) -> None:
    """Tell a party that another number or another head is registered, also by the number that it
    could be reached at before: whoever did not ask for it hears of it."""
    told = "、".join(
        _LABELS[name] for name in ("representative", "phone") if name in change.changes
    )
    if not told:
        return
    body = (
        f"{party.name}登记的{told}已由窗口变更，变更原因：{change.reason}。"
        "不是本单位（本人）申请的，请立即与窗口联系更正。"
    )
    key = f"party/{party.id}/changed/{change.id}"
    said: dict[str, Any] = {"subject": "登记信息变更", "body": body, "now": now}
    enqueue_of_entry(session, key=key, party_id=party.id, **said)
    if (before := phones.mobile(formerly)) and before != party.phone:
        enqueue_of_entry(session, key=f"{key}/former", phone=before, **said)


def _end_mandates(
    session: Session, party: Party, changes: dict[str, list[str]], actor: Actor, now: datetime
) -> None:
    """End what ends with the change: a representative's mandate is his office (民法典61), and no
    mandate outlives its principal (民法典173)."""
    ending = select(Mandate).where(Mandate.party_id == party.id, in_force(legal_date(now)))
    if party.dissolved_on is not None:
        because = "当事人已注销"
    elif "representative" in changes:
        because = "法定代表人（负责人）变更"
        ending = ending.where(Mandate.capacity == "representative")
    else:
        return
    for mandate in session.scalars(ending.order_by(Mandate.id)):
        end_mandate(session, mandate, because, actor, now)


def _told(value: str | date | None) -> str:
    """A value as the history keeps it: a text, empty for none."""
    return value.isoformat() if isinstance(value, date) else value or ""


def _judged(name: str, representative: str, address: str, phone: str) -> dict[str, str]:
    """What is to be kept of a party. Raises BadInput naming the field that is wrong."""
    given = {"name": name, "representative": representative, "address": address, "phone": phone}
    said = {
        field: typed(field, _LABELS[field], value, most=_LONGEST) for field, value in given.items()
    }
    try:
        return {**said, "phone": phones.canonical(said["phone"])}
    except CodeMalformed as error:
        raise bad_field("phone", _LABELS["phone"], str(error)) from None
