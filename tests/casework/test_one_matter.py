"""The joint matter through the one door: how it ends, and who answers for what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from casework.models import Case, CaseClock, Document, Notice
from casework.problems import (
    BadInput,
    DocumentProblem,
    GuardRefused,
    NotAllowed,
    Problem,
    StepNotOfState,
)
from casework.proof import verify_case
from casework.reading import case_view, log_view, steps_view
from casework.reading.papers import attachment_bytes
from casework.sweeps import send_reminders
from tests.support.journeys import ASKED, PAUSE, address, follow, joint_to
from tests.support.rules import set_key
from tests.support.town import (
    NOT_PERMITTED,
    PERMIT,
    Town,
    joint_application,
    machine,
    opinion,
)

RECIPIENT = {"recipient": "李敏"}


def _proved(town: Town, *numbers: str) -> None:
    with town.session() as session:
        for number in numbers:
            assert verify_case(session, town.case(number), town.office.versions) == []


def _papers(town: Town, number: str) -> list[tuple[str, str]]:
    with town.session() as session:
        rows = session.scalars(
            select(Document).where(Document.case_id == town.case(number).id).order_by(Document.id)
        )
        return [(row.key, row.number) for row in rows]


def _context(town: Town, number: str, key: str) -> Mapping[str, Any]:
    with town.session() as session:
        case = town.case(number).id
        row = session.scalars(select(Document).filter_by(case_id=case, key=key)).one()
        return row.context


def _due(town: Town, number: str) -> dict[str, date | None]:
    with town.session() as session:
        rows = session.scalars(select(CaseClock).where(CaseClock.case_id == town.case(number).id))
        return {row.name: row.due_on for row in rows}


def _refused(town: Town, number: str, step: str, by: str, given: Any = None) -> str:
    with pytest.raises(GuardRefused) as caught:
        town.take(number, step, by, given)
    return "；".join(f"{one['code']} {one['text']}" for one in caught.value.extra["reasons"])


@pytest.mark.parametrize("first", ["health", "eco"])
def test_both_certificates_are_delivered_together(town: Town, first: str) -> None:
    number = town.dispatched()
    by = {"health": "reviewer", "eco": "eco"}
    for item in (first, "eco" if first == "health" else "health"):
        assert town.case(number).state == "dispatched"
        town.take(number, f"pass_{item}", by[item], opinion())
    assert town.case(number).state == "both_passed"
    town.take(number, "decide_eco", "eco_approver", PERMIT)
    assert town.case(number).state == "both_passed"
    town.take(number, "decide_health", "approver", PERMIT)
    assert town.case(number).state == "decided"
    town.take(number, "make_certificates", "window")
    town.take(number, "deliver", "window", RECIPIENT)
    assert town.case(number).state == "delivered_together"
    papers = dict(_papers(town, number)[-6:])
    assert papers == {
        "diagnosis_certificate": "苏卫放证字〔2026〕第320613-0001号",
        "diagnosis_duplicate": "苏卫放证字〔2026〕第320613-0001号",
        "safety_certificate": "苏环辐证[00001]",
        "safety_duplicate": "苏环辐证[00001]",
        "diagnosis_service_receipt": "2026-1",
        "safety_service_receipt": "2026-1",
    }
    licences = [town.relative(number, name) for name in ("diagnosis_licence", "safety_licence")]
    _proved(town, number, *(case.number for case in licences))
    diagnosis, safety = (case.data["application"] for case in licences)
    assert diagnosis["verify_by"] == "2027-03-31"
    assert (safety["valid_until"], safety["report_by"]) == ("2031-08-31", "2027-01-31")
    owners = {case.authority_id for case in licences}
    assert len(owners) == 2
    assert licences[0].authority_id == town.case(number).authority_id


def test_each_authority_answers_in_its_own_name_and_numbers(town: Town) -> None:
    number = joint_to(town, "delivered_together", address(1))
    grants = [text for key, text in _papers(town, number) if key == "radiation_grant"]
    assert grants == ["崇川卫放准〔2026〕1号", "崇川环辐准〔2026〕1号"]
    served = _context(town, number, "safety_service_receipt")
    assert served["authority"]["name"] == "南通市崇川生态环境局"
    assert [one["title"] for one in served["documents"]] == [
        "准予许可决定书",
        "辐射安全许可证（正本）",
        "辐射安全许可证（副本）",
    ]
    certificate = _context(town, number, "diagnosis_certificate")
    assert certificate["authority"]["name"] == "南通市崇川区卫生健康委员会"


def test_the_limits_of_a_joint_matter(town: Town) -> None:
    """Filed on Tuesday 2026-09-01; Mid-Autumn and the National Day weeks are counted by hand."""
    number = town.dispatched()
    due = _due(town, number)
    assert due["promise"] == date(2026, 9, 8)
    assert due["health_statutory"] == date(2026, 9, 29)
    assert due["eco_statutory"] == date(2026, 9, 29)
    assert due["joint"] == date(2026, 11, 9)
    assert (due["health_inner"], due["eco_inner"]) == (date(2026, 9, 4), date(2026, 9, 4))


def test_a_broken_promise_is_told_to_both_leaders_and_is_no_breach_of_law(town: Town) -> None:
    number = town.dispatched()
    town.time.pass_(days=8)
    town.office.catch_up(town.case(number).id)
    with town.session() as session:
        rows = session.scalars(
            select(Notice).where(Notice.key.contains("/promise/")).order_by(Notice.id)
        ).all()
        told = {row.to_role: row.authority_id for row in rows}
        bodies = {row.body for row in rows}
    assert set(told) == {"approver", "eco_approver"}
    assert told["approver"] == town.case(number).authority_id != told["eco_approver"]
    assert all("承诺（内部）期限" in body for body in bodies)
    town.time.pass_(days=40)
    town.office.catch_up(town.case(number).id)
    with town.session() as session:
        breach = session.scalars(
            select(Notice).where(Notice.key.contains("/eco_statutory/"), Notice.kind == "breach")
        ).all()
    assert {row.to_role for row in breach} == {"supervisor", "eco_approver"}
    assert all("法定期限" in row.body for row in breach)
    with town.session() as session:
        log = log_view(town.office, session, town.people["window"], number)
    notes = {line.name: line.note for line in log if line.kind == "expiry"}
    assert "违反法定期限" in notes["eco_statutory"]
    assert "未按承诺（内部）期限办理" in notes["promise"]
    assert "违反法定期限" not in notes["promise"]
    _proved(town, number)


def test_an_inner_limit_is_told_to_the_leader_of_that_department_alone(town: Town) -> None:
    number = joint_to(town, "health_passed", address(1))
    town.time.pass_(days=4)
    town.office.catch_up(town.case(number).id)
    with town.session() as session:
        rows = session.scalars(
            select(Notice).where(Notice.case_id == town.case(number).id, Notice.kind == "breach")
        ).all()
    assert [(row.to_role, "“生态环境内部审查期限”" in row.body) for row in rows] == [
        ("eco_approver", True)
    ]


def test_a_joint_limit_that_is_broken_is_told_to_everybody_above(town: Town) -> None:
    number = joint_to(town, "both_passed", address(1))
    town.time.go_to(date(2026, 11, 10))
    town.office.catch_up(town.case(number).id)
    with town.session() as session:
        told = session.scalars(select(Notice.to_role).where(Notice.key.contains("/joint/"))).all()
    assert sorted(map(str, told)) == ["approver", "eco_approver", "supervisor"]


def test_a_certificate_is_not_kept_back_beyond_its_time(town: Town) -> None:
    """T5: decided on Tuesday 2026-09-01, to be served by the 15th."""
    number = joint_to(town, "certs_ready", address(1))
    assert _due(town, number)["delivery"] == date(2026, 9, 15)
    town.time.go_to(date(2026, 9, 16))
    town.office.catch_up(town.case(number).id)
    with town.session() as session:
        told = session.scalars(select(Notice.to_role).where(Notice.key.contains("/delivery/")))
        assert "supervisor" in told.all()


class TestPrecheck:
    def test_who_is_silent_has_accepted_its_part(self, town: Town) -> None:
        number = town.file("one_matter", joint_application())
        town.take(number, "submit", "applicant")
        town.take(number, "check_health", "reviewer", {})
        assert town.case(number).state == "submitted"
        town.time.pass_(days=2)
        town.office.catch_up(town.case(number).id)
        assert town.case(number).state == "precheck"
        town.take(number, "accept", "window")

    def test_nobody_answers_and_it_is_accepted_by_law(self, town: Town) -> None:
        number = town.file("one_matter", joint_application())
        town.take(number, "submit", "applicant")
        town.time.pass_(days=10)
        town.office.catch_up(town.case(number).id)
        case = town.case(number)
        assert case.state == "accepted"
        with town.session() as session:
            runs = session.scalars(select(CaseClock).filter_by(case_id=case.id, name="joint"))
            assert runs.one().started_at.date() == date(2026, 9, 1)
        _proved(town, number)

    def test_the_one_list_holds_what_both_asked_for(self, town: Town) -> None:
        number = town.file("one_matter", joint_application())
        follow(town, number, ("submit", "applicant"))
        town.time.pass_(hours=1)
        town.take(number, "check_health", "reviewer", ASKED)
        wanted = {"items": [{"material": "safety_rules", "what": "请盖章"}]}
        town.take(number, "check_eco", "eco", wanted)
        told = _refused(town, number, "accept", "window")
        assert "放射工作人员名单" in told
        assert "辐射安全管理规章制度" in told
        told = _refused(town, number, "request_supplement", "window", ASKED)
        assert told.startswith("list_not_merged")
        assert "辐射安全管理规章制度" in told
        both = {"items": [*ASKED["items"], *wanted["items"]]}
        town.take(number, "request_supplement", "window", both)
        assert town.case(number).state == "awaiting_merged_supplement"
        town.time.pass_(hours=1)
        town.attach(number, "staff_list")
        assert _refused(town, number, "supply", "applicant").startswith("supplement_incomplete")
        town.attach(number, "safety_rules")
        town.take(number, "supply", "applicant")
        with pytest.raises(StepNotOfState):
            town.take(number, "request_supplement", "window", both)
        town.take(number, "accept", "window")

    def test_a_supplement_after_dispatch_is_too_late(self, town: Town) -> None:
        number = town.dispatched()
        with pytest.raises(StepNotOfState, match="一次性告知补正") as caught:
            town.take(number, "request_supplement", "window", ASKED)
        assert caught.value.law == "《行政许可法》第三十二条第一款第四项"
        with pytest.raises(StepNotOfState):
            town.take(number, "check_eco", "eco", ASKED)

    def test_equipment_out_of_scope_is_named_with_who_is_competent(self, town: Town) -> None:
        machines = [
            machine(),
            machine(name="DSA", use="介入放射学", device_class="Ⅱ类射线装置"),
            machine(name="直线加速器", use="放射治疗", device_class="Ⅰ类射线装置"),
            machine(name="工业探伤机", device_class="Ⅱ类射线装置"),
        ]
        number = town.file("one_matter", joint_application(equipment=machines))
        told = _refused(town, number, "submit", "applicant")
        assert "第2台“DSA”用于介入放射学，由设区的市级卫生健康主管部门许可" in told
        assert "第3台“直线加速器”用于放射治疗，由省级卫生健康主管部门许可" in told
        assert "第4台“工业探伤机”属于Ⅱ类射线装置" in told
        assert "第1台" not in told

    def test_one_joint_application_at_a_time(self, town: Town) -> None:
        first = town.joint()
        second = town.file("one_matter", joint_application())
        told = _refused(town, second, "submit", "applicant")
        assert first in told

    def test_a_district_whose_ecology_bureau_is_unknown(self, town: Town) -> None:
        with pytest.raises(BadInput, match="没有受理"):
            town.file("one_matter", joint_application(region="320612"))


class TestReview:
    def test_a_department_keeps_to_its_own_item(self, town: Town) -> None:
        number = town.dispatched()
        for step, by in (
            ("pass_eco", "reviewer"),
            ("pass_eco", "approver"),
            ("pass_health", "eco"),
            ("pass_health", "eco_approver"),
            ("extend_joint", "eco_approver"),
        ):
            with pytest.raises(NotAllowed):
                town.take(number, step, by, opinion())
        follow(town, number, ("pass_health", "reviewer"), ("pass_eco", "eco"))
        for step, by in (("decide_eco", "approver"), ("decide_health", "eco_approver")):
            with pytest.raises(NotAllowed):
                town.take(number, step, by, PERMIT)

    def test_one_item_fails_after_the_other_has_passed(self, town: Town) -> None:
        number = joint_to(town, "eco_passed", address(1))
        town.take(number, "fail_health", "reviewer", opinion("不符合"))
        assert town.case(number).state == "not_all_passed"
        assert _refused(town, number, "decide_health", "approver", PERMIT).startswith(
            "item_not_passed"
        )
        follow(town, number, ("refuse_health", "approver"), ("decide_eco", "eco_approver"))
        town.take(number, "make_certificates", "window")
        assert _refused(town, number, "deliver", "window", RECIPIENT).startswith("part_refused")
        town.take(number, "deliver_part", "window", RECIPIENT)
        assert town.case(number).state == "partial_refusal"
        keys = [key for key, _ in _papers(town, number)]
        assert "diagnosis_certificate" not in keys
        assert keys[-3:] == ["safety_certificate", "safety_duplicate", "safety_service_receipt"]
        _proved(town, number)

    def test_two_certificates_are_never_handed_over_one_by_one(self, town: Town) -> None:
        number = joint_to(town, "certs_ready", address(1))
        assert _refused(town, number, "deliver_part", "window", RECIPIENT).startswith(
            "hand_over_together"
        )
        told = _refused(
            town, number, "ask_to_hold", "applicant", {"until": "2026-09-20", "reason": "等待"}
        )
        assert told.startswith("nothing_to_wait_for")

    def test_a_certificate_is_held_only_if_the_rule_lets_it_be(self, town: Town) -> None:
        number = joint_to(town, "not_all_passed", address(1))
        follow(
            town,
            number,
            ("refuse_eco", "eco_approver"),
            ("decide_health", "approver"),
            ("make_certificates", "window"),
        )
        wish = {"until": "2027-09-20", "reason": "等另一项"}
        assert _refused(town, number, "ask_to_hold", "applicant", wish).startswith("hold_day")
        wish = {"until": "2026-09-20", "reason": "等另一项"}
        town.take(number, "ask_to_hold", "applicant", wish)
        assert _due(town, number)["delivery"] is None
        town.time.pass_(days=21)
        town.office.catch_up(town.case(number).id)
        assert town.case(number).state == "certs_ready"
        with town.session() as session:
            set_key(session, "one_matter.after_partial_refusal", value="deliver_alone")
        wish = {"until": "2026-10-20", "reason": "再等等"}
        assert _refused(town, number, "ask_to_hold", "applicant", wish).startswith("no_holding")
        _proved(town, number)

    def test_nothing_is_granted(self, town: Town) -> None:
        number = joint_to(town, "not_all_passed", address(1))
        town.take(number, "refuse_health", "approver", NOT_PERMITTED)
        town.take(number, "refuse_eco", "eco_approver", NOT_PERMITTED)
        assert town.case(number).state == "refused"
        with town.session() as session:
            family = session.scalars(
                select(Case.relation).where(Case.family_id == town.case(number).id)
            ).all()
        assert family == []

    def test_a_decision_without_what_it_allows_is_refused_whole(self, town: Town) -> None:
        number = joint_to(town, "both_passed", address(1))
        with pytest.raises(BadInput) as caught:
            town.take(number, "decide_eco", "eco_approver", {"note": "同意"})
        assert [error["field"] for error in caught.value.extra["errors"]] == ["scope"]
        assert town.case(number).tracks["eco_decision"] == "eco_undecided"

    def test_withdrawn_in_mid_review(self, town: Town) -> None:
        number = joint_to(town, "health_paused", address(1))
        town.take(number, "withdraw", "applicant", {"reason": "不再开展"})
        case = town.case(number)
        assert (case.state, case.tracks, case.next_due) == ("withdrawn", {}, None)
        with pytest.raises(StepNotOfState):
            town.take(number, "pass_eco", "eco", opinion())
        _proved(town, number)

    def test_what_is_decided_in_part_is_neither_withdrawn_nor_parted(self, town: Town) -> None:
        number = joint_to(town, "eco_granted", address(1))
        why = {"reason": "不再开展"}
        for step in ("withdraw", "drop_health", "drop_eco"):
            assert _refused(town, number, step, "applicant", why).startswith("partly_decided")
        other = joint_to(town, "not_all_passed", address(2))
        town.take(other, "withdraw", "applicant", why)
        assert town.case(other).state == "withdrawn"
        with town.session() as session:
            told = session.scalars(
                select(Notice.to_role).where(
                    Notice.case_id == town.case(other).id, Notice.subject.contains("撤回申请")
                )
            ).all()
        assert set(told) == {"window_clerk", "reviewer", "eco_reviewer"}
        _proved(town, other)

    def test_what_has_passed_goes_on_alone_from_there(self, town: Town) -> None:
        number = joint_to(town, "health_passed", address(1))
        town.take(number, "drop_eco", "applicant", {"reason": "辐射安全许可由市级办理"})
        single = town.relative(number, "single_health")
        assert single.state == "passed"
        follow(town, single.number, ("decide_health", "approver"), ("deliver", "window"))
        _proved(town, number, single.number)

    def test_a_certificate_that_lacks_a_field_is_not_made_and_nothing_is_lost(
        self, town: Town
    ) -> None:
        number = joint_to(town, "decided", address(1))
        safety = town.relative(number, "safety_licence")
        said = dict(safety.data["application"])
        before = _papers(town, number)

        def store(application: Mapping[str, Any]) -> None:
            with town.session() as session:
                case = session.get_one(Case, safety.id)
                case.data = {**case.data, "application": dict(application)}
                session.commit()

        store({name: text for name, text in said.items() if name != "representative"})
        with pytest.raises(DocumentProblem, match="representative"):
            town.take(number, "make_certificates", "window")
        case = town.case(number)
        assert case.state == "decided"
        assert _papers(town, number) == before
        assert "make_certificates" not in case.data
        store(said)
        town.take(number, "make_certificates", "window")
        # The attempt that failed has used up no number.
        assert dict(_papers(town, number))["safety_certificate"] == "苏环辐证[00001]"
        _proved(town, number)

    @pytest.mark.parametrize(
        ("drop", "goes_on", "reviewer", "approver", "desk"),
        [
            ("drop_health", "single_eco", "eco", "eco_approver", "eco"),
            ("drop_eco", "single_health", "reviewer", "approver", "window"),
        ],
    )
    def test_one_item_falls_away_and_the_other_goes_on_alone(
        self, town: Town, drop: str, goes_on: str, reviewer: str, approver: str, desk: str
    ) -> None:
        number = town.dispatched()
        town.time.pass_(days=1)
        town.take(number, drop, "applicant", {"reason": "属于上一级许可"})
        assert town.case(number).state == "converted_single"
        single = town.relative(number, goes_on)
        item = goes_on.removeprefix("single_")
        # The statutory limit goes on from the day on which the joint application was accepted.
        assert _due(town, single.number)["decision"] == date(2026, 9, 29)
        follow(
            town,
            single.number,
            (f"pass_{item}", reviewer),
            (f"decide_{item}", approver),
            ("deliver", desk),
        )
        assert town.case(single.number).state == "delivered"
        served = _papers(town, single.number)[-1][0]
        receipt = _context(town, single.number, served)
        name = {"health": "放射诊疗许可证", "eco": "辐射安全许可证"}[item]
        assert [one["title"] for one in receipt["documents"]] == [
            "准予许可决定书",
            f"{name}（正本）",
            f"{name}（副本）",
        ]
        told = _context(town, number, "conversion_notice")["parted"]
        labels = {"health": "放射诊疗许可", "eco": "辐射安全许可"}
        assert told == {
            "item": labels.pop(item),
            "dropped": labels.popitem()[1],
            "number": single.number,
            "authority": receipt["authority"]["name"],
            "due": "2026-09-29",
        }
        _proved(town, number, single.number)


class TestSight:
    def _seen(self, town: Town, number: str, by: str) -> tuple[set[str], set[str], set[str]]:
        with town.session() as session:
            view = case_view(town.office, session, town.people[by], number)
            steps = steps_view(town.office, session, town.people[by], number)
            log = log_view(town.office, session, town.people[by], number)
        return (
            {name for name in view.data if name.rpartition("_")[2] in ("health", "eco")},
            {item.key for item in view.materials},
            {step.name for step in steps} | {line.name for line in log},
        )

    def test_each_department_sees_its_own_part_and_what_is_shared(self, town: Town) -> None:
        number = joint_to(town, "health_passed", address(1))
        said, materials, steps = self._seen(town, number, "eco")
        assert said == {"check_eco"}
        assert {"environmental_record", "staff_list"} <= materials
        assert not {"staff_titles", "completion_acceptance"} & materials
        assert "pass_eco" in steps
        assert "pass_health" not in steps
        said, materials, steps = self._seen(town, number, "reviewer")
        assert said == {"check_health", "pass_health"}
        assert {"staff_titles", "staff_list"} <= materials
        assert not {"environmental_record", "safety_rules"} & materials
        assert "pass_eco" not in steps
        said, materials, _ = self._seen(town, number, "window")
        assert said == {"check_health", "check_eco", "pass_health"}
        assert {"staff_titles", "environmental_record"} <= materials

    def test_what_happened_since_a_version_is_told_though_rows_are_hidden(self, town: Town) -> None:
        number = joint_to(town, "health_passed", address(1))
        with town.session() as session:
            log = log_view(town.office, session, town.people["eco"], number)
        assert [(line.name, line.version) for line in log if line.kind == "step"] == [
            ("submit", 1),
            ("check_eco", 3),
            ("gather", 4),
            ("accept", 5),
            ("dispatch", 6),
        ]
        assert town.case(number).version == 7

    def test_papers_of_the_other_department_are_not_there(self, town: Town) -> None:
        number = joint_to(town, "both_passed", address(1))
        titles = {}
        for by in ("eco", "reviewer", "window", "applicant"):
            with town.session() as session:
                view = case_view(town.office, session, town.people[by], number)
            titles[by] = [paper.title for paper in view.documents]
        assert titles["eco"].count("审查意见书") == 1
        assert titles["reviewer"].count("审查意见书") == 1
        assert titles["window"].count("审查意见书") == 2
        assert "审查意见书" not in titles["applicant"]
        with town.session() as session:
            view = case_view(town.office, session, town.people["window"], number)
            file = next(m.files[0] for m in view.materials if m.key == "environmental_record")
            assert attachment_bytes(town.office, session, town.people["eco"], number, file.id)
            with pytest.raises(Problem):
                attachment_bytes(town.office, session, town.people["reviewer"], number, file.id)

    def test_limits_and_log_of_the_other_department_are_not_there(self, town: Town) -> None:
        number = town.dispatched()
        town.time.pass_(hours=1)
        town.take(number, "pause_health", "reviewer", PAUSE)
        town.time.pass_(days=90)
        town.office.catch_up(town.case(number).id)
        seen, logged, due, turn = {}, {}, {}, {}
        for by in ("eco", "eco_approver", "reviewer", "window", "applicant"):
            with town.session() as session:
                view = case_view(town.office, session, town.people[by], number)
                log = log_view(town.office, session, town.people[by], number)
            seen[by] = {clock.name for clock in view.clocks}
            logged[by] = {line.name for line in log if line.kind == "expiry"}
            due[by], turn[by] = view.due_on, view.whose_turn
            assert all(line.facts is None for line in log if not line.track) == (
                by not in ("window",)
            )
        for by in ("eco", "eco_approver"):
            assert not {name for name in seen[by] | logged[by] if name.startswith("health")}
            assert {"promise", "joint", "eco_inner", "eco_statutory"} <= seen[by]
            assert logged[by] == {"promise", "joint", "eco_inner", "eco_statutory"}
            assert turn[by] == ("生态环境审查员",)
        assert not {name for name in seen["reviewer"] if name.startswith("eco")}
        assert turn["reviewer"] == ("审查员",)
        assert {"health_statutory", "eco_statutory"} <= seen["window"] & seen["applicant"]
        assert {"health_technical", "eco_statutory"} <= logged["window"]
        assert turn["window"] == ("生态环境审查员", "审查员")
        assert due["window"] == town.case(number).due_on

    def test_the_case_that_another_authority_goes_on_with_is_not_named(self, town: Town) -> None:
        number = town.dispatched()
        town.take(number, "drop_eco", "applicant", {"reason": "改由市级办理"})
        single = town.relative(number, "single_health").number
        caused = {}
        for by in ("eco", "window"):
            with town.session() as session:
                log = log_view(town.office, session, town.people[by], number)
            caused[by] = "；".join(log[-1].caused)
        assert single in caused["window"]
        assert single not in caused["eco"]
        assert "转单办告知书" in caused["eco"]

    def test_the_bureau_does_not_see_other_cases_or_drafts(self, town: Town) -> None:
        hotel = town.committed()
        draft = town.file("one_matter", joint_application())
        for number in (hotel, draft):
            with town.session() as session, pytest.raises(Problem, match="没有编号"):
                case_view(town.office, session, town.people["eco"], number)


class TestAfterwards:
    def test_each_reminder_reaches_the_clinic_on_its_day(self, town: Town) -> None:
        number = joint_to(town, "delivered_together", address(1))
        for day, clock, due in (
            (date(2027, 1, 1), "year_report", "2027-01-31"),
            (date(2027, 1, 30), "verification", "2027-03-31"),
            (date(2027, 3, 1), "verification", "2027-03-31"),
        ):
            town.time.go_to(day)
            send_reminders(town.office)
            left = (date.fromisoformat(due) - day).days
            with town.session() as session:
                keys = session.scalars(
                    select(Notice.key).where(
                        Notice.kind == "reminder",
                        Notice.to_party_id == town.case(number).party_id,
                        Notice.key.contains(f"/{clock}/"),
                    )
                ).all()
            assert any(f"/{due}/{left}/party" in key for key in keys), keys

    def test_the_clinic_is_reminded_of_report_term_and_verification(self, town: Town) -> None:
        number = joint_to(town, "delivered_together", address(1))
        safety = town.relative(number, "safety_licence").number
        town.time.go_to(date(2027, 2, 1))
        town.office.catch_up(town.case(safety).id)
        assert town.case(safety).state == "report_overdue"
        town.take(safety, "report", "applicant", {"year": 2026, "summary": "运行正常"})
        case = town.case(safety)
        assert case.state == "valid"
        assert case.data["application"]["report_by"] == "2028-01-31"
        assert _due(town, safety)["validity"] == date(2031, 8, 31)
        diagnosis = town.relative(number, "diagnosis_licence").number
        town.time.go_to(date(2027, 4, 1))
        town.office.catch_up(town.case(diagnosis).id)
        assert town.case(diagnosis).state == "unverified"
        passed = {"result": "合格", "next_due": "2028-03-31"}
        town.take(diagnosis, "pass_verification", "window", passed)
        assert town.case(diagnosis).data["application"]["verify_by"] == "2028-03-31"
        _proved(town, number, safety, diagnosis)


def test_an_extension_says_its_new_last_day_and_is_given_while_the_limit_runs(town: Town) -> None:
    number = town.dispatched()
    town.take(number, "extend_eco", "eco_approver", {"reason": "需要补充监测"})
    assert _due(town, number)["eco_statutory"] == date(2026, 10, 19)
    assert _due(town, number)["health_statutory"] == date(2026, 9, 29)
    letter = _context(town, number, "item_extension_notice")
    assert (letter["extended"]["by"], letter["extended"]["due"]) == ("十个工作日", "2026-10-19")
    follow(town, number, ("pause_health", "reviewer"), ("pause_eco", "eco"))
    told = {"approved_by": "副区长", "approved_on": "2026-09-01", "reason": "会商"}
    assert _refused(town, number, "extend_joint", "approver", told).startswith("limit_stopped")
    town.time.pass_(days=1)
    town.take(number, "resume_eco", "eco")
    town.take(number, "extend_joint", "approver", told)
    assert _context(town, number, "joint_extension_notice")["extended"]["by"] == "十五个工作日"


def test_pauses_are_told_in_writing_by_the_department(town: Town) -> None:
    number = town.dispatched()
    town.take(number, "pause_eco", "eco", PAUSE)
    letter = _context(town, number, "technical_review_notice")
    assert letter["authority"]["name"] == "南通市崇川生态环境局"
    assert letter["document"]["number"] == "崇川环辐技〔2026〕1号"
    assert letter["said"]["days"] == 10
