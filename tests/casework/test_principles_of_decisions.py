"""Qualifications, days, proofs, what falls: each broken on purpose in a lawful file is found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import update

from casework.acts.legal_dates import PERMITTED
from casework.audit.case_book import Row
from casework.audit.case_file import CaseFile
from casework.audit.principles import breaches
from casework.common.timekeeping import ZONE
from casework.models import Attachment, Case, Evidence, Party, Publication
from tests.support import journeys
from tests.support.case_files import (
    Files,
    breaks,
    broken,
    changed,
    filled,
    moved,
    row_of,
    with_rows,
    without,
)
from tests.support.exemptions import FIRM, HANDLERS
from tests.support.journeys import address, check_to, follow
from tests.support.licence_penalties import CANCELLING, penalised, taking
from tests.support.penalties import (
    CLOSURE,
    FAILED,
    GRAVE,
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
    number, said = open_lead(town), FAILED
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


def test_what_an_order_is_without(files: Callable[[str], CaseFile]) -> None:
    file = files("failed")
    for until, why in (
        ("2000-01-01", "责令改正通知书在改正期限届满后才送达"),
        ("2099-01-01", "改正期限还没有届满"),
    ):
        dated = filled(file, "order_correction", until=until)
        assert _texts(dated, QUALIFIED, "decide") == [f"认定“逾期不改正”，{why}"]


def _texts(file: CaseFile, principle: str, name: str) -> list[str]:
    """What a row of a step says that breaks a principle."""
    rows = {row.seq for row in file.rows if row.header["name"] == name}
    return [one.text for one in breaches(file) if one.principle == principle and one.seq in rows]


def test_a_repetition_that_nobody_recorded(town: Town) -> None:
    number = penalty_to(town, "decided")
    with town.session() as session:
        file = Files(town, session).of(number)
        assert broken(file) == set()
        assert broken(filled(file, "decide", aggravations=["屡教不改"])) == {("decide", QUALIFIED)}


def test_gravity_that_nobody_found_or_told(files: Callable[[str], CaseFile]) -> None:
    measures = [WARNING, CLOSURE]

    def wrong(told: str, decided: str) -> list[str]:
        file = filled(files("served"), "notify", measures=measures, gravity=told)
        file = filled(file, "decide", measures=measures, gravity=decided, publicity="serious")
        return _texts(file, QUALIFIED, "decide")

    assert wrong(GRAVE, GRAVE) == []
    assert wrong(GRAVE, " ") == ["按情节严重处罚，没有写明认定情节严重的事实和证据"]
    assert wrong(" ", GRAVE) == ["按情节严重处罚，事先告知时没有告知情节严重的事实"]


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


@pytest.mark.parametrize(("ground", "found"), [("违法行为轻微", True), ("违法事实不能成立", False)])
def test_a_punishment_of_what_was_let_off(
    files: Callable[[str], CaseFile], ground: str, found: bool
) -> None:
    first, file = files("served").book.case, files("waited")
    said = {"ground": ground, "facts": "毛巾未消毒", "reasons": "不予处罚"}
    kept = {name: value for name, value in first.data.items() if name != "decide"}
    let_off = update(Case).where(Case.id == first.id).values(data={**kept, "release": said})
    file.session.execute(let_off)
    same = {name: first.data["application"][name] for name in ("act_on", "found_on")}
    case = file.book.case
    case.data = {**case.data, "application": {**case.data["application"], **same}}
    with file.session.no_autoflush:
        texts = _texts(file, QUALIFIED, "decide")
    letting_off = f"同一违法行为已在{first.number}号案件决定不予处罚，再予处罚"
    assert texts == ([letting_off] if found else [])


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


def test_a_letter_that_was_served_before_it_was_made(files: Callable[[str], CaseFile]) -> None:
    file = files("served")
    at = datetime.fromisoformat(row_of(file, "decide").header["effective_at"])
    early = moved(file, "serve", effective_at=(at - timedelta(days=1)).isoformat())
    assert broken(early) == {("serve", DAYS)}


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


# -- what is told before and is no penalty ---------------------------------------------------------


_BEFORE = journeys.told_before("reviewer")
# The party asks for a hearing and withdraws that.
_TOLD_AND_ASKED = (
    *_BEFORE[:2],
    ("request_hearing", "applicant"),
    ("schedule_hearing", "reviewer"),
    ("withdraw_hearing", "applicant"),
    *_BEFORE[2:],
)


@pytest.fixture(scope="module")
def told(server: str, settled: Any) -> Iterator[tuple[Town, str]]:
    """A licence that was withdrawn after a notice, a hearing that the party asked for, and a legal
    review."""
    with fresh_town(server, settled) as town:
        licence = town.relative(town.granted(), "licence").number
        follow(town, licence, *_TOLD_AND_ASKED, ("withdraw_by_authority", "approver"))
        yield town, licence


def test_a_licence_that_is_withdrawn_unheard(told: tuple[Town, str]) -> None:
    town, licence = told
    step = "withdraw_by_authority"
    with town.session() as session:
        file = Files(town, session).of(licence)
        assert breaches(file) == []
        for unheard, principle, text in (
            (without(file, "give_prior_notice"), HEARD, "“撤回”前没有事先告知"),
            (without(file, "serve_prior_notice"), HEARD, "“撤回”前，事先告知书没有送达的记录"),
            (
                without(file, "withdraw_hearing"),
                HEARD,
                "“撤回”前，当事人要求的听证没有举行，也没有撤回",
            ),
            (without(file, "review_prior_notice"), HEARD, "“撤回”前没有通过法制审核"),
            (filled(file, step, facts="另有其事"), HEARD, "“撤回”的事实与事先告知的不同"),
            (filled(file, step, basis="另有其法"), HEARD, "“撤回”的依据与事先告知的不同"),
            (
                without(file, "waive_prior_notice"),
                TIME,
                "“撤回”时，事先告知后陈述申辩的期限尚未届满，当事人也没有放弃",
            ),
        ):
            assert _texts(unheard, principle, step) == [text]


def test_a_service_of_another_notice(told: tuple[Town, str]) -> None:
    town, licence = told

    def of_another(row: Row) -> Row:
        if row.header["name"] != "serve_prior_notice":
            return row
        payload = deepcopy(row.payload)
        for kept in payload["caused"]["registered"]:
            for receipt in kept["entries"]["prior"]["receipts"]:
                for paper in receipt["documents"]:
                    paper["seq"] = 1
        return replace(row, payload=payload)

    with town.session() as session:
        file = changed(Files(town, session).of(licence), of_another)
        assert _texts(file, HEARD, "withdraw_by_authority") == [
            "“撤回”前，事先告知书没有送达的记录"
        ]


def test_an_answer_that_no_review_has_seen(told: tuple[Town, str]) -> None:
    town, licence = told
    with town.session() as session:
        file = Files(town, session).of(licence)
        review = row_of(file, "review_prior_notice")
        header = {**review.header, "name": "answer_prior_notice"}
        log = list(file.book.log)
        log.insert(log.index(review) + 1, replace(review, header=header))
        file = replace(file, book=replace(file.book, log=log))
        assert _texts(file, HEARD, "withdraw_by_authority") == ["“撤回”前没有通过法制审核"]


def test_a_record_of_false_material_before_the_party_had_its_time(town: Town) -> None:
    repair = journeys.repair_to(town, town.granted(), "applied")
    before = journeys.told_before("credit")
    follow(town, repair, *before, ("find_false_material", "approver"))
    with town.session() as session:
        file = Files(town, session).of(repair)
        assert broken(file) == set()
        step = "find_false_material"
        assert broken(without(file, "waive_prior_notice")) == {(step, TIME)}
        assert broken(without(file, "give_prior_notice")) == {(step, HEARD)}


def test_an_entry_that_is_struck_off_for_misuse_unheard(town: Town) -> None:
    licence = town.relative(town.granted(), "licence").number
    town.attach(licence, "ending_proof", by="approver")
    misused = {"ground": "涂改、转让、倒卖有效卫生许可证", "reason": "转让他人使用"}
    decided = (("decide_ending", "approver"), ("serve_ending", "reviewer"))
    follow(town, licence, *_TOLD_AND_ASKED, *decided)
    follow(town, licence, ("deregister", "approver"), deregister=misused)
    with town.session() as session:
        file = Files(town, session).of(licence)
        assert broken(file) == set()
        both = ("decide_ending", "deregister")
        assert broken(without(file, "give_prior_notice")) == {(step, HEARD) for step in both}
        assert broken(without(file, "waive_prior_notice")) == {(step, TIME) for step in both}
        assert broken(without(file, "withdraw_hearing")) == {(step, HEARD) for step in both}
        # Whoever asks for it has no need to be told.
        asked = without(filled(file, "deregister", ground="被许可人申请注销"), "decide_ending")
        assert broken(without(asked, "give_prior_notice")) == set()


# -- proofs ----------------------------------------------------------------------------------------


def test_evidence_that_is_cited_and_not_registered(files: Callable[[str], CaseFile]) -> None:
    file = files("served")
    photo = [_as(one, title="照片") for one in file.book.kept(Evidence)]
    assert ("decide", PROVED) in broken(with_rows(file, Evidence, photo))


def test_a_decision_without_any_record(files: Callable[[str], CaseFile]) -> None:
    file = files("served")
    said = ["“作出行政处罚决定”时没有登记现场笔录、询问笔录等记录"]
    kept = file.book.kept(Evidence)
    written = [_as(one, kind="书证") for one in kept]
    assert _texts(with_rows(file, Evidence, written), PROVED, "decide") == said
    # A record that is named and not kept is none.
    named = [_as(one) for one in kept]
    for one in named:
        one.digest = None
    assert _texts(with_rows(file, Evidence, named), PROVED, "decide") == said


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


def test_an_electronic_service_that_did_not_arrive(files: Callable[[str], CaseFile]) -> None:
    file = files("served")

    def by_mail(row: Row) -> Row:
        if row.header["name"] != "serve":
            return row
        payload = deepcopy(row.payload)
        for kept in payload["caused"]["registered"]:
            for receipt in kept["entries"]["decision"]["receipts"]:
                receipt.update(way="电子送达", arrival=arrival)
        return replace(row, payload=payload)

    arrival: dict[str, Any] = {}
    found = _texts(changed(file, by_mail), PROVED, "serve")
    assert [text.endswith("没有系统发送并到达的记录") for text in found] == [True]
    arrival = {"receipt": "R-1"}
    assert _texts(changed(file, by_mail), PROVED, "serve") == []


# -- what falls ------------------------------------------------------------------------------------


def test_publicity_that_outlives_its_decision(files: Callable[[str], CaseFile]) -> None:
    file = files("urged")
    shown = [one for one in file.book.kept(Publication) if one.withdrawn_because is None]
    assert broken(with_rows(file, Publication, shown)) == {("change_by_reconsideration", FALLS)}


def test_publicity_of_what_was_found_unlawful(town: Town) -> None:
    number = penalty_to(town, "served")
    varying = (("file_reconsideration", "legal"), ("vary_by_reconsideration", "legal"))
    unlawful = {"result": "确认违法（不撤销）", "measures": []}
    go(town, number, *varying, vary_by_reconsideration=unlawful)
    with town.session() as session:
        file = Files(town, session).of(number)
        assert breaches(file) == []
        shown = [one for one in file.book.kept(Publication) if one.withdrawn_because is None]
        still = with_rows(file, Publication, shown)
        assert broken(still) == {("vary_by_reconsideration", FALLS)}
        assert _texts(still, FALLS, "vary_by_reconsideration") == [
            "决定已被确认违法，对它的公示没有撤回"
        ]


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


def test_a_licence_that_its_penalty_takes_no_more(town: Town) -> None:
    granted = town.granted()
    licence = town.relative(granted, "licence").number
    penalty = penalised(town, CANCELLING, address=town.case(granted).data["application"]["address"])
    town.take(licence, "cancel", "approver", taking(town, penalty))
    milder = {
        "measures": [WARNING, fine("500.00")],
        "publicity": "minor",
        "heavier_because": "以较轻的处罚种类替代较重的种类",
    }
    varying = (("file_reconsideration", "legal"), ("vary_by_reconsideration", "legal"))
    go(town, penalty, *varying, vary_by_reconsideration=milder)
    assert town.case(licence).state != "cancelled"
    assert breaks(town, penalty) == set()
    with town.session() as session:
        session.execute(update(Case).where(Case.number == licence).values(state="cancelled"))
        assert broken(Files(town, session).of(penalty)) == {("vary_by_reconsideration", FALLS)}
        session.rollback()


def test_what_was_filed_nationally_of_a_record_that_fell(town: Town) -> None:
    town.time.instant = datetime(2026, 4, 1, 9, 0, tzinfo=ZONE)
    number = penalty_to(town, "paid")
    go(town, number, ("look_again", "handler1+handler2"))  # what was ordered is put right (令36)
    town.time.pass_(days=3)
    repair = town.newest("credit_repair")
    town.office.catch_up(town.case(repair).id)
    follow(town, repair, ("file_nationally", "applicant"))
    national = town.newest("national_repair")
    go(town, number, *_QUASHED)
    assert town.case(national).state == "lapsed"
    assert breaks(town, number) == set()
    with town.session() as session:
        session.execute(update(Case).where(Case.number == national).values(ended_at=None))
        assert broken(Files(town, session).of(number)) == {("change_by_reconsideration", FALLS)}
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


def test_a_certificate_that_is_corrected_after_a_lawful_change(town: Town) -> None:
    granted = town.granted()
    former, renamed = town.licence_of(granted)["place_name"], "南通江海宾馆有限公司"
    _rename(town, renamed)
    change = journeys.change_of(town, granted, kind="变更单位名称", place_name=renamed)
    follow(town, change, ("submit", "applicant"), ("accept", "window"), *journeys.PROMISING)
    follow(town, change, ("grant", "approver"), ("deliver", "window"))
    with town.session() as session:
        licence = session.get_one(Case, town.relative(granted, "licence").id)
        said = {**licence.data["application"], "place_name": "南通江海浴场"}
        licence.data = {**licence.data, "application": said}
    wrong = journeys.change_of(town, granted, kind="证书记载错误更正换发", place_name=renamed)
    follow(town, wrong, ("submit", "applicant"), ("accept", "window"), ("reissue", "window"))
    # What the firm is called since has no part in it.
    _rename(town, "南通远洋宾馆有限公司")
    assert breaks(town, wrong) == set()
    with town.session() as session:
        file = Files(town, session).of(wrong)
        case = file.book.case
        case.data = {**case.data, "application": {**case.data["application"], "place_name": former}}
        with session.no_autoflush:
            assert broken(file) == {("reissue", IDENTITY)}
        session.rollback()


def _rename(town: Town, name: str) -> None:
    with town.session() as session:
        session.execute(update(Party).where(Party.code == FIRM).values(name=name))
