"""What was served, how and when (送达): kept under `service` in the case's data.

So a replay of the log gives it again, and clocks can be anchored to it.

One entry for each thing served (`decision`): its receipts, the tries that failed, the announcement,
and `served_on`, the day of the last receipt that was needed. A receipt covers issues of documents,
not their keys: what is issued anew waits to be served anew.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any, TypedDict

from sqlalchemy import and_, cast, func, select, tuple_
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH
from sqlalchemy.orm import Session

from casework.acts import arrival
from casework.acts.act import Act
from casework.acts.clocks import ENTERED_ON, SERVICE
from casework.acts.dossier import dossier_of
from casework.common.problems import GuardRefused, Misconfigured
from casework.common.timekeeping import legal_date
from casework.models import Case, Document, LogRow, ProcessVersion
from casework.rules.counting import count
from rulebook.models import in_words
from state_machines.language.fields import Delivery
from state_machines.language.vocabulary import Issue, Process, RecordService, Refusal, applies
from state_machines.parts.delivery.forms import Receipt, Way
from state_machines.processes import PROCESSES

REGISTER = SERVICE
ANNOUNCED = "公告送达"
CORRECTION_NOTICE = "erratum_notice"
_DAYS = ("announced_on", "served_on")
# What comes with a decision, and decides nothing.
_BESIDE = frozenset({"repair_reminder", "repair_guide"})
# What weighs on a party, and has no effect for it before it is served: whatever its process serves.
TO_BE_SERVED = sorted(
    {
        (process.key, document)
        for process in PROCESSES.values()
        for step in process.every_step
        for effect in step.effects
        if isinstance(effect, RecordService)
        for document in effect.documents
        if document not in _BESIDE
    }
)
# In a declaration, the documents of which a step enters the receipt, but for corrected ones.
_RECEIPTS = (
    '$.**.effects[*] ? (@.kind == "receipt" && !exists(@.corrected ? (@ == true))).documents[*]'
)
# By the digest of a declaration, which says the same for ever.
_receipted: dict[str, set[str]] = {}
_VERSIONS = "nuoxin_versions"  # in a session: process, digest and publication of each version


@dataclass(frozen=True)
class Paper:
    """An issue of a document: by its key and the log row that issued it."""

    key: str
    title: str
    number: str
    seq: int
    issued_on: date

    @property
    def as_served(self) -> dict[str, Any]:
        """As a receipt names it."""
        return {"key": self.key, "title": self.title, "number": self.number, "seq": self.seq}


def service_of(act: Act) -> RecordService | None:
    """What the act's step records of a service, if it does."""
    return next((e for e in act.step.effects if isinstance(e, RecordService)), None)


def entry_of(data: Mapping[str, Any], of: str) -> dict[str, Any]:
    """What is known of serving one thing; nothing yet is a blank entry."""
    known: Mapping[str, Any] = data.get(REGISTER, {}).get(of, {})
    nothing: dict[str, Any] = {"receipts": [], "tries": [], "announced": None}
    return {**nothing, "announced_on": None, "served_on": None, **known}


def papers_of(act: Act, effect: RecordService) -> tuple[Paper, ...]:
    """What the act's case has issued of what is to be served, as `papers_in`."""
    return papers_in(act.session, act.case, effect)


def papers_in(session: Session, case: Case, effect: RecordService) -> tuple[Paper, ...]:
    """The latest issue of each document that is to be served, in the order they are named; by the
    step alone that it is served as, if it is one."""
    file = dossier_of(session, case)
    by_one = effect.of in _steps_of(case.process)
    made = {
        header["seq"]
        for header in file.headers
        if (header["kind"], header["name"]) == ("step", effect.of)
    }
    latest = {
        row.key: Paper(row.key, row.title, row.number, row.log_seq, row.issued_on)
        for row in file.documents
        if row.key in effect.documents
        and (row.log_seq in made or not by_one)
        # A notice of a correction corrects nothing itself, but comes with what is corrected.
        and (
            row.corrects is not None or row.key == CORRECTION_NOTICE
            if effect.corrected
            else row.corrects is None
        )
    }
    return tuple(latest[key] for key in effect.documents if key in latest)


