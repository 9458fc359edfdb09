"""One case (案件): where it stands, its clocks, papers, relatives and what may be done next."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, true
from sqlalchemy.orm import Session

from casework.access.party_view import PartyView, party_view
from casework.access.readers import Reader, Sight, find, may_hand_in, sight_of
from casework.acts.act import COUNTER
from casework.acts.actors import Actor, in_force
from casework.acts.dossier import dossier_of
from casework.acts.handed_in import NOT_APPLIED_WITH
from casework.acts.journal import OPENED
from casework.acts.redactions import GROUND, REDACT
from casework.common.problems import Misconfigured
from casework.common.timekeeping import legal_date
from casework.common.typed_inputs import Inputs
from casework.deadlines.next_day import NextDay, first, party_days
from casework.documents.materials import (
    kept_after_the_end,
    papers_of_the_file,
    papers_of_tracks,
    proved_in,
)
from casework.enforcement.fines.reading import DebtView, debt_of
from casework.kernel.office import Office, Verdict
from casework.kernel.turning_back import met_by
from casework.models import (
    Account,
    Authority,
    Case,
    LogRow,
    Participant,
    Party,
    PendingSignature,
    Person,
    Place,
    Post,
)
from casework.parts.delivery.reading import ServiceView, service_of
from casework.reading.clock_views import ClockView, clocks_of
from casework.reading.filled import Entry, entries
from casework.reading.handed_out import AttachmentView, DocumentView, attachments_of, documents_of
from casework.reading.lists.case_lines import CaseLine, lines_of, turns
from casework.reading.other_cases import OtherCaseView, other_cases_of
from casework.reading.present import Shortage, shortages
from casework.reading.track_views import TrackView, hidden_turns, tracks_of
from casework.redaction.reading import may_redact
from casework.rules.versions import as_released
from rulebook.models import Material
from state_machines.door import acts
from state_machines.door.irrevocable import grounds
from state_machines.door.proofs import LATER
from state_machines.language.canonical import lacking
from state_machines.language.vocabulary import LegalDay, Process, Role, Step
from state_machines.licences import LICENCES
from state_machines.parts.intake.forms import REQUEST_SUPPLEMENT


@dataclass(frozen=True)
class MaterialView:
    """An item of the materials list with the files handed in for it, the latest last.
    `asked` is what the supplement list says about it, `only_for` the matter it is for where there
    are several, `later` whether it may still come once the case has ended, `kept_now` whether the
    reader may keep a file for it as the case stands, `applied_with` whether it comes
    with an application, and may be lacking there; `of_process` whether it is on the process's own
    list, and not one of the papers that every file may hold; `told` whether applicants are told
    of it."""

    key: str
    label: str
    required: bool
    deferrable: bool
    note: str
    asked: str
    only_for: str
    files: tuple[AttachmentView, ...]
    later: bool = False
    kept_now: bool = False
    applied_with: bool = False
    of_process: bool = False
    told: bool = True


@dataclass(frozen=True)
class InputView:
    """What was last filled in at one step, or in the application."""

    step: str
    label: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class PendingView:
    """An act of a first officer that waits for a second one to confirm it. One that is entered
    afterwards says under which `backfill`, with which `paper` (a file of the case) and numbers."""

    step: str
    label: str
    signed_by: str
    signed_at: datetime
    effective_on: date
    mine: bool
    entries: tuple[Entry, ...]
    backfill: int | None = None
    paper: int | None = None
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True)
class ParticipantView:
    """Another authority that takes part in the case, and in which of its tracks."""

    authority: str
    tracks: tuple[str, ...]
    since: date
    until: date | None


@dataclass(frozen=True)
class CaseView:
    """A case as its reader may see it.

    `data` is the latest input of each step by its name, `inputs` the same with labels: officers
    see all of it, the party what it filled in itself. `visited` are the states it has been in.
    `relation` says what the case is to the one it stems from (`licence`, `check`); `shortages` are
    told to officers only. `debt` is what is owed under a penalty. `other_cases` are what else is
    known of the party of a case of enforcement, for officers whose case it is. `due_on` is the last
    day of the limit `due_label`; `party_days` are the days that its party must know, the next one
    first.
    `keeps_evidence`: it has an evidence register that the reader may see; `may_redact`: the reader
    has to do with taking personal data out of it (删除个人信息); `may_file`: the reader
    may take the whole file away, as staff of the authority whose case it is. `missing_rules` are
    guards and effects of its version that this release does not have. `place_code` is, of a
    licence, by which code anybody finds its place (一码通).
    """

    number: str
    process: str
    process_label: str
    law: str
    state: str
    state_label: str
    ended: bool
    version: int
    declaration: str
    tracking_code: str
    relation: str
    authority: str
    party: PartyView
    place_name: str
    place_kind: str
    place_address: str
    opened_at: datetime
    effective_at: datetime
    ended_at: datetime | None
    due_on: date | None
    due_label: str
    party_days: tuple[NextDay, ...]
    whose_turn: tuple[str, ...]
    as_officer: bool
    filed_at_counter: bool
    may_hand_in: bool
    keeps_evidence: bool
    may_file: bool
    may_redact: bool
    tracks: tuple[TrackView, ...]
    visited: tuple[str, ...]
    clocks: tuple[ClockView, ...]
    data: Mapping[str, Any]
    inputs: tuple[InputView, ...]
    materials: tuple[MaterialView, ...]
    documents: tuple[DocumentView, ...]
    service: tuple[ServiceView, ...]
    related: tuple[CaseLine, ...]
    pending: tuple[PendingView, ...]
    participants: tuple[ParticipantView, ...]
    shortages: tuple[Shortage, ...]
    debt: DebtView | None
    other_cases: tuple[OtherCaseView, ...]

    @property
    def next_day(self) -> NextDay | None:
        """The day that its party must know next."""
        return first(self.party_days)

    def day_of(self, clock: str) -> NextDay | None:
        """What the last day of that clock's live run means to the party, if it concerns it."""
        return next((day for day in self.party_days if day.clock == clock), None)

    missing_rules: tuple[str, ...]
    place_code: str

    @property
    def is_licence(self) -> bool:
        """Whether the case is a licence, which the public may look up."""
        return self.process in LICENCES


