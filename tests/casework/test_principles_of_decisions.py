"""Qualifications, days, proofs, what falls: each broken on purpose in a lawful file is found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import update

from casework.acts.legal_dates import PERMITTED
from casework.audit.case_book import Row
from casework.audit.case_file import CaseFile
from casework.models import Attachment, Case, Evidence, Publication
from tests.support import journeys
from tests.support.case_files import (
    Files,
    breaks,
    broken,
    filled,
    moved,
    row_of,
    with_rows,
    without,
)
from tests.support.exemptions import HANDLERS
from tests.support.journeys import address, check_to, follow
from tests.support.licence_penalties import CANCELLING, penalised, taking
from tests.support.penalties import (
    CLOSURE,
    HEAVY,
    INPUTS,
    NOTIFIED,
    UNCORRECTED,
    WARNING,
    WAYS,
    decision,
    fine,
    go,
    open_lead,
    penalty_to,
    reconsidered,
    sentence,
)
from tests.support.town import Town, fresh_town

QUALIFIED, DAYS, TIME, HEARD, PROVED, FALLS, IDENTITY = (
    "定性来自案卷",
    "日期真实",
    "期限属于当事人",
    "先告知后决定",
    "决定所据在卷",
    "一并落空",
    "身份不是笔误",
)
_QUASHED = (("file_reconsideration", "legal"), ("change_by_reconsideration", "legal"))
_TO_DECISION = (
    ("reconsider", "handler1"),
    ("forgo_review", "handler1"),
    ("forgo_panel", "approver"),
)


@pytest.fixture(scope="module")
def lawful(server: str, settled: Any) -> Iterator[tuple[Town, dict[str, str]]]:
    """One penalty of each kind of trouble, every one of them lawful."""
    with fresh_town(server, settled) as town:
        numbers = {"served": penalty_to(town, "served")}
        numbers["waited"] = _waited(town)
        numbers["failed"] = _failed(town)
        numbers["urged"] = penalty_to(town, "urged")
        go(town, numbers["urged"], *_QUASHED)
        numbers["heard"] = _heard(town)
        yield town, numbers


def _waited(town: Town) -> str:
    """Decided when the party's time was over."""
    number = open_lead(town)
    go(town, number, *NOTIFIED, ("wait", "9"), *_TO_DECISION, ("decide", "approver"))
    return number


def _failed(town: Town) -> str:
    """Decided at the graver stage, for an order that was served, ran out, and was not obeyed."""
    number, said = open_lead(town), {"stage": "uncorrected", "weight": "standard"}
    measures = (WARNING, fine("11000.00"))
    go(
        town,
        number,
        *UNCORRECTED,
        ("propose", HANDLERS),
        ("notify", "handler1"),
        ("serve_notice", "handler1"),
        ("waive_defence", "applicant"),
        *_TO_DECISION,
        ("decide", "approver"),
        propose={**INPUTS["propose"], **sentence(*measures), **said},
        notify={**sentence(*measures), **said},
        reconsider={**reconsidered(*measures), **said},
        decide={**decision(*measures), **said, "publicity": "minor"},
    )
    return number


def _heard(town: Town) -> str:
    """Reconsidered after a hearing."""
    number = open_lead(town)
    go(town, number, *WAYS["hearing_held"], **HEAVY)
    go(town, number, ("reconsider", "handler1"), **HEAVY)
    return number


@pytest.fixture
def files(lawful: tuple[Town, dict[str, str]]) -> Iterator[Callable[[str], CaseFile]]:
    """The file of a case by what was special about it."""
    town, numbers = lawful
    with town.session() as session:
        known = Files(town, session)
        yield lambda name: known.of(numbers[name])
        session.rollback()


def test_all_of_them_break_none(files: Callable[[str], CaseFile]) -> None:
    for name in ("served", "waited", "failed", "urged", "heard"):
        assert broken(files(name)) == set()


# -- qualifications --------------------------------------------------------------------------------


def test_an_order_that_was_not_served_or_not_over(files: Callable[[str], CaseFile]) -> None:
    file = files("failed")
    assert ("decide", QUALIFIED) in broken(without(file, "serve_order"))
    later = filled(file, "order_correction", until="2099-01-01")
    assert ("decide", QUALIFIED) in broken(later)
    # The recheck is in the order's own case.
    kept = [told for told in file.family if told[0]["name"] != "find_not_corrected"]
    file.__dict__["family"] = kept
    assert ("decide", QUALIFIED) in broken(file)


def test_a_repetition_that_nobody_recorded(town: Town) -> None:
    number = penalty_to(town, "decided")
    with town.session() as session:
        file = Files(town, session).of(number)
        assert broken(file) == set()
        assert broken(filled(file, "decide", aggravations=["屡教不改"])) == {("decide", QUALIFIED)}


