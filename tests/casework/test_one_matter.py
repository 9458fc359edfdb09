"""The joint matter through the one door: how it ends, and who answers for what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from casework.common.problems import BadInput, DocumentProblem, NotAllowed, StepNotOfState
from casework.models import Case, CaseClock, Notice
from tests.support.joint import context_of, due_days, papers_of, proved, refusal_of
from tests.support.journeys import ASKED, address, follow, joint_to
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
    papers = dict(papers_of(town, number)[-6:])
    assert papers == {
        "diagnosis_certificate": "苏卫放证字〔2026〕第320613-0001号",
        "diagnosis_duplicate": "苏卫放证字〔2026〕第320613-0001号",
        "safety_certificate": "苏环辐证[00001]",
        "safety_duplicate": "苏环辐证[00001]",
        "diagnosis_service_receipt": "2026-1",
        "safety_service_receipt": "2026-1",
    }
    licences = [town.relative(number, name) for name in ("diagnosis_licence", "safety_licence")]
    proved(town, number, *(case.number for case in licences))
    diagnosis, safety = (case.data["application"] for case in licences)
    assert diagnosis["verify_by"] == "2027-03-31"
    assert (safety["valid_until"], safety["report_by"]) == ("2031-08-31", "2027-01-31")
    owners = {case.authority_id for case in licences}
    assert len(owners) == 2
    assert licences[0].authority_id == town.case(number).authority_id


def test_each_authority_answers_in_its_own_name_and_numbers(town: Town) -> None:
    number = joint_to(town, "delivered_together", address(1))
    grants = [text for key, text in papers_of(town, number) if key == "radiation_grant"]
    assert grants == ["崇川卫放准〔2026〕1号", "崇川环辐准〔2026〕1号"]
    served = context_of(town, number, "safety_service_receipt")
    assert served["authority"]["name"] == "南通市崇川生态环境局"
    assert [one["title"] for one in served["documents"]] == [
        "准予行政许可决定书",
        "辐射安全许可证（正本）",
        "辐射安全许可证（副本）",
    ]
    certificate = context_of(town, number, "diagnosis_certificate")
    assert certificate["authority"]["name"] == "南通市崇川区卫生健康委员会"


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
        proved(town, number)

    def test_the_one_list_holds_what_both_asked_for(self, town: Town) -> None:
        number = town.file("one_matter", joint_application())
        follow(town, number, ("submit", "applicant"))
        town.time.pass_(hours=1)
        town.take(number, "check_health", "reviewer", ASKED)
        wanted = {"items": [{"material": "safety_rules", "what": "请盖章"}]}
        town.take(number, "check_eco", "eco", wanted)
        told = refusal_of(town, number, "accept", "window")
        assert told.startswith("department_asks")
        assert "放射工作人员名单" in told
        assert "辐射安全管理规章制度" in told
        told = refusal_of(town, number, "request_supplement", "window", ASKED)
        assert told.startswith("list_not_merged")
        assert "辐射安全管理规章制度" in told
        both = {"items": [*ASKED["items"], *wanted["items"]]}
        town.take(number, "request_supplement", "window", both)
        assert town.case(number).state == "awaiting_merged_supplement"
        town.time.pass_(hours=1)
        town.attach(number, "staff_list")
        assert refusal_of(town, number, "supply", "applicant").startswith("supplement_incomplete")
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
        told = refusal_of(town, number, "submit", "applicant")
        assert "第2台“DSA”用于介入放射学，由设区的市级卫生健康主管部门许可" in told
        assert "第3台“直线加速器”用于放射治疗，由省级卫生健康主管部门许可" in told
        assert "第4台“工业探伤机”属于Ⅱ类射线装置" in told
        assert "第1台" not in told

    def test_what_is_missing_is_named_for_both_departments(self, town: Town) -> None:
        opened = town.office.open_case("one_matter", joint_application(), town.people["applicant"])
        number = opened.number
        town.attach(number, "identity", "staff_list")
        follow(town, number, ("submit", "applicant"), ("check_health", "reviewer"))
        town.take(number, "check_eco", "eco", {})
        told = refusal_of(town, number, "accept", "window")
        assert told.startswith("materials_missing")
        assert "放射诊疗专业技术人员任职资格证书" in told
        assert "环境影响评价文件" in told
        assert "放射工作人员名单" not in told

    @pytest.mark.slow
    def test_one_joint_application_at_a_time(self, town: Town) -> None:
        first = town.joint()
        second = town.file("one_matter", joint_application())
        told = refusal_of(town, second, "submit", "applicant")
        assert first in told

    def test_a_district_whose_ecology_bureau_is_unknown(self, town: Town) -> None:
        with pytest.raises(BadInput, match="没有受理"):
            town.file("one_matter", joint_application(region="320612"))


@pytest.mark.slow
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
        assert refusal_of(town, number, "decide_health", "approver", PERMIT).startswith(
            "item_not_passed"
        )
        follow(town, number, ("refuse_health", "approver"), ("decide_eco", "eco_approver"))
        town.take(number, "make_certificates", "window")
        assert refusal_of(town, number, "deliver", "window", RECIPIENT).startswith("part_refused")
        town.take(number, "deliver_part", "window", RECIPIENT)
        assert town.case(number).state == "partial_refusal"
        keys = [key for key, _ in papers_of(town, number)]
        assert "diagnosis_certificate" not in keys
        assert keys[-3:] == ["safety_certificate", "safety_duplicate", "safety_service_receipt"]
        proved(town, number)

    def test_two_certificates_are_never_handed_over_one_by_one(self, town: Town) -> None:
        number = joint_to(town, "certs_ready", address(1))
        assert refusal_of(town, number, "deliver_part", "window", RECIPIENT).startswith(
            "hand_over_together"
        )
        told = refusal_of(
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
        assert refusal_of(town, number, "ask_to_hold", "applicant", wish).startswith(
            "hold_day_wrong"
        )
        wish = {"until": "2026-09-20", "reason": "等另一项"}
        town.take(number, "ask_to_hold", "applicant", wish)
        assert due_days(town, number)["delivery"] is None
        town.time.pass_(days=21)
        town.office.catch_up(town.case(number).id)
        assert town.case(number).state == "certs_ready"
        with town.session() as session:
            set_key(session, "one_matter.after_partial_refusal", value="deliver_alone")
        wish = {"until": "2026-10-20", "reason": "再等等"}
        assert refusal_of(town, number, "ask_to_hold", "applicant", wish).startswith("no_holding")
        proved(town, number)

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
        proved(town, number)

    def test_what_is_decided_in_part_is_neither_withdrawn_nor_parted(self, town: Town) -> None:
        number = joint_to(town, "eco_granted", address(1))
        why = {"reason": "不再开展"}
        for step in ("withdraw", "drop_health", "drop_eco"):
            assert refusal_of(town, number, step, "applicant", why).startswith("partly_decided")
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
        proved(town, other)

    def test_what_has_passed_goes_on_alone_from_there(self, town: Town) -> None:
        number = joint_to(town, "health_passed", address(1))
        town.take(number, "drop_eco", "applicant", {"reason": "辐射安全许可由市级办理"})
        single = town.relative(number, "single_health")
        assert single.state == "passed"
        follow(town, single.number, ("decide_health", "approver"), ("deliver", "window"))
        proved(town, number, single.number)

    def test_a_certificate_that_lacks_a_field_is_not_made_and_nothing_is_lost(
        self, town: Town
    ) -> None:
        number = joint_to(town, "decided", address(1))
        safety = town.relative(number, "safety_licence")
        said = dict(safety.data["application"])
        before = papers_of(town, number)

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
        assert papers_of(town, number) == before
        assert "make_certificates" not in case.data
        store(said)
        town.take(number, "make_certificates", "window")
        # The attempt that failed has used up no number.
        assert dict(papers_of(town, number))["safety_certificate"] == "苏环辐证[00001]"
        proved(town, number)

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
        assert due_days(town, single.number)["decision"] == date(2026, 9, 29)
        follow(
            town,
            single.number,
            (f"pass_{item}", reviewer),
            (f"decide_{item}", approver),
            ("deliver", desk),
        )
        assert town.case(single.number).state == "delivered"
        served = papers_of(town, single.number)[-1][0]
        receipt = context_of(town, single.number, served)
        name = {"health": "放射诊疗许可证", "eco": "辐射安全许可证"}[item]
        assert [one["title"] for one in receipt["documents"]] == [
            "准予行政许可决定书",
            f"{name}（正本）",
            f"{name}（副本）",
        ]
        told = context_of(town, number, "conversion_notice")["parted"]
        labels = {"health": "放射诊疗许可", "eco": "辐射安全许可"}
        assert told == {
            "item": labels.pop(item),
            "dropped": labels.popitem()[1],
            "number": single.number,
            "authority": receipt["authority"]["name"],
            "due": "2026-09-29",
        }
        proved(town, number, single.number)
