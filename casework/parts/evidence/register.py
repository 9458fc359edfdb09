"""The evidence register of a case (证据登记): its rows, what they say now, and a digest over them.

Rows are only added. An item is what its latest version says, unless that withdrew it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from casework.acts.act import Act
from casework.acts.dossier import dossier_of, forget
from casework.acts.journal import canonical, sm3
from casework.common.problems import Misconfigured
from casework.common.texts import folded
from casework.models import Case, Document, Evidence
from state_machines.language.fields import Look, LookMode
from state_machines.language.vocabulary import KeepEvidence
from state_machines.licensing.instant_licence.forms import Application
from state_machines.parts.evidence.forms import Origin
from state_machines.parts.records.forms import Heard

# Of so many characters is a name of a record (现场笔录); less may be a scrap of any title.
_NAME = 4


@dataclass(frozen=True)
class KeptFile:
    """A file of an item, checked: its clean name, type, bytes and their SHA-256."""

    filename: str
    media_type: str
    digest: str
    content: bytes


def rows_of(session: Session, case_id: int, by_seq: int | None = None) -> Sequence[Evidence]:
    """Every version of every item, in order of both; as of a log row if one is given."""
    rows = dossier_of(session, session.get_one(Case, case_id)).evidence
    return [row for row in rows if by_seq is None or row.log_seq <= by_seq]


def latest(rows: Sequence[Evidence]) -> dict[int, Evidence]:
    """The latest version of each item, withdrawn or not, by its number."""
    return {row.n: row for row in rows}


def on_file(session: Session, case: Case) -> list[Evidence]:
    """What a case may rest on: every item that was not withdrawn, of the case that handed it over
    (随案移交) first, then its own."""
    cases = [one for one in (case.origin_id, case.id) if one is not None]
    return [
        row for one in cases for row in latest(rows_of(session, one)).values() if not row.withdrawn
    ]


def is_called(title: str, name: str) -> bool:
    """Whether an item of that title is cited by that name, both folded: in full, by the greater
    part of it (`现场照片` for `现场照片三张`), or by a name proper that stands in the title."""
    if name in title:
        return len(name) >= _NAME or len(name) * 2 > len(title)
    return title in name and len(title) * 2 > len(name)


def registered(
    act: Act, text: str, words: Sequence[str] = ("",), kinds: Sequence[str] = ()
) -> bool:
    """Whether the register has a file under a title that the text names, and that has one of these
    words, of one of these kinds if any are named; a scrap of a title names nothing."""
    items = (
        evidence
        for evidence in on_file(act.session, act.case)
        if any(word in str(evidence.said["title"]) for word in words)
        and (not kinds or evidence.said["kind"] in kinds)
    )
    return _named(items, text)


def registered_since(act: Act, text: str, seq: int) -> bool:
    """The same of what came into the register of this very case after a row of its log."""
    return _named(entered_since(act.session, act.case, seq), text)


def registered_of(act: Act, origin: Origin, text: str) -> bool:
    """The same of what came to the authority in one way."""
    items = on_file(act.session, act.case)
    return _named((item for item in items if item.said["origin"] == origin.value), text)


def _named(items: Iterable[Evidence], text: str) -> bool:
    """Whether the text names one of the items that have a file."""
    told = folded(text)
    titles = [folded(str(item.said["title"])) for item in items if item.digest is not None]
    return any(
        is_called(title, told) or (len(title) >= _NAME and title in told) for title in titles
    )


def entered_since(session: Session, case: Case, seq: int) -> list[Evidence]:
    """The items of this very case that were first entered after a row of its log, and stand."""
    rows = rows_of(session, case.id)
    before = {row.n for row in rows if row.log_seq <= seq}
    return [row for n, row in latest(rows).items() if n not in before and not row.withdrawn]


def row_digest(n: int, version: int, said: Mapping[str, Any], sha256: str | None) -> str:
    """SM3 over one version of an item: what was said of it, and the SHA-256 of its file."""
    return sm3(canonical({"n": n, "version": version, "said": said, "sha256": sha256}))


def register_digest(session: Session, case_id: int, by_seq: int | None = None) -> str:
    """SM3 over the state of the register: the latest version of each item, in order.

    A change of any item, also a withdrawal, gives another one. With `by_seq` the register is taken
    as it stood when that row of the log was written: what a review bound can be computed again.
    """
    return _digest_of(latest(rows_of(session, case_id, by_seq)))


def changed_since(session: Session, case_id: int, seq: int) -> tuple[str, str, tuple[str, ...]]:
    """The register's digest as of a log row, and now, and the titles of what differs."""
    before = latest(rows_of(session, case_id, seq))
    now = latest(rows_of(session, case_id))
    changed = [
        f"{n}号 {row.said['title']}"
        for n, row in sorted(now.items())
        if n not in before or before[n].version != row.version
    ]
    return _digest_of(before), _digest_of(now), tuple(changed)


