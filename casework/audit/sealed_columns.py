"""What a daily root seals (存证的内容): by part the table, and which of its columns.

Only what nobody changes lawfully is sealed: rows of these tables are added, and none is taken away.
Of what may change one thing is sealed all the same, what it was at first: of a party's entry
as its corrections tell it (`party_change`), which are sealed themselves.

A part or a column that comes later is for a later format; lines of former formats stay what they
are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, Text, case, cast, func, select

from casework.acts.notices import CODE
from casework.models import (
    Account,
    AdminEntry,
    Attachment,
    Base,
    CatalogueImport,
    CreditEvent,
    CreditMark,
    CreditRating,
    Delegation,
    Document,
    Draw,
    EditionRow,
    ElectronicService,
    Evidence,
    Mandate,
    MandatePaper,
    Message,
    Notice,
    NumberEntry,
    Participant,
    Party,
    PartyChange,
    PartyPaper,
    PartySuccession,
    Person,
    Place,
    Post,
    ProcessVersion,
    Recusal,
    SealedPaper,
)
from casework.people.mandate_ends import MANDATE, UNTIL

CASES = "case"
ENTRY = ("name", "representative", "address", "phone", "dissolved_on")

SEALED: Mapping[str, tuple[type[Base], tuple[str, ...]]] = {
    "edition": (
        EditionRow,
        (
            "kind", "key", "scope", "valid_from", "valid_to", "content", "blob", "law", "mark",
            "source", "digest", "loaded_at",
        ),
    ),
    # The digest stands for the declaration; its labels, and when it was published last, may change.
    "version": (ProcessVersion, ("digest", "process", "effective_from")),
    "rating": (
        CreditRating,
        ("party_id", "as_of", "grade", "score", "lines", "edition", "reckoned_at"),
    ),
    "change": (
        PartyChange,
        ("party_id", "changes", "reason", "effective_on", "recorded_by", "recorded_at"),
    ),
    "draw": (
        Draw,
        ("authority_id", "number", "round", "said", "drawn_by", "previous", "hash", "key"),
    ),
    # Who settles it, and when, comes later.
    "import": (
        CatalogueImport,
        (
            "authority_id", "source", "filename", "content", "valid_from", "valid_to",
            "paper_name", "paper_type", "paper_digest", "paper", "entered_by", "entered_at",
        ),
    ),
    # The bytes of a case's files are held to their digests by the proof of the case.
    "document": (
        Document,
        (
            "case_id", "log_seq", "key", "title", "number", "issued_on", "template_digest",
            "context", "digest", "corrects",
        ),
    ),
    # Its bytes may go with those of its document.
    "sealed_paper": (SealedPaper, ("document_id", "digest", "certificate", "sealed_at")),
    "attachment": (
        Attachment,
        (
            "case_id", "material", "filename", "media_type", "size", "digest", "log_seq",
            "person_id", "received_at",
        ),
    ),
    "evidence": (
        Evidence,
        (
            "case_id", "n", "version", "log_seq", "case_version", "withdrawn", "said", "document",
            "filename", "media_type", "size", "digest", "person_id", "recorded_at",
        ),
    ),
    "credit_event": (
        CreditEvent,
        ("party_id", "case_id", "log_seq", "kind", "label", "occurred_on", "bars_promise"),
    ),
    "credit_mark": (CreditMark, ("event_id", "case_id", "log_seq", "kind", "marked_on")),
    "succession": (
        PartySuccession,
        ("old_party_id", "new_party_id", "case_id", "log_seq", "since"),
    ),
    "recusal": (Recusal, ("case_id", "log_seq", "person_id")),
    "participant": (
        Participant,
        ("case_id", "authority_id", "track", "valid_from", "valid_to"),
    ),
    # To what it was given, and why it was voided, may come later.
    "number": (NumberEntry, ("authority_id", "series", "year", "n", "text")),
    # Whether it went out comes later.
    "notice": (
        Notice,
        (
            "key", "kind", "case_id", "authority_id", "to_party_id", "to_role", "to_phone",
            "subject", "body", "created_at",
        ),
    ),
    "message": (
        Message,
        (
            "notice_id", "authority_id", "medium", "address", "key", "subject", "text", "urgent",
            "created_at",
        ),
    ),
    "electronic_service": (
        ElectronicService,
        (
            "case_id", "notice_id", "of", "step", "input", "papers", "address", "consented_on",
            "role", "certificate", "person_id", "account_id", "asked_at",
        ),
    ),
    "administration": (AdminEntry, ("authority_id", "seq", "said", "previous", "hash")),
    "party": (Party, ("code_kind", "code", "code_override_reason", *ENTRY)),
    "party_paper": (
        PartyPaper,
        (
            "party_id", "kind", "filename", "media_type", "size", "digest", "content",
            "person_id", "received_at",
        ),
    ),
    # An office's file may say anew what it said before. Of what ended before its time the history
    # of its party tells.
    "mandate": (
        Mandate,
        (
            "party_id", "person_id", "capacity", "scope", "valid_from", "valid_to",
            "registered_by", "registered_at", "ended_because", "paper_id",
        ),
    ),
    "mandate_paper": (
        MandatePaper,
        (
            "mandate_id", "filename", "media_type", "size", "digest", "content", "person_id",
            "received_at",
        ),
    ),
    # Until when, and with which certificate, the log of administration tells.
    "post": (Post, ("person_id", "authority_id", "role", "valid_from")),
    "delegation": (
        Delegation,
        (
            "authority_id", "person_id", "granted_by", "number", "signed_on", "scope",
            "valid_from",
        ),
    ),
    # What an officer saw of a document; without one a name may be put right.
    "person": (Person, ("name", "id_kind", "id_code")),
    # What its holder said once; whose it is, a clerk may find out.
    "account": (Account, ("username", "id_kind", "id_code", "phone", "registered_at")),
    "place": (Place, ("region", "address", "address_key")),
}  # fmt: skip
PARTS = (CASES, *SEALED)

_SINCE_2 = frozenset((CASES, "edition", "version", "rating", "change", "draw"))
_SINCE_3 = _SINCE_2 | {"import"}
# Which parts a line of each format tells.
FORMATS: Mapping[str, frozenset[str]] = {
    "nuoxin-root@2": _SINCE_2,
    "nuoxin-root@3": _SINCE_3,
    "nuoxin-root@4": frozenset(PARTS) - {"sealed_paper"},
    "nuoxin-root@5": frozenset(PARTS),
}
LABELS = {
    CASES: "案件的日志",
    "edition": "规则、模板和日历",
    "version": "程序版本",
    "rating": "信用等级",
    "change": "当事人变更登记",
    "draw": "抽取记录",
    "import": "录入的案由、清单新版本",
    "document": "文书",
    "sealed_paper": "加盖电子印章的文书",
    "attachment": "收到的材料",
    "evidence": "证据登记",
    "credit_event": "信用记录",
    "credit_mark": "信用记录的处理",
    "succession": "主体延续登记",
    "recusal": "回避登记",
    "participant": "参与机关",
    "number": "文号",
    "notice": "通知",
    "message": "发出的消息",
    "electronic_service": "电子送达",
    "administration": "管理记录",
    "party": "当事人登记",
    "party_paper": "当事人登记的扫描件",
    "mandate": "授权登记",
    "mandate_paper": "授权委托书扫描件",
    "post": "任职登记",
    "delegation": "首席代表授权登记",
    "person": "人员登记的证件",
    "account": "账号登记",
    "place": "场所登记",
}


def as_text(model: type[Base], column: str) -> ColumnElement[Any]:
    """A column as PostgreSQL writes it, letter by letter, which no value of it can hinder."""
    found = getattr(model, column)
    if isinstance(found.type, LargeBinary):
        return func.encode(func.sha256(found), "hex")
    said = _OTHERWISE.get((model, column))
    return said(column) if said else cast(found, Text)


def _as_first_entered(field: str) -> ColumnElement[Any]:
    """What stood in a party's entry before all of its corrections."""
    former = func.json_extract_path_text(PartyChange.changes, field, "0")
    first = (
        select(former)
        .where(PartyChange.party_id == Party.id, former.is_not(None))
        .order_by(PartyChange.id)
        .limit(1)
        .scalar_subquery()
    )
    return func.coalesce(first, cast(getattr(Party, field), Text), "")