@dataclass(frozen=True)
class ReasonView:
    """Why a step may not be taken: stable code, text, article."""

    code: str
    text: str
    law: str


@dataclass(frozen=True)
class StepView:
    """A step of the present state. `input` is the JSON Schema of its form, None if it has none;
    `for_me` whether the reader holds one of its `roles`, `at_counter` whether the reader, a clerk,
    may take it for the party whose representative or agent is present. `irrevocable` are the
    reasons for which it cannot be taken back. `legal_day` says whose day it bears: `entry`, `away`
    (officers away from the desk) or `others`."""

    name: str
    label: str
    law: str
    roles: tuple[str, ...]
    for_me: bool
    at_counter: bool
    allowed: bool
    reasons: tuple[ReasonView, ...]
    input: Mapping[str, Any] | None
    two_officers: bool
    awaits_signature: bool
    optional: bool
    final: bool
    irrevocable: tuple[str, ...]
    track: str | None
    legal_day: str


@dataclass(frozen=True)
class OfficerView:
    """An officer who may be named in an assignment."""

    username: str
    name: str
    certificate: str


def case_view(office: Office, session: Session, actor: Actor, number: str) -> CaseView:
    """Everything the actor may see of one case. Raises NotFound."""
    case, reader = find(office, session, actor, number)
    process = office.versions.by_digest(session, case.version_digest)
    now = office.time.now()
    as_officer = reader.serves(case)
    own = as_officer and case.authority_id in reader.authorities
    said = case.data.get("application", {})
    authority = session.get_one(Authority, case.authority_id)
    family = case.family_id or case.id
    sight = sight_of(session, reader, case, process)
    state = sight.state_of(process, case)
    shown = shown_data(process, case.data, sight, as_officer=as_officer)
    clocks = clocks_of(session, case, process, sight, now)
    # Live ones come first, the earliest due before the others.
    nearest = next((one for one in clocks if one.live and one.due_on), None)
    days = party_days(office, session, [case], lambda clock: sight.shows_clock(process, clock))
    return CaseView(
        number=case.number,
        process=case.process,
        process_label=process.label,
        law=process.law,
        state=state.name,
        state_label=state.label,
        ended=case.ended_at is not None,
        version=case.version,
        declaration=case.version_digest,
        tracking_code=case.tracking_code,
        relation=case.relation,
        authority=authority.name,
        party=party_view(session.get_one(Party, case.party_id)),
        place_name=said.get("place_name", ""),
        place_kind=place_kind_label(office, session, said.get("place_kind", ""), reader.today),
        place_address=said.get("address", ""),
        opened_at=case.opened_at,
        effective_at=case.effective_at,
        ended_at=case.ended_at,
        due_on=nearest.due_on if nearest else None,
        due_label=nearest.label if nearest else "",
        party_days=days[case.id],
        whose_turn=turns(process, case, sight, hidden_turns(process, case.tracks, sight)),
        as_officer=as_officer,
        filed_at_counter=_filed_at_counter(session, case),
        may_hand_in=may_hand_in(reader, case),
        keeps_evidence=process.keeps_evidence and own,
        may_file=own,
        may_redact=may_redact(reader, case),
        tracks=tracks_of(session, case, process, sight),
        visited=_visited(session, case, process, sight),
        clocks=clocks,
        data=shown,
        inputs=inputs_of(process, shown),
        materials=_materials(
            office,
            session,
            case,
            process,
            authority,
            sight,
            _kept_now(office, session, reader, case, process),
            as_officer=as_officer,
        ),
        documents=documents_of(office, session, case, reader),
        service=service_of(session, case, process, as_officer=as_officer),
        related=lines_of(
            office,
            session,
            reader,
            ((Case.family_id == family) | (Case.id == family)) & (Case.id != case.id),
        ),
        pending=_pending(session, case, process, reader) if as_officer else (),
        participants=participants_of(session, case, process),
        shortages=shortages(session, case, process, reader.today) if as_officer else (),
        debt=debt_of(office, session, case, process, now),
        other_cases=other_cases_of(office, session, reader, case) if own else (),
        missing_rules=lacking(process),
        place_code=place_code(session, case) if case.process in LICENCES else "",
    )