@cache
def _steps_of(process: str) -> frozenset[str]:
    declared = PROCESSES.get(process)
    return frozenset(step.name for step in declared.every_step) if declared else frozenset()


def papers_as(session: Session, case: Case, process: Process, of: str) -> tuple[Paper, ...]:
    """The same of all that the process serves as `of`, by whichever of its steps. Raises
    Misconfigured if it serves no such thing."""
    told = (effect for step in process.every_step for effect in step.effects)
    same = [one for one in told if isinstance(one, RecordService) and one.of == of]
    if not same:
        raise Misconfigured(f"{process.label}没有声明送达的文书")
    documents = dict.fromkeys(key for record_service in same for key in record_service.documents)
    return papers_in(session, case, replace(same[0], documents=tuple(documents)))


def waiting(papers: Iterable[Paper], receipts: Sequence[Mapping[str, Any]]) -> tuple[Paper, ...]:
    """Those of the papers that no receipt covers."""
    covered = {(one["key"], one["seq"]) for receipt in receipts for one in receipt["documents"]}
    return tuple(paper for paper in papers if (paper.key, paper.seq) not in covered)


def counted_from(session: Session, case: Case, effect: RecordService, *serving: str) -> date | None:
    """The day from which the party's time counts: that of the service, or of its entry by one of
    the steps `serving` if that was later. None while any paper has no receipt."""
    told = entry_of(case.data, effect.of)
    papers = papers_in(session, case, effect)
    if not papers or waiting(papers, told["receipts"]):
        return None
    entered = dossier_of(session, case).last(*serving)
    served = date.fromisoformat(told["served_on"])
    if entered is None:
        return served
    return max(served, legal_date(datetime.fromisoformat(entered["recorded_at"])))


def served_on(data: Mapping[str, Any], seq: int, keys: Iterable[str]) -> date | None:
    """The day on which the last of these documents of a row of the log was served, by what the case
    holds; None while one was not."""
    served = {
        (paper["key"], paper["seq"]): date.fromisoformat(receipt["on"])
        for entry in data.get(REGISTER, {}).values()
        for receipt in entry["receipts"]
        for paper in receipt["documents"]
    }
    days = [served.get((key, seq)) for key in keys]
    if None in days:
        return None
    return max((day for day in days if day), default=date.min)


def unserved(
    session: Session, rows: Collection[tuple[int, int]], on: date = date.max
) -> set[tuple[int, int]]:
    """Those of these rows of logs (case, seq) whose decision had not come into force on that day:
    it was not served."""
    return {
        (paper.case_id, paper.log_seq)
        for paper, case in to_be_served(session, rows)
        if (day := served_on(case.data, paper.log_seq, [paper.key])) is None or day > on
    }


def still_to_serve(act: Act) -> bool:
    """Whether the act itself makes a decision that comes into force once it is served."""
    made = (effect for effect in act.step.effects if isinstance(effect, Issue))
    return any(
        (act.process.key, issue.document) in TO_BE_SERVED
        and (not issue.when or applies(issue.when, act.data))
        and served_on(act.data, act.case.head_seq + 1, [issue.document]) is None
        and _could_be_served(act.session, act.process.key, issue.document, act.context.now)
        for issue in made
    )


def to_be_served(
    session: Session, rows: Collection[tuple[int, int]]
) -> list[tuple[Document, Case]]:
    """What these rows of logs (case, seq) issued, with its case, that has no effect before it is
    served: made when a service could be entered already. What was made before was served
    somehow."""
    if not rows:
        return []
    papers = session.execute(
        select(Document, Case, LogRow.header["recorded_at"].as_string())
        .join(Case, Case.id == Document.case_id)
        .join(LogRow, and_(LogRow.case_id == Document.case_id, LogRow.seq == Document.log_seq))
        .where(
            tuple_(Document.case_id, Document.log_seq).in_(rows),
            tuple_(Case.process, Document.key).in_(TO_BE_SERVED),
        )
    )
    return [
        (paper, case)
        for paper, case, made in papers
        if _could_be_served(session, case.process, paper.key, datetime.fromisoformat(made))
    ]


