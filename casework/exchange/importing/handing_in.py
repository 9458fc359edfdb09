"""Handing in a file to be imported (提交导入): it is looked at, kept, and waits for its run."""

from __future__ import annotations

from hashlib import sha256
from io import BytesIO

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from casework.access.readers import reader_of
from casework.acts.actors import Actor
from casework.common.inputs import typed
from casework.common.problems import BadInput, NotAllowed, NotFound, TooLarge, bad_field
from casework.common.tables.spreadsheet import lines_of
from casework.common.tables.workbooks import Unreadable
from casework.documents.attachments import clean_name
from casework.exchange.importing.heads import Head, numbered, read_head
from casework.exchange.importing.import_states import State
from casework.exchange.importing.kinds import KINDS, Kind
from casework.exchange.importing.reports import of_reader
from casework.kernel.office import Office
from casework.models import DataFile, DataImport
from state_machines.language.vocabulary import Role

LARGEST = 30 * 1024 * 1024


def enter(
    office: Office,
    actor: Actor,
    kind: str,
    filename: str,
    data: bytes,
    *,
    source: str = "",
    dry: bool = True,
) -> int:
    """The number of an import of a file, which waits for its run; nothing of the file is in yet.

    `source` names whom the data are of, where a row does not say it. A `dry` import only judges.
    Raises NotAllowed, TooLarge; BadInput if the file is no table of that kind.
    """
    known = kind_of(kind)
    name = clean_name(filename)
    said = typed("source", "数据来源", source, most=100) if source.strip() else name
    if len(data) > LARGEST:
        raise TooLarge(f"文件超过 {LARGEST // 1024 // 1024} MB，请分成几个文件")
    # Before it is read, which costs what its sender wants it to.
    with office.database.session() as session:
        authority_id = _authority(office, session, actor, known)
    head = _head(known, data)
    with office.database.session() as session:
        digest = sha256(data).hexdigest()
        kept = insert(DataFile).values(digest=digest, content=data)
        session.execute(kept.on_conflict_do_nothing())
        now = office.time.now()
        row = DataImport(
            authority_id=authority_id,
            kind=kind,
            source=said,
            filename=name,
            digest=digest,
            dry=dry,
            person_id=actor.person_id,
            account_id=actor.account_id,
            entered_at=now,
            heading=list(head.heading),
            state=State.WAITING.value,
            next_try_at=now,
        )
        session.add(row)
        session.flush()
        return row.id


def enter_tried(office: Office, actor: Actor, number: int) -> int:
    """The number of the import of a file that a dry one has judged; asked twice it is the same one.
    Raises NotFound, NotAllowed, BadInput if that was no dry one or is not over."""
    with office.database.session() as session:
        tried = session.scalar(
            of_reader(reader_of(office, session, actor)).where(DataImport.id == number)
        )
        if tried is None:
            raise NotFound(f"没有第{number}号导入")
        if not tried.dry or tried.state != State.DONE.value:
            raise BadInput("试运行完成以后，才能正式导入")
        kept = select(DataFile.content).where(DataFile.digest == tried.digest)
        content = session.scalar(kept)
        if content is None:
            raise BadInput("试运行的文件已经清理，请重新上传")
        begun = session.scalar(
            select(DataImport.id).where(
                DataImport.authority_id == tried.authority_id,
                DataImport.kind == tried.kind,
                DataImport.digest == tried.digest,
                DataImport.id > tried.id,
                ~DataImport.dry,
            )
        )
        kind, name, source = tried.kind, tried.filename, tried.source
    return begun or enter(office, actor, kind, name, content, source=source, dry=False)


def kind_of(kind: str) -> Kind:
    """The kind of that key. Raises BadInput."""
    if kind not in KINDS:
        labels = "、".join(f"{key}（{one.label}）" for key, one in KINDS.items())
        raise bad_field("kind", "种类", f"请选择：{labels}")
    return KINDS[kind]


def _head(kind: Kind, data: bytes) -> Head:
    try:
        return read_head(kind, numbered(lines_of(BytesIO(data))))
    except Unreadable as error:
        raise bad_field("file", "文件", str(error)) from None


def _authority(office: Office, session: Session, actor: Actor, kind: Kind) -> int:
    """The authority at which the actor may import that kind. Raises NotAllowed."""
    for post in reader_of(office, session, actor).posts:
        if Role(post.role) in kind.roles:
            return post.authority_id
    labels = "、".join(sorted(role.label for role in kind.roles))
    raise NotAllowed(f"“{kind.label}”由{labels}导入")