def place_code(session: Session, case: Case) -> str:
    """By which code anybody finds the place of a case (一码通); empty if it names none."""
    return session.get_one(Place, case.place_id).code if case.place_id else ""


def _filed_at_counter(session: Session, case: Case) -> bool:
    """Whether a clerk opened it for a party that had come."""
    first = select(LogRow.header).where(LogRow.case_id == case.id, LogRow.seq == OPENED)
    header = session.scalar(first) or {}
    return header.get("channel") == COUNTER and header["mandate"] is not None


def steps_view(office: Office, session: Session, actor: Actor, number: str) -> tuple[StepView, ...]:
    """Every step of the case's present state, allowed or not, with all reasons. Raises NotFound."""
    case, reader = find(office, session, actor, number)
    process = office.versions.by_digest(session, case.version_digest)
    sight = sight_of(session, reader, case, process)
    return tuple(
        StepView(
            name=verdict.step.name,
            label=verdict.step.label,
            law=verdict.step.law,
            roles=tuple(role.label for role in verdict.roles if not role.automatic),
            for_me=not verdict.at_counter
            and all(reason.code != "not_your_role" for reason in verdict.reasons),
            at_counter=verdict.at_counter,
            allowed=verdict.allowed,
            reasons=tuple(ReasonView(r.code, r.text, r.law) for r in verdict.reasons),
            input=verdict.step.form,
            two_officers=verdict.step.two_officers,
            # That officers are about to act is theirs to know until they have.
            awaits_signature=verdict.awaits_signature and not reader.represents(case),
            optional=not any(map(verdict.step.awaited_in, (case.state, *case.tracks.values()))),
            final=verdict.step.final,
            irrevocable=_irrevocable(process, case, verdict.step),
            track=_track_label(process, verdict.step),
            legal_day=_legal_day(process, verdict),
        )
        for verdict in office.verdicts(session, case, actor)
        if not all(role.automatic for role in verdict.step.by)
        and sight.shows_step(process, verdict.step.name)
        and sight.behind.isdisjoint(verdict.step.moves)
    )


def in_time_view(
    office: Office, session: Session, actor: Actor, number: str
) -> tuple[StepView, ...]:
    """The party's steps that a clerk may enter as taken before the limit ran out that moved the
    case on (`turning_back`), but for those that its present state knows. Raises NotFound."""
    case, reader = find(office, session, actor, number)
    held = {post.role for post in reader.posts if post.authority_id == case.authority_id}
    if Role.WINDOW_CLERK.value not in held or case.private or reader.represents(case):
        return ()
    process = office.versions.by_digest(session, case.version_digest)
    return tuple(
        StepView(
            name=step.name,
            label=step.label,
            law=step.law,
            roles=(Role.APPLICANT.label,),
            for_me=False,
            at_counter=True,
            allowed=True,
            reasons=(),
            input=step.form,
            two_officers=step.two_officers,
            awaits_signature=False,
            optional=True,
            final=step.final,
            irrevocable=(),
            track=None,
            legal_day=LegalDay.OTHERS.value,
        )
        for step in met_by(process, dossier_of(session, case).headers)
        if case.state not in step.moves
    )


