"""Credit (信用): a party's file and rating, courses and exam, the credit officer's desk."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy import select

from api.html import asking
from api.html.site import Anybody, Member, MemberPosting, Visit, acting, go
from api.web.downloads import download
from casework.common.problems import NotFound, Problem
from casework.credit import record_kinds as published
from casework.credit.repair import batch
from casework.credit.report import credit_report
from casework.credit.talk import planning as talks
from casework.credit.training import question_bank
from casework.credit.training.question_bank import COLUMNS
from casework.credit.training.sittings import BANK
from casework.deadlines.next_day import first, party_days
from casework.documents.files import CSV
from casework.exchange.importing.outside import outside_of
from casework.models import Case, Party
from casework.reading import File, credit_of
from state_machines.credit.repair.process import CREDIT_REPAIR
from state_machines.door.irrevocable import grounds
from state_machines.language.vocabulary import Role

router = APIRouter()
_KEEPERS = frozenset({Role.CREDIT_OFFICER, Role.APPROVER})
_UNDER_WAY = (
    "credit_repair",
    "national_repair",
    "credit_training",
    "credit_objection",
    "credit_talk",
)
# What is asked once for all repairs of a step that are taken together.
_ASKED = {
    "recommend": ("opinion", "审核意见"),
    "request_removal": ("sites", "推送的网站（系统），用顿号分开"),
    "synchronise": ("lifted", "解除的限制措施和同步的网站（系统）"),
}


@router.get("/credit")
def files(visit: Member) -> Response:
    """One's own file, or for officers a way to everybody's."""
    asked = visit.asked("code")
    parties = visit.reader.parties if visit.reader else frozenset()
    with visit.session() as session:
        own = session.scalars(select(Party).where(Party.id.in_(parties)).order_by(Party.id)).all()
        chosen = asked or (own[0].code if own else "")
        view, outside, problem = None, None, None
        if chosen:
            try:
                outside = outside_of(visit.office, session, acting(visit), chosen)
                view = credit_of(visit.office, session, acting(visit), chosen)
            except NotFound as caught:
                problem = caught
        ours = [party.id for party in own]
        cases = session.scalars(
            select(Case)
            .where(
                Case.party_id.in_(ours),
                Case.process.in_(_UNDER_WAY),
                Case.ended_at.is_(None),
            )
            .order_by(Case.id)
        ).all()
        days = party_days(visit.office, session, cases)
        under_way = []
        for case in cases:
            process = visit.office.versions.by_digest(session, case.version_digest)
            label = process.state(case.state).label
            under_way.append((case.number, process.label, label, first(days[case.id])))
    return visit.page(
        "credit.html",
        status=problem.status if problem else 200,
        own=own,
        view=view,
        outside=outside,
        problem=problem,
        asked=asked,
        under_way=under_way,
        is_own=view is not None
        and any(
            party.code in (view.party.code, *(former_code.code for former_code in view.former))
            for party in own
        ),
    )


@router.get("/credit/report")
def report(visit: Member) -> Response:
    code = visit.asked("code")
    with visit.office.database.session() as session:
        return download(credit_report(visit.office, session, acting(visit), code))


@router.get("/credit/catalogue")
def catalogue(visit: Anybody) -> Response:
    """What is recorded of a party, and by which table it is rated: for everybody."""
    with visit.office.database.session() as session:
        credit_catalogue = published.credit_catalogue(visit.office, session)
    labels = {item.key: item.label for item in credit_catalogue.items}
    return visit.page(
        "credit_catalogue.html",
        catalogue=credit_catalogue,
        standings=published.STANDINGS,
        seen_by=published.SEEN_BY,
        term_of=published.term_of,
        veto=[labels[key] for key in credit_catalogue.table.veto],
    )


@router.get("/credit/catalogue.csv")
def catalogue_table(visit: Anybody) -> Response:
    with visit.office.database.session() as session:
        text = published.as_table(published.credit_catalogue(visit.office, session))
    return download(File("信用信息采集目录.csv", CSV, text.encode()))


@router.get("/training")
def courses(visit: Member) -> Response:
    """The courses, and the way to the exam."""
    office = visit.office
    with office.database.session() as session:
        rules = office.rules.current(session)
        found = [
            (
                course.label,
                [
                    (section.title, rules.with_limits(section.text, visit.today, ""), section.law)
                    for section in course.sections
                ],
            )
            for course in rules.courses(visit.today, "")
        ]
        exam = rules.value("training.exam", visit.today, "")
        limit, _ = rules.limit("training.exam", visit.today, "")
        asked = rules.quiz(BANK, visit.today, "").asked
        cases = session.scalars(
            select(Case)
            .where(
                Case.process == BANK,
                Case.party_id.in_(visit.reader.parties if visit.reader else ()),
                Case.ended_at.is_(None),
            )
            .order_by(Case.id.desc())
        ).all()
    return visit.page(
        "training.html", courses=found, exam=exam, limit=limit, asked=asked, cases=cases
    )


@router.get("/credit/desk")
def desk(visit: Member) -> Response:
    return _desk(visit)


@router.post("/credit/together")
def together(visit: MemberPosting) -> Response:
    """Take one step of many repairs, once confirmed, with a result for each."""
    posted = visit.posted
    step = posted.text("step")
    wanted = list(posted.values.get("cases", ()))
    if posted.text(asking.ALL) or posted.text(asking.AGAIN):
        return _desk(visit)
    data: dict[str, Any] = {}
    if step in _ASKED:
        name, _ = _ASKED[step]
        said = posted.text("said")
        data[name] = [one.strip() for one in said.split("、")] if name == "sites" else said
    if wanted and step in batch.TOGETHER and not asking.answered(visit):
        return _ask(visit, step, wanted)
    try:
        results = batch.take_together(
            visit.office,
            acting(visit),
            step,
            wanted,
            data,
            key=posted.text("_key") or None,
        )
    except Problem as problem:
        return _desk(visit, problem=problem)
    return _desk(visit, results=results)


def _ask(visit: Visit, step: str, wanted: list[str]) -> Response:
    """What is about to be done to how many repairs, and which."""
    _keepers_only(visit)
    with visit.office.database.session() as session:
        waiting = batch.waiting(visit.office, session, acting(visit))
    known = {one.number: one for one in waiting if one.step == step}
    rows = [
        (number, one.party, one.record)
        if (one := known.get(number))
        else (number, "", "现在不等待这个步骤")
        for number in dict.fromkeys(wanted)
    ]
    declared = CREDIT_REPAIR.step(step)
    [(source, target), *_] = declared.moves.items()
    follows = [f"下列 {len(rows)} 件信用修复逐件办理“{declared.label}”，逐件告知结果"]
    if source != target:
        before, after = (CREDIT_REPAIR.state(name).label for name in (source, target))
        follows.append(f"状态由“{before}”变为“{after}”")
    follows += [ground.text for ground in grounds(CREDIT_REPAIR, declared, source)]
    told = [(_ASKED[step][1], visit.posted.text("said"))] if step in _ASKED else []
    heads = ("案件", "当事人", "失信记录")
    question = asking.Question(f"集中办理：{declared.label}", follows, heads, rows, told)
    return asking.ask(visit, question)


@router.post("/credit/talks")
def talk(visit: MemberPosting) -> Response:
    """Put down a talk with a party whose grade fell."""
    posted = visit.posted
    try:
        opened = talks.plan_talk(
            visit.office,
            acting(visit),
            posted.text("party"),
            key=posted.text("_key") or None,
        )
    except Problem as problem:
        return _desk(visit, problem=problem)
    return go(f"/cases/{opened.number}/done/{opened.seq}")


@router.post("/credit/questions")
def questions(visit: MemberPosting) -> Response:
    upload = visit.posted.files.get("file")
    try:
        question_bank.import_questions(
            visit.office, acting(visit), upload.content if upload else b""
        )
    except Problem as problem:
        return _desk(visit, problem=problem)
    return go("/credit/desk", "imported")


def _keepers_only(visit: Visit) -> None:
    if not visit.roles & _KEEPERS:
        raise NotFound("没有这个页面")


def _desk(
    visit: Visit, *, problem: Problem | None = None, results: tuple[batch.Done, ...] = ()
) -> Response:
    _keepers_only(visit)
    with visit.office.database.session() as session:
        waiting = batch.waiting(visit.office, session, acting(visit))
        progress = batch.progress(visit.office, session, acting(visit))
        due = talks.talks_due(visit.office, session, acting(visit))
    steps = [
        (name, CREDIT_REPAIR.step(name).label, [one for one in waiting if one.step == name])
        for name in batch.TOGETHER
    ]
    return visit.page(
        "credit_desk.html",
        status=problem.status if problem else 200,
        steps=[step for step in steps if step[2]],
        asked=_ASKED,
        chosen=visit.posted.text("step"),
        ticked=visit.posted.values.get("cases", ()) if not results else (),
        everything=bool(visit.posted.text(asking.ALL)),
        progress=progress,
        talks=due,
        results=results,
        problem=problem,
        columns=COLUMNS,
        keeper=Role.CREDIT_OFFICER in visit.roles,
        new_key=lambda: uuid4().hex,
    )
