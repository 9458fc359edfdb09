"""What needs no account: following one's case by number and code, and a certificate's QR code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from hmac import compare_digest

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.access.masking import mask_name, public_name
from casework.access.readers import party_sight
from casework.acts.deliveries import unserved
from casework.acts.dossier import dossier_of
from casework.common.codes import normalise
from casework.common.problems import NotFound
from casework.common.texts import token
from casework.common.timekeeping import legal_date
from casework.common.typed_inputs import Inputs
from casework.deadlines.next_day import NextDay, next_day, renewal_day
from casework.grading.place_grading.graded import PlaceGrade
from casework.grading.place_grading.reading import grade_beside
from casework.kernel.office import Office
from casework.licensing.penalised.standing_licence import standing_of
from casework.models import Authority, Case, CaseClock, LogRow, Party
from casework.reading.case import place_code, place_kind_label
from casework.reading.lists.case_lines import turns
from casework.reading.track_views import TrackView, tracks_of
from state_machines.language.vocabulary import Process
from state_machines.licences import LICENCES
from state_machines.licensing.licence.forms import SUSPEND, WITHDRAW_BY_AUTHORITY
from state_machines.licensing.licence.process import HELD
from state_machines.licensing.licence.suspension import SUSPENDED
from state_machines.parts.endings.forms import DECIDE_ENDING
from state_machines.parts.endings.part import DECIDED


@dataclass(frozen=True)
class DueView:
    """A limit of the case that runs or rests, and its last day. Those of a branch stand there."""

    label: str
    status: str
    due_on: date | None


@dataclass(frozen=True)
class TrackingView:
    """How a case stands, for whoever holds its number and tracking code; personal data masked.

    `awaited` names what may be done next by `whose_turn`; `next_day` is what the party must know
    next.
    """

    number: str
    process: str
    process_label: str
    state: str
    state_label: str
    ended: bool
    authority: str
    authority_phone: str
    party_name: str
    opened_on: date
    latest_on: date
    ended_on: date | None
    whose_turn: tuple[str, ...]
    awaited: tuple[str, ...]
    tracks: tuple[TrackView, ...]
    limits: tuple[DueView, ...]
    next_day: NextDay | None


@dataclass(frozen=True)
class CertificateView:
    """A licence as the public may read it: what hangs on the wall, and whether it still holds.

    `kind` is which licence it is, `place_kind` what it allows; `valid_until` is None for one that
    is verified on `verify_by` (校验) instead of expiring; `renew_by` is the last day on which its
    renewal may still be applied for. `suspended_until` is the last day of
    its suspension (暂扣), if a penalty has suspended it. `grade` is its place's (卫生信誉度等级).
    Renewed early, the term is the one that runs today; what comes after it is `next_from` and
    `next_until`. `place` is the code of its place's own page (一码通); empty if it names none.
    """

    kind: str
    number: str
    place_name: str
    place_kind: str
    address: str
    representative: str
    valid_from: date
    valid_until: date | None
    next_from: date | None
    next_until: date | None
    renew_by: date | None
    verify_by: date | None
    state: str
    state_label: str
    stands: bool
    suspended_until: date | None
    authority: str
    as_of: date
    grade: PlaceGrade | None
    place: str


def track(office: Office, session: Session, number: str, code: str) -> TrackingView:
    """How a case stands, by its tracking code, and its number where that is known. Raises NotFound
    if there is no such case, and for a licence's without its number: its code hangs on the wall."""
    if not number:
        by_code = Case.tracking_code == token(code), Case.process.not_in(LICENCES)
        number = session.scalar(select(Case.number).where(*by_code)) or ""
    case = session.scalar(select(Case).where(Case.number == normalise(number)))
    kept = case.tracking_code if case else ""
    given = token(code).encode(errors="surrogatepass")
    if not compare_digest(kept.encode(), given) or case is None:
        raise NotFound("案件编号与查询码不符，请核对收件凭证")
    process = office.versions.by_digest(session, case.version_digest)
    authority = session.get_one(Authority, case.authority_id)
    sight = party_sight(case)
    state = sight.state_of(process, case)
    running = session.scalars(
        select(CaseClock)
        .where(CaseClock.case_id == case.id, CaseClock.ended_at.is_(None))
        .order_by(CaseClock.due_on, CaseClock.id)
    )
    return TrackingView(
        number=case.number,
        process=case.process,
        process_label=process.label,
        state=state.name,
        state_label=state.label,
        ended=case.ended_at is not None,
        authority=authority.name,
        authority_phone=authority.phone,
        party_name=public_name(session.get_one(Party, case.party_id)),
        opened_on=legal_date(case.opened_at),
        latest_on=legal_date(case.effective_at),
        ended_on=legal_date(case.ended_at) if case.ended_at else None,
        whose_turn=turns(process, case, sight),
        awaited=_awaited(process, case, state.name),
        tracks=tracks_of(session, case, process, sight),
        limits=tuple(
            DueView(clock.label, row.status, row.due_on)
            for row in running
            if (clock := process.clock(row.name)) in process.clocks
            and sight.shows_clock(process, clock)
        ),
        next_day=next_day(office, session, case),
    )


