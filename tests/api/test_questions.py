"""Before what cannot be taken back a page asks and says what follows; nothing is ticked."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from httpx import Response
from sqlalchemy import func, select

from casework.common.timekeeping import ZONE
from casework.duties.due_clocks import fire_due_clocks
from casework.models import Case, CaseClock, Mandate
from casework.publicity import recording
from tests.support.journeys import REPAIR, address, check_to, follow
from tests.support.people import appoint
from tests.support.publishing import scan_of
from tests.support.town import ACCEPTED, INSPECTORS, Town, look, review
from tests.support.visitor import Visitor, open_door


@pytest.fixture
def hall(town: Town) -> dict[str, Visitor]:
    """Everybody of a town at a desk of their own."""
    door = open_door(town)

    class _Desks(dict[str, Visitor]):
        def __missing__(self, who: str) -> Visitor:
            self[who] = Visitor(door)
            assert self[who].enter(who).status_code == 303
            return self[who]

    return _Desks()


def _press(visitor: Visitor, town: Town, number: str, step: str, **given: str) -> Response:
    """What a button of a case's page sends."""
    version = str(town.case(number).version)
    path = f"/cases/{number}/steps/{step}"
    return visitor.submit(path, f"/cases/{number}", _version=version, **given)


def _informed(town: Town) -> str:
    number = town.apply()
    town.attach(number)
    town.take(number, "submit", "applicant")
    town.take(number, "accept", "window", ACCEPTED)
    town.take(number, "inform", "window")
    return number


def _text(answer: Response) -> str:
    """What a page says, without its marks."""
    return re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", answer.text))


@pytest.mark.slow
def test_who_declines_to_promise_is_told_what_it_costs_and_how_to_promise_still(
    town: Town, hall: dict[str, Visitor]
) -> None:
    number = _informed(town)
    before = town.case(number)
    asked = _press(hall["applicant"], town, number, "decline")
    assert asked.status_code == 200
    said = _text(asked)
    assert "还没有办理。确认后不能撤回" in said
    assert "您将失去“签署承诺书”的机会" in said
    assert "办理“签署承诺书”的，适用“即时办结承诺”，六十分钟内办结" in said
    # Accepted on Tuesday 1 September; twenty working days, three of them lost to the holidays.
    assert "改按“一般程序”办理，许可决定期限二十个工作日，最迟到2026-09-29" in said
    assert "想要“签署承诺书”的，不要确认，返回案件办理即可" in said
    after = town.case(number)
    assert (after.state, after.version, after.head_hash) == (
        "informed",
        before.version,
        before.head_hash,
    )
    taken = _press(hall["applicant"], town, number, "decline", _confirmed="1")
    assert taken.status_code == 303
    assert town.case(number).state == "ordinary_review"


@pytest.mark.slow
def test_the_usual_way_asks_nothing(town: Town, hall: dict[str, Visitor]) -> None:
    number = town.apply()
    town.attach(number)
    for who, step, given in (
        ("applicant", "submit", {}),
        ("window", "accept", ACCEPTED),
        ("window", "inform", {}),
    ):
        assert _press(hall[who], town, number, step, **given).status_code == 303
    assert town.case(number).state == "informed"


@pytest.mark.slow
def test_what_is_granted_says_which_papers_limits_and_cases_follow(
    town: Town, hall: dict[str, Visitor]
) -> None:
    number = town.committed()
    said = _text(_press(hall["window"], town, number, "grant"))
    assert "出具《准予行政许可决定书》《卫生许可证（正本）》《卫生许可证（副本）》" in said
    assert "证书送达期限：十个工作日，开始计算，最迟2026-09-15" in said
    assert "许可决定期限到此结束（原定最迟2026-09-29）" in said
    assert "即时办结承诺到此结束（原定最迟2026-09-0110:00）" in said
    assert said.count("开立关联案件：卫生许可证") == 1
    assert "开立关联案件：告知承诺事后核查" in said
    assert "列入公示，最迟2026-09-10" in said
    assert "记入信用记录：取得公共场所卫生许可" in said
    assert town.case(number).state == "committed"


