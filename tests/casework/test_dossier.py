"""What an act reads of its case: all of it, anew after a change, and nothing of what was undone."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import DetachedInstanceError

from casework.acts.act import Act, Context, by_itself
from casework.acts.clock_repository import ClockRepository
from casework.acts.dossier import dossier_of, forget
from casework.acts.successions import lock_line
from casework.common.rows_together import write_rows
from casework.common.timekeeping import legal_date
from casework.kernel import engine
from casework.kernel.savepoints import savepoint
from casework.models import (
    Attachment,
    Case,
    CaseClock,
    Document,
    Evidence,
    LogRow,
    Notice,
    Post,
)
from state_machines.language.vocabulary import Role, Step
from tests.support.journeys import check_to
from tests.support.penalties import penalty_to
from tests.support.town import Town


def _of_case(kind: Any, case: Case) -> Any:
    return select(kind).where(kind.case_id == case.id).order_by(kind.id)


def _said(row: Any) -> list[Any]:
    """What a row says, but for what is loaded on demand."""
    columns = type(row).__mapper__.column_attrs
    return [getattr(row, one.key) for one in columns if not one.deferred]


@pytest.mark.parametrize("make", ["licence", "penalty"])
def test_it_holds_what_the_tables_hold(town: Town, make: str) -> None:
    number = town.granted() if make == "licence" else penalty_to(town, "decided")
    with town.session() as session:
        case = session.scalars(select(Case).where(Case.number == number)).one()
        people = [town.people[name].person_id for name in ("applicant", "handler1")]
        file = dossier_of(session, case, people)
        for kept, rows in (
            (file.clocks, _of_case(CaseClock, case)),
            (file.attachments, _of_case(Attachment, case)),
            (file.documents, _of_case(Document, case)),
            (file.evidence, _of_case(Evidence, case)),
            (file.posts, select(Post).where(Post.person_id.in_(people)).order_by(Post.id)),
        ):
            assert list(map(_said, kept)) == list(map(_said, session.scalars(rows)))
        assert file.documents
        assert file.posts
        assert {one.party_id for one in file.mandates} == {case.party_id}
        headers = select(LogRow.header).where(LogRow.case_id == case.id).order_by(LogRow.seq)
        assert list(file.headers) == list(session.scalars(headers))
        with pytest.raises(DetachedInstanceError):
            _ = file.documents[0].content


def test_a_row_of_the_log_is_there_at_once(town: Town) -> None:
    number = town.apply()
    office, actor = town.office, town.people["applicant"]
    looking = Step("look", "查看", {}, ())

    def work(session: Session) -> tuple[int, int]:
        ground, case, process = office.brought_up(session, number, actor)
        before = len(dossier_of(session, case).headers)
        execution, book = by_itself(Role.TIMER), ClockRepository(session, case)
        act = Act(ground, case, process, looking, {}, ground.now, execution, book)
        engine.tell(act, "read", {})
        return before, len(dossier_of(session, case).headers)

    before, after = office.database.in_transaction(work)
    assert after == before + 1


def test_a_case_that_is_opened_belongs_to_the_family_at_once(town: Town) -> None:
    number = town.committed()
    seen: list[set[str]] = []
    begin = engine.create_case

    def watched(context: Context, *given: Any, **more: Any) -> Case:
        case, session = begin(context, *given, **more), context.session
        eldest = session.get_one(Case, case.family_id)
        seen.append({one.relation for one in dossier_of(session, eldest).family})
        return case

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "create_case", watched)
        town.take(number, "grant", "window")
    assert [relations - {""} for relations in seen] == [{"licence"}, {"licence", "check"}]


def test_what_is_undone_is_not_known_any_more(town: Town) -> None:
    number = town.granted()

    def work(session: Session) -> None:
        case = session.scalars(select(Case).where(Case.number == number)).one()
        lock_line(session, case.party_id, legal_date(town.time.now()))
        family, locked = dossier_of(session, case).family, dict(session.info)
        with savepoint(session, keep=False):
            case.state, version = "gone", case.version
            case.version += 1
            write_rows(session, [], changed=case)
            forget(session, case)
            dossier_of(session, case)
        assert (case.state, case.version) == ("granted", version)
        assert dossier_of(session, case).family == family
        assert "locked_lines" in locked
        assert "locked_lines" not in session.info

    town.office.database.in_transaction(work)
    assert town.case(number).state == "granted"


def test_a_part_that_is_kept_is_kept(town: Town) -> None:
    number = town.granted()

    def work(session: Session) -> None:
        case = session.scalars(select(Case).where(Case.number == number)).one()
        with savepoint(session):
            case.due_on = None

    town.office.database.in_transaction(work)
    assert town.case(number).due_on is None


def test_rows_of_several_tables_and_a_change_go_out_as_one(town: Town) -> None:
    number = check_to(town, town.granted(), "assigned")

    def work(session: Session) -> None:
        case = session.scalars(select(Case).where(Case.number == number)).one()
        clock = session.scalars(select(CaseClock).where(CaseClock.case_id == case.id)).first()
        assert clock is not None
        values = {
            name: getattr(clock, name)
            for name in (one.key for one in CaseClock.__mapper__.column_attrs)
            if name not in ("id", "reminded")
        }
        again = CaseClock(**{**values, "status": "stopped", "derivation": None})
        notice = Notice(
            key="once/1", kind="step", case_id=case.id, authority_id=case.authority_id,
            to_role="supervisor", subject="“甲”：100%", body="{乙}",
            created_at=town.time.now(), attempts=0, next_try_at=town.time.now(),
        )  # fmt: skip
        case.awaiting = ["supervisor", "inspector"]
        write_rows(session, [again, notice], changed=case)
        session.expire_all()
        kept = session.scalars(select(CaseClock).where(CaseClock.case_id == case.id)).first()
        assert kept is not None
        assert (kept.id, kept.status, kept.derivation) == (clock.id, "stopped", None)
        told = session.scalars(select(Notice).where(Notice.key == "once/1")).one()
        assert (told.subject, told.body) == ("“甲”：100%", "{乙}")
        assert session.get_one(Case, case.id).awaiting == ["supervisor", "inspector"]

    town.office.database.in_transaction(work)