def verify(office: Office, session: Session, code: str) -> CertificateView:
    """The licence whose certificate bears that code. Raises NotFound."""
    case = session.scalar(
        select(Case).where(Case.process.in_(LICENCES), Case.tracking_code == token(code))
    )
    if case is None:
        raise NotFound("没有查到该二维码对应的许可证，请核对证书或者向发证机关查询")
    return certificate(office, session, case)


def certificate(office: Office, session: Session, case: Case) -> CertificateView:
    """What the public may read of a licence's case."""
    process = office.versions.by_digest(session, case.version_digest)
    said = case.data["application"]
    today = legal_date(office.time.now())
    until, verify_by = _day(said.get("valid_until")), _day(said.get("verify_by"))
    begun = date.fromisoformat(said["valid_from"])
    term: tuple[date, date | None] = (begun, until)
    ahead: tuple[date | None, date | None] = (None, None)
    if begun > today and (earlier := _term_before(session, case, today)) is not None:
        term, ahead = (earlier, begun - timedelta(days=1)), (begun, until)
    standing = LICENCES[case.process]
    at = _effective_state(session, case)
    # A sweep that is late must not let a licence seem valid beyond its term.
    lapsed = at in (*standing, *HELD) and until and until < today
    state = process.state("expired") if lapsed else standing_of(process, case, today)
    if state.name == case.state:
        state = process.state(at)
    kind = said.get("place_kind", "")
    return CertificateView(
        kind=process.label,
        number=said["number"],
        place_name=said["place_name"],
        place_kind=place_kind_label(office, session, kind, today) if kind else said["scope"],
        address=said["address"],
        representative=mask_name(said["representative"]),
        valid_from=term[0],
        valid_until=term[1],
        next_from=ahead[0],
        next_until=ahead[1],
        renew_by=renewal_day(office, session, case),
        verify_by=verify_by,
        state=state.name,
        state_label=state.label,
        stands=state.name in standing,
        suspended_until=Inputs(case.data).needed(SUSPEND).until
        if state.name == SUSPENDED
        else None,
        authority=session.get_one(Authority, case.authority_id).name,
        as_of=today,
        grade=grade_beside(office, session, case) if state.name in standing else None,
        place=place_code(session, case),
    )


def _effective_state(session: Session, case: Case) -> str:
    """The state that has come into force: a decision that ends a licence has no effect before it is
    served, and is nobody else's business (许可法44). Of a withdrawal that was made before a service
    could be entered, it is not known."""
    if case.state == DECIDED and (decided := dossier_of(session, case).last_step(DECIDE_ENDING)):
        return str(decided["source"])
    if case.state != "withdrawn_by_authority":
        return case.state
    taken = dossier_of(session, case).last_step(WITHDRAW_BY_AUTHORITY)
    if taken and unserved(session, [(case.id, taken["seq"])]):
        return str(taken["source"])
    return case.state


def _term_before(session: Session, case: Case, today: date) -> date | None:
    """When the term began that runs today: as its log tells of the grant and each renewal."""
    said = session.scalars(
        select(LogRow.payload["input"]["valid_from"].as_string())
        .where(
            LogRow.case_id == case.id,
            LogRow.header["name"].as_string().in_(("application", "renew")),
        )
        .order_by(LogRow.seq)
    )
    begun = [date.fromisoformat(day) for day in said if day]
    return max((day for day in begun if day <= today), default=None)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _awaited(process: Process, case: Case, state: str) -> tuple[str, ...]:
    here = {state, *case.tracks.values()}
    steps = (*process.steps, *(step for track in process.tracks for step in track.steps))
    return tuple(
        step.label
        for step in steps
        if any(step.awaited_in(state) for state in here)
        and not all(role.automatic for role in step.by)
    )
