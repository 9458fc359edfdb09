"""A town with a case in every state in which every register that is proved has rows, sealed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from casework.audit import roots
from casework.audit.roots import Root
from casework.documents.electronic.sealed import pdf_of
from casework.documents.files import File
from casework.duties.daily_proof import seal_day
from casework.duties.import_runs import run_imports
from casework.duties.rating_again import rate_everybody
from casework.enforcement.catalogue import importing
from casework.enforcement.catalogue.table import write
from casework.exchange.importing.handing_in import enter
from casework.grading.draws import holding as draws
from casework.models import (
    Account,
    Authority,
    Base,
    Case,
    Delegation,
    Document,
    Mandate,
    Notice,
    Person,
    Post,
)
from casework.people import mandate_papers, mandates, parties
from casework.people.administration.admin_log import Change, log_change
from casework.rules.rule_cache import RuleCache
from rulebook.models import Violation
from tests.support.administering import administer
from tests.support.arriving import arrive, open_mail
from tests.support.fine import receipt
from tests.support.journeys import Numbers, follow, usual
from tests.support.people import appoint, proof_of
from tests.support.publishing import put_down_first
from tests.support.sealing import give_seals
from tests.support.serving import CONSENT
from tests.support.signed import SMALL_PDF
from tests.support.town import APPLICANT, CODES, Town, look

_AGENT = {
    "name": "吴桂英", "id_kind": "id", "id_code": "11010519491231002X", "capacity": "agent",
    "scope": ["file"], "valid_from": date(2026, 1, 5), "valid_to": date(2026, 12, 31),
}  # fmt: skip


def live(town: Town, at: Numbers, folder: Path) -> Root:
    """Let what a town with a case in every state has no rows of yet happen in it, and seal it."""
    with town.session() as session:  # else what went out before comes first
        session.execute(update(Notice).values(delivered_at=Notice.created_at))
    open_mail(town)
    _serve_by_mail(town, at["penalty", "decided"])
    draws.draw(town.office, town.people["supervisor"])
    administer(town)
    _stand_aside(town, at["commitment_check", "inspected"])
    follow(town, at["commitment_check", "task_created"], ("assign", "supervisor"))
    town.take(at["commitment_check", "task_created"], "inspect", "inspector1", look(met=True))
    appoint(town, "credit", "publicity_officer")
    tell_offices(town)
    put_down_first(town)
    correct_entry(town)
    enter_catalogue(town)
    import_parties(town)
    town.register(CODES[3], name="南通江海旅馆")
    _seal_papers(town, folder)
    town.time.pass_(days=1)
    rate_everybody(town.office)
    seal_day(town.office, folder)
    with town.session() as session:
        [root] = roots._inside(session)[0].values()
    return root


def counted(town: Town) -> dict[str, int]:
    """How many rows each table has."""
    with town.session() as session:
        return {
            name: session.scalar(select(func.count()).select_from(table)) or 0
            for name, table in Base.metadata.tables.items()
        }


def _seal_papers(town: Town, folder: Path) -> None:
    """Let two certificates be asked for as sealed PDFs."""
    certificates = select(Document).where(Document.key == "certificate").order_by(Document.id)
    with pytest.MonkeyPatch.context() as patch, town.session() as session:
        give_seals(town, folder, patch)
        for document in session.scalars(certificates.limit(2)).all():
            pdf_of(town.office, session, session.get_one(Case, document.case_id), document)


def tell_offices(town: Town) -> None:
    """Tell of authorities and their staff, as the file of offices does."""
    today = town.time.now().date()
    change = Change("settled", None, today.isoformat(), "机构和人员文件", today)
    with town.session() as session:
        first, *others = session.scalars(select(Authority).order_by(Authority.id)).all()
        accounts = session.scalars(select(Account)).all()
        persons = session.scalars(select(Person).where(Person.id_code.is_(None))).all()
        mandates_ = session.scalars(select(Mandate).where(Mandate.registered_at.is_(None))).all()
        log_change(session, first.id, change, [*accounts, *persons, *mandates_])
        for authority in (first, *others):
            held = (Post.authority_id == authority.id, Delegation.authority_id == authority.id)
            posts = session.scalars(select(Post).where(held[0])).all()
            given = session.scalars(select(Delegation).where(held[1])).all()
            log_change(session, authority.id, change, [authority, *posts, *given])


def _stand_aside(town: Town, check: str) -> None:
    town.take(check, "ask_recusal", "applicant", usual("commitment_check", "ask_recusal"))
    said = usual("commitment_check", "decide_recusal")
    decided = {**said, "recused": True, "reasons": "情况属实"}
    town.take(check, "decide_recusal", "approver", decided)


def _serve_by_mail(town: Town, penalty: str) -> None:
    town.take(penalty, "confirm_address", "applicant", CONSENT)
    on = town.time.now().date().isoformat()
    town.take(penalty, "serve", "handler1", receipt(on, "电子送达"))
    arrive(town)


def correct_entry(town: Town) -> None:
    """Two corrections of a party's entry, and somebody who acts for it."""
    window = town.people["window"]
    with town.session() as session:
        for phone in ("13900000000", "13900000001"):
            parties.correct(
                town.office, session, window, APPLICANT, name="南通滨江宾馆",
                representative="陈志远", address="南通市崇川区人民中路88号", phone=phone,
                dissolved_on=None, reason="变更登记", effective_on=town.time.now().date(),
                paper=proof_of(town, session, APPLICANT),
            )  # fmt: skip
        agent = mandates.register(town.office, session, window, APPLICANT, **_AGENT)
        mandate_papers.keep(town.office, session, window, agent.id, "授权委托书.pdf", SMALL_PDF)


def import_parties(town: Town) -> None:
    """An import of outside data that is over."""
    data = (
        "名称,统一社会信用代码,法定代表人,住所,联系电话\n"
        "南通江海旅馆,91320602MA1X00017N,李强,江海路1号,0513-85550000\n"
    )
    enter(town.office, town.people["admin"], "parties", "当事人.csv", data.encode(), dry=False)
    run_imports(town.office)


def enter_catalogue(town: Town) -> None:
    today = town.time.now().date()
    with town.session() as session:
        rules = RuleCache().current(session)
        key = rules.known("violation", today, "320613")[0]
        rule, _ = rules.violation(key, today, "320613")
    assert isinstance(rule, Violation)
    importing.import_file(
        town.office, town.people["admin"], "案由.csv",
        write([rule.model_copy(update={"label": f"{rule.label}（本地）"})]).encode(),
        source="苏卫法规〔2026〕1号", valid_from=today,
        paper=File("依据.pdf", "application/pdf", SMALL_PDF),
    )  # fmt: skip
