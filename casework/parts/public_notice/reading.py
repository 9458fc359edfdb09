"""What is on public notice, and what was recorded after one, as anybody reads it (公示公开)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, undefer

from casework.access.masking import public_name
from casework.acts.clocks import ENDED
from casework.common.codes import normalise
from casework.common.problems import NotFound
from casework.common.timekeeping import legal_date
from casework.common.typed_inputs import Inputs
from casework.documents.files import File
from casework.kernel.office import Office
from casework.models import Attachment, Authority, Case, CaseClock, Document, LogRow, Party
from state_machines.language.vocabulary import Process
from state_machines.parts.public_notice.forms import COMMENT, OPEN_NOTICE, RECORD, Noticed
from state_machines.parts.public_notice.part import CLOCK, PUBLIC_TEXT

MOST = 100  # entries of each list
_MOST_READ = 5 * MOST  # many more are on record than on notice
NOTICE, RECORDED = "notice", "recorded"
# The step whose letter says it, and at which the text was the one that is made public.
_STEP: Mapping[str, str] = {NOTICE: OPEN_NOTICE, RECORDED: RECORD}


@dataclass(frozen=True)
class PublicEntry:
    """A thing on notice, or recorded and still standing (`kind`). `until` is the last day of the
    notice; `open` whether it has not run yet."""

    case: str
    kind: str
    process_label: str
    title: str
    number: str
    party: str
    authority: str
    until: date | None
    open: bool


@dataclass(frozen=True)
class PublicPaper:
    """What the public reads of an entry: its letter, with number and day, and the text's file."""

    entry: PublicEntry
    letter_title: str
    letter_number: str
    issued_on: date
    text: str


@dataclass(frozen=True)
class PublicPage:
    """All of a case that is made public: where to comment is the authority's address."""

    case: str
    papers: tuple[PublicPaper, ...]
    authority: str
    address: str
    phone: str

    @property
    def takes_comments(self) -> bool:
        """Whether its notice runs."""
        return any(paper.entry.open for paper in self.papers)


def public_entries(
    office: Office, session: Session, wanted: str = ""
) -> tuple[tuple[PublicEntry, ...], tuple[PublicEntry, ...]]:
    """What is on notice, and what is recorded, newest first; of `wanted` in their titles, numbers
    or parties."""
    found = list(_entries(office, session, _named(wanted)))
    noticed, recorded = (
        tuple(entry for entry in found if entry.kind == kind)[:MOST] for kind in (NOTICE, RECORDED)
    )
    return noticed, recorded


def public_page(office: Office, session: Session, number: str) -> PublicPage:
    """What is made public of one case. Raises NotFound if nothing of it is."""
    case, entries = _found(office, session, number)
    authority = session.get_one(Authority, case.authority_id)
    papers = []
    for entry in entries:
        letter = _letter(session, case, entry.kind)
        text = _text(session, case, entry.kind)
        papers.append(
            PublicPaper(
                entry,
                letter.title,
                letter.number,
                letter.issued_on,
                text.filename if text else "",
            )
        )
    return PublicPage(
        case.number, tuple(papers), authority.name, authority.address, authority.phone
    )


def public_letter(office: Office, session: Session, number: str, kind: str) -> bytes:
    """The letter of an entry, as it was issued. Raises NotFound."""
    case, entries = _found(office, session, number)
    if all(entry.kind != kind for entry in entries):
        raise _nothing()
    content = _letter(session, case, kind).content
    if not content:  # 《个人信息保护法》第四十七条
        raise _nothing()
    return content


def public_text(office: Office, session: Session, number: str, kind: str) -> File:
    """The text that is made public with an entry. Raises NotFound."""
    case, entries = _found(office, session, number)
    if all(entry.kind != kind for entry in entries):
        raise _nothing()
    text = _text(session, case, kind)
    if text is None:
        raise _nothing()
    return File(text.filename, text.media_type, text.content)


def _nothing() -> NotFound:
    return NotFound("没有公示或者公开这一事项，可能公示已经结束、已经撤回或者注销")