def _could_be_served(session: Session, process: str, key: str, made: datetime) -> bool:
    """Whether a version of the process had come by then that has a receipt of that document."""
    if _VERSIONS not in session.info:
        rows = session.execute(
            select(ProcessVersion.process, ProcessVersion.digest, ProcessVersion.published_at)
        )
        session.info[_VERSIONS] = [(of, digest, since) for of, digest, since in rows]
    versions = {digest: since for of, digest, since in session.info[_VERSIONS] if of == process}
    _load_receipts(session, versions.keys() - _receipted.keys())
    return any(key in _receipted[digest] and made >= since for digest, since in versions.items())


def _load_receipts(session: Session, unread: Collection[str]) -> None:
    """Learn of these versions, by digest, which of their documents are receipts. A version never
    changes, so it is remembered for as long as the program runs."""
    if not unread:
        return
    documents = func.jsonb_path_query(
        cast(ProcessVersion.declaration, JSONB), cast(_RECEIPTS, JSONPATH), type_=JSONB
    )
    rows = session.execute(
        select(ProcessVersion.digest, documents).where(ProcessVersion.digest.in_(unread))
    )
    found: dict[str, set[str]] = {digest: set() for digest in unread}
    for digest, document in rows:
        found[digest].add(document)
    _receipted.update(found)


def counts_from(entry: Mapping[str, Any]) -> date:
    """The day from which the party's own time counts that began with a service: that day, or the
    one of its entry if that came afterwards (专项补录)."""
    days = (entry["served_on"], entry.get(ENTERED_ON) or entry["served_on"])
    return max(map(date.fromisoformat, days))


def named(keys: Collection[str], papers: Sequence[Paper]) -> tuple[Paper, ...]:
    """The papers of these keys; all of them if there are none."""
    return tuple(paper for paper in papers if not keys or paper.key in keys)


def record(act: Act, *, late: bool = False) -> set[str]:
    """Keep what the step tells of a service; of what is entered so `late` that the party's time
    would have run before anybody knew of it, that counts from the entry. Gives the anchors of
    clocks that moved with it."""
    effect = service_of(act)
    if effect is None:
        return set()
    entry = entry_of(act.data, effect.of)
    papers = papers_of(act, effect)
    before = dict(entry)
    open_papers = waiting(papers, entry["receipts"])
    if effect.kind == "try":
        entry["tries"] = [*entry["tries"], _said(act)]
    elif effect.kind == "announcement":
        entry["announced"] = _said(act)
        entry["announced_on"] = entry["announced"]["on"]
    else:
        entry["receipts"] = [*entry["receipts"], _receipt(act, effect, entry, open_papers)]
        left = waiting(papers, entry["receipts"])
        entry["served_on"] = None if left else _last_day(entry["receipts"], papers)
    if act.context.backfill or late:
        entry[ENTERED_ON] = legal_date(act.context.now).isoformat()
    elif any(entry[day] != before[day] for day in _DAYS):
        entry.pop(ENTERED_ON, None)
    kept = {effect.of: entry}
    act.data[REGISTER] = {**act.data.get(REGISTER, {}), **kept}
    act.note("registered", {"register": REGISTER, "entries": kept})
    return {f"{REGISTER}.{effect.of}.{day}" for day in _DAYS if entry[day] != before[day]}


def day_told(act: Act) -> date:
    """The day that the act's form tells, or else its legal date."""
    told = act.input.get(act.step.dated_by)
    return date.fromisoformat(told) if told else act.day


def way_of(act: Act) -> str:
    """How the act serves something; empty if it says nothing of that."""
    handed_over = act.filled(Delivery)
    method = handed_over.method if "method" in handed_over.model_fields_set else ""
    return act.filled(Receipt).way or method