def test_gravity_that_nobody_found_or_told(files: Callable[[str], CaseFile]) -> None:
    measures = [WARNING, CLOSURE]
    file = filled(files("served"), "decide", measures=measures, gravity="")
    assert ("decide", QUALIFIED) in broken(file)
    told = filled(files("served"), "decide", measures=measures, gravity="两百名顾客")
    assert ("decide", QUALIFIED) in broken(told)


def test_a_record_of_a_graver_class(files: Callable[[str], CaseFile]) -> None:
    file = filled(files("served"), "decide", publicity="serious")
    assert broken(file) == {("decide", QUALIFIED)}


def test_a_second_fine_for_the_same_act(files: Callable[[str], CaseFile]) -> None:
    first, second = files("served"), files("waited")
    case = second.book.case
    same = {name: first.book.case.data["application"][name] for name in ("act_on", "found_on")}
    case.data = {**case.data, "application": {**case.data["application"], **same}}
    with second.session.no_autoflush:
        assert ("decide", QUALIFIED) in broken(second)


# -- days ------------------------------------------------------------------------------------------


def test_a_service_whose_form_tells_a_day_long_ago(files: Callable[[str], CaseFile]) -> None:
    file = files("served")
    assert ("serve", DAYS) in broken(filled(file, "serve", on="2026-08-10"))


def test_a_service_before_its_decision_was_entered(files: Callable[[str], CaseFile]) -> None:
    file = files("served")
    at = datetime.fromisoformat(row_of(file, "decide").header["effective_at"])
    back = moved(file, "decide", effective_at=(at - timedelta(days=2)).isoformat())
    early = moved(back, "serve", effective_at=(at - timedelta(days=1)).isoformat())
    assert broken(early) == {("decide", DAYS), ("serve", DAYS)}


def test_a_decision_of_a_day_to_come(files: Callable[[str], CaseFile]) -> None:
    file = files("served")
    at = datetime.fromisoformat(row_of(file, "decide").header["effective_at"])
    ahead = moved(file, "decide", effective_at=(at + timedelta(days=2)).isoformat())
    assert ("decide", DAYS) in broken(ahead)


def test_a_lead_and_evidence_entered_long_after(files: Callable[[str], CaseFile]) -> None:
    file = files("served")
    opened = file.book.log[0]
    at = datetime.fromisoformat(opened.header["effective_at"]) - timedelta(days=20)
    late = moved(file, opened.header["name"], effective_at=at.isoformat())
    assert (opened.header["name"], DAYS) in broken(late)
    scene = row_of(file, "record_scene")
    entry = replace(scene, header={**scene.header, "kind": "evidence", "name": "add_evidence"})
    said = {"collected_on": "2026-08-10", "title": "照片"}
    entry = replace(entry, payload={"caused": {"evidence": [_item(said)]}})
    assert ("add_evidence", DAYS) in broken(_beside(file, entry))


def _item(said: dict[str, Any]) -> dict[str, Any]:
    return {"n": 9, "version": 1, "withdrawn": False, "said": said}


def _beside(file: CaseFile, *rows: Row) -> CaseFile:
    log = [*file.book.log, *(replace(row, seq=1000 + n) for n, row in enumerate(rows))]
    return replace(file, book=replace(file.book, log=log))


def test_a_late_entry_that_its_taker_permitted(files: Callable[[str], CaseFile]) -> None:
    file = files("served")
    scene = row_of(file, "record_scene")
    at = datetime.fromisoformat(scene.header["effective_at"]) - timedelta(days=14)
    late = moved(file, "record_scene", effective_at=at.isoformat())

    def permitted(officers: Sequence[int]) -> CaseFile:
        header = {**scene.header, "kind": PERMITTED, "name": "permit", "officers": list(officers)}
        payload = {"step": "record_scene", "on": at.date().isoformat()}
        row = replace(scene, seq=scene.seq - 0.5, header=header, payload=payload)  # type: ignore[arg-type]
        log = sorted([*late.book.log, row], key=lambda one: one.seq)
        return replace(late, book=replace(late.book, log=log))

    assert broken(permitted([9999])) == set()
    assert broken(permitted(scene.header["officers"])) == {("record_scene", DAYS)}


# -- time and hearing ------------------------------------------------------------------------------


def test_time_that_had_not_run_since_the_service_was_entered(
    files: Callable[[str], CaseFile],
) -> None:
    file = files("waited")
    at = datetime.fromisoformat(row_of(file, "serve_notice").header["recorded_at"])
    entered = (at + timedelta(days=4)).isoformat()
    late = moved(file, "serve_notice", recorded_at=entered)
    assert ("reconsider", TIME) in broken(late)


def test_a_decision_that_goes_beyond_its_notice(files: Callable[[str], CaseFile]) -> None:
    file = files("served")
    for given in (
        {"measures": [WARNING, fine("1000.01")]},
        {"measures": [WARNING, {**fine(), "detail": "全部门店"}]},
        {"facts": "另查明从业人员没有健康合格证明"},
        {"basis": "《公共场所卫生管理条例实施细则》第三十八条"},
    ):
        assert ("decide", HEARD) in broken(filled(file, "decide", **given))