def _unless_a_code(column: str) -> ColumnElement[Any]:
    """A text that is taken back once it is delivered, if it bears a one-time code."""
    if column == "body":
        return case((Notice.kind == CODE, ""), else_=Notice.body)
    kind = select(Notice.kind).where(Notice.id == Message.notice_id).scalar_subquery()
    return case((kind == CODE, ""), else_=Message.text)


def _if_identified(column: str) -> ColumnElement[Any]:
    """What stands in the document that an officer saw."""
    return case((Person.id_code.is_not(None), getattr(Person, column)))


def _if_registered(column: str) -> ColumnElement[Any]:
    """What a clerk registered; an office's file may say anew what it said before."""
    said: ColumnElement[Any] = cast(getattr(Mandate, column), Text)
    if column == "valid_to":
        said = func.coalesce(_told_of_its_end(UNTIL), said, "")
    return case((Mandate.registered_at.is_not(None), said))


def _before_it_ended(_: str) -> ColumnElement[Any]:
    """Why a mandate had ended before the history of parties told of that."""
    return case((_told_of_its_end(UNTIL).is_(None), Mandate.ended_because))


def _told_of_its_end(field: str) -> ColumnElement[Any]:
    """What stood of a mandate before it was ended."""
    return (
        select(func.json_extract_path_text(PartyChange.changes, field, "0"))
        .where(
            PartyChange.party_id == Mandate.party_id,
            func.json_extract_path_text(PartyChange.changes, MANDATE, "0")
            == cast(Mandate.id, Text),
        )
        .order_by(PartyChange.id)
        .limit(1)
        .scalar_subquery()
    )


_OTHERWISE: Mapping[tuple[type[Base], str], Callable[[str], ColumnElement[Any]]] = {
    **{(Party, field): _as_first_entered for field in ENTRY},
    (Notice, "body"): _unless_a_code,
    (Message, "text"): _unless_a_code,
    (Person, "name"): _if_identified,
    (Mandate, "scope"): _if_registered,
    (Mandate, "valid_to"): _if_registered,
    (Mandate, "ended_because"): _before_it_ended,
}