def _said(act: Act) -> dict[str, Any]:
    """The input of the step as a receipt keeps it, with its day, its log row and who served."""
    on = day_told(act).isoformat()
    return {**act.input, "on": on, "seq": act.case.head_seq + 1, "servers": _servers(act)}


def _receipt(
    act: Act, effect: RecordService, entry: Mapping[str, Any], papers: Sequence[Paper]
) -> dict[str, Any]:
    """A receipt as the case keeps it: way, day, papers and who served. Raises GuardRefused if it is
    electronic and they have not arrived."""
    if effect.kind == "deemed":
        told = entry["announced"] or {}
        seq = act.case.head_seq + 1
        on = (_end_of_announcement(act, entry) or act.day).isoformat()
        said = {"way": ANNOUNCED, "on": on, "place": told.get("medium", ""), "seq": seq}
        return {**said, "servers": told.get("servers", []), "documents": _served(papers)}
    now = named(act.filled(Receipt).documents, papers)
    said = {**_said(act), "documents": _served(now)}
    if said.get("way") != Way.ELECTRONIC or act.context.draft:
        return said
    came = act.context.arrival
    if came is None or not {(paper.key, paper.seq) for paper in now} <= came.papers:
        text = "文书没有到达当事人的系统，或者到达后又重新制作，不能登记电子送达"
        raise GuardRefused([Refusal("not_arrived", text, "《民事诉讼法》第九十条")])
    return {**said, "arrival": came.to_json()}


def _end_of_announcement(act: Act, entry: Mapping[str, Any]) -> date | None:
    """The last day of an announcement: by its clock, or where none runs by its limit."""
    run = next((run for run in reversed(act.runs) if run.name == act.clock), None)
    if run is not None:
        return run.due_on
    return announced_until(act, entry["announced_on"])


def announced_until(act: Act, announced_on: str | None) -> date | None:
    """The last day of what was announced on that day; None if nothing was."""
    if not announced_on:
        return None
    since = date.fromisoformat(announced_on)
    limit, _ = act.rules.limit("service.announcement", since, act.region)
    return count(limit, since, (), act.rules.calendar).due


def _served(papers: Iterable[Paper]) -> list[dict[str, Any]]:
    return [paper.as_served for paper in papers]


def _servers(act: Act) -> list[str]:
    return [officer.name for officer in act.execution.officers]


def _last_day(receipts: Sequence[Mapping[str, Any]], papers: Sequence[Paper]) -> str:
    """The day on which the last of these papers was served."""
    wanted = {(paper.key, paper.seq) for paper in papers}
    days: list[str] = [
        receipt["on"]
        for receipt in receipts
        if any((one["key"], one["seq"]) in wanted for one in receipt["documents"])
    ]
    return max(days)


def _period(act: Act) -> str:
    effect = service_of(act)
    if effect is None or effect.kind != "announcement":
        return ""
    limit, _ = act.rules.limit("service.announcement", act.day, act.region)
    return in_words(limit.n, limit.unit)


class ServicePart(TypedDict):
    """What a receipt (送达回证) or an announcement (公告) prints; empty what the file does not
    tell. `period` is for how long an announcement runs, in words."""

    way: str
    on: str
    place: str
    recipient: str
    receiver: str
    refusal: str
    witness: str
    mailing: str
    note: str
    period: str


def printed(act: Act) -> ServicePart:
    """The service that the act is, also where it is only the handing over of a certificate."""
    said = act.filled(Receipt)
    witness = said.witness
    if witness and said.witness_unit:
        witness = f"{witness}（{said.witness_unit}）"
    mailing = f"受托、转交单位：{said.through}" if said.through else ""
    if act.context.arrival:
        mailing = arrival.in_words(act.context.arrival.to_json())
    return {
        "way": way_of(act),
        "on": day_told(act).isoformat(),
        "place": said.place,
        "recipient": said.recipient,
        "receiver": said.receiver,
        "refusal": said.refusal,
        "witness": witness,
        "mailing": f"邮件号码：{said.mailing_number}" if said.mailing_number else mailing,
        "note": said.note,
        "period": _period(act),
    }