def test_a_hearing_that_was_asked_for_in_vain(files: Callable[[str], CaseFile]) -> None:
    file = files("heard")
    assert ("reconsider", HEARD) in broken(without(file, "hold_hearing"))
    assert ("hold_hearing", HEARD) in broken(without(file, "serve_hearing"))


# -- proofs ----------------------------------------------------------------------------------------


def test_evidence_that_is_cited_and_not_registered(files: Callable[[str], CaseFile]) -> None:
    file = files("served")
    photo = [_as(one, title="照片") for one in file.book.kept(Evidence)]
    assert ("decide", PROVED) in broken(with_rows(file, Evidence, photo))


def test_a_device_that_nobody_else_looked_at(files: Callable[[str], CaseFile]) -> None:
    file = files("served")
    kept = list(file.book.kept(Evidence))
    name = kept[0].said["collectors"][0]["name"]
    for reviewers, found in (
        ({}, True),
        ({"法制审核": "甲legal", "技术审核": name}, True),
        ({"法制审核": "甲legal", "技术审核": "甲reviewer"}, False),
    ):
        device = _as(kept[0], origin="电子技术监控设备记录", reviewers=reviewers)
        now = with_rows(file, Evidence, [device, *kept[1:]])
        assert (("decide", PROVED) in broken(now)) is found, reviewers


def _as(one: Evidence, **said: Any) -> Any:
    return SimpleNamespace(
        n=one.n, log_seq=one.log_seq, withdrawn=False, digest=one.digest, said={**one.said, **said}
    )


def test_a_service_without_its_receipt(files: Callable[[str], CaseFile]) -> None:
    file = files("served")
    found = broken(with_rows(file, Attachment, []))
    assert {("serve_notice", PROVED), ("serve", PROVED)} <= found
    # One scan proves one service.
    [first, *_] = file.book.kept(Attachment)
    assert ("serve", PROVED) in broken(with_rows(file, Attachment, [first]))


# -- what falls ------------------------------------------------------------------------------------


def test_publicity_that_outlives_its_decision(files: Callable[[str], CaseFile]) -> None:
    file = files("urged")
    shown = [one for one in file.book.kept(Publication) if one.withdrawn_because is None]
    assert broken(with_rows(file, Publication, shown)) == {("change_by_reconsideration", FALLS)}


def test_a_repair_that_outlives_its_record(files: Callable[[str], CaseFile]) -> None:
    file = files("urged")
    file.session.execute(
        update(Case).where(Case.origin_id == file.book.case.id).values(ended_at=None)
    )
    assert broken(file) == {("change_by_reconsideration", FALLS)}


def test_pressing_for_what_has_fallen(files: Callable[[str], CaseFile]) -> None:
    file = files("urged")
    urged = row_of(file, "urge")
    log = [*(row for row in file.book.log if row is not urged), urged]
    found = broken(replace(file, book=replace(file.book, log=log)))
    assert ("urge", FALLS) in found


def test_a_licence_that_its_penalty_takes_still(town: Town) -> None:
    granted = town.granted()
    licence = town.relative(granted, "licence").number
    penalty = penalised(town, CANCELLING, address=town.case(granted).data["application"]["address"])
    town.take(licence, "cancel", "approver", taking(town, penalty))
    go(town, penalty, *_QUASHED)
    assert town.case(licence).state != "cancelled"
    assert breaks(town, penalty) == set()
    with town.session() as session:
        session.execute(update(Case).where(Case.number == licence).values(state="cancelled"))
        assert FALLS in {one for _, one in broken(Files(town, session).of(penalty))}
        session.rollback()


def test_a_revocation_that_falls_takes_its_repair_with_it(town: Town) -> None:
    granted = town.granted()
    check = check_to(town, granted, "revocation_served")
    repair = town.relative(granted, "repair").number
    follow(town, check, *_QUASHED)
    assert town.case(repair).state == "lapsed"
    assert breaks(town, check) == set()
    licence = town.relative(granted, "licence").number
    with town.session() as session:
        session.execute(update(Case).where(Case.number == licence).values(state="revoked"))
        assert FALLS in {one for _, one in broken(Files(town, session).of(check))}
        session.rollback()


# -- identity --------------------------------------------------------------------------------------


def test_a_certificate_that_names_who_the_grant_does_not(town: Town) -> None:
    granted = town.granted(address=address(1))
    change = journeys.change_of(town, granted)
    follow(town, change, ("submit", "applicant"), ("accept", "window"), ("reissue", "window"))
    assert breaks(town, change) == set()
    with town.session() as session:
        file = Files(town, session).of(change)
        case = file.book.case
        said = {"kind": "证书记载错误更正换发", "representative": "王五"}
        case.data = {**case.data, "application": {**case.data["application"], **said}}
        with session.no_autoflush:
            assert broken(file) == {("reissue", IDENTITY)}
        session.rollback()
