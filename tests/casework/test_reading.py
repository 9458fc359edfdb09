"""Reading: who sees what, and that what is shown is what is there."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, text, update

from casework import reading
from casework.common.database import engine_for
from casework.common.problems import BadInput, NotAllowed, NotFound
from casework.models import (
    Attachment,
    Case,
    Document,
    LogRow,
    Mandate,
    Participant,
    Post,
    SweepFailure,
)
from state_machines.language.vocabulary import Role
from state_machines.licensing.instant_licence.process import INSTANT_LICENCE
from tests.support.serving import RECEIPT
from tests.support.town import INSPECTORS, NOTICE, Town, look, order, review

CODE = "91440300708461136T"
STRANGERS = ("applicant2", "window_b", "supervisor_b")


def _view(town: Town, who: str, number: str) -> reading.CaseView:
    with town.session() as session:
        return reading.case_view(town.office, session, town.people[who], number)


def _list(town: Town, who: str, **wanted: Any) -> reading.CasePage:
    with town.session() as session:
        paged = {name: wanted.pop(name) for name in ("cursor", "limit") if name in wanted}
        actor = town.people[who]
        return reading.cases(town.office, session, actor, reading.Wanted(**wanted), **paged)


def _numbers(town: Town, who: str, **wanted: Any) -> list[str]:
    return [line.number for line in _list(town, who, **wanted).cases]


def _log(town: Town, who: str, number: str) -> tuple[reading.LogLine, ...]:
    with town.session() as session:
        return reading.log_view(town.office, session, town.people[who], number)


def _in_review(town: Town) -> str:
    """A check that legal review has passed; gives its number."""
    check = town.broken(town.granted())
    town.take(check.number, "notify_revocation", "inspector1+inspector2", NOTICE)
    town.take(check.number, "serve_notice", "inspector1", RECEIPT)
    town.time.pass_(days=20)
    town.take(check.number, "submit_review", "inspector1", {"defence_considered": "未提出"})
    town.take(check.number, "pass_review", "legal", review())
    return check.number


class TestWhoSeesWhat:
    """Own authority's staff and the party; nobody else, and not even that there is something."""

    @pytest.mark.slow
    def test_strangers_are_told_what_they_would_be_told_of_nothing(self, town: Town) -> None:
        number = town.granted()
        for who in STRANGERS:
            with pytest.raises(NotFound) as theirs:
                _view(town, who, number)
            with pytest.raises(NotFound) as nothing:
                _view(town, who, "CC-GC-2026-999999")
            assert theirs.value.detail.replace(number, "") == nothing.value.detail.replace(
                "CC-GC-2026-999999", ""
            )
            assert _numbers(town, who) == []
            assert _numbers(town, who, q=number) == []

    @pytest.mark.parametrize("look_up", ["steps_view", "log_view"])
    def test_steps_and_log_are_closed_to_strangers_too(self, town: Town, look_up: str) -> None:
        number = town.granted()
        for who in STRANGERS:
            with town.session() as session, pytest.raises(NotFound):
                getattr(reading, look_up)(town.office, session, town.people[who], number)

    @pytest.mark.slow
    def test_papers_are_closed_to_strangers_too(self, town: Town) -> None:
        number = town.granted()
        with town.session() as session:
            document = session.scalars(select(Document.id)).first()
            file = session.scalars(select(Attachment.id)).first()
            assert document is not None
            assert file is not None
            for who in STRANGERS:
                actor = town.people[who]
                with pytest.raises(NotFound):
                    reading.document_bytes(town.office, session, actor, number, document)
                with pytest.raises(NotFound):
                    reading.attachment_bytes(town.office, session, actor, number, file)

    @pytest.mark.slow
    def test_a_paper_is_reached_only_through_its_own_case(self, town: Town) -> None:
        mine = town.granted()
        other = town.granted(by="applicant2", address="南通市崇川区濠北路2号")
        foreign = _view(town, "window", other)
        with town.session() as session:
            actor = town.people["applicant"]
            with pytest.raises(NotFound):
                reading.document_bytes(town.office, session, actor, mine, foreign.documents[0].id)
            file = next(item for item in foreign.materials if item.files).files[0].id
            with pytest.raises(NotFound):
                reading.attachment_bytes(town.office, session, actor, mine, file)

    def test_a_draft_is_its_partys_own(self, town: Town) -> None:
        number = town.apply()
        assert _numbers(town, "applicant") == [number]
        assert _numbers(town, "window") == []
        with pytest.raises(NotFound):
            _view(town, "window", number)
        town.take(number, "submit", "applicant")
        assert _numbers(town, "window") == [number]

    def test_a_post_or_mandate_that_has_ended_shows_nothing(self, town: Town) -> None:
        number = town.granted()
        yesterday = date(2026, 8, 31)
        with town.session() as session:
            for row in session.scalars(
                select(Post).where(Post.person_id == town.people["window"].person_id)
            ):
                row.valid_to = yesterday
            for row in session.scalars(
                select(Mandate).where(Mandate.person_id == town.people["applicant"].person_id)
            ):
                row.valid_to = yesterday
        for who in ("window", "applicant"):
            with pytest.raises(NotFound):
                _view(town, who, number)
            assert _numbers(town, who) == []

    def test_a_participating_authority_sees_the_case_while_it_takes_part(self, town: Town) -> None:
        number = town.granted()
        case = town.case(number)
        with town.session() as session:
            theirs = session.scalars(
                select(Post).where(Post.person_id == town.people["window_b"].person_id)
            ).one()
            session.add(
                Participant(
                    case_id=case.id,
                    authority_id=theirs.authority_id,
                    track="",
                    valid_from=date(2026, 9, 1),
                    valid_to=date(2026, 9, 10),
                )
            )
        assert _view(town, "window_b", number).participants[0].authority.startswith("南通市通州区")
        assert _numbers(town, "window_b") == [number]
        town.time.go_to(date(2026, 9, 11))
        with pytest.raises(NotFound):
            _view(town, "window_b", number)

    @pytest.mark.slow
    def test_the_party_does_not_see_internal_papers_other_names_or_others_input(
        self, town: Town
    ) -> None:
        number = _in_review(town)
        keys = [document.key for document in _view(town, "inspector1", number).documents]
        assert "legal_review_opinion" in keys
        own = _view(town, "applicant", number)
        assert [d.key for d in own.documents] == [
            key for key in keys if key != "legal_review_opinion"
        ]
        assert "pass_review" not in own.data
        assert not own.as_officer
        with town.session() as session:
            opinion = session.scalars(
                select(Document.id).where(Document.key == "legal_review_opinion")
            ).one()
            with pytest.raises(NotFound):
                reading.document_bytes(
                    town.office, session, town.people["applicant"], number, opinion
                )
        lines = {line.name: line for line in _log(town, "applicant", number)}
        assert lines["pass_review"].entries is None
        assert lines["pass_review"].facts is None
        assert lines["pass_review"].officers == ("甲*****",)
        assert not any("法制审核意见书" in text for text in lines["pass_review"].caused)
        staff = {line.name: line for line in _log(town, "legal", number)}
        assert staff["pass_review"].officers == ("甲legal",)
        assert staff["pass_review"].entries
        assert any("法制审核意见书" in text for text in staff["pass_review"].caused)

    def test_the_party_reads_its_own_words_in_the_log(self, town: Town) -> None:
        number = town.granted()
        lines = {line.name: line for line in _log(town, "applicant", number)}
        assert lines["commit"].officers == ("陈志远",)
        assert {entry.label: entry.value for entry in lines["commit"].entries or ()}[
            "签署人姓名"
        ] == "陈志远"


