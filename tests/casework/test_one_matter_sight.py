"""Who sees what of a joint matter: each department its own part and what is shared."""

from __future__ import annotations

import pytest

from casework.common.problems import Problem
from casework.reading import case_view, log_view, steps_view
from casework.reading.handed_out import attachment_bytes
from tests.support.journeys import PAUSE, address, joint_to
from tests.support.town import Town, joint_application

pytestmark = pytest.mark.slow


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
        assert {"health_statutory", "eco_statutory"} <= logged["window"]
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