def put(
    act: Act,
    n: int | None,
    said: Mapping[str, Any],
    *,
    file: KeptFile | None = None,
    document: Document | None = None,
    withdrawn: bool = False,
) -> Evidence:
    """Add a version of item `n`, or of a new item, to the register of the act's case.

    The row is noted among what the act caused, so that its hash stands in the log.
    """
    rows = latest(rows_of(act.session, act.case.id))
    number = n or max(rows, default=0) + 1
    version = rows[number].version + 1 if number in rows else 1
    row = Evidence(
        case_id=act.case.id,
        n=number,
        version=version,
        log_seq=act.case.head_seq + 1,
        case_version=act.case.version,
        withdrawn=withdrawn,
        said=dict(said),
        document=document.key if document else None,
        filename=file.filename if file else None,
        media_type=file.media_type if file else None,
        size=len(file.content) if file else None,
        digest=file.digest if file else document.digest if document else None,
        content=file.content if file else None,
        person_id=act.execution.officers[0].person_id if act.execution.officers else None,
        recorded_at=act.context.now,
    )
    act.session.add(row)
    act.session.flush()
    forget(act.session, act.case)
    act.note("evidence", as_told(row))
    return row


def as_told(row: Evidence) -> dict[str, Any]:
    """A row as the log tells of it, and as a proof compares it."""
    return {
        "n": row.n,
        "version": row.version,
        "withdrawn": row.withdrawn,
        "said": row.said,
        "document": row.document,
        "filename": row.filename,
        "size": row.size,
        "sha256": row.digest,
    }


def keep(act: Act, effect: KeepEvidence, documents: Sequence[Document]) -> None:
    """Carry out a `KeepEvidence` of a step: the document it issued, or what its field describes.
    Raises Misconfigured if it issued none."""
    document = next((one for one in documents if one.key == effect.document), None)
    if effect.document and document is None:
        raise Misconfigured(f"“{act.step.label}”没有出具要登记为证据的文书 {effect.document}")
    description = ""
    if effect.described:
        step, _, name = effect.described.partition(".")
        description = act.data[step][name]
    # Who looked by video was not there.
    mode, record = act.filled(Look).mode, act.filled(Heard)
    seen = mode == LookMode.ON_SITE
    premises = act.inputs.application(Application).address if seen else mode
    place = record.place or premises
    put(
        act,
        None,
        {
            "kind": effect.kind,
            "title": effect.title,
            "origin": Origin.COLLECTED.value,
            "collectors": [
                {"name": officer.name, "certificate": officer.certificate}
                for officer in act.execution.officers
            ],
            "collected_on": act.day.isoformat(),
            "place": place,
            "proves": record.proves or act.step.label,
            "storage": "本案卷" if document else description,
            "description": description,
            "legal_review": "",
            "technical_review": "",
            "reason": "",
        },
        document=document,
    )


def _digest_of(rows: Mapping[int, Evidence]) -> str:
    return sm3(
        canonical(
            [
                row_digest(row.n, row.version, {**row.said, "withdrawn": row.withdrawn}, row.digest)
                for _, row in sorted(rows.items())
            ]
        )
    )