def _found(office: Office, session: Session, number: str) -> tuple[Case, list[PublicEntry]]:
    """The case of that number, and what of it is public. Raises NotFound."""
    case = session.scalar(select(Case).where(Case.number == normalise(number)))
    entries = [] if case is None else list(_entries(office, session, Case.id == case.id))
    if case is None or not entries:
        raise _nothing()
    return case, entries


def _entries(
    office: Office, session: Session, wanted: ColumnElement[bool]
) -> Iterator[PublicEntry]:
    today = legal_date(office.time.now())
    noticing = [one for one in office.versions.known(session, today) if _has_comments(one)]
    states = {state for one in noticing for state in (*one.step(COMMENT).moves, *_standing(one))}
    rows = session.execute(
        select(Case, Party, Authority.name)
        .join(Party, Party.id == Case.party_id)
        .join(Authority, Authority.id == Case.authority_id)
        .where(
            Case.process.in_([process.key for process in noticing]),
            Case.ended_at.is_(None),
            Case.state.in_(states),
            Case.private.is_(False),
            wanted,
        )
        .order_by(Case.effective_at.desc(), Case.id.desc())
        .limit(_MOST_READ)
    ).all()
    running = session.execute(
        select(CaseClock.case_id, CaseClock.due_on).where(
            CaseClock.case_id.in_([case.id for case, _, _ in rows]),
            CaseClock.name == CLOCK,
            CaseClock.status != ENDED,
        )
    )
    ends = {row.case_id: row.due_on for row in running}
    for case, party, authority in rows:
        process = office.versions.by_digest(session, case.version_digest)
        inputs = Inputs(case.data)
        for kind in _kinds(process, case):
            # A revision that is on notice names itself.
            noticed = inputs.saying(Noticed)[-1 if kind == NOTICE else 0]
            until = ends.get(case.id) if kind == NOTICE else None
            yield PublicEntry(
                case=case.number,
                kind=kind,
                process_label=process.label,
                title=noticed.title,
                number=noticed.number,
                party=public_name(party),
                authority=authority,
                until=until,
                open=until is not None and today <= until,
            )


def _has_comments(process: Process) -> bool:
    return any(step.name == COMMENT for step in process.every_step)


def _kinds(process: Process, case: Case) -> Iterator[str]:
    if case.state in process.step(COMMENT).moves:
        yield NOTICE
    if case.state in _standing(process):
        yield RECORDED


def _standing(process: Process) -> set[str]:
    """The states in which what was recorded stands: all that may follow the record."""
    found = set(process.step(RECORD).moves.values())
    ahead = list(found)
    while ahead:
        at = ahead.pop()
        new = {step.moves[at] for step in process.steps if at in step.moves} - found
        found |= new
        ahead += new
    return found


def _named(wanted: str) -> ColumnElement[bool]:
    """The condition that title, number or firm hold what is searched for; that of every case for
    nothing."""
    if not wanted:
        return Case.id.is_not(None)
    said = Case.data["application"]
    places: Iterable[Any] = (said["title"].as_string(), said["number"].as_string(), Party.name)
    return or_(*(place.contains(wanted, autoescape=True) for place in places))


def _seq(session: Session, case: Case, kind: str) -> int:
    """The log row of the latest step that made it public."""
    return session.scalars(
        select(LogRow.seq)
        .where(
            LogRow.case_id == case.id,
            LogRow.header["name"].as_string() == _STEP[kind],
            LogRow.header["kind"].as_string() == "step",
        )
        .order_by(LogRow.seq.desc())
        .limit(1)
    ).one()


def _letter(session: Session, case: Case, kind: str) -> Document:
    return session.scalars(
        select(Document)
        .options(undefer(Document.content))
        .where(Document.case_id == case.id, Document.log_seq == _seq(session, case, kind))
        .order_by(Document.id)
        .limit(1)
    ).one()


def _text(session: Session, case: Case, kind: str) -> Attachment | None:
    """The latest file that had come in by then."""
    return session.scalar(
        select(Attachment)
        .options(undefer(Attachment.content))
        .where(
            Attachment.case_id == case.id,
            Attachment.material == PUBLIC_TEXT,
            Attachment.log_seq < _seq(session, case, kind),
        )
        .order_by(Attachment.id.desc())
        .limit(1)
    )
