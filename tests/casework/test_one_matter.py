"""The joint matter through the one door: how it ends, its clocks, and who answers for what."""

from __future__ import annotations

from sqlalchemy import select

from casework.models import CaseClock, Document, Participant
from casework.proof import verify_case
from tests.support.town import PERMIT, Town, opinion

RECIPIENT = {"recipient": "李敏"}


def _proved(town: Town, *numbers: str) -> None:
    with town.session() as session:
        for number in numbers:
            assert verify_case(session, town.case(number), town.office.versions) == []


def test_both_certificates_are_delivered_together(town: Town) -> None:
    number = town.dispatched()
    town.take(number, "pass_eco", "eco", opinion())
    town.take(number, "pass_health", "reviewer", opinion())
    assert town.case(number).state == "both_passed"
    town.take(number, "decide_health", "approver", PERMIT)
    town.take(number, "decide_eco", "eco_approver", PERMIT)
    assert town.case(number).state == "decided"
    town.take(number, "make_certificates", "window")
    town.take(number, "deliver", "window", RECIPIENT)
    assert town.case(number).state == "delivered_together"
    with town.session() as session:
        case = town.case(number)
        rows = session.scalars(
            select(Document).where(Document.case_id == case.id).order_by(Document.id)
        ).all()
        print([(r.title, r.number) for r in rows])
        clocks = session.scalars(select(CaseClock).where(CaseClock.case_id == case.id))
        print([(c.name, c.status, c.due_on) for c in clocks])
        guests = session.scalars(select(Participant).where(Participant.case_id == case.id))
        print([(g.track, g.authority_id) for g in guests])
    _proved(
        town,
        number,
        town.relative(number, "diagnosis_licence").number,
        town.relative(number, "safety_licence").number,
    )
    print(town.relative(number, "safety_licence").data)
    return

    with town.session() as session:
        for n in (number,):
            for d in session.scalars(select(Document).where(Document.case_id == town.case(n).id)):
                pathlib.Path(f"/tmp/docs1/{d.id:02d}-{d.key}.docx").write_bytes(d.content)
