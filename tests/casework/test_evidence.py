"""The evidence register: what is kept, from whom, and that nothing in it is replaced silently."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from casework.audit.proof import verify_database
from casework.common.database import engine_for
from casework.common.problems import (
    BadInput,
    GuardRefused,
    NotAllowed,
    NotFound,
    StaleVersion,
    StepNotOfState,
    TooLarge,
)
from casework.models import Case, Evidence
from casework.parts.evidence import entering as evidence
from casework.parts.evidence.register import is_called, register_digest, rows_of
from casework.rules.versions import VersionCache
from tests.support.journeys import OFFICERS, address, check_to, follow, usual
from tests.support.people import second_account, set_post
from tests.support.refusals import refused
from tests.support.signed import png
from tests.support.town import NOTICE, Town, review

pytestmark = pytest.mark.slow

PHOTO = ("现场照片.png", png())


def item(**changes: Any) -> dict[str, Any]:
    """A photograph that two officers took."""
    return {
        "kind": "视听资料",
        "title": "洗消间现场照片",
        "origin": "执法人员收集、调取",
        "collectors": ["inspector1", "inspector2"],
        "collected_on": "2026-09-01",
        "place": "南通滨江宾馆洗消间",
        "proves": "洗消间没有消毒设施",
        "storage": "本机关证据室 3 号柜",
        **changes,
    }


def newer(replaces: int = 1, **changes: Any) -> dict[str, Any]:
    """A later version of it."""
    return {**item(), "replaces": replaces, "reason": "原照片不清晰，提取原始文件", **changes}


def check(town: Town, state: str = "assigned", where: int = 1) -> str:
    """A check taken to a state."""
    return check_to(town, town.granted(address=address(where)), state)


def add(town: Town, number: str, file: Any = PHOTO, by: str = "inspector1", **changes: Any) -> Any:
    """Enter an item."""
    return evidence.add(town.office, town.people[by], number, item(**changes), file)


def sound(town: Town) -> bool:
    """Whether the whole database verifies."""
    with town.session() as session:
        return verify_database(session, VersionCache()).faults == ()


def test_an_item_is_kept_with_all_that_the_law_asks_of_it(town: Town) -> None:
    number = check(town)
    before = town.case(number)
    kept = add(town, number)
    assert (kept.n, kept.version, kept.withdrawn) == (1, 1, False)
    assert kept.filename == "现场照片.png"
    assert kept.said["collectors"] == [
        {"account": name, "name": f"甲{name}", "certificate": _certificate(town, name)}
        for name in ("inspector1", "inspector2")
    ]
    assert kept.said["proves"] == "洗消间没有消毒设施"
    after = town.case(number)
    # Whoever decides must have seen it: what was opened before is out of date now.
    assert (after.version, after.state) == (before.version + 1, before.state)
    assert after.head_seq == before.head_seq + 1
    assert sound(town)


def test_a_later_version_and_a_withdrawal_leave_the_former_ones_standing(town: Town) -> None:
    number = check(town)
    add(town, number)
    officer = town.people["inspector1"]
    better = ("原始照片.png", PHOTO[1] + b"x")
    second = evidence.replace(town.office, officer, number, 1, newer(), better)
    assert (second.n, second.version) == (1, 2)
    given = {"replaces": 2, "reason": "与本案无关"}
    third = evidence.withdraw(town.office, officer, number, 1, given)
    assert (third.n, third.version, third.withdrawn) == (1, 3, True)
    with town.session() as session:
        rows = rows_of(session, town.case(number).id)
        assert [(r.n, r.version, r.said["reason"]) for r in rows] == [
            (1, 1, ""),
            (1, 2, "原照片不清晰，提取原始文件"),
            (1, 3, "与本案无关"),
        ]
        assert len({r.digest for r in rows[:2]}) == 2
    refused(town, BadInput, lambda: evidence.withdraw(town.office, officer, number, 1, given))
    assert add(town, number).n == 2
    assert sound(town)


def test_two_who_replace_one_version_do_not_both_win(town: Town) -> None:
    number = check(town)
    add(town, number)
    officer = town.people["inspector2"]
    evidence.replace(town.office, officer, number, 1, newer(), PHOTO)
    refused(
        town,
        StaleVersion,
        lambda: evidence.replace(town.office, officer, number, 1, newer(), PHOTO),
    )


@pytest.mark.parametrize(
    ("changes", "file", "code", "law"),
    [
        ({"collectors": ["inspector1"]}, PHOTO, "two_officers", "第四十二条"),
        ({"collectors": ["inspector1", "window_b"]}, PHOTO, "certificate_invalid", "第四十二条"),
        ({"collectors": ["inspector1", "nobody"]}, PHOTO, "certificate_invalid", "第四十二条"),
        ({"collected_on": "2026-09-02"}, PHOTO, "collected_later", "第四十六条"),
        ({"kind": "物证"}, None, "evidence_without_substance", "第四十六条"),
    ],
)
def test_what_the_law_does_not_take_as_evidence_is_refused(
    module_town: Town, changes: dict[str, Any], file: Any, code: str, law: str
) -> None:
    number = _shared(module_town)
    refused(
        module_town,
        GuardRefused,
        lambda: add(module_town, number, file, **changes),
        code=code,
        law=law,
    )


@pytest.mark.parametrize(
    ("changes", "file"),
    [
        ({"kind": "传闻"}, PHOTO),
        ({"collected_on": "昨天"}, PHOTO),
        ({"title": ""}, PHOTO),
        ({"unknown": 1}, PHOTO),
        ({"item": 3}, PHOTO),
        ({}, ("照片.exe", PHOTO[1])),
        ({}, ("照片.pdf", PHOTO[1])),
        ({}, ("照片.png", b"")),
    ],
)
def test_what_is_filled_in_wrongly_is_told_and_leaves_nothing(
    module_town: Town, changes: dict[str, Any], file: Any
) -> None:
    number = _shared(module_town)
    refused(module_town, BadInput, lambda: add(module_town, number, file, **changes))


def test_a_file_too_large_is_refused(module_town: Town) -> None:
    large = ("照片.png", PHOTO[1].ljust(10 * 1024 * 1024 + 1, b"\0"))
    refused(module_town, TooLarge, lambda: add(module_town, _shared(module_town), large))


@pytest.mark.parametrize(
    ("by", "problem"),
    [
        ("supervisor", NotAllowed),
        ("legal", NotAllowed),
        ("applicant", NotAllowed),
        ("applicant2", NotFound),
        ("inspector1_b", NotFound),
    ],
)
def test_only_officers_of_the_authority_enter_evidence(
    module_town: Town, by: str, problem: Any
) -> None:
    number = _shared(module_town)
    refused(module_town, problem, lambda: add(module_town, number, by=by))


def test_an_application_has_no_evidence_register(module_town: Town) -> None:
    number = module_town.apply(address=address(70))
    module_town.attach(number)
    module_town.take(number, "submit", "applicant")
    refused(module_town, BadInput, lambda: add(module_town, number))


def test_a_closed_case_takes_no_more_evidence(module_town: Town) -> None:
    number = check(module_town, "closed", 71)
    refused(module_town, BadInput, lambda: add(module_town, number))


def test_a_thing_is_described_and_one_officer_receives_what_the_party_hands_in(
    module_town: Town,
) -> None:
    thing = add(
        module_town,
        _shared(module_town),
        None,
        kind="物证",
        origin="当事人提交",
        collectors=["inspector1"],
        description="塑料桶一只，白色，无标签",
    )
    assert thing.digest is None
    assert thing.said["description"] == "塑料桶一只，白色，无标签"


@pytest.mark.parametrize(
    ("expires", "holds"), [(date(2026, 8, 31), False), (date(2026, 9, 1), True)]
)
def test_a_certificate_must_hold_on_the_day_of_collecting(
    town: Town, expires: date, *, holds: bool
) -> None:
    number = check(town)
    set_post(town, "inspector2", certificate_expires=expires)
    if holds:
        assert add(town, number).n == 1
    else:
        refused(town, GuardRefused, lambda: add(town, number), code="certificate_invalid")


def test_a_second_account_is_no_second_officer(town: Town) -> None:
    number = check(town)
    second_account(town, "inspector1")
    two_names = {"collectors": ["inspector1", "inspector1_again"]}
    refused(town, GuardRefused, lambda: add(town, number, **two_names), code="two_officers")


def test_sending_it_again_enters_it_once(town: Town) -> None:
    number = check(town)
    office, officer = town.office, town.people["inspector1"]
    first = evidence.add(office, officer, number, item(), PHOTO, key="k1")
    again = evidence.add(office, officer, number, item(), PHOTO, key="k1")
    assert (first.n, first.version) == (again.n, again.version) == (1, 1)
    with town.session() as session:
        assert len(rows_of(session, town.case(number).id)) == 1


# -- what a legal review saw -----------------------------------------------------------------------


def _passed(town: Town) -> str:
    number = check(town, "broken")
    add(town, number)
    _told_and_passed(town, number)
    return number


def _told_and_passed(town: Town, number: str) -> None:
    """What is in the register by now is told to the party, and reviewed."""
    follow(
        town,
        number,
        ("notify_revocation", "inspector1+inspector2"),
        ("serve_notice", "inspector1"),
        ("waive_defence", "applicant"),
        ("waive_hearing", "applicant"),
        ("submit_review", "inspector1"),
        ("pass_review", "legal"),
    )


def _revoke(town: Town, number: str) -> Any:
    return town.take(number, "revoke", "approver", NOTICE)


@pytest.mark.parametrize("change", ["add", "replace", "withdraw", "record"])
def test_evidence_that_changes_after_the_review_voids_its_pass(town: Town, change: str) -> None:
    number = _passed(town)
    officer = town.people["inspector1"]
    if change == "add":
        add(town, number, title="补充照片")
    elif change == "replace":
        evidence.replace(town.office, officer, number, 1, newer(), PHOTO)
    elif change == "withdraw":
        given = {"replaces": 1, "reason": "来源不明"}
        evidence.withdraw(town.office, officer, number, 1, given)
    else:
        follow(town, number, ("submit_review", "inspector1"), ("return_review", "legal"))
        follow(town, number, ("record_scene", OFFICERS), ("submit_review", "inspector1"))
        refused(town, StepNotOfState, lambda: _revoke(town, number))
        follow(town, number, ("pass_review", "legal"))
        add(town, number)
    also = () if change == "withdraw" else ("evidence_not_told",)
    problem = refused(
        town, GuardRefused, lambda: _revoke(town, number), code="evidence_changed", also=also
    )
    assert "须重新送法制审核" in problem.detail
    with town.session() as session:
        case = session.scalars(select(Case).where(Case.number == number)).one()
        verdicts = town.office.verdicts(session, case, town.people["approver"])
        shown = next(v for v in verdicts if v.step.name == "revoke")
        # Said before anything is filled in.
        assert "evidence_changed" in {reason.code for reason in shown.reasons}
    _told_and_passed(town, number)
    assert _revoke(town, number).state == "revoked"
    assert sound(town)


def test_evidence_that_stays_as_reviewed_stands_in_nobodys_way(town: Town) -> None:
    assert _revoke(town, _passed(town)).state == "revoked"


def test_a_reviewer_who_did_not_see_the_newest_item_does_not_pass_it(town: Town) -> None:
    number = check(town, "legal_review")
    seen = town.case(number).version
    add(town, number)
    refused(
        town,
        StaleVersion,
        lambda: town.office.advance(
            number, "pass_review", review(), town.people["legal"], version=seen
        ),
    )


def test_the_digest_tells_every_state_of_the_register_apart(town: Town) -> None:
    number = check(town)
    case, digests = town.case(number).id, []

    def look() -> None:
        with town.session() as session:
            digests.append(register_digest(session, case))

    look()
    add(town, number)
    look()
    evidence.replace(
        town.office, town.people["inspector1"], number, 1, newer(proves="另一事实"), PHOTO
    )
    look()
    given = {"replaces": 2, "reason": "撤回"}
    evidence.withdraw(town.office, town.people["inspector1"], number, 1, given)
    look()
    assert len(set(digests)) == 4
    with town.session() as session:
        seqs = [row.log_seq for row in rows_of(session, case)]
        as_of = [register_digest(session, case, seq) for seq in (seqs[0] - 1, *seqs)]
    assert as_of == digests


# -- records ---------------------------------------------------------------------------------------


def test_records_are_kept_in_the_register_by_themselves(town: Town) -> None:
    number = check(town)
    follow(town, number, ("record_scene", OFFICERS), ("record_interview", OFFICERS))
    with town.session() as session:
        rows = rows_of(session, town.case(number).id)
        assert [(r.n, r.said["kind"], r.said["title"], r.document) for r in rows] == [
            (1, "勘验笔录、现场笔录", "现场笔录", "scene_record"),
            (2, "视听资料", "现场检查音像记录", None),
            (3, "当事人陈述", "询问笔录", "interview_record"),
        ]
        assert rows[1].said["storage"] == usual("commitment_check", "record_scene")["video"]
        assert [c["name"] for c in rows[0].said["collectors"]] == ["甲inspector1", "甲inspector2"]
    assert sound(town)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"signing": "拒绝签名或者盖章"}, "not_signed_without_reason"),
        (
            {"signing": "拒绝签名或者盖章", "not_signed_because": "对内容有异议", "video": ""},
            "not_signed_without_witness",
        ),
        (
            {"signing": "当事人不到场", "not_signed_because": "通知后未到"},
            "absent_without_witness",
        ),
        ({"begun": "15:00", "ended": "14:30"}, "record_times_wrong"),
        (
            {
                "corrections": [
                    {"place": "第1页第3行", "before": "三", "after": "五", "initialled": False}
                ]
            },
            "correction_not_initialled",
        ),
    ],
)
def test_a_record_that_a_court_would_not_take_is_refused(
    module_town: Town, changes: dict[str, Any], code: str
) -> None:
    number = _shared(module_town)
    given = {**usual("commitment_check", "record_scene"), **changes}
    refused(
        module_town,
        GuardRefused,
        lambda: module_town.take(number, "record_scene", "inspector1", given),
        code=code,
    )


@pytest.mark.parametrize("name", ["certificates_shown", "rights_told"])
def test_who_was_not_told_his_rights_was_not_heard(module_town: Town, name: str) -> None:
    number = _shared(module_town)
    given = {**usual("commitment_check", "record_interview"), name: False}
    refused(
        module_town,
        BadInput,
        lambda: module_town.take(number, "record_interview", "inspector1", given),
    )


def test_a_refusal_to_sign_before_a_witness_is_a_record(town: Town) -> None:
    number = check(town)
    refusal = {
        "signing": "拒绝签名或者盖章",
        "not_signed_because": "称须先请示总部",
        "witness": "王建国，人民路社区，13800000009",
        "video": "",
    }
    given = {**usual("commitment_check", "record_scene"), **refusal}
    town.take(number, "record_scene", OFFICERS, given)
    with town.session() as session:
        assert [r.document for r in rows_of(session, town.case(number).id)] == ["scene_record"]


# -- nothing is changed unseen ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE evidence SET content = content || '\\x00' WHERE content IS NOT NULL",
        "UPDATE evidence SET content = ''::bytea, digest ="
        " encode(sha256(''::bytea), 'hex') WHERE content IS NOT NULL",
        "UPDATE evidence SET said = '{}'",
        "UPDATE evidence SET withdrawn = NOT withdrawn",
        "UPDATE evidence SET filename = 'x'",
        "UPDATE evidence SET n = n + 7",
        "DELETE FROM evidence",
        "INSERT INTO evidence (case_id, n, version, log_seq, case_version, withdrawn, said,"
        " recorded_at) SELECT case_id, 9, 1, log_seq, 1, false, said, now() FROM evidence LIMIT 1",
        "UPDATE attachment SET content = content || '\\x00'",
        "UPDATE attachment SET content = ''::bytea, digest = encode(sha256(''::bytea), 'hex')",
        "UPDATE attachment SET material = 'other'",
        "UPDATE attachment SET log_seq = NULL",
        "DELETE FROM attachment",
    ],
)
def test_a_changed_byte_of_a_file_is_found(module_town: Town, change: str) -> None:
    town = module_town
    if not _has_evidence(town):
        add(town, _shared(town))
    engine = engine_for(town.url, role=None)
    with engine.connect() as connection:
        connection.execute(text("ALTER TABLE attachment DROP CONSTRAINT ck_attachment_is_in_log"))
        connection.execute(text(change))
        with Session(connection) as session:
            assert verify_database(session, VersionCache()).faults != ()
        connection.rollback()
    engine.dispose()
    assert sound(town)


def _has_evidence(town: Town) -> bool:
    with town.session() as session:
        found = session.scalars(select(Evidence.id).where(Evidence.content.is_not(None)))
        return found.first() is not None


def _certificate(town: Town, name: str) -> str:
    return f"ZF-{town.people[name].person_id:05d}"


def _shared(town: Town) -> str:
    """A check of the town that the file shares; what is tried on it is refused."""
    with town.session() as session:
        found = session.scalars(
            select(Case.number).where(Case.process == "commitment_check", Case.state == "inspected")
        ).first()
    return found or check(town, "inspected", 72)


@pytest.mark.parametrize(
    ("title", "name", "called"),
    [
        ("现场照片三张", "现场照片", True),
        ("现场照片", "现场照片三张", True),
        ("ATP检测报告(2026-33号)", "ATP检测报告", True),
        ("户口簿", "户口簿", True),
        ("执行协议书(双方签章)", "书", False),
        ("现场照片三张", "照片", False),
        ("整改", "已经按要求整改", False),
        ("现场笔录", "现场笔录、询问笔录", False),
        ("现场笔录", "", False),
    ],
)
def test_an_item_is_cited_by_its_name_and_not_by_a_scrap(
    title: str, name: str, called: bool
) -> None:
    assert is_called(title, name) is called
