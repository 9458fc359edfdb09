"""Files handed in (申请材料), each for an item of the materials list."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cached_property
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any

import filetype
from sqlalchemy.orm import Session

from casework.acts.act import COUNTER, ONLINE, Execution, Officer, act_beside
from casework.acts.actors import Actor, involvement_of, recused
from casework.acts.dossier import dossier_of
from casework.acts.handed_in import OF_PARTY
from casework.common.problems import BadInput, NotAllowed, Problem, TooLarge, no_such_case
from casework.common.timekeeping import legal_date
from casework.common.typed_inputs import Inputs
from casework.documents.materials import (
    kept_after_the_end,
    listed_for,
    papers_of_tracks,
    proved_in,
)
from casework.documents.openable import is_pdf, unopened
from casework.kernel import engine
from casework.kernel.office import Office
from casework.models import Attachment
from rulebook.models import Material
from state_machines.language.vocabulary import Role, Step
from state_machines.parts.intake.forms import REQUEST_SUPPLEMENT

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

    The same bytes for the same item are kept once and give the same id; what a party hands in after
    an officer scanned it is kept as the party's. Raises NotFound if the case is not the actor's to
    see, NotAllowed, BadInput, TooLarge.
    """
    return office.database.in_transaction(
        lambda session: _Intake(office, session, actor, number).keep(material, filename, data)
    )


def store_pile(
    office: Office, actor: Actor, number: str, pile: Iterable[tuple[str, str, bytes]]
) -> dict[str, Problem]:
    """Keep several files at once, each as its material, name and bytes, and each as `store` does.

    Those that may be kept are; gives by material what is wrong with the others. Raises NotFound if
    the case is not the actor's to see.
    """

    def work(session: Session) -> dict[str, Problem]:
        intake, wrong = _Intake(office, session, actor, number), dict[str, Problem]()
        for material, filename, data in pile:
            try:
                intake.keep(material, filename, data)
            except (BadInput, TooLarge) as problem:
                wrong[material] = problem
        return wrong

    return office.database.in_transaction(work)


