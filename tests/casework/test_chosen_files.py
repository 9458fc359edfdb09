"""Files that are chosen and not handed in yet: by whom, how many, and how they come in."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from casework.common.problems import BadInput, NotAllowed
from casework.documents import chosen_files
from casework.documents.attachments import store
from casework.models import Attachment, ChosenFile
from tests.support.people import empower
from tests.support.signed import SMALL_PDF, pdf, png
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


def test_no_case_holds_more_files_than_it_may(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    number = town.apply()
    monkeypatch.setattr(chosen_files, "MOST", 2)
    [wrong] = _choose(town, number)
    assert "最多放 2 个文件" in wrong
    assert len(_chosen(town, number)) == 2


def test_a_file_is_for_an_item_that_is_asked_for_or_for_none_yet(town: Town) -> None:
    number = town.apply()
    office, party = town.office, town.people["applicant"]
    pile = [("commitment_letter", "承诺书.pdf", pdf("三")), ("", "扫描件0001.pdf", pdf("四"))]
    [(item, problem)] = chosen_files.choose(office, party, number, pile)
    assert (item, "材料清单" in problem.detail) == ("commitment_letter", True)
    [file] = _chosen(town, number)
    with pytest.raises(BadInput, match="材料清单"):
        chosen_files.sort(office, party, number, {file.id: "commitment_letter"})
    assert _chosen(town, number) == [file]


def test_nobody_touches_what_another_has_chosen_and_the_same_is_kept_once(town: Town) -> None:
    number = town.apply()
    for _ in range(2):
        _choose(town, number)
    ours = _chosen(town, number)
    assert len(ours) == len(PILE)
    other = town.apply(address="人民路2号", by="applicant2")
    assert _choose(town, other, "applicant2") == []
    office, stranger = town.office, town.people["applicant2"]
    for file in ours:
        chosen_files.sort(office, stranger, other, {file.id: "identity"})
        chosen_files.take_away(office, stranger, other, file.id)
    assert _chosen(town, number) == ours
    assert len(_chosen(town, other)) == len(PILE)


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
        lambda: store(office, agent, number, "identity", "证.pdf", SMALL_PDF),
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
    with pytest.raises(BadInput, match="已办结"):
        _choose(town, number)
    for file in _chosen(town, number):
        chosen_files.take_away(office, party, number, file.id)
    assert _chosen(town, number) == []