class TestQueue:
    """What waits for me, the most urgent first."""

    def test_it_holds_what_waits_for_a_role_held_now(self, town: Town) -> None:
        number = town.apply()
        town.attach(number)
        town.take(number, "submit", "applicant")
        assert _numbers(town, "window", queue="mine_to_do") == [number]
        for who in ("applicant", "inspector1", "window_b"):
            assert _numbers(town, who, queue="mine_to_do") == []
        town.take(number, "accept", "window")
        town.take(number, "inform", "window")
        assert _numbers(town, "applicant", queue="mine_to_do") == [number]
        assert _numbers(town, "window", queue="mine_to_do") == []
        assert _numbers(town, "window", queue="open") == [number]

    @pytest.mark.slow
    def test_the_next_due_comes_first_also_when_it_is_overdue_and_pages_hang_together(
        self, town: Town
    ) -> None:
        received = []
        for n in (3, 1, 2):
            town.time.go_to(date(2026, 9, n + 1))
            number = town.apply(address=f"南通市崇川区人民中路{n}号")
            town.attach(number)
            town.take(number, "submit", "applicant")
            received.append(number)
            town.time.instant = town.time.instant.replace(day=1)
        third, first, second = received
        granted = town.granted(address="南通市崇川区濠北路2号")  # due later than any of them
        wanted = [first, second, third, granted]
        assert _numbers(town, "window", queue="mine_to_do") == wanted
        found: list[str] = []
        cursor = None
        for _ in wanted:
            page = _list(town, "window", queue="mine_to_do", cursor=cursor, limit=1)
            found += [line.number for line in page.cases]
            cursor = page.next_cursor
        assert found == wanted
        assert cursor is None

    def test_a_line_says_when_and_whose_turn(self, town: Town) -> None:
        number = town.granted()
        [line] = _list(town, "window", queue="mine_to_do").cases
        assert (line.number, line.state_label, line.place_name) == (
            number,
            "准予许可",
            "南通滨江宾馆",
        )
        assert (line.due_on, line.days_left, line.overdue) == (date(2026, 9, 15), 14, False)
        assert (line.whose_turn, line.mine) == (("窗口人员",), True)
        town.time.go_to(date(2026, 9, 16))
        [line] = _list(town, "window", queue="mine_to_do").cases
        assert (line.days_left, line.overdue) == (-1, True)

    def test_all_of_them_come_newest_first_in_pages(self, town: Town) -> None:
        town.granted()
        everything = _numbers(town, "window")
        assert everything == sorted(everything, key=lambda number: -int(number[-6:]))
        page = _list(town, "window", limit=2)
        assert page.next_cursor
        assert [*page.cases, *_list(town, "window", cursor=page.next_cursor).cases] == list(
            _list(town, "window").cases
        )

    @pytest.mark.parametrize("cursor", ["x", "bnVsbA==", "WyJhIiwgMV0=", "é", "WzEsMl0="])
    def test_a_cursor_that_was_not_given_out_is_refused(self, town: Town, cursor: str) -> None:
        with pytest.raises(BadInput, match="翻页"):
            _list(town, "window", cursor=cursor)

    def test_an_unknown_queue_is_refused(self, town: Town) -> None:
        with pytest.raises(BadInput, match="可选"):
            _list(town, "window", queue="everything")

    @pytest.mark.parametrize(
        "q", ["000001", "滨江宾馆有限", "南通滨江", "人民中路88", CODE.lower(), f" {CODE} "]
    )
    def test_it_is_found_by_number_party_code_and_place(self, town: Town, q: str) -> None:
        number = town.apply()
        assert _numbers(town, "applicant", q=q) == [number]

    @pytest.mark.parametrize("q", ["%", "_", "不存在", "/", "'; DROP TABLE case_file; --"])
    def test_signs_are_looked_for_as_they_are(self, town: Town, q: str) -> None:
        town.apply()
        assert _numbers(town, "applicant", q=q) == []

    def test_it_narrows_by_process_and_state(self, town: Town) -> None:
        number = town.granted()
        assert _numbers(town, "window", process="instant_licence") == [number]
        assert _numbers(town, "window", process="instant_licence", state="valid") == []
        [licence] = _numbers(town, "window", state="valid")
        assert licence == town.relative(number, "licence").number