def _legal_day(process: Process, verdict: Verdict) -> str:
    """Whose day the step bears; what a clerk takes for the party bears that one's."""
    _, step = as_released(process, verdict.step)
    return (LegalDay.OTHERS if verdict.at_counter else acts.legal_day(step)).value


def officers_of(
    office: Office,
    session: Session,
    actor: Actor,
    number: str,
    role: Role,
    *,
    certified: bool = True,
) -> tuple[OfficerView, ...]:
    """Who holds a role at the case's authority today, with a certificate unless not `certified`,
    for an officer to choose from. Empty for the party. Raises NotFound."""
    case, reader = find(office, session, actor, number)
    if not reader.serves(case):
        return ()
    rows = session.execute(
        select(Account.username, Person.name, Post.certificate_number)
        .join(Person, Account.person_id == Person.id)
        .join(Post, Post.person_id == Person.id)
        .where(
            Account.active.is_(True),
            Post.authority_id == case.authority_id,
            Post.role == role.value,
            in_force(reader.today, Post),
            (Post.certificate_expires >= reader.today) if certified else true(),
        )
        .order_by(Account.username)
    )
    return tuple(OfficerView(username, name, number or "") for username, name, number in rows)


def place_kind_label(office: Office, session: Session, key: str, on: date) -> str:
    """The Chinese name of a kind of place; the key itself if the rulebook no longer has it."""
    if not key:
        return ""
    try:
        return office.rules.current(session).place_kind(key, on, "").label
    except Misconfigured:
        return key


def _irrevocable(process: Process, case: Case, step: Step) -> tuple[str, ...]:
    track = process.track_of(step.name)
    at = case.tracks[track.name] if track else case.state
    return tuple(ground.text for ground in grounds(process, step, at))


def _track_label(process: Process, step: Step) -> str | None:
    track = process.track_of(step.name)
    return track.label if track else None


def _visited(session: Session, case: Case, process: Process, sight: Sight) -> tuple[str, ...]:
    """The states in which the case was, as this reader may see them, each once."""
    headers = session.scalars(
        select(LogRow.header).where(LogRow.case_id == case.id).order_by(LogRow.seq)
    )
    seen = (sight.seen_as(h["target"]) for h in headers if sight.shows_step(process, h["name"]))
    return tuple(dict.fromkeys(seen))


def shown_data(
    process: Process, data: Mapping[str, Any], sight: Sight, *, as_officer: bool
) -> dict[str, Any]:
    """What was filled in, as far as the reader may see it: the party reads its own."""
    if as_officer:
        return {name: given for name, given in data.items() if sight.shows_step(process, name)}
    own = {step.name for step in _steps(process) if Role.APPLICANT in step.by}
    if set(process.opened_by) <= {Role.APPLICANT, Role.RELATED}:
        own.add("application")  # a lead is the authority's
    return {name: given for name, given in data.items() if name in own}


def inputs_of(process: Process, shown: Mapping[str, Any]) -> tuple[InputView, ...]:
    """The same under the labels of forms and fields."""
    forms = {step.name: (step.label, step.form) for step in _steps(process)}
    leads = set(process.opened_by) - {Role.APPLICANT, Role.RELATED}
    forms["application"] = ("登记内容" if leads else "申请表", process.form)
    return tuple(
        InputView(name, forms[name][0], entries(forms[name][1], given))
        for name, given in shown.items()
        if given and name in forms
    )


def _steps(process: Process) -> tuple[Step, ...]:
    return (*process.steps, *(step for track in process.tracks for step in track.steps))