class _Intake:
    """Taking in files of one case, in one transaction."""

    def __init__(self, office: Office, session: Session, actor: Actor, number: str) -> None:
        # Two uploads of one file must see each other, and none may slip in after the end.
        self._context, case, self._process = office.brought_up(session, number, actor)
        self._case = case
        today = legal_date(self._context.now)
        self._involvement = involvement_of(session, actor.person_id, actor.name, case)
        # Whoever may only receive for the party has no hand in its applications.
        self._of_party = Role.APPLICANT in self._involvement.on([today]).roles
        self._posts = self._involvement.own_posts_on(today)
        # A department keeps the proof of what it serves, or enters, in its own track.
        proved = proved_in(self._process, case)
        self._as_guest = not (self._of_party or self._posts) and bool(proved)
        if self._as_guest:
            self._posts = self._involvement.guest_posts_on(today, proved)
        if not (self._of_party or self._posts):
            if self._involvement.represents_on(today):
                text = "授权委托书没有载明可以代为申请、办理，不能提交材料"
                raise NotAllowed(text, law="《民法典》第一百六十五条")
            raise no_such_case(number)
        if not self._of_party and actor.person_id in recused(session, case):
            text = f"{actor.name}已被决定回避，不能再向本案提交材料，请由承办人提交"
            raise NotAllowed(text, law="《行政处罚法》第四十三条")
        self._office, self._session, self._actor = office, session, actor

    def keep(self, material: str, filename: str, data: bytes) -> int:
        """The id of the file. Raises BadInput and TooLarge before anything is written."""
        name, media_type, digest = checked(filename, data)
        session, case = self._session, self._case
        if case.ended_at is not None and not self._may_come_later(material):
            raise BadInput("案件已办结，不能再提交材料")
        self._judge_item(material)
        known = (
            attachment
            for attachment in dossier_of(session, case).attachments
            if (attachment.material, attachment.digest) == (material, digest)
            and (not self._hands_in(material) or attachment.log_seq in self._of_party_rows)
        )
        if (kept := next(known, None)) is not None:
            return kept.id
        row = Attachment(
            case_id=case.id,
            material=material,
            filename=name,
            media_type=media_type,
            size=len(data),
            digest=digest,
            content=data,
            log_seq=case.head_seq + 1,
            person_id=self._actor.person_id,
            received_at=self._context.now,
        )
        session.add(row)
        session.flush([row])  # its key is the answer
        act = act_beside(self._context, case, self._process, _HANDING_IN, self._execution)
        act.note("files", as_told(row))
        engine.tell(act, "handed_in", {})
        return row.id

    @cached_property
    def _execution(self) -> Execution:
        """By whose hand files come: the party's own, or that of the officer who takes them in."""
        actor = self._actor
        officer = (Officer(actor.person_id, actor.name, ""),)
        if self._of_party:
            mandate = self._involvement.on([legal_date(self._context.now)]).mandate
            return Execution(Role.APPLICANT, ONLINE, officer, actor.account_id, mandate)
        return Execution(Role(self._posts[0].role), COUNTER, officer, actor.account_id)

    @cached_property
    def _listed(self) -> Sequence[Material]:
        if self._as_guest:
            return papers_of_tracks(self._office, self._session, self._case, self._process)
        return listed_for(
            self._office,
            self._session,
            self._case,
            self._process,
            as_officer=not self._of_party,
        )

    def _hands_in(self, material: str) -> bool:
        """Whether the party hands in what its process asks for, itself or over the counter."""
        if self._execution.role not in OF_PARTY:
            return False
        return material in {one.key for one in self._listed_for_party}

    @cached_property
    def _listed_for_party(self) -> Sequence[Material]:
        return listed_for(self._office, self._session, self._case, self._process, as_officer=False)

    @property
    def _of_party_rows(self) -> set[int]:
        """The rows of the log that tell of what came by the party's hand."""
        return {
            header["seq"]
            for header in dossier_of(self._session, self._case).headers
            if header["kind"] == "handed_in" and header["role"] in OF_PARTY
        }

    def _may_come_later(self, material: str) -> bool:
        """Whether an officer keeps what comes after the end."""
        comes_later = kept_after_the_end(self._office, self._session, self._case, self._process)
        return not self._of_party and comes_later(material)

    def _judge_item(self, material: str) -> None:
        if not self._listed:
            raise BadInput(f"{self._process.label}不收取申请材料")
        supplement_list = Inputs(self._case.data).at(REQUEST_SUPPLEMENT)
        known = {item.key for item in self._listed}
        known |= {item.material for item in supplement_list.items} if supplement_list else set()
        if material not in known:
            labels = "、".join(f"{item.key}（{item.label}）" for item in self._listed)
            raise _bad("material", f"“{material}”不在材料清单中，可选：{labels}")


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
    """The media type of a file, told by its content. Raises BadInput, TooLarge."""
    if not data:
        raise _bad("file", "文件是空的，请重新选择")
    if len(data) > LARGEST:
        raise TooLarge(f"文件“{name}”超过 {LARGEST // 1024 // 1024} MB，请压缩或者分开上传")
    expected = TYPES.get(PurePosixPath(name).suffix.lower())
    if expected is None:
        raise _bad("file", f"不接受“{name}”这种文件，只接受 PDF、JPG、PNG、DOCX")
    found = filetype.guess_mime(data)
    if found is None and is_pdf(data):
        found = TYPES[".pdf"]
    if found != expected:
        raise _bad("file", f"“{name}”的内容与扩展名不符，请上传真实的 PDF、JPG、PNG 或 DOCX 文件")
    if why := unopened(PurePosixPath(name).suffix.lower(), data):
        raise _bad("file", f"“{name}”：{why}")
    return expected


def _bad(field: str, text: str) -> BadInput:
    return BadInput(text, [{"field": field, "label": "", "text": text}])