class TestCaseView:
    """One case, whole."""

    def test_it_shows_where_the_case_stands(self, town: Town) -> None:
        number = town.granted()
        view = _view(town, "window", number)
        assert (view.state_label, view.version, view.whose_turn) == ("准予许可", 6, ("窗口人员",))
        assert view.place_kind == "宾馆"
        assert view.visited == (
            "draft", "received", "accepted", "informed", "committed", "granted",
        )  # fmt: skip
        assert {line.process for line in view.related} == {"licence", "commitment_check"}
        assert [document.key for document in view.documents][-1] == "certificate_duplicate"
        assert view.as_officer
        said = {one.step: {e.label: e.value for e in one.entries} for one in view.inputs}
        assert said["application"]["经营面积（平方米）"] == 860.5

    def test_a_clock_shows_its_derivation_live_and_ended(self, town: Town) -> None:
        view = _view(town, "window", town.granted())
        live = [clock for clock in view.clocks if clock.live]
        assert [clock.name for clock in live] == ["delivery"]
        assert live[0].due_on == date(2026, 9, 15)
        assert live[0].days_left == 14
        assert live[0].lines[0].startswith("颁发、送达许可证件期限：十个工作日")
        assert live[0].lines[-1] == "届满日：2026年9月15日"
        assert [day.number for day in live[0].days][:6] == [1, 2, 3, None, None, 4]
        assert live[0].derivation["due"] == "2026-09-15"
        ended = {clock.name: clock for clock in view.clocks if not clock.live}
        assert set(ended) == {"acceptance", "decision", "instant"}
        assert "60分钟" in ended["instant"].lines[0]
        assert ended["instant"].lines[0].endswith("自2026-09-01 09:00起，至2026-09-01 10:00止")

    def test_materials_stand_against_the_list_with_what_was_asked(self, town: Town) -> None:
        number = town.apply()
        town.attach(number, "identity")
        town.take(number, "submit", "applicant")
        asked = [
            {"material": "plans", "what": "缺少平面图"},
        ]
        town.take(number, "request_supplement", "window", {"items": asked})
        items = {item.key: item for item in _view(town, "applicant", number).materials}
        assert items["identity"].files[0].filename == "identity.pdf"
        assert items["plans"].files == ()
        assert items["plans"].asked == "缺少平面图"
        assert items["plans"].required
        assert not items["air_conditioning_report"].required

    def test_a_first_signature_waits_in_sight_of_officers_only(self, town: Town) -> None:
        check = town.relative(town.granted(), "check")
        town.take(check.number, "assign", "supervisor", INSPECTORS)
        town.take(check.number, "inspect", "inspector1", look(met=False))
        [pending] = _view(town, "inspector2", check.number).pending
        assert (pending.label, pending.signed_by, pending.mine) == (
            "核查承诺履行情况",
            "甲inspector1",
            False,
        )
        rows = {entry.name: entry.value for entry in pending.entries}["results"]
        assert [entry.label for entry in rows[0]] == ["事项", "是否符合", "核查情况"]
        assert _view(town, "inspector1", check.number).pending[0].mine
        assert _view(town, "applicant", check.number).pending == ()

    def test_every_step_of_the_state_is_listed_with_its_reasons(self, town: Town) -> None:
        number = town.apply()
        town.take(number, "submit", "applicant")
        with town.session() as session:
            window = reading.steps_view(town.office, session, town.people["window"], number)
            party = reading.steps_view(town.office, session, town.people["applicant"], number)
        by_name = {step.name: step for step in window}
        assert set(by_name) == {
            "not_accept", "request_supplement", "turn_to_filing", "accept", "withdraw", "terminate",
        }  # fmt: skip
        assert by_name["request_supplement"].allowed
        assert by_name["request_supplement"].input is not None
        [filing] = by_name["turn_to_filing"].reasons
        assert filing.code == "not_for_filing"
        assert by_name["accept"].for_me
        assert not by_name["withdraw"].for_me
        assert {step.name: step.allowed for step in party}["withdraw"]

    def test_officers_to_choose_from_hold_the_role_and_a_certificate_here(self, town: Town) -> None:
        check = town.relative(town.granted(), "check").number
        with town.session() as session:
            row = session.scalars(
                select(Post).where(Post.person_id == town.people["inspector2"].person_id)
            ).one()
            row.certificate_expires = date(2026, 8, 31)
        with town.session() as session:
            listed = reading.officers_of(
                town.office, session, town.people["supervisor"], check, Role.INSPECTOR
            )
            assert [officer.username for officer in listed] == ["inspector1"]
            party = town.people["applicant"]
            assert reading.officers_of(town.office, session, party, check, Role.INSPECTOR) == ()

    def test_a_payload_that_was_taken_away_is_not_said_to_be_redacted_by_right(
        self, town: Town
    ) -> None:
        """No redaction tells of it, so whoever reads it is told that something is wrong."""
        number = town.granted()
        owner = engine_for(town.url, role=None)  # the application itself may not
        with owner.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.execute(
                update(LogRow)
                .where(LogRow.case_id == town.case(number).id, LogRow.seq == 1)
                .values(payload={"redacted": "依申请"})
            )
        owner.dispose()
        first = _log(town, "window", number)[0]
        assert "没有相应的办理记录" in first.note
        assert first.entries == ()

    def test_a_breach_stands_in_the_log_with_its_due_date(self, town: Town) -> None:
        number = town.granted()
        town.time.go_to(date(2026, 9, 20))
        town.office.catch_up(town.case(number).id)
        last = _log(town, "window", number)[-1]
        assert (last.kind, last.label) == ("expiry", "超期：证书送达期限")
        assert "2026-09-15" in last.note


