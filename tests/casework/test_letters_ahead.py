"""A decision letter is read by its reviewer as it will leave the house, and by nobody else."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import undefer

from casework.models import Authority, Case, Document
from casework.reading.letters_ahead import letters_ahead
from casework.reading.like_cases import LikeCase, like_cases
from casework.rules.rendering import printed_text
from tests.support.penalties import go, penalty_to
from tests.support.town import Town


def test_the_letter_that_is_read_is_the_letter_that_leaves(town: Town) -> None:
    number = penalty_to(town, "legal_review")
    with town.session() as session:
        [letter] = letters_ahead(town.office, session, town.people["legal"], number, "pass_review")
    assert letter.key == "penalty_decision"
    assert letter.number == "（草稿）"
    go(town, number, ("pass_review", "legal"), ("forgo_panel", "approver"), ("decide", "approver"))
    of_case = Document.case_id == town.case(number).id
    with town.session() as session:
        papers = session.scalars(select(Document).where(of_case).options(undefer(Document.content)))
        [decision] = [paper for paper in papers if paper.key == letter.key]
    ahead, issued = _lines(letter.content), _lines(decision.content)
    # What differs is the number it bears, and that it was reviewed meanwhile.
    assert ahead - issued == {"（草稿）"}
    assert issued - ahead == {decision.number, "本案已于2026年9月1日经法制审核通过。"}


def test_the_party_reads_no_letter_ahead(town: Town) -> None:
    number = penalty_to(town, "legal_review")
    with town.session() as session:
        for who, step in (("applicant", "pass_review"), ("legal", "close_investigation")):
            assert letters_ahead(town.office, session, town.people[who], number, step) == ()


def test_like_cases_are_the_authority_s_own_decisions_on_the_same_violation(town: Town) -> None:
    number = penalty_to(town, "legal_review")
    decided = penalty_to(town, "decided")

    def found(who: str, violation: str = "GC004", of: str = number) -> tuple[LikeCase, ...]:
        with town.session() as session:
            return like_cases(town.office, session, town.people[who], of, violation)

    measures = ("警告", "罚款人民币1000.00元（大写：壹仟元整）")
    assert found("legal") == (LikeCase(decided, measures),)
    assert found("legal", of=decided) == found("legal", "GC009") == found("applicant") == ()
    with town.session() as session:
        elsewhere = session.scalars(select(Authority.id).where(Authority.code == "TZ")).one()
        case = session.scalars(select(Case).where(Case.number == decided)).one()
        case.authority_id = elsewhere
    assert found("legal") == ()


def _lines(content: bytes) -> set[str]:
    return set(printed_text(content).splitlines())
