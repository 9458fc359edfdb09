"""A draft is what the issue will be, less its number; making one changes nothing."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from casework.common.problems import GuardRefused, StaleVersion
from casework.models import Document, NumberCounter
from casework.rules.rendering import printed_text
from tests.support.town import Town


def test_a_draft_shows_every_document_of_the_step_and_keeps_nothing(town: Town) -> None:
    number = town.committed()
    before = town.case(number)
    foreseen = town.office.foresee(
        number, "grant", {}, town.people["window"], version=before.version
    )
    drafts = foreseen.documents
    assert [d.key for d in drafts] == ["grant_decision", "certificate", "certificate_duplicate"]
    assert all("草稿" in printed_text(draft.content) for draft in drafts[:2])
    after = town.case(number)
    assert (after.state, after.version, after.head_hash) == (
        before.state,
        before.version,
        before.head_hash,
    )
    town.take(number, "grant", "window")
    with town.session() as session:
        issued = session.scalars(select(Document).where(Document.key == "grant_decision")).one()
        draft = printed_text(drafts[0].content).replace("（草稿）", issued.number, 1)
        licence = town.relative(number, "licence").data["application"]["number"]
        assert printed_text(issued.content) == draft.replace("（草稿）", licence)
        counters = session.scalars(select(NumberCounter.last)).all()
        assert set(counters) == {1}


def test_a_draft_is_refused_as_the_step_is(town: Town) -> None:
    number = town.apply()
    version = town.case(number).version
    town.take(number, "submit", "applicant")
    with pytest.raises(StaleVersion):
        town.office.foresee(number, "accept", {}, town.people["window"], version=version)
    with pytest.raises(GuardRefused, match="申请材料不齐全"):
        town.office.foresee(number, "accept", {}, town.people["window"], version=version + 1)