class TestWithoutAnAccount:
    """Tracking by code, and the certificate's public page."""

    def test_number_and_code_show_how_it_stands_and_no_personal_data(self, town: Town) -> None:
        number = town.granted()
        with town.session() as session:
            view = reading.track(town.office, session, number, town.case(number).tracking_code)
        assert (view.state_label, view.whose_turn, view.awaited) == (
            "准予许可",
            ("窗口人员",),
            ("送达证书",),
        )
        assert [(limit.label, limit.due_on) for limit in view.limits] == [
            ("证书送达期限", date(2026, 9, 15))
        ]
        assert not any(secret in repr(view) for secret in ("陈志远", "李敏", "1380000", "甲"))

    @pytest.mark.parametrize("code", ["", "x", "é", "\ud800"])
    def test_a_wrong_code_and_a_wrong_number_are_told_apart_by_nobody(
        self, town: Town, code: str
    ) -> None:
        number = town.granted()
        other = town.relative(number, "check").tracking_code
        told = set()
        with town.session() as session:
            for asked, given in ((number, code), (number, other), ("CC-GC-2026-999999", code)):
                with pytest.raises(NotFound) as refused:
                    reading.track(town.office, session, asked, given)
                told.add(refused.value.detail)
        assert len(told) == 1

    def test_a_certificates_code_shows_what_hangs_on_the_wall(self, town: Town) -> None:
        number = town.granted()
        licence = town.relative(number, "licence")
        with town.session() as session:
            view = reading.verify(town.office, session, licence.tracking_code)
            with pytest.raises(NotFound):  # an application's code is a secret of its own
                reading.verify(town.office, session, town.case(number).tracking_code)
        assert view.number == "苏卫公证字〔2026〕第320613-000001号"
        assert (view.state_label, view.stands) == ("有效", True)
        assert view.representative == "陈**"
        assert (view.valid_from, view.valid_until) == (date(2026, 9, 1), date(2030, 8, 31))

    def test_a_licence_past_its_term_does_not_seem_valid_because_no_sweep_has_run(
        self, town: Town
    ) -> None:
        code = town.relative(town.granted(), "licence").tracking_code
        with town.session() as session:
            town.time.go_to(date(2030, 8, 31))
            assert reading.verify(town.office, session, code).stands
            town.time.go_to(date(2030, 9, 1))
            view = reading.verify(town.office, session, code)
        assert (view.state_label, view.stands) == ("过期", False)

    @pytest.mark.slow
    def test_a_revoked_licence_says_so(self, town: Town) -> None:
        number = town.granted()
        town.revoked(number)
        code = town.relative(number, "licence").tracking_code
        with town.session() as session:
            view = reading.verify(town.office, session, code)
        assert (view.state_label, view.stands) == ("已撤销", False)


