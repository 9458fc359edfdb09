"""The first small offence: its doors and their conditions, its limits, its record and ledger."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from casework.audit.proof import verify_database
from casework.common.codes import doubts_about
from casework.common.problems import BadInput, GuardRefused, NotAllowed, NotFound
from casework.models import CaseClock, CreditEvent, Party, Publication
from casework.rules.versions import VersionCache
from tests.support.exemptions import (
    CORRECTED,
    FIRST,
    HANDLERS,
    INPUTS,
    MINOR,
    PROPOSAL,
    UNPROVEN,
    lead,
    open_lead,
    results,
)
from tests.support.journeys import exemption_to, follow
from tests.support.penalties import register
from tests.support.people import appoint
from tests.support.rules import set_key
from tests.support.town import Town

OTHER_FIRM = "91110000802100433B"


def against(town: Town, number: str, step: str, given: Any, by: str = "handler1") -> set[str]:
    """The codes of what stands against a step."""
    with pytest.raises(GuardRefused) as caught:
        town.take(number, step, by, given)
    assert all(reason["text"] for reason in caught.value.extra["reasons"])
    return {reason["code"] for reason in caught.value.extra["reasons"]}


def exempted_first(town: Town, **changes: Any) -> str:
    """A case exempted through the door `first`; its number."""
    number = open_lead(town, **changes)
    code = changes.get("violation", "GC012")
    follow(
        town,
        number,
        *CORRECTED,
        ("check_first", "handler1"),
        ("propose_exemption", "handler1"),
        ("exempt", "approver"),
        propose_exemption={**PROPOSAL, "violation": code},
    )
    return number


class TestOpening:
    def test_is_for_officers(self, town: Town) -> None:
        for who in ("applicant", "window", "approver", "legal"):
            with pytest.raises(NotAllowed, match="承办人、执法人员登记线索"):
                open_lead(town, by=who)

    @pytest.mark.parametrize("party", [None, "", "123", "91440300708461136X"])
    def test_is_against_a_party_that_is_registered(self, town: Town, party: str | None) -> None:
        with pytest.raises(BadInput, match="当事人"):
            town.office.open_case(
                "first_offence_exemption", lead(), town.people["handler1"], party=party
            )

    def test_names_a_violation_of_the_catalogue(self, town: Town) -> None:
        with pytest.raises(BadInput, match="案由库中没有“GC999”"):
            open_lead(town, violation="GC999")

    def test_is_not_for_an_officer_who_acts_for_the_party(self, town: Town) -> None:
        appoint(town, "applicant", "inspector")
        with pytest.raises(NotAllowed, match="回避"):
            open_lead(town, by="applicant")

    def test_party_does_not_learn_of_a_lead(self, town: Town) -> None:
        number = open_lead(town)
        for step in ("file", "report_correction"):
            with pytest.raises(NotFound):
                town.take(number, step, "applicant", {})
        follow(town, number, ("file", "handler1"), ("approve_filing", "approver"))
        with pytest.raises(NotAllowed):
            town.take(number, "investigate", "applicant", INPUTS["investigate"])


class TestFiling:
    def test_needs_two_certified_handlers(self, town: Town) -> None:
        number = open_lead(town)
        filing = INPUTS["file"]
        for named in (["handler1", "legal"], ["handler1", "nobody"]):
            given = {**filing, "handlers": named}
            assert against(town, number, "file", given) == {"certificate_invalid"}

    @pytest.mark.parametrize(
        ("changes", "barred"),
        [
            # Two years from 1 September 2024 end with 1 September 2026; found on that day or not.
            ({"act_on": "2024-09-01"}, False),
            ({"act_on": "2024-08-31"}, True),
            ({"act_on": "2023-01-01", "violation": "YL007"}, True),
            ({"act_on": "2023-01-01", "violation": "YL007", "harmed": True}, False),
            ({"act_on": "2021-08-31", "violation": "YL007", "harmed": True}, True),
            ({"act_on": "2024-08-31", "harmed": True}, True),
        ],
    )
    def test_limitation(self, town: Town, changes: dict[str, Any], barred: bool) -> None:
        number = open_lead(town, **{"found_on": "2026-09-01", **changes})
        if barred:
            assert against(town, number, "file", INPUTS["file"]) == {"time_barred"}
            spot = INPUTS["correct_on_the_spot"]
            assert against(town, number, "correct_on_the_spot", spot) == {"time_barred"}
            register(town, number, "旧监控录像")
            follow(
                town,
                number,
                ("refuse_filing", "approver"),
                refuse_filing={"ground": "已超过追责期限", "reason": "见旧监控录像"},
            )
        else:
            if changes.get("harmed"):
                register(town, number, "医院诊断证明")
            follow(town, number, ("file", "handler1"))

    @pytest.mark.parametrize(
        "changes", [{"found_on": "2026-09-02"}, {"act_on": "2026-09-01", "found_on": "2026-08-31"}]
    )
    def test_days_that_cannot_be(self, town: Town, changes: dict[str, str]) -> None:
        """Of a lead that was registered before its days were judged at the door."""
        number = open_lead(town)
        with town.session() as session:
            case = session.merge(town.case(number))
            case.data = {"application": {**case.data["application"], **changes}}
        assert against(town, number, "file", INPUTS["file"]) == {"lead_dates_wrong"}

    def test_who_proposed_it_does_not_approve_it(self, town: Town) -> None:
        appoint(town, "handler1", "approver")
        number = exemption_to(town, "filed")
        given = INPUTS["approve_filing"]
        assert against(town, number, "approve_filing", given) == {"separation_of_duties"}

    def test_seven_working_days_from_the_lead(self, town: Town) -> None:
        number = exemption_to(town, "filed")
        assert _due(town, number, "filing") == date(2026, 9, 10)


@pytest.mark.slow
class TestCorrection:
    def test_only_the_handlers_named_go_on(self, town: Town) -> None:
        number = exemption_to(town, "investigating")
        given = INPUTS["investigate"]
        assert against(town, number, "investigate", given, "inspector1") == {"not_assigned"}

    def test_facts_come_first(self, town: Town) -> None:
        number = exemption_to(town, "investigating")
        given = INPUTS["order_correction"]
        assert against(town, number, "order_correction", given) == {"not_investigated"}

    @pytest.mark.parametrize("until", ["2026-08-31", "2026-10-09"])
    def test_time_to_correct(self, town: Town, until: str) -> None:
        number = exemption_to(town, "investigating")
        follow(town, number, ("investigate", HANDLERS))
        given = {**INPUTS["order_correction"], "until": until}
        # Thirty days from 1 September end on 1 October, a holiday, and so with 8 October.
        assert against(town, number, "order_correction", given) == {"correction_day_wrong"}

    def test_limits_of_the_case_and_of_the_order(self, town: Town) -> None:
        number = exemption_to(town, "ordered_to_correct")
        assert _due(town, number, "correction") == date(2026, 9, 10)
        assert _due(town, number, "decision") == date(2026, 11, 30)

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"results": results(met=False)}, "not_all_corrected"),
            ({"results": [{"clause": "别的", "met": True, "finding": "好"}]}, "items_forgotten"),
            ({"corrected_on": "2026-08-31"}, "corrected_day_wrong"),
            ({"corrected_on": "2026-09-02"}, "corrected_day_wrong"),
        ],
    )
    def test_a_recheck_sees_all_of_it_corrected(
        self, town: Town, changes: dict[str, Any], code: str
    ) -> None:
        number = exemption_to(town, "ordered_to_correct")
        assert against(town, number, "recheck", {**INPUTS["recheck"], **changes}) == {code}

    def test_time_given_is_kept(self, town: Town) -> None:
        number = exemption_to(town, "ordered_to_correct")
        follow(town, number, ("serve_order", "handler1"))
        given = {**INPUTS["find_not_corrected"], "refused": False}
        assert against(town, number, "find_not_corrected", given) == {"still_time_to_correct"}
        good = {**given, "results": results(met=True)}
        assert "all_corrected" in against(town, number, "find_not_corrected", good)
        town.time.go_to(date(2026, 9, 10))
        assert against(town, number, "find_not_corrected", given) == {"still_time_to_correct"}
        town.time.go_to(date(2026, 9, 11))
        town.take(number, "find_not_corrected", HANDLERS, given)
        assert town.case(number).state == "not_corrected"

    def test_on_the_spot_only_where_the_authority_lets(self, town: Town) -> None:
        with town.session() as session:
            set_key(session, "exemption.on_the_spot", value=False)
        number = open_lead(town)
        given = INPUTS["correct_on_the_spot"]
        assert against(town, number, "correct_on_the_spot", given) == {"no_spot_route"}


@pytest.mark.slow
class TestDoors:
    """处罚法33: must, may, no fault; each with its own checklist."""

    def test_every_door_wants_its_checklist(self, town: Town) -> None:
        number = exemption_to(town, "corrected")
        assert against(town, number, "propose_exemption", PROPOSAL) == {"no_checklist"}

    @pytest.mark.parametrize(
        ("changes", "codes"),
        [
            ({"slight": False}, {"not_slight"}),
            ({"harm": "危害后果轻微"}, {"harm_done"}),
            ({"harm": "危害后果较重"}, {"harm_done"}),
            ({"listed": "no_penalty.99"}, {"list_wrong"}),
            ({"listed": "no_penalty.06"}, {"list_wrong"}),
            ({"listed": "no_penalty.02"}, {"list_wrong"}),
            ({"listed": "lighter.1"}, {"list_wrong"}),
        ],
    )
    def test_minor(self, town: Town, changes: dict[str, Any], codes: set[str]) -> None:
        number = exemption_to(town, "corrected")
        assert against(town, number, "check_minor", {**MINOR, **changes}) == codes

    @pytest.mark.parametrize(
        ("changes", "codes"),
        [
            ({"harm": "危害后果较重"}, {"harm_serious"}),
            ({"recorded_elsewhere": True}, {"not_first"}),
            ({"listed": "no_penalty.01"}, {"list_wrong"}),
        ],
    )
    def test_first(self, town: Town, changes: dict[str, Any], codes: set[str]) -> None:
        number = exemption_to(town, "corrected", violation="GC006")
        assert against(town, number, "check_first", {**FIRST, **changes}) == codes

    def test_first_is_not_for_excluded_kinds(self, town: Town) -> None:
        number = exemption_to(town, "corrected", violation="GC002")
        assert against(town, number, "check_first", FIRST) == {"kind_excluded"}
        with town.session() as session:
            set_key(session, "exemption.excluded_fields", value=["公共场所"])
        plain = exemption_to(town, "corrected", violation="GC003")
        assert against(town, plain, "check_first", FIRST) == {"kind_excluded"}
        # What the law says must not be punished, no rule of an authority takes back.
        town.take(plain, "check_minor", "handler1", {**MINOR, "listed": ""})

    def test_corrected_late_is_not_in_time(self, town: Town) -> None:
        number = exemption_to(town, "ordered_to_correct")
        town.time.go_to(date(2026, 9, 14))
        town.take(number, "recheck", HANDLERS, {**INPUTS["recheck"], "corrected_on": "2026-09-11"})
        assert against(town, number, "check_minor", MINOR) == {"corrected_late"}
        assert against(town, number, "check_first", FIRST) == {"corrected_late"}

    def test_correction_needs_evidence_in_the_file(self, town: Town) -> None:
        bare = town.office.open_case(
            "first_offence_exemption", lead(), town.people["handler1"], party=OTHER_FIRM
        ).number
        follow(town, bare, *CORRECTED)
        assert against(town, bare, "check_minor", MINOR) == {"correction_without_evidence"}
        assert against(town, bare, "check_first", FIRST) == {"correction_without_evidence"}
        town.attach(bare, "correction_evidence", by="handler1")
        town.take(bare, "check_minor", "handler1", MINOR)

    def test_not_corrected_at_all(self, town: Town) -> None:
        number = exemption_to(town, "investigating")
        assert against(town, number, "check_minor", MINOR) == {"not_corrected"}

    def test_no_fault_is_the_partys_to_prove(self, town: Town) -> None:
        number = exemption_to(town, "investigating")
        given = INPUTS["check_no_fault"]
        assert against(town, number, "check_no_fault", given) == {
            "no_proof",
            "not_investigated",
        }
        follow(town, number, ("record_scene", HANDLERS), ("investigate", HANDLERS))
        town.attach(number, "no_fault_proof")
        unproved = {**given, "proved": False}
        assert against(town, number, "check_no_fault", unproved) == {"fault_not_disproved"}
        town.take(number, "check_no_fault", "handler1", given)
        town.take(number, "propose_exemption", "handler1", PROPOSAL)

    def test_what_is_found_anew_is_checked_anew(self, town: Town) -> None:
        number = exemption_to(town, "exemption_review")
        follow(town, number, ("return_proposal", "approver"))
        town.take(number, "propose_exemption", "handler1", PROPOSAL)
        follow(town, number, ("return_proposal", "approver"), ("investigate", HANDLERS))
        assert against(town, number, "propose_exemption", PROPOSAL) == {"no_checklist"}

    def test_who_handled_it_does_not_decide_it(self, town: Town) -> None:
        appoint(town, "handler2", "approver")
        number = exemption_to(town, "exemption_review")
        given = INPUTS["exempt"]
        assert against(town, number, "exempt", given, "handler2") == {"separation_of_duties"}


class TestChildren:
    """处罚法30: another code than an exemption."""

    @pytest.mark.parametrize(
        ("born", "child"), [("20120901", False), ("20120902", True), ("19491231", False)]
    )
    def test_under_fourteen_on_the_day_of_the_act(self, town: Town, born: str, child: bool) -> None:
        code = _person(town, born)
        number = exemption_to(town, "corrected", party=code)
        ground = {"ground": "不满十四周岁（第三十条）", "evidence": "户口簿", "guardian": "母亲"}
        if child:
            assert against(town, number, "check_minor", MINOR) == {"under_fourteen"}
            assert against(town, number, "check_first", FIRST) == {"under_fourteen"}
            alone = {**ground, "guardian": ""}
            assert against(town, number, "check_other", alone) == {"no_guardian"}
            follow(
                town,
                number,
                ("check_other", "handler1"),
                ("propose_exemption", "handler1"),
                ("exempt", "approver"),
                check_other=ground,
            )
        else:
            assert against(town, number, "check_other", ground) == {"not_under_fourteen"}
            town.take(number, "check_minor", "handler1", MINOR)

    def test_a_firm_is_no_child(self, town: Town) -> None:
        number = exemption_to(town, "corrected")
        given = {"ground": "不能辨认或者不能控制自己行为（第三十一条）", "evidence": "鉴定"}
        assert against(town, number, "check_other", given) == {"no_natural_person"}

    def test_the_other_grounds(self, town: Town) -> None:
        number = exemption_to(town, "corrected")
        late = {"ground": "超过追责期限（第三十六条）", "evidence": "行为已于2024年终了"}
        assert against(town, number, "check_other", late) == {"not_time_barred"}
        ended = {**late, "act_on": "2024-01-31"}
        assert against(town, number, "check_other", ended) == {"act_day_unproved"}
        register(town, number, "旧监控录像")
        town.take(number, "check_other", "handler1", {**ended, "evidence": "旧监控录像"})
        town.take(number, "check_other", "handler1", UNPROVEN)


@pytest.mark.slow
class TestRecord:
    """初次: no record of the same kind, there and within the time looked back."""

    def test_an_earlier_exemption_counts(self, town: Town) -> None:
        first = exempted_first(town)
        again = exemption_to(town, "corrected")
        assert against(town, again, "check_first", FIRST) == {"not_first"}
        with pytest.raises(GuardRefused, match=first):
            town.take(again, "check_first", "handler1", FIRST)
        # Another act, another firm.
        other = exemption_to(town, "corrected", violation="GC003")
        town.take(other, "check_first", "handler1", FIRST)
        elsewhere = exemption_to(town, "corrected", party=OTHER_FIRM)
        town.take(elsewhere, "check_first", "handler1", FIRST)

    @pytest.mark.parametrize(
        ("rule", "first"),
        [
            ({"same_kind": "code"}, True),
            ({"same_kind": "field"}, False),
            ({"same_kind": "field", "earlier_exemptions_count": False}, True),
        ],
    )
    def test_what_is_the_same_kind_is_a_key(
        self, town: Town, rule: dict[str, Any], first: bool
    ) -> None:
        whole = {"same_kind": "code", "area": "city", "earlier_exemptions_count": True, **rule}
        with town.session() as session:
            set_key(session, "exemption.first_offence", value=whole)
        exempted_first(town)
        again = exemption_to(town, "corrected", violation="GC003")
        if first:
            town.take(again, "check_first", "handler1", FIRST)
        else:
            assert against(town, again, "check_first", FIRST) == {"not_first"}

    @pytest.mark.parametrize(
        ("day", "first"), [(date(2028, 9, 1), False), (date(2028, 9, 4), True)]
    )
    def test_two_years_are_looked_back(self, town: Town, day: date, first: bool) -> None:
        exempted_first(town)  # on 1 September 2026
        town.time.go_to(day)
        number = open_lead(town)
        follow(town, number, ("correct_on_the_spot", HANDLERS))
        if first:
            town.take(number, "check_first", "handler1", FIRST)
        else:
            assert against(town, number, "check_first", FIRST) == {"not_first"}

    def test_two_at_once_are_not_both_the_first(self, town: Town) -> None:
        pair = []
        for _ in range(2):
            number = exemption_to(town, "corrected")
            follow(town, number, ("check_first", "handler1"), ("propose_exemption", "handler1"))
            pair.append(number)
        town.take(pair[0], "exempt", "approver", INPUTS["exempt"])
        assert against(town, pair[1], "exempt", INPUTS["exempt"], "approver") == {"not_first"}

    def test_is_no_adverse_credit(self, town: Town) -> None:
        exempted_first(town)
        with town.session() as session:
            assert session.query(CreditEvent).count() == 0
            assert session.query(Publication).count() == 0


@pytest.mark.slow
class TestFine:
    """免罚金额: what it would have been, by the step of discretion."""

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"would_be_fine": "999.99"}, "fine_outside_step"),
            ({"would_be_fine": "3700.01"}, "fine_outside_step"),
            ({"stage": "at_once", "would_be_fine": "1000"}, "fine_outside_step"),
            ({"violation": "GC999"}, "violation_unknown"),
        ],
    )
    def test_outside_its_step(self, town: Town, changes: dict[str, str], code: str) -> None:
        number = exemption_to(town, "corrected")
        town.take(number, "check_minor", "handler1", MINOR)
        assert against(town, number, "propose_exemption", {**PROPOSAL, **changes}) == {code}

    @pytest.mark.parametrize("fine", ["1000", "3700.00", "1234.56"])
    def test_inside(self, town: Town, fine: str) -> None:
        number = exemption_to(town, "corrected")
        town.take(number, "check_minor", "handler1", MINOR)
        town.take(number, "propose_exemption", "handler1", {**PROPOSAL, "would_be_fine": fine})

    @pytest.mark.parametrize("fine", ["-1", "1,000", "1e3", "1000.001", "一千", ""])
    def test_no_sum(self, town: Town, fine: str) -> None:
        number = exemption_to(town, "corrected")
        town.take(number, "check_minor", "handler1", MINOR)
        with pytest.raises(BadInput, match="免罚金额"):
            town.take(number, "propose_exemption", "handler1", {**PROPOSAL, "would_be_fine": fine})


@pytest.mark.slow
class TestEnds:
    def test_whoever_did_not_correct_goes_on_to_a_penalty(self, town: Town) -> None:
        assert town.case(exemption_to(town, "converted")).ended_at is not None

    def test_the_head_may_say_no(self, town: Town) -> None:
        number = exemption_to(town, "exemption_review")
        with pytest.raises(NotAllowed):
            town.take(number, "convert", "handler1", INPUTS["convert"])
        follow(town, number, ("convert", "approver"))
        assert town.case(number).state == "converted"

    def test_education_service_revisit_have_their_limits(self, town: Town) -> None:
        number = exemption_to(town, "exempted")
        assert _due(town, number, "education") == date(2026, 9, 10)
        assert _due(town, number, "service") == date(2026, 9, 10)
        served = exemption_to(town, "served")
        assert _due(town, served, "revisit") == date(2026, 12, 1)

    def test_everything_replays(self, town: Town) -> None:
        exemption_to(town, "closed")
        with town.session() as session:
            assert verify_database(session, VersionCache()).faults == ()


def _due(town: Town, number: str, clock: str) -> date | None:
    with town.session() as session:
        case = town.case(number).id
        rows = session.query(CaseClock).filter_by(case_id=case, name=clock, status="running")
        return rows.one().due_on


def _person(town: Town, born: str) -> str:
    """A natural person of that birthday, registered; gives the code."""
    start = f"320613{born}001"
    code = next(start + c for c in "0123456789X" if not doubts_about("id", start + c))
    with town.session() as session:
        session.add(
            Party(
                code_kind="id",
                code=code,
                name="沈某",
                representative="沈某",
                address="南通市崇川区青年路1号",
                phone="13800000003",
            )
        )
    return code
