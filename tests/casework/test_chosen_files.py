"""Files that are chosen and not handed in yet: by whom, how many, and how they come in."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from casework.common.problems import BadInput, NotAllowed
from casework.documents import chosen_files
from casework.models import Attachment, ChosenFile
from tests.support.people import empower
from tests.support.signed import pdf, png
from tests.support.town import APPLICANT, Town

PILE = [
    ("plans", "平面图.pdf", pdf("一")),
    ("plans", "平面图（二）.png", png()),
    ("test_report", "报告.pdf", pdf("二")),
]


def _choose(town: Town, number: str, by: str = "applicant") -> list[str]:
    """What is wrong with those of the pile that could not be chosen."""
    wrong = chosen_files.choose(town.office, town.people[by], number, PILE)
    return [problem.detail for _, problem in wrong]


def _chosen(town: Town, number: str) -> list[chosen_files.ChosenView]:
    with town.session() as session:
        return list(chosen_files.chosen_of(session, number))


def test_files_come_in_one_after_the_other(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    number = town.apply()
    assert _choose(town, number) == []
    refused = {"test_report"}
    store = chosen_files.attachments.store

    def handed_in(*given: object) -> int:
        # Whatever comes in, no other one is in memory, and those before are no longer chosen.
        if given[3] in refused:
            raise BadInput("打不开")
        return store(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(chosen_files.attachments, "store", handed_in)
    wrong = chosen_files.hand_in(town.office, town.people["applicant"], number)
    assert list(wrong) == ["test_report"]
    assert [file.material for file in _chosen(town, number)] == ["test_report"]
    refused.clear()
    for _ in range(2):
        assert chosen_files.hand_in(town.office, town.people["applicant"], number) == {}
    with town.session() as session:
        kept = session.scalars(select(Attachment.filename).order_by(Attachment.id)).all()
    assert kept == [name for _, name, _ in PILE]


def test_no_case_holds_more_than_there_is_room_for(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = town.apply()
    first, second, _ = (len(data) for _, _, data in PILE)
    monkeypatch.setattr(chosen_files, "MOST_BYTES", first + second)
    [wrong] = _choose(town, number)
    assert "合计不能超过" in wrong
    assert len(_chosen(town, number)) == 2
    with town.session() as session:
        assert session.scalar(select(func.sum(ChosenFile.size))) == first + second


def test_who_may_only_receive_for_the_party_has_no_hand_in_its_files(town: Town) -> None:
    number = town.apply()
    empower(town, "applicant2", APPLICANT, "agent", ["receive"])
    _choose(town, number)
    office, agent = town.office, town.people["applicant2"]
    file = _chosen(town, number)[0]
    for act in (
        lambda: _choose(town, number, "applicant2"),
        lambda: chosen_files.sort(office, agent, number, {file.id: "test_report"}),
        lambda: chosen_files.take_away(office, agent, number, file.id),
        lambda: chosen_files.hand_in(office, agent, number),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert _chosen(town, number)[0] == file
    with town.session() as session:
        assert not chosen_files.may_choose(office, session, agent, number)
    empower(town, "applicant2", APPLICANT, "agent", ["file", "promise"])
    chosen_files.take_away(office, agent, number, file.id)
    assert file not in _chosen(town, number)


def test_after_the_end_what_was_chosen_is_still_the_party_s(town: Town) -> None:
    number = town.apply()
    _choose(town, number)
    town.take(number, "discard", "applicant")
    assert town.case(number).ended_at
    office, party = town.office, town.people["applicant"]
    with pytest.raises(BadInput):
        chosen_files.hand_in(office, party, number)
    for file in _chosen(town, number):
        chosen_files.take_away(office, party, number, file.id)
    assert _chosen(town, number) == []