def _materials(
    office: Office,
    session: Session,
    case: Case,
    process: Process,
    authority: Authority,
    sight: Sight,
    kept_now: Callable[[str], bool],
    *,
    as_officer: bool,
) -> tuple[MaterialView, ...]:
    files: dict[str, list[AttachmentView]] = {}
    of_others = {
        item.key
        for item in _listed(office, session, process, authority)
        if not sight.shows_matter(item.matter)
    }
    for file in attachments_of(session, case):
        if file.material != GROUND:
            files.setdefault(file.material, []).append(file)
    supplement_list = Inputs(case.data).at(REQUEST_SUPPLEMENT)
    asked = {item.material: item.what for item in supplement_list.items} if supplement_list else {}
    listed = (
        _listed(office, session, process, authority)
        if set(process.opened_by) - {Role.RELATED}
        else ()
    )
    listed = tuple(item for item in listed if item.key not in of_others)
    known = {item.key for item in listed} | of_others
    proof = papers_of_the_file(office, session, case, process)
    of_process = {item.key for item in listed}
    applied_with = of_process.difference(NOT_APPLIED_WITH)
    listed += proof if as_officer else ()
    known |= {item.key for item in proof}
    others = [key for key in dict.fromkeys((*asked, *files)) if key not in known]
    return (
        *(
            MaterialView(
                item.key,
                item.label,
                item.required,
                item.deferrable,
                item.note,
                asked.get(item.key, asked.get(item.label, "")),
                _matter_label(office, session, item.matter, authority),
                tuple(files.get(item.key, ())),
                later=item.key in LATER,
                kept_now=kept_now(item.key),
                applied_with=item.key in applied_with,
                of_process=item.key in of_process,
                told=item.asked,
            )
            for item in listed
        ),
        *(
            MaterialView(
                key,
                key,
                True,
                False,
                "",
                asked.get(key, ""),
                "",
                tuple(files.get(key, ())),
                kept_now=kept_now(key),
            )
            for key in others
        ),
    )


def _kept_now(
    office: Office, session: Session, reader: Reader, case: Case, process: Process
) -> Callable[[str], bool]:
    """For which items the reader may keep a file as the case stands (`attachments`)."""
    if may_hand_in(reader, case):
        if case.ended_at is None:
            return lambda _: True
        if reader.serves(case):
            return kept_after_the_end(office, session, case, process)
        return lambda key: key in LATER
    proved = proved_in(process, case)
    takes_part = proved and session.scalar(
        select(Participant.id)
        .where(
            Participant.case_id == case.id,
            Participant.track.in_(proved),
            Participant.authority_id.in_(reader.authorities),
            in_force(reader.today, Participant),
        )
        .limit(1)
    )
    kept = papers_of_tracks(office, session, case, process) if takes_part else ()
    proofs = {item.key for item in kept}
    return lambda key: key in proofs


def _matter_label(office: Office, session: Session, key: str, authority: Authority) -> str:
    if not key:
        return ""
    today = legal_date(office.time.now())
    return office.rules.current(session).matter(key, today, authority.region).label


def _listed(
    office: Office, session: Session, process: Process, authority: Authority
) -> tuple[Material, ...]:
    """The items of the materials list of the process; none without a list."""
    if process.materials is None:
        return ()
    today = legal_date(office.time.now())
    rules = office.rules.current(session)
    return rules.materials(process.materials, today, authority.region).items


def _pending(
    session: Session, case: Case, process: Process, reader: Reader
) -> tuple[PendingView, ...]:
    """What waits for a second signature at the case's present version."""
    rows = session.execute(
        select(PendingSignature, Person.name)
        .join(Person, PendingSignature.person_id == Person.id)
        .where(
            PendingSignature.case_id == case.id,
            PendingSignature.case_version == case.version,
            PendingSignature.step != REDACT,  # has a page of its own
        )
        .order_by(PendingSignature.id)
    )
    return tuple(
        PendingView(
            step=row.step,
            label=process.step(row.step).label,
            signed_by=name,
            signed_at=row.signed_at,
            effective_on=legal_date(row.effective_at),
            mine=row.person_id == reader.actor.person_id,
            entries=entries(process.step(row.step).form, row.input),
            backfill=row.backfill["id"] if row.backfill else None,
            paper=row.backfill["paper"] if row.backfill else None,
            numbers=tuple(row.backfill["numbers"].values()) if row.backfill else (),
        )
        for row, name in rows
    )


def participants_of(
    session: Session, case: Case, process: Process, opened: Collection[str] | None = None
) -> tuple[ParticipantView, ...]:
    """The other authorities that take part, each with its tracks; of those that were `opened` if
    they are given."""
    rows = session.execute(
        select(Participant, Authority.name)
        .join(Authority, Participant.authority_id == Authority.id)
        .where(Participant.case_id == case.id)
        .order_by(Participant.id)
    )
    labels = {track.name: track.label for track in process.tracks}
    found: dict[tuple[str, date | None], list[Participant]] = {}
    for row, name in rows:
        if opened is None or row.track in opened:
            found.setdefault((name, row.valid_to), []).append(row)
    return tuple(
        ParticipantView(
            name,
            tuple(labels.get(row.track, row.track) for row in in_tracks),
            min(row.valid_from for row in in_tracks),
            until,
        )
        for (name, until), in_tracks in found.items()
    )