def test_a_party_reads_its_own_limits_in_words_before_it_acts(
    town: Town, hall: dict[str, Visitor]
) -> None:
    number = town.apply()
    town.take(number, "submit", "applicant")
    given = {"items.0.material": "plans", "items.0.what": "标明消毒间", "_preview": "1"}
    said = _text(_press(hall["window"], town, number, "request_supplement", **given))
    assert "还没有办理。请核对后确认。" in said
    assert "最迟2026-10-08提交补正材料（补正期限：三十日，开始计算）" in said


@pytest.mark.slow
def test_a_step_that_ends_a_check_asks_though_it_needs_no_form(
    town: Town, hall: dict[str, Visitor]
) -> None:
    check = town.relative(town.granted(), "check").number
    town.take(check, "assign", "supervisor", INSPECTORS)
    town.take(check, "inspect", "inspector1+inspector2", look(met=True))
    town.take(check, "find_kept", "inspector1+inspector2")
    page = hall["inspector1"].get(f"/cases/{check}").text
    assert "结案…" in page
    said = _text(_press(hall["inspector1"], town, check, "close"))
    assert "到此办结" in said
    assert town.case(check).state == "kept"
    _press(hall["inspector1"], town, check, "close", _confirmed="1")
    assert town.case(check).state == "closed"


@pytest.mark.slow
def test_who_waives_a_right_is_reminded_of_the_time_that_is_left(
    town: Town, hall: dict[str, Visitor]
) -> None:
    check = check_to(town, town.granted(), "revocation_notified")
    clock = next(run for run in _runs(town, check) if run.name == "defence")
    said = _text(_press(hall["applicant"], town, check, "waive_defence"))
    assert "还没有办理。确认后不能撤回" in said
    assert f"您现有的期限还没有到：最迟{clock.due_on}陈述申辩" in said
    assert "waive_defence" not in town.case(check).data


@pytest.mark.slow
def test_a_legal_review_is_passed_after_its_opinion_was_shown(
    town: Town, hall: dict[str, Visitor]
) -> None:
    check = check_to(town, town.granted(), "legal_review")
    given = {"opinion": "同意拟作出的决定"}
    for n, row in enumerate(review()["checklist"]):
        given |= {f"checklist.{n}.item": row["item"], f"checklist.{n}.ok": "true"}
    asked = _press(hall["legal"], town, check, "pass_review", **given)
    said = _text(asked)
    assert "法制审核的内容就此固定，决定须与其一致" in said
    assert "出具《法制审核意见书》" in said
    assert "将出具：法制审核意见书（草稿）" in said
    assert "法制审核期限到此结束" in said
    assert town.case(check).state == "legal_review"
    taken = _press(hall["legal"], town, check, "pass_review", **given, _confirmed="1")
    assert taken.status_code == 303
    assert town.case(check).state == "review_passed"


@pytest.mark.slow
def test_at_the_counter_the_clerk_reads_what_the_party_gives_up(
    town: Town, hall: dict[str, Visitor]
) -> None:
    number = _informed(town)
    with town.session() as session:
        mandate = session.scalars(select(Mandate.id).order_by(Mandate.id)).first()
    town.attach(number, "party_statement", by="window")
    said = _text(_press(hall["window"], town, number, "decline", _mandate=str(mandate)))
    assert "当事人将失去“签署承诺书”的机会" in said
    assert town.case(number).state == "informed"


def _runs(town: Town, number: str) -> list[CaseClock]:
    with town.session() as session:
        found = select(CaseClock).where(CaseClock.case_id == town.case(number).id)
        return list(session.scalars(found))


@pytest.mark.slow
def test_the_second_officer_reads_what_the_signature_brings_about(
    town: Town, hall: dict[str, Visitor]
) -> None:
    check = town.relative(town.granted(), "check").number
    town.take(check, "assign", "supervisor", INSPECTORS)
    town.take(check, "inspect", "inspector1", look(met=True))
    before = town.case(check)
    page = _text(hall["inspector2"].get(f"/cases/{check}/steps/inspect"))
    assert "双人签名后不能撤回" in page
    assert "状态由“已派”变为“已核查”" in page
    assert "出具《" in page
    assert "核查期限到此结束" in page
    # Who signed first is asked nothing more, and looking changed nothing.
    first = _text(hall["inspector1"].get(f"/cases/{check}/steps/inspect"))
    assert "双人签名后不能撤回" not in first
    after = town.case(check)
    assert (after.version, after.head_hash) == (before.version, before.head_hash)


