"""Files that a party has chosen and not handed in yet (待提交的文件): sorted, deleted, handed in.

What was handed in stays for good and is told by the log (`attachments`). Until then a file is its
party's own: nobody else sees it, and no log tells of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, undefer

from casework.access.readers import find
from casework.acts.actors import Actor, involvement_of
from casework.common.problems import BadInput, NotAllowed, Problem, TooLarge, no_such_case
from casework.common.typed_inputs import Inputs
from casework.documents import attachments
from casework.documents.matching import matched
from casework.documents.materials import listed_for
from casework.kernel.office import Office
from casework.models import Case, ChosenFile
from rulebook.models import Material
from state_machines.language.vocabulary import Role
from state_machines.parts.intake.forms import REQUEST_SUPPLEMENT

KEPT_FOR = timedelta(days=90)
MOST = 60  # of one case
MOST_BYTES = 100 * 1024 * 1024  # of all of them


@dataclass(frozen=True)
class ChosenView:
    """A file that was chosen; `material` is empty while nobody said for which item it is."""

    id: int
    material: str
    filename: str
    size: int


def case_of_party(office: Office, session: Session, actor: Actor, number: str) -> Case:
    """The case, for whoever may choose files for it. Raises NotFound if it is not the actor's own,
    NotAllowed for who may only receive for its party."""
    case, reader = find(office, session, actor, number)
    if not reader.represents(case):
        raise no_such_case(number)
    if not _files(session, actor, case, reader.today):
        raise NotAllowed("您的授权不包括办理申请，不能选择、提交或者删去材料，请由有此授权的人办理")
    return case


def choose(
    office: Office, actor: Actor, number: str, pile: Iterable[tuple[str, str, bytes]]
) -> list[tuple[str, Problem]]:
    """Keep chosen files, each as its item, name and bytes; without an item it is told by the name.

    The same bytes are kept once. Those that may be kept are; gives the items of the others, or
    their names, each with what is wrong with it. Raises NotFound if the case is not the actor's
    own, NotAllowed, BadInput.
    """
    now, wrong = office.time.now(), list[tuple[str, Problem]]()
    with office.database.session() as session:
        case = _open(office, session, actor, number)
        items = _items(office, session, case)
        for material, filename, data in pile:
            try:
                name, _, digest = attachments.checked(filename, data)
                _judge_room(session, case, len(data))
                _judge_item(material, items)
            except (BadInput, TooLarge) as problem:
                wrong.append((material or filename, problem))
                continue
            same = ChosenFile.case_id == case.id, ChosenFile.digest == digest
            session.execute(delete(ChosenFile).where(*same))
            session.add(
                ChosenFile(
                    case_id=case.id,
                    person_id=actor.person_id,
                    material=material or _told_by_name(name, items),
                    filename=name,
                    size=len(data),
                    digest=digest,
                    content=data,
                    chosen_at=now,
                    expires_at=now + KEPT_FOR,
                )
            )
            session.flush()
    return wrong


def may_choose(office: Office, session: Session, actor: Actor, number: str) -> bool:
    """Whether somebody may choose files for a case, and see those that were: whoever may act on the
    applications of its party, not who may only receive for it. Raises NotFound."""
    case, reader = find(office, session, actor, number)
    return reader.represents(case) and _files(session, actor, case, reader.today)


def chosen_of(session: Session, number: str) -> tuple[ChosenView, ...]:
    """What its party has chosen for a case, in order; nobody else is to be shown it."""
    rows = session.scalars(
        select(ChosenFile)
        .join(Case, ChosenFile.case_id == Case.id)
        .where(Case.number == number)
        .order_by(ChosenFile.id)
    )
    return tuple(ChosenView(row.id, row.material, row.filename, row.size) for row in rows)


def sort(office: Office, actor: Actor, number: str, said: Mapping[int, str]) -> None:
    """Say of chosen files for which item each is. Raises BadInput, NotAllowed, NotFound."""
    with office.database.session() as session:
        case = _open(office, session, actor, number)
        items = _items(office, session, case)
        for row in _rows(session, case):
            if row.id in said:
                _judge_item(said[row.id], items)
                row.material = said[row.id]


def take_away(office: Office, actor: Actor, number: str, key: int) -> None:
    """Delete a chosen file, also after the case ended; one that is not there is none. Raises
    NotAllowed, NotFound."""
    with office.database.session() as session:
        case = case_of_party(office, session, actor, number)
        this = ChosenFile.case_id == case.id, ChosenFile.id == key
        session.execute(delete(ChosenFile).where(*this))


def hand_in(office: Office, actor: Actor, number: str) -> dict[str, Problem]:
    """Hand in every chosen file of which is known for what it is, one after the other; gives by
    item what is wrong with those that could not be. Asked again it hands in nothing twice. Raises
    BadInput, NotAllowed, NotFound."""
    with office.database.session() as session:
        case = _open(office, session, actor, number)
        keys = [row.id for row in _rows(session, case) if row.material]
    wrong = dict[str, Problem]()
    for key in keys:
        # Each by itself: all of them at once may be more than there is memory for.
        with office.database.session() as session:
            row = session.get(ChosenFile, key, options=[undefer(ChosenFile.content)])
            file = (row.material, row.filename, row.content) if row else None
        if file is None:
            continue
        try:
            attachments.store(office, actor, number, *file)
        except (BadInput, TooLarge) as problem:
            wrong[file[0]] = problem
            continue
        with office.database.session() as session:
            session.execute(delete(ChosenFile).where(ChosenFile.id == key))
    return wrong


def forget_case(session: Session, case: Case) -> None:
    """Keep no longer what anybody has chosen for a case."""
    session.execute(delete(ChosenFile).where(ChosenFile.case_id == case.id))


def _open(office: Office, session: Session, actor: Actor, number: str) -> Case:
    case = case_of_party(office, session, actor, number)
    if case.ended_at is not None:
        raise BadInput("案件已办结，不能再提交材料")
    return case


def _files(session: Session, actor: Actor, case: Case, today: date) -> bool:
    """Whether the actor may act on the applications of the party of the case."""
    involvement = involvement_of(session, actor.person_id, actor.name, case)
    return Role.APPLICANT in involvement.on([today]).roles


def _rows(session: Session, case: Case) -> list[ChosenFile]:
    wanted = select(ChosenFile).where(ChosenFile.case_id == case.id).order_by(ChosenFile.id)
    return list(session.scalars(wanted))


def _judge_room(session: Session, case: Case, size: int) -> None:
    """Raises BadInput if there is no room for one more file of that size."""
    here = select(func.count(), func.coalesce(func.sum(ChosenFile.size), 0))
    many, held = session.execute(here.where(ChosenFile.case_id == case.id)).one()
    if many >= MOST:
        raise BadInput(f"一次申请最多放 {MOST} 个文件，请先提交或者删去一些")
    if held + size > MOST_BYTES:
        most = MOST_BYTES // 1024 // 1024
        raise BadInput(f"还没有提交的文件合计不能超过 {most} MB，请先提交或者删去一些")


def _items(office: Office, session: Session, case: Case) -> dict[str, Material | None]:
    """What may be handed in, by key; what only a supplement list names is no item of a list."""
    process = office.versions.by_digest(session, case.version_digest)
    listed = listed_for(office, session, case, process, as_officer=False)
    asked = Inputs(case.data).at(REQUEST_SUPPLEMENT)
    return {
        **({item.material: None for item in asked.items} if asked else {}),
        **{item.key: item for item in listed},
    }


def _told_by_name(filename: str, items: Mapping[str, Material | None]) -> str:
    """For which item a file is by its name; empty if that does not tell."""
    listed = {key: item.label for key, item in items.items() if item and item.asked}
    wanted = [key for key, item in items.items() if item and item.required]
    return matched([filename], listed, wanted).get(filename, "")


def _judge_item(material: str, items: Mapping[str, Material | None]) -> None:
    if material and material not in items:
        raise BadInput("请从材料清单中选择这份文件是哪项材料")
