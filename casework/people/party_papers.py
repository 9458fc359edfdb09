"""The paper that a party's entry rests on (当事人登记的证明), kept by the clerk who has seen the
original: nobody's name, office or address changes on a clerk's word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, undefer

from casework.access.readers import reader_of
from casework.acts.actors import Actor
from casework.acts.party_kinds import is_person
from casework.common.codes import normalise
from casework.common.problems import NotAllowed, NotFound, bad_field
from casework.documents.attachments import checked
from casework.documents.files import File
from casework.kernel.office import Office
from casework.models import Mandate, Party, PartyChange, PartyPaper
from state_machines.language.vocabulary import Role

KINDS = {
    "licence": "营业执照（登记证书）",
    "notice": "登记机关的变更、注销登记通知书，死亡证明",
    "identity": "身份证件",
    "appointment": "任命文件、决议",
    "statement": "当事人签名（盖章）的书面申请",
}
_LAW = "《民法典》第六十一条、第六十四条"
# Which kinds prove what of an entry: what is registered, by the register's own papers. A person's
# name and abode stand in the identity paper.
_OF_FIRM = {
    "name": ("licence", "notice"),
    "representative": ("licence", "notice", "appointment"),
    "address": ("licence", "notice", "statement"),
    "phone": tuple(KINDS),
    "dissolved_on": ("notice",),
}
_OF_PERSON = {
    **_OF_FIRM,
    "name": ("identity", "notice"),
    "representative": ("identity", "notice"),
    "address": ("identity", "notice", "statement"),
}
_NOT_GONE = ("licence", "identity", "notice")
# Who acts for a party by law. That somebody asks for it in writing proves nothing.
_OF_HEAD = ("licence", "notice", "identity", "appointment")


def keep(
    office: Office,
    session: Session,
    actor: Actor,
    party_code: str,
    kind: str,
    filename: str,
    data: bytes,
) -> int:
    """Keep a scan for a party; the same bytes are kept once and give the same id.

    Raises NotAllowed for anyone but a window clerk, NotFound, BadInput, TooLarge.
    """
    clerks_only(office, session, actor)
    party = session.scalar(select(Party).where(Party.code == normalise(party_code)))
    if party is None:
        raise NotFound("没有这个当事人，请先登记")
    if kind not in KINDS:
        raise bad_field("kind", "证明种类", f"应为以下之一：{'、'.join(KINDS.values())}")
    name, media_type, digest = checked(filename, data)
    session.execute(
        insert(PartyPaper)
        .values(
            party_id=party.id,
            kind=kind,
            filename=name,
            media_type=media_type,
            size=len(data),
            digest=digest,
            content=data,
            person_id=actor.person_id,
            received_at=office.time.now(),
        )
        .on_conflict_do_nothing(index_elements=["party_id", "digest"])
    )
    of_these = (PartyPaper.party_id == party.id, PartyPaper.digest == digest)
    return session.scalars(select(PartyPaper.id).where(*of_these)).one()


def paper(office: Office, session: Session, actor: Actor, party_code: str, paper_id: int) -> File:
    """A scan as it was kept. Raises NotAllowed for anyone but a window clerk, NotFound."""
    clerks_only(office, session, actor)
    row = session.scalar(
        select(PartyPaper)
        .join(Party, PartyPaper.party_id == Party.id)
        .where(PartyPaper.id == paper_id, Party.code == normalise(party_code))
        .options(undefer(PartyPaper.content))
    )
    if row is None:
        raise NotFound("没有这份证明")
    return File(row.filename, row.media_type, row.content)


def for_correction(
    session: Session, party: Party, paper_id: int | None, changes: Mapping[str, object]
) -> PartyPaper:
    """The scan that proves one correction of the party's entry; `changes` has the new value of each
    field.

    Raises BadInput if there is none, if it is of a kind that does not prove all of them, or if an
    earlier correction rests on it.
    """
    row = _of_party(session, party, paper_id, "先上传变更后的营业执照、登记通知书等证明的扫描件")
    proving = _OF_PERSON if is_person(party) else _OF_FIRM
    for field, value in changes.items():
        goes_on = field == "dissolved_on" and value is None
        _judge_kind(row, _NOT_GONE if goes_on else proving[field])
    earlier = select(PartyChange.id).where(
        PartyChange.party_id == party.id,
        func.json_extract_path_text(PartyChange.changes, "paper", "1") == row.digest,
    )
    if session.scalar(earlier.limit(1)) is not None:
        raise bad_field("paper", "证明", "已用于此前的更正，请上传证明这次变更的文件", law=_LAW)
    return row


def for_representative(
    session: Session, party: Party, person_id: int, paper_id: int | None
) -> PartyPaper:
    """The scan that names one person the party's representative.

    Raises BadInput if there is none, if it is of a kind that proves no head, or if another person's
    mandate rests on it.
    """
    row = _of_party(
        session, party, paper_id, "登记代表人的，先上传营业执照、任命文件或者身份证件的扫描件"
    )
    _judge_kind(row, _OF_HEAD)
    others = select(Mandate.id).where(Mandate.paper_id == row.id, Mandate.person_id != person_id)
    if session.scalar(others.limit(1)) is not None:
        raise bad_field("paper", "证明", "已用于登记另一名代表人，请上传证明其身份的文件", law=_LAW)
    return row


def clerks_only(office: Office, session: Session, actor: Actor) -> None:
    """Raise NotAllowed for anyone but a window clerk."""
    if Role.WINDOW_CLERK not in reader_of(office, session, actor).roles:
        raise NotAllowed("授权由窗口人员核对证件后登记，请到窗口办理")


def _judge_kind(row: PartyPaper, kinds: Sequence[str]) -> None:
    if row.kind in kinds:
        return
    wanted = "、".join(KINDS[kind] for kind in kinds)
    text = f"“{KINDS[row.kind]}”不能证明这项登记，应为：{wanted}"
    raise bad_field("paper", "证明", text, law=_LAW)


def _of_party(session: Session, party: Party, paper_id: int | None, missing: str) -> PartyPaper:
    """The paper of that number, of this party. Raises BadInput, saying what is `missing`."""
    row = session.get(PartyPaper, paper_id) if paper_id is not None else None
    if row is None or row.party_id != party.id:
        raise bad_field("paper", "证明", missing, law=_LAW)
    return row