@pytest.mark.slow
def test_a_question_carries_what_was_typed_and_gives_it_back(
    town: Town, hall: dict[str, Visitor]
) -> None:
    number = town.apply()
    town.take(number, "submit", "applicant")
    given = {"reason": '<b>"另"&行申请\n第二行', "_key": "once"}
    asked = _press(hall["applicant"], town, number, "withdraw", **given)
    assert 'name="reason" value="&lt;b&gt;&#34;另&#34;&amp;行申请\n第二行"' in asked.text
    back = _press(hall["applicant"], town, number, "withdraw", **given, _again="1")
    assert "&lt;b&gt;&#34;另&#34;&amp;行申请" in back.text
    assert town.case(number).state == "received"
    done = _press(hall["applicant"], town, number, "withdraw", **given, _confirmed="1")
    assert done.status_code == 303
    assert town.case(number).state == "withdrawn"


def test_a_question_that_was_never_ours_does_nothing(town: Town, hall: dict[str, Visitor]) -> None:
    number = _informed(town)
    hall["applicant"].get("/")
    answer = hall["applicant"].post(
        f"/cases/{number}/steps/decline",
        data={"_version": str(town.case(number).version), "_confirmed": "1", "_secret": "0" * 64},
    )
    assert answer.status_code == 403
    assert town.case(number).state == "informed"


def _ticked(page: str) -> list[str]:
    boxes = re.findall(r"<input[^>]*type=\"checkbox\"[^>]*>", page)
    return [box for box in boxes if " checked" in box]


def _renewals(town: Town) -> int:
    with town.session() as session:
        found = select(func.count()).where(Case.process == "licence_renewal")
        return session.scalar(found.select_from(Case)) or 0


def _chain(town: Town) -> list[str]:
    """Two licences that are about to expire; their numbers."""
    town.time.instant = datetime(2022, 10, 20, 9, 0, tzinfo=ZONE)
    old = [town.granted(address=address(n), place_name=f"滨江宾馆{n}店") for n in range(2)]
    town.time.instant = datetime(2026, 9, 1, 9, 0, tzinfo=ZONE)
    for number in old:
        town.office.catch_up(town.relative(number, "licence").id)
    return [town.licence_of(number)["number"] for number in old]


@pytest.mark.slow
def test_renewing_a_chain_is_ticked_by_hand_listed_and_confirmed(
    town: Town, hall: dict[str, Visitor]
) -> None:
    licences = _chain(town)
    page = hall["applicant"].get("/licences").text
    assert _ticked(page) == []
    said = {"contact_name": "李敏", "contact_phone": "13800000001", "conditions_kept": "true"}

    def send(**more: object) -> Response:
        secret = hall["applicant"].secret("/")
        data = {**said, "_key": "chain", "_secret": secret, **more}
        return hall["applicant"].post("/licences/renewals", data=data)

    everything = send(_all="1").text
    assert len(_ticked(everything)) == 2 + 1  # and the statement, which was ticked before
    assert 'value="李敏"' in everything
    assert "请至少选择一份许可证" in send().text
    asked = send(licences=licences)
    listed = _text(asked)
    assert "确认一并申请延续（2项）" in listed
    for number in licences:
        assert number in listed
    assert "最迟2026-09-19申请延续（有效期至2026-10-19）" in listed
    assert _renewals(town) == 0
    back = send(licences=licences[:1], _again="1").text
    assert len(_ticked(back)) == 1 + 1
    done = send(licences=licences, _confirmed="1")
    assert "共 2 份，已提出 2 份。" in done.text
    assert _renewals(town) == 2


