"""The court file (案卷): one .zip of all that a case is made of, in order, with the proof of it.

First the table of contents (卷内目录), then documents, evidence and what was handed in, by the
stages of a case; then the log of the case and of what belongs to it, the declarations it ran under,
and a manifest of every member. The same case gives the same bytes. `court_file_proof` checks them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from casework.access.readers import find
from casework.acts.actors import Actor
from casework.acts.backfilling import SIGNED_PAPER
from casework.acts.journal import canonical, sm3
from casework.acts.redactions import GROUND
from casework.common.codes import CODE_LABELS
from casework.common.paging import pages_of
from casework.common.problems import no_such_case
from casework.common.sealed_zip import Member, packed
from casework.common.timekeeping import in_chinese, legal_date
from casework.documents.attachments import clean_name
from casework.documents.files import DOCX, File
from casework.kernel.office import Office
from casework.models import (
    Attachment,
    Authority,
    Case,
    DailyRoot,
    Document,
    Evidence,
    LogRow,
    Party,
    ProcessVersion,
)
from casework.parts.evidence.register import latest
from casework.rules.rule_cache import Rules

FORMAT = "nuoxin-court-file@1"
MANIFEST, SEAL = "manifest.json", "manifest.sm3"
CONTENTS, EVIDENCE_LIST = "court_file_contents", "court_file_evidence"
_ZIP = "application/zip"
_NOTES = {SIGNED_PAPER: "补录的纸质文书", GROUND: "删除个人信息的依据"}
_ENCLOSED = ("custody", "correction")


@dataclass
class _Paper:
    """One paper on its way into the file; `identity` is what the log tells of it."""

    stage: int
    order: tuple[Any, ...]
    title: str
    number: str
    on: str
    note: str
    suffix: str
    media_type: str
    content: bytes
    identity: dict[str, Any]
    place: str = ""
    pages: str = field(default="")


def court_file(office: Office, session: Session, actor: Actor, number: str) -> File:
    """The file of a case, for staff of the authority whose case it is. Raises NotFound.

    Read as of one instant: give it a session in which nothing was read yet.
    """
    session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    case, reader = find(office, session, actor, number)
    if case.authority_id not in reader.authorities or reader.represents(case):
        raise no_such_case(number)
    rules = office.rules.current(session)
    region = session.get_one(Authority, case.authority_id).region
    day = legal_date(case.effective_at)
    stages = rules.value("court_file.stages", day, region)
    cases = _belonging(session, case)
    papers = sorted(
        (paper for one in cases for paper in _papers(session, one, stages)),
        key=lambda paper: (paper.stage, paper.order),
    )
    _paginate(papers, stages)
    context = _context(office, session, case, papers, stages)
    lists = [
        (f"{title}.docx", _rendered(rules, key, day, region, context))
        for title, key in (("卷内目录", CONTENTS), ("证据目录", EVIDENCE_LIST))
    ]
    members: list[Member] = [*lists, *((paper.place, paper.content) for paper in papers)]
    members += [(f"log/{one.number}.jsonl", _log(session, one)) for one in cases]
    for digest in sorted({one.version_digest for one in cases}):
        declared = session.get_one(ProcessVersion, digest).declaration
        members.append((f"log/process-{digest}.json", _line(declared)))
    manifest = _line(_manifest(session, case, cases, papers, members))
    seal = f"{sm3(manifest.decode())}\n".encode()
    sealed = [*members, (MANIFEST, manifest), (SEAL, seal)]
    return File(f"案卷-{case.number}.zip", _ZIP, packed(sealed))


def _belonging(session: Session, case: Case) -> list[Case]:
    """The case; of a penalty, the one it was handed over from; and what those opened to keep things
    for them and to have their orders kept."""
    cases = [case]
    if case.relation == "penalty":
        came_from = select(Case).where(Case.id == case.origin_id)
        cases += session.scalars(came_from.where(Case.authority_id == case.authority_id))
    opened = select(Case).where(
        Case.origin_id.in_([one.id for one in cases]), Case.relation.in_(_ENCLOSED)
    )
    return [*cases, *session.scalars(opened.order_by(Case.id))]


def _papers(session: Session, case: Case, stages: Sequence[dict[str, Any]]) -> list[_Paper]:
    of_stage = {key: n for n, stage in enumerate(stages) for key in stage["documents"]}
    others = len(stages)
    papers = []
    evidence = session.scalars(
        select(Evidence)
        .where(Evidence.case_id == case.id)
        .options(undefer(Evidence.content))
        .order_by(Evidence.n, Evidence.version)
    ).all()
    newest = latest(evidence)
    as_evidence = {
        (row.log_seq, row.document): f"证据 {row.n} 号" for row in evidence if row.document
    }
    afterwards = set(
        session.scalars(
            select(LogRow.seq).where(
                LogRow.case_id == case.id, LogRow.header["backfill"].as_string().is_not(None)
            )
        )
    )
    for row in session.scalars(
        select(Document).where(Document.case_id == case.id).options(undefer(Document.content))
    ):
        kept = as_evidence.get((row.log_seq, row.key), "")
        late = "补录" if row.log_seq in afterwards else ""
        papers.append(
            _Paper(
                of_stage.get(row.key, others),
                (0, case.id, row.log_seq, row.id),
                row.title,
                row.number,
                row.issued_on.isoformat(),
                "，".join(one for one in (kept, late) if one),
                ".docx",
                DOCX,
                row.content,
                {"kind": "document", "case": case.number, "seq": row.log_seq, "key": row.key},
            )
        )
    for item in evidence:
        if item.content is None:
            continue
        state = "" if newest[item.n] is item else f"，第 {item.version} 版，已更换或者撤回"
        papers.append(
            _Paper(
                of_stage.get("evidence", others),
                (1, case.id, item.n, item.version),
                item.said["title"],
                "",
                item.said["collected_on"],
                f"证据 {item.n} 号{state}",
                f".{(item.filename or '').rpartition('.')[2].lower()}",
                item.media_type or "",
                item.content,
                {
                    "kind": "evidence",
                    "case": case.number,
                    "seq": item.log_seq,
                    "n": item.n,
                    "version": item.version,
                },
            )
        )
    for file in session.scalars(
        select(Attachment).where(Attachment.case_id == case.id).options(undefer(Attachment.content))
    ):
        papers.append(
            _Paper(
                of_stage.get("attachments", others),
                (2, case.id, file.id),
                file.filename.rpartition(".")[0],
                "",
                legal_date(file.received_at).isoformat(),
                _NOTES.get(file.material, "提交的材料"),
                f".{file.filename.rpartition('.')[2].lower()}",
                file.media_type,
                file.content,
                {
                    "kind": "file",
                    "case": case.number,
                    "seq": file.log_seq,
                    "material": file.material,
                    "filename": file.filename,
                },
            )
        )
    return papers


def _paginate(papers: Sequence[_Paper], stages: Sequence[dict[str, Any]]) -> None:
    """Number the papers and their pages through; papers of unknown length are left out of it."""
    page = 1
    for n, paper in enumerate(papers, 1):
        label = _label(paper, stages)
        name = clean_name(f"{n:03d}-{paper.title}{paper.suffix}")
        paper.place = f"{paper.stage + 1:02d}-{label}/{name}"
        count = pages_of(paper.media_type, paper.content) if paper.content else None
        if count is None:
            paper.pages = "页数另计" if paper.content else "已依法删除"
            continue
        paper.pages = str(page) if count == 1 else f"{page}-{page + count - 1}"
        page += count


def _label(paper: _Paper, stages: Sequence[dict[str, Any]]) -> str:
    return str(stages[paper.stage]["label"]) if paper.stage < len(stages) else "其他"


def _context(
    office: Office,
    session: Session,
    case: Case,
    papers: Sequence[_Paper],
    stages: Sequence[dict[str, Any]],
) -> dict[str, Any]:
    authority = session.get_one(Authority, case.authority_id)
    party = session.get_one(Party, case.party_id)
    process = office.versions.by_digest(session, case.version_digest)
    rows = session.scalars(
        select(Evidence).where(Evidence.case_id == case.id).order_by(Evidence.n, Evidence.version)
    ).all()
    return {
        "authority": {"name": authority.name},
        "party": {
            "name": party.name,
            "code_label": CODE_LABELS[party.code_kind],
            "code": party.code,
        },
        "case": {
            "number": case.number,
            "process": process.label,
            "opened_on": legal_date(case.opened_at).isoformat(),
        },
        "file": {
            "on": legal_date(case.effective_at).isoformat(),
            "state": process.state(case.state).label,
            "head": case.head_hash,
            "rows": case.head_seq,
            "papers": [
                {
                    "stage": _label(paper, stages),
                    "title": paper.title,
                    "number": paper.number,
                    "on": paper.on,
                    "pages": paper.pages,
                    "note": paper.note,
                }
                for paper in papers
            ],
            "evidence": [_told(row) for row in latest(rows).values()],
        },
    }


def _told(row: Evidence) -> dict[str, Any]:
    """An item of evidence as the table of contents tells it."""
    said = row.said
    on = date.fromisoformat(said["collected_on"])
    names = "、".join(f"{one['name']}（{one['certificate']}）" for one in said["collectors"])
    return {
        "n": row.n,
        "title": said["title"] + ("（已撤回）" if row.withdrawn else ""),
        "kind": said["kind"],
        "collected": f"{in_chinese(on)}，{said['place']}，{names}",
        "proves": said["proves"],
        "storage": said["storage"],
        "version": row.version,
    }


def _rendered(rules: Rules, key: str, day: Any, region: str, context: dict[str, Any]) -> bytes:
    template, _ = rules.template(key, day, region)
    return template.render(context)


def _log(session: Session, case: Case) -> bytes:
    rows = session.scalars(select(LogRow).where(LogRow.case_id == case.id).order_by(LogRow.seq))
    return b"".join(
        _line(
            {
                "seq": row.seq,
                "header": row.header,
                "payload": row.payload,
                "salt": row.salt,
                "payload_digest": row.payload_digest,
                "previous": row.previous,
                "hash": row.hash,
            }
        )
        for row in rows
    )


def _manifest(
    session: Session,
    case: Case,
    cases: Sequence[Case],
    papers: Sequence[_Paper],
    members: Sequence[Member],
) -> dict[str, Any]:
    known = {paper.place: paper for paper in papers}
    first = legal_date(datetime.fromisoformat(case.opened_at.isoformat()))
    roots = session.scalars(select(DailyRoot).where(DailyRoot.day >= first).order_by(DailyRoot.id))
    return {
        "format": FORMAT,
        "case": case.number,
        "cases": [
            {
                "number": one.number,
                "version": one.version_digest,
                "state": one.state,
                "head_seq": one.head_seq,
                "head_hash": one.head_hash,
            }
            for one in cases
        ],
        "roots": [{"day": root.day.isoformat(), "root": root.root} for root in roots],
        "members": [
            {
                "path": path,
                "sha256": sha256(content).hexdigest(),
                "size": len(content),
                **(
                    {"of": known[path].identity, "pages": known[path].pages}
                    if path in known
                    else {}
                ),
            }
            for path, content in members
        ],
    }


def _line(value: Any) -> bytes:
    return f"{canonical(value)}\n".encode()