class TestRegisters:
    """Notices, credit, licences, the overview."""

    def test_the_inbox_holds_what_is_for_my_posts_and_my_parties(self, town: Town) -> None:
        town.granted()

        def inbox(who: str) -> list[str]:
            with town.session() as session:
                found = reading.notices_of(town.office, session, town.people[who])
            return [notice.subject.split("：")[0] for notice in found]

        assert inbox("window") == ["签署承诺书", "提交申请"]
        assert inbox("applicant")[0] == "准予许可"
        assert inbox("window_b") == inbox("applicant2") == []

    def test_a_broken_promise_stands_in_the_credit_record(self, town: Town) -> None:
        number = town.granted()
        town.breached(number)
        with town.session() as session:
            ask = town.people
            own = reading.credit_of(town.office, session, ask["applicant"], CODE)
            staff = reading.credit_of(town.office, session, ask["credit"], CODE)
            abroad = reading.credit_of(town.office, session, ask["reviewer_b"], CODE)
            with pytest.raises(NotFound):
                reading.credit_of(town.office, session, ask["applicant2"], CODE)
            with pytest.raises(NotFound):
                reading.credit_of(town.office, session, ask["credit"], "91110000802100433X")
        check = town.relative(number, "check").number
        assert [(event.label, event.case) for event in own.events] == [
            ("取得公共场所卫生许可", number),
            ("接受事后核查", check),
            ("未履行承诺", check),
        ]
        assert own == staff
        assert not own.may_promise
        # Every authority must apply the bar, and so may know of it, but not of the case; licences
        # and inspections are published (国办发〔2018〕118号).
        assert [(event.label, event.case) for event in abroad.events] == [
            ("取得公共场所卫生许可", None),
            ("接受事后核查", None),
            ("未履行承诺", None),
        ]

    def test_a_kept_promise_is_no_business_of_another_district(self, town: Town) -> None:
        check = town.relative(town.granted(), "check").number
        town.take(check, "assign", "supervisor", INSPECTORS)
        town.take(check, "inspect", "inspector1+inspector2", look(met=True))
        town.take(check, "find_kept", "inspector1+inspector2")
        with town.session() as session:
            ask = town.people
            own = reading.credit_of(town.office, session, ask["credit"], CODE)
            abroad = reading.credit_of(town.office, session, ask["reviewer_b"], CODE)
        published = ["取得公共场所卫生许可", "接受事后核查"]
        assert [event.label for event in own.events] == [*published, "履行承诺"]
        assert own.may_promise
        assert [event.label for event in abroad.events] == published

    def test_a_licence_is_found_by_its_number_by_those_who_may(self, town: Town) -> None:
        number = town.granted()
        granted = "苏卫公证字〔2026〕第320613-000001号"
        with town.session() as session:
            for who in ("applicant", "window"):
                found = reading.licence(town.office, session, town.people[who], granted)
                assert found.case == town.relative(number, "licence").number
                assert found.representative == "陈志远"
            for who in ("applicant2", "window_b"):
                with pytest.raises(NotFound):
                    reading.licence(town.office, session, town.people[who], granted)

    def test_the_overview_counts_what_stands_still_in_my_house(self, town: Town) -> None:
        number = town.granted()
        town.apply(address="南通市崇川区濠北路2号")  # a draft is nobody's delay
        town.time.go_to(date(2026, 9, 20))
        case = town.case(number)
        town.office.catch_up(case.id)
        with town.session() as session:
            session.add(
                SweepFailure(
                    case_id=case.id,
                    sweep="fire_due_clocks",
                    error="模板缺失",
                    attempts=3,
                    failed_at=town.time.now(),
                    next_try_at=town.time.now(),
                )
            )
        with town.session() as session:
            mine = reading.supervisor_overview(town.office, session, town.people["supervisor"])
            other = reading.supervisor_overview(town.office, session, town.people["supervisor_b"])
            with pytest.raises(NotAllowed):
                reading.supervisor_overview(town.office, session, town.people["window"])
        assert [(one.process, one.count) for one in mine.overdue] == [("instant_licence", 1)]
        assert [notice.case for notice in mine.breaches] == [number]
        assert [failure.error for failure in mine.failures] == ["模板缺失"]
        assert mine.unpublished == 1
        assert (other.overdue, other.breaches, other.failures) == ((), (), ())

    def test_an_application_chooses_from_competent_districts_and_known_kinds(
        self, town: Town
    ) -> None:
        with town.session() as session:
            choices = reading.filing_choices(town.office, session, INSTANT_LICENCE)
        assert [region.code for region in choices.regions] == ["320612", "320613"]
        assert {kind.key: kind.label for kind in choices.place_kinds}["hotel"] == "宾馆"


def test_reading_changes_nothing(town: Town) -> None:
    check = town.relative(town.granted(), "check")
    town.take(check.number, "assign", "supervisor", INSPECTORS)
    town.take(check.number, "inspect", "inspector1+inspector2", look(met=False))
    town.take(check.number, "order_rectification", "inspector1", order())
    with town.session() as session:
        before = [(c.id, c.version, c.head_hash) for c in session.scalars(select(Case))]
    for who in ("inspector1", "applicant", "supervisor"):
        _view(town, who, check.number)
        _log(town, who, check.number)
        with town.session() as session:
            reading.steps_view(town.office, session, town.people[who], check.number)
    with town.session() as session:
        assert [(c.id, c.version, c.head_hash) for c in session.scalars(select(Case))] == before