def _repairs(town: Town) -> list[str]:
    granted = [town.granted(address=address(n)) for n in range(2)]
    checks = [check_to(town, number, "revoked") for number in granted]
    repairs = [town.relative(check, "repair").number for check in checks]
    town.time.pass_(days=100)
    fire_due_clocks(town.office)
    town.certified()
    for repair in repairs:
        follow(town, repair, *REPAIR["verified"])
        town.take(repair, "recommend", "credit", {"opinion": "符合条件"})
        town.take(repair, "approve", "approver")
        town.take(repair, "request_removal", "credit", {"sites": ["信用中国"]})
    return repairs


@pytest.mark.slow
def test_ending_publicity_of_many_is_ticked_by_hand_listed_and_confirmed(
    town: Town, hall: dict[str, Visitor]
) -> None:
    repairs = _repairs(town)
    credit = hall["credit"]
    assert _ticked(credit.get("/credit/desk").text) == []

    def send(**more: object) -> Response:
        data = {"step": "end_publicity", "_key": "many", "_secret": credit.secret("/"), **more}
        return credit.post("/credit/together", data=data)

    assert len(_ticked(send(_all="1").text)) == 2
    assert "请至少选择一件信用修复" in send().text
    listed = _text(send(cases=repairs))
    assert "确认集中办理：终止公示（2项）" in listed
    assert "办理后不能撤回" in listed
    assert "状态由“已推送”变为“终止公示”" in listed
    for number in repairs:
        assert number in listed
        assert town.case(number).state == "removal_requested"
    done = _text(send(cases=[*repairs, "CC-XF-2026-999999"], _confirmed="1"))
    assert "共3件，办成2件" in done
    assert "没有这件信用修复" in done
    assert {town.case(number).state for number in repairs} == {"removed"}


@pytest.mark.slow
def test_what_was_published_is_put_down_after_a_question_only(
    town: Town, hall: dict[str, Visitor]
) -> None:
    appoint(town, "credit", "publicity_officer")
    numbers = [town.granted(address=address(n)) for n in range(2)]
    credit = hall["credit"]
    page = credit.get("/publications").text
    assert _ticked(page) == []
    wanted = re.findall(r'name="entry" value="(\d+)"', page)

    def send(**more: object) -> Response:
        data = {"on": "2026-09-01", "_secret": credit.secret("/"), **more}
        return credit.post("/publications", data=data)

    assert len(_ticked(send(_all="1").text)) == 2
    assert "请勾选已经公示（撤下）的事项" in send(channel="信用中国").text
    actor, scan = town.people["credit"], scan_of(town, "信用中国")
    receipt = recording.keep_receipt(town.office, actor, "回执.pdf", scan)
    said: dict[str, object] = {"entry": wanted, "channel": "信用中国", "receipt": receipt}
    listed = _text(send(**said))
    assert "确认登记公示（撤下）（2项）" in listed
    assert "不能更改" in listed
    assert all(number in listed for number in numbers)
    assert len(re.findall(r'name="entry"', credit.get("/publications").text)) == 2
    done = _text(send(**said, _confirmed="1"))
    assert "共2项，已全部登记“信用中国”的公示（撤下）" in done
    assert all(f"{number}" in done for number in numbers)
    assert "没有等待公示的事项" in credit.get("/publications?channel=信用中国").text
    assert "尚缺：本机关门户网站、国家企业信用信息公示系统" in credit.get("/publications").text


@pytest.mark.slow
def test_a_draw_is_asked_about_and_only_of_who_may_draw(
    town: Town, hall: dict[str, Visitor]
) -> None:
    town.granted()
    supervisor = hall["supervisor"]
    asked = supervisor.submit("/draws", "/", _key="draw")
    assert "只增不改，不能撤回" in _text(asked)
    assert "还没有抽取过" in supervisor.get("/draws").text
    assert supervisor.submit("/draws", "/", _key="draw", _again="1").status_code == 200
    assert supervisor.submit("/draws", "/", _key="draw", _confirmed="1").status_code == 303
    assert "还没有抽取过" not in supervisor.get("/draws").text
    assert hall["window"].submit("/draws", "/").status_code == 403
