"""Files handed in (申请材料), each for an item of the materials list."""

from __future__ import annotations

import re
import unicodedata
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any

import filetype
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import engine
from casework.act import COUNTER, ONLINE, Act, Hand, Officer
from casework.actors import Actor, in_force, widest
from casework.clock_book import ClockBook
from casework.models import Attachment, Case, Mandate
from casework.office import Office
from casework.problems import BadInput, NotFound, TooLarge
from casework.reading.access import Reader, find, may_hand_in
from casework.reading.materials import listed_for
from casework.successions import ahead_of
from state_machines.vocabulary import Role, Step

LARGEST = 10 * 1024 * 1024
# What may be handed in, by the name it may bear; the content decides, the name must agree.
TYPES = {
    ".pdf": "application/pdf",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
_UNSAFE = re.compile(r'[<>:"|?*\\/]')
_LONGEST_NAME = 120
_HANDING_IN = Step("hand_in_file", "提交材料", {}, ())


def store(
    office: Office, actor: Actor, number: str, material: str, filename: str, data: bytes
) -> int:
    """Keep a file for an item of the case's materials list, or of its supplement list.

    The same bytes for the same item are kept once and give the same id. Raises NotFound if the
    case is not the actor's to see, BadInput, TooLarge.
    """
    name, media_type, digest = checked(filename, data)

    def work(session: Session) -> int:
        case, reader = find(office, session, actor, number)
        if not may_hand_in(reader, case):
            raise NotFound(f"没有编号为“{number}”的案件")
        # Two uploads of one file must see each other, and none may slip in after the end.
        ground, case, process = office.brought_up(session, number, actor)
        if case.ended_at is not None:
            raise BadInput("案件已办结，不能再提交材料")
        _judge_item(office, session, case, material, as_officer=reader.serves(case))
        known = session.scalar(
            select(Attachment.id).where(
                Attachment.case_id == case.id,
                Attachment.material == material,
                Attachment.digest == digest,
            )
        )
        if known is not None:
            return known
        row = Attachment(
            case_id=case.id,
            material=material,
            filename=name,
            media_type=media_type,
            size=len(data),
            digest=digest,
            content=data,
            log_seq=case.head_seq + 1,
            person_id=actor.person_id,
            received_at=ground.now,
        )
        session.add(row)
        session.flush()
        at = max(ground.now, case.effective_at)
        hand = _hand(session, reader, case)
        book = ClockBook(session, case)
        act = Act(ground, case, process, _HANDING_IN, {}, at, hand, book, case.state, case.state)
        act.note("files", as_told(row))
        engine.tell(act, "handed_in", {})
        return row.id

    return office.database.in_transaction(work)


def checked(filename: str, data: bytes) -> tuple[str, str, str]:
    """The clean name, the type and the SHA-256 of a file that may be kept.

    Raises BadInput, TooLarge.
    """
    name = clean_name(filename)
    return name, _type_of(name, data), sha256(data).hexdigest()


def as_told(row: Attachment) -> dict[str, Any]:
    """A file as the log tells of it, and as a proof compares it."""
    return {
        "material": row.material,
        "filename": row.filename,
        "size": row.size,
        "sha256": row.digest,
    }


def clean_name(filename: str) -> str:
    """A file name that is safe to keep and hand out: no folders, controls or reserved characters.

    Raises BadInput if nothing is left of it.
    """
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", filename))[-1]
    printable = "".join(c for c in re.sub(r"\s+", " ", last) if unicodedata.category(c)[0] != "C")
    name = _UNSAFE.sub("_", printable).strip(" .")
    path = PurePosixPath(name)
    if not name or not path.stem.strip("_ "):
        raise _bad("file", "文件名为空，请重命名后上传")
    return path.stem[: _LONGEST_NAME - len(path.suffix)].strip() + path.suffix


def _type_of(name: str, data: bytes) -> str:
    if not data:
        raise _bad("file", "文件是空的，请重新选择")
    if len(data) > LARGEST:
        raise TooLarge(f"文件“{name}”超过 {LARGEST // 1024 // 1024} MB，请压缩或者分开上传")
    expected = TYPES.get(PurePosixPath(name).suffix.lower())
    if expected is None:
        raise _bad("file", f"不接受“{name}”这种文件，只接受 PDF、JPG、PNG、DOCX")
    found = filetype.guess_mime(data)
    if found != expected:
        raise _bad("file", f"“{name}”的内容与扩展名不符，请上传真实的 PDF、JPG、PNG 或 DOCX 文件")
    return expected


def _hand(session: Session, reader: Reader, case: Case) -> Hand:
    """By whose hand a file comes: the party's own, or that of the officer who took it in."""
    actor = reader.actor
    officer = (Officer(actor.person_id, actor.name, ""),)
    if reader.represents(case):
        mandates = session.scalars(
            select(Mandate)
            .where(
                Mandate.person_id == actor.person_id,
                Mandate.party_id.in_(ahead_of(case.party_id, reader.today)),
                in_force(reader.today),
            )
            .order_by(Mandate.id)
        )
        return Hand(Role.APPLICANT, ONLINE, officer, actor.account_id, widest(mandates))
    role = next(post.role for post in reader.posts if post.authority_id == case.authority_id)
    return Hand(Role(role), COUNTER, officer, actor.account_id)


def _judge_item(
    office: Office, session: Session, case: Case, material: str, *, as_officer: bool
) -> None:
    process = office.versions.by_digest(session, case.version_digest)
    listed = listed_for(office, session, case, process, as_officer=as_officer)
    if not listed:
        raise BadInput(f"{process.label}不收取申请材料")
    asked = case.data.get("request_supplement", {}).get("items", [])
    known = {item.key for item in listed} | {item["material"] for item in asked}
    if material not in known:
        labels = "、".join(f"{item.key}（{item.label}）" for item in listed)
        raise _bad("material", f"“{material}”不在材料清单中，可选：{labels}")


def _bad(field: str, text: str) -> BadInput:
    return BadInput(text, [{"field": field, "label": "", "text": text}])
