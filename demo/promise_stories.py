"""What happened to each place (故事): a story acts, waits, and acts again.

A story is a generator over one place. It yields how long it waits; the city resumes it at that time
and meanwhile lets clocks fall due. The longer ones go on where the shorter ones end, so the name of
a story is where it leaves its case: `inspected` leaves a check that is waiting for its finding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from casework.common.timekeeping import legal_date
from demo.place import Place

Wait = timedelta | int | datetime  # a span, a number of working days, or a certain time
Story = Iterator[Wait]


def look(place: Place, bad: str = "") -> dict[str, Any]:
    """What was found, condition by condition; `bad` is a word of the one that is not met."""
    results = [
        {
            "clause": clause,
            "met": not (bad and bad in clause),
            "finding": "与承诺不符，未能提供证明材料" if bad and bad in clause else "与承诺一致",
        }
        for clause in place.conditions()
    ]
    said = f"“{bad}”不符合承诺" if bad else "各项均符合承诺"
    return {"place_contact": "值班经理", "results": results, "summary": said}


_BAD = "室内空气质量"
_REVOCATION = {
    "facts": "经核查和复查，该单位室内空气质量未经检测，与其承诺不符",
    "basis": "《中华人民共和国行政许可法》第六十九条第一款第四项",
    "reasons": "未履行告知承诺书载明的承诺，责令改正后逾期未改正",
}


def promise(place: Place) -> dict[str, Any]:
    """A promise with every statement made."""
    said = ("knows_notice", "meets_conditions", "true_will", "accepts_liability")
    signed = {"consents_to_publication": True, "signer": place.firm.representative}
    return {**dict.fromkeys(said, True), **signed}


ACCEPTED = {"name_difference": "分店招牌名称，已核对营业执照"}


def answers(place: Place) -> dict[str, Any]:
    """Every question of the pre-licence education answered right."""
    right = [{"question": q.key, "choice": q.answer} for q in place.quiz().questions]
    return {"answers": right}


def _minutes(n: int) -> timedelta:
    return timedelta(minutes=n)


# -- the application -------------------------------------------------------------------------------


def draft(place: Place) -> Story:
    place.open()
    yield _minutes(20)
    place.hand_in_without("test_report")


def received(place: Place) -> Story:
    place.open()
    yield _minutes(25)
    place.hand_in()
    yield _minutes(10)
    place.take("submit", "applicant")


def awaiting_supplement(place: Place) -> Story:
    yield from draft(place)
    yield _minutes(10)
    place.take("submit", "applicant")
    yield 1
    items = [{"material": "test_report", "what": "请补交近一年内的公共场所卫生检测或者评价报告"}]
    place.take("request_supplement", "window", {"items": items})


def supplemented(place: Place) -> Story:
    yield from awaiting_supplement(place)
    yield 4
    place.hand_in("test_report")
    yield _minutes(15)
    place.take("supply", "applicant")


def deemed(place: Place) -> Story:
    """The window says nothing for five working days."""
    yield from received(place)


def unanswered(place: Place) -> Story:
    """The applicant never supplies what is missing."""
    yield from awaiting_supplement(place)


def not_accepted(place: Place) -> Story:
    yield from received(place)
    yield 1
    place.take(
        "not_accept",
        "window",
        {
            "ground": "依法不需要取得行政许可",
            "explanation": "书店只需在营业后三十日内办理卫生备案",
        },
    )


def accepted(place: Place) -> Story:
    yield from received(place)
    yield 1
    place.take("accept", "window", ACCEPTED)


def informed(place: Place) -> Story:
    yield from accepted(place)
    yield _minutes(10)
    place.take("inform", "window")


def committed(place: Place) -> Story:
    yield from informed(place)
    yield _minutes(45)
    place.take("study", "applicant", answers(place))
    place.take("commit", "applicant", promise(place))


def committed_now(place: Place) -> Story:
    """The promise was signed minutes ago: the hour within which it is to be granted runs."""
    yield from informed(place)
    yield place.end - _minutes(12)
    place.take("study", "applicant", answers(place))
    place.take("commit", "applicant", promise(place))


def committed_late(place: Place) -> Story:
    """The promise was signed hours ago, and nobody has decided."""
    yield from informed(place)
    yield place.end - timedelta(hours=5)
    place.take("study", "applicant", answers(place))
    place.take("commit", "applicant", promise(place))


def withdrawn(place: Place) -> Story:
    yield from accepted(place)
    yield 3
    place.take("withdraw", "applicant", {"reason": "店铺另行选址，撤回申请"})


def dissolved(place: Place) -> Story:
    yield from accepted(place)
    yield 4
    evidence = "市场监督管理部门出具的注销登记通知书"
    place.take("terminate", "window", {"ground": "申请人依法终止", "evidence": evidence})


def ordinary_review(place: Place) -> Story:
    yield from informed(place)
    yield 1
    place.take("decline", "applicant")


def paused_technical(place: Place) -> Story:
    yield from ordinary_review(place)
    yield 2
    until = (place.end + timedelta(days=12)).date()
    given = {"kind": "检验检测", "days": 30, "reason": "集中空调通风系统须送检"}
    place.take("pause", "reviewer", {**given, "expected_until": until.isoformat()})


def extended(place: Place) -> Story:
    yield from ordinary_review(place)
    yield 14
    place.take("extend_decision", "approver", {"reason": "场所面积较大，需分区核查"})


def refused(place: Place) -> Story:
    yield from ordinary_review(place)
    yield 5
    place.take("check_site", "reviewer+inspector1", look(place, _BAD))
    yield 2
    place.take(
        "refuse",
        "approver",
        {
            "ground": "不符合法定条件、标准",
            "facts": "现场核查时水质净化消毒设备未安装到位",
            "reasons": "不具备保证水质符合国家卫生标准的条件",
        },
    )
    yield 1
    place.take("serve_decision", "window", place.receipt())


def ordinary_granted(place: Place) -> Story:
    """By the ordinary procedure: looked at by two officers, granted, and delivered."""
    yield from ordinary_review(place)
    yield 4
    place.take("check_site", "reviewer+inspector2", look(place))
    yield 2
    place.take("grant", "approver")
    yield 2
    place.take("deliver", "window")


def granted(place: Place) -> Story:
    yield from committed(place)
    yield _minutes(20)
    place.take("grant", "window")


def delivered(place: Place) -> Story:
    yield from granted(place)
    yield 1
    place.take("deliver", "window")


# -- the check of the promise ----------------------------------------------------------------------


def assigned(place: Place) -> Story:
    yield from delivered(place)
    yield 3
    place.check("assign", "supervisor", {"inspectors": place.inspectors()})


def unreachable(place: Place) -> Story:
    yield from assigned(place)
    yield 4
    tries = ["上午电话无人接听", "下午上门，店门关闭", "次日再次上门，无人应答"]
    place.check("record_unreachable", "inspector1+inspector2", {"tries": tries})


def inspected(place: Place, bad: str = "") -> Story:
    yield from assigned(place)
    yield 4
    place.check("inspect", "inspector1+inspector2", look(place, bad))


def kept(place: Place) -> Story:
    yield from inspected(place)
    yield 2
    place.check("find_kept", "inspector1+inspector2")


def closed(place: Place) -> Story:
    yield from kept(place)
    yield 2
    place.check("close", "supervisor")


def breach_decided(place: Place) -> Story:
    """The promise was broken, but the licence stays."""
    yield from reviewed(place)
    yield 2
    because = {"spared_because": "已委托检测，撤销可能对在店宾客造成重大损害"}
    place.check("record_breach", "approver", {**_REVOCATION, **because})


def spared(place: Place) -> Story:
    """And the record of that has to be repaired."""
    yield from breach_decided(place)
    yield 2
    place.check("serve_breach", "inspector1", place.receipt())


def false_promise(place: Place) -> Story:
    yield from inspected(place, _BAD)
    yield 2
    reason = "申请时提交的检测报告系伪造"
    place.check("find_false", "inspector1+inspector2", {"reason": reason})


def rectifying(place: Place) -> Story:
    yield from inspected(place, _BAD)
    yield 1
    [clause] = [condition for condition in place.conditions() if _BAD in condition]
    items = [{"clause": clause, "requirement": "委托检测并提交合格报告"}]
    place.check("order_rectification", "inspector1", {"items": items})
    place.check("serve_order", "inspector1", place.receipt())


def rechecked(place: Place) -> Story:
    yield from rectifying(place)
    yield 22
    place.check("recheck", "inspector1+inspector2", look(place))


def broken(place: Place) -> Story:
    yield from rectifying(place)
    yield 24  # the time to mend, and the days of rest after it, are over
    place.check("recheck", "inspector1+inspector2", look(place, _BAD))
    yield 2
    place.check("find_broken", "inspector1+inspector2", {"reason": "逾期未改正"})


def notified(place: Place) -> Story:
    yield from broken(place)
    yield 3
    place.check("notify_revocation", "inspector1+inspector2", _REVOCATION)
    place.check("serve_notice", "inspector1", place.receipt())


def hearing_requested(place: Place) -> Story:
    yield from notified(place)
    yield 2
    place.check("request_hearing", "applicant", {"reasons": "检测报告即将出具，要求当面说明"})


def hearing_scheduled(place: Place) -> Story:
    yield from hearing_requested(place)
    yield 1
    appointment = {
        "on": place.workday(9).isoformat(),
        "time": "08:30",
        "room": "本机关三楼听证室",
        "chair": "legal2",
        "recorder": "吴静",
    }
    place.check("schedule_hearing", "inspector1", appointment)
    place.check("serve_hearing", "inspector1", place.receipt())


def hearing_held(place: Place) -> Story:
    yield from hearing_scheduled(place)
    yield 9
    record = {
        "present": f"当事人代表{place.firm.representative}，调查人员刘志强、陈晓梅",
        "accusation": "经核查和复查，室内空气质量未经检测，与承诺不符",
        "answer": "已委托检测，报告尚未出具，请求宽限",
        "closing": "双方坚持各自意见",
        "opinion": "事实清楚，证据充分，建议维持拟作出的决定",
    }
    place.check("hold_hearing", "legal2", record)


def hearing_abandoned(place: Place) -> Story:
    yield from hearing_scheduled(place)
    yield 3
    place.check("withdraw_hearing", "applicant")


def under_review(place: Place) -> Story:
    yield from notified(place)
    yield 7
    considered = {"defence_considered": "当事人在期限内未提出陈述申辩"}
    place.check("submit_review", "inspector1", considered)


def review_returned(place: Place) -> Story:
    yield from under_review(place)
    yield 2
    given = {"kind": "退回补充证据", "opinion": "请补充第二次检测的采样记录"}
    place.check("return_review", "legal", given)


def reviewed(place: Place) -> Story:
    yield from under_review(place)
    yield 2
    place.check("pass_review", "legal", place.passed_review("事实清楚，程序合法，同意撤销"))


def revoked(place: Place) -> Story:
    yield from reviewed(place)
    yield 2
    place.check("revoke", "approver", _REVOCATION)


def revocation_served(place: Place) -> Story:
    yield from revoked(place)
    yield 3
    given = {
        "way": "直接送达",
        "place": "经营场所",
        "recipient": "值班经理",
        "receiver": "单位负责收件的人",
        "signed": True,
    }
    place.check("serve", "inspector1", given)


def revocation_announced(place: Place) -> Story:
    """Nobody was found, by two ways: the announcement runs."""
    yield from revoked(place)
    for way, told in (
        ("直接送达", "经营场所关门停业，邻居称已搬离"),
        ("邮寄送达", "邮件退回，注明“收件人迁移新址不明”"),
    ):
        yield 2
        tried = {"way": way, "place": "登记的经营场所", "outcome": told}
        place.check("record_try", "inspector1", tried)
    yield 1
    given = {
        "medium": "本机关网站和公告栏",
        "ground": "用其他方式无法送达",
        "reason": "直接送达、邮寄送达均未能送达，当事人未另行确认送达地址",
    }
    place.check("announce", "inspector1", given)


def deregistered(place: Place) -> Story:
    yield from revocation_served(place)
    yield 6
    place.check("deregister", "approver")


def reinstated(place: Place) -> Story:
    """Quashed on reconsideration: the licence stands again."""
    yield from revocation_served(place)
    yield 5
    year = legal_date(place.office.time.now()).year
    number = f"〔{year}〕崇行复23号"
    filed = {"body": "南通市崇川区人民政府", "number": number}
    place.check("file_reconsideration", "legal", filed)
    yield 25
    reasons = "复查时已经改正，撤销许可明显不当"
    ended = {"number": number, "result": "撤销", "reasons": reasons}
    place.check("change_by_reconsideration", "legal", ended)


def barred(place: Place) -> Story:
    """Revoked for a broken promise, the firm applies again and cannot promise."""
    yield from deregistered(place)
    yield place.end - timedelta(days=12)
    yield from informed(place)


# -- the licence -----------------------------------------------------------------------------------


def lapsed(place: Place) -> Story:
    """The licence has run out and is struck off."""
    yield from closed(place)
    yield place.valid_until() + timedelta(days=25)
    yield 1
    place.licence(
        "deregister",
        "approver",
        {"ground": "有效期届满未延续", "reason": "有效期届满，没有申请延续"},
    )


STORIES: Mapping[str, Callable[[Place], Story]] = {
    story.__name__: story
    for story in (
        accepted, assigned, awaiting_supplement, barred, breach_decided, broken, closed,
        committed_late, committed_now, deemed, delivered, deregistered, dissolved, draft, extended,
        false_promise, granted, hearing_abandoned, hearing_held, hearing_requested,
        hearing_scheduled, informed, inspected, kept, lapsed, not_accepted, notified,
        ordinary_granted, ordinary_review, paused_technical, received, rechecked, rectifying,
        refused, reinstated, revoked, revocation_announced, revocation_served, review_returned,
        reviewed, supplemented, unanswered, under_review, unreachable, withdrawn,
    )
}  # fmt: skip
