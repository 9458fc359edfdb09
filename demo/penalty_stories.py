"""Penalties of the demo city (行政处罚的故事), each left at another stage of its way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from casework.common.timekeeping import legal_date
from demo.place import Place
from demo.promise_stories import Story
from demo.records import interview, scene

_PAIR, _HANDLER, _APPROVER = "handler1+handler2", "handler1", "approver"
_FOUND = "顾客用品用具未按规定清洗消毒"
_BASIS = "《公共场所卫生管理条例实施细则》第三十六条第二项"
_WARNING = {"kind": "警告", "amount": "", "days": 0, "detail": ""}
_FINE = {"kind": "罚款", "amount": "1000.00", "days": 0, "detail": ""}
_CLOSURE = {"kind": "责令停产停业", "amount": "", "days": 10, "detail": "消毒间整改期间停止营业"}
_GRAVE = "停用消毒柜二十余日，住客二百余人次使用未消毒的用品，现场笔录、询问笔录可以证明"
_MILDER = "同时责令停业十日，罚款仍在直接处罚的幅度内裁量"
_MILD, _HEAVY = (_WARNING, _FINE), (_WARNING, _FINE, _CLOSURE)
_MEETING = {
    "room": "三楼会议室",
    "presiding": "张建明",
    "recorder": "李文静",
    "report": "案情、证据、法制审核意见和拟处罚内容",
}
_Measures = tuple[dict[str, Any], ...]


def _today(place: Place) -> str:
    return legal_date(place.office.time.now()).isoformat()


def _lead(place: Place, process: str = "penalty") -> None:
    """An inspector has found something, and a handler puts it down."""
    today = _today(place)
    lead = {
        "source": "监督检查",
        "violation": "GC004",
        "description": f"检查发现{_FOUND}",
        "found_on": today,
        "act_on": today,
        "place_name": place.about["name"],
        "address": place.about["address"],
        **({"filed_on": today} if process == "penalty" else {}),
    }
    place.number = place.office.open_case(
        process, lead, place.people[_HANDLER], party=place.firm.code
    ).number


def _recorded(place: Place) -> None:
    """What was seen, said, tested and photographed comes into the evidence register."""
    told = (place.about["address"], place.firm.representative, _FOUND)
    place.take("record_scene", _PAIR, scene(*told))
    place.take("record_interview", _PAIR, interview(*told))
    place.register("鉴定意见", "ATP检测报告", _FOUND)
    place.register("视听资料", "现场照片", _FOUND)


def _facts(place: Place) -> str:
    return f"{place.about['name']}{_FOUND}，有现场笔录、询问笔录和检测报告为证"


def _sentence(place: Place, measures: _Measures) -> dict[str, Any]:
    return {
        "violation": "GC004",
        "facts": _facts(place),
        "basis": _BASIS,
        "reasons": "初次查处，配合调查，按一般档裁量",
        "measures": list(measures),
        "stage": "at_once",
        "weight": "standard",
        "gravity": _GRAVE if _CLOSURE in measures else "",
        "departure": _MILDER if _CLOSURE in measures else "",
    }


def _payment(place: Place, amount: str) -> dict[str, Any]:
    today = _today(place)
    voucher = f"{place.number}-{today.replace('-', '')}"
    return {"way": "到指定银行缴纳", "amount": amount, "on": today, "voucher": voucher}


# -- on the way to a decision ----------------------------------------------------------------------


def _investigating(place: Place) -> Story:
    _lead(place)
    yield 1
    filing = {"handlers": ["handler1", "handler2"], "facts": _FOUND, "basis": _BASIS}
    place.take("file", _HANDLER, filing)
    yield 1
    place.take("approve_filing", _APPROVER, {"opinion": "符合立案标准，同意立案"})
    yield 1
    _recorded(place)
    evidence = [{"item": "ATP检测报告", "proves": _FOUND}, {"item": "现场照片", "proves": _FOUND}]
    looked = {"facts": _facts(place), "evidence": evidence, "statement": "承认未按规定消毒"}
    place.take("investigate", _PAIR, looked)
    until = place.workday(10).isoformat()
    items = [{"clause": "用品用具消毒", "requirement": "一客一换一消毒并登记"}]
    place.take("order_correction", _HANDLER, {"items": items, "facts": _FOUND, "until": until})
    place.take("serve_order", _HANDLER, place.receipt())
    yield 2


def _noticed(place: Place, measures: _Measures = _MILD) -> Story:
    yield from _investigating(place)
    evidence = [{"item": "ATP检测报告", "proves": _FOUND}]
    concluded = {"statement": "承认未按规定消毒", "suggestion": "建议依法给予行政处罚"}
    place.take(
        "close_investigation", _PAIR, {"facts": _facts(place), "evidence": evidence, **concluded}
    )
    yield 1
    opinion = {"members": "杨国栋、赵敏", "discussion": "事实清楚，证据充分，意见一致"}
    place.take("propose", _PAIR, {**_sentence(place, measures), **opinion})
    place.take("notify", _HANDLER, _sentence(place, measures))
    yield 1
    place.take("serve_notice", _HANDLER, place.receipt())
    yield 2


def _defended(place: Place) -> Story:
    yield from _noticed(place)
    place.take("state_defence", "applicant", {"text": "已更换全部用品并培训员工，请求从轻处理"})
    yield 4


def _heard(place: Place) -> Story:
    yield from _noticed(place, _HEAVY)
    place.take("request_hearing", "applicant", {"reasons": "停业十日损失过大，请求听证"})
    yield 1
    day = place.workday(9)
    told = {"on": day.isoformat(), "time": "08:30", "room": "三楼听证室"}
    place.take("schedule_hearing", _HANDLER, {**told, "chair": "legal2", "recorder": "李文静"})
    place.take("serve_hearing", _HANDLER, place.receipt())
    yield 9


def _minuted(place: Place) -> Story:
    yield from _heard(place)
    record = {
        "present": f"当事人代表{place.firm.representative}，调查人员杨国栋、赵敏",
        "accusation": _facts(place),
        "answer": "对事实没有异议，已经整改，请求免予停业",
        "closing": "双方坚持各自意见",
        "opinion": "事实清楚，证据确凿，建议维持拟作出的决定",
    }
    place.take("hold_hearing", "legal2", record)
    yield 1


def _reconsidered(place: Place, measures: _Measures, said: str) -> None:
    """What was ordered is looked at again, and what is proposed is weighed once more."""
    met = measures is _MILD
    finding = "已按规定消毒并登记" if met else "仍未按规定消毒"
    results = [{"clause": "用品用具消毒", "met": met, "finding": finding}]
    seen: dict[str, Any]
    if met:
        seen = {"results": results, "corrected_on": _today(place), "summary": "已经改正"}
        place.relative("correction", "recheck", _PAIR, seen)
    else:
        seen = {"results": results, "refused": False, "summary": "逾期未改正"}
        place.relative("correction", "find_not_corrected", _PAIR, seen)
    considered = {"defence_considered": said, "complex_case": measures is _HEAVY}
    place.take("reconsider", _HANDLER, {**_sentence(place, measures), **considered})


def _in_review(place: Place) -> Story:
    yield from _minuted(place)
    _reconsidered(place, _HEAVY, "听证中所述整改情况属实，不影响对违法事实的认定")
    place.take("submit_review", _HANDLER, {"defence_considered": "经听证，建议维持"})
    yield 1


def _before_panel(place: Place) -> Story:
    yield from _in_review(place)
    place.take("pass_review", "legal", place.passed_review("同意拟作出的处罚"))
    yield 1
    for member in ("panel1", "panel2"):
        place.take("vote", member, {"choice": "同意", "opinion": "同意拟作出的处罚"})


def _closed_down(place: Place) -> Story:
    yield from _before_panel(place)
    place.take("vote", "panel3", {"choice": "同意", "opinion": "同意，督促尽快整改"})
    place.take("conclude_panel", _APPROVER, {**_MEETING, "conclusion": "同意"})
    yield 1
    _decide(place, _HEAVY, "serious")
    yield 1
    place.take("serve", _HANDLER, place.receipt())
    yield 6


def _decide(place: Place, measures: _Measures, publicity: str) -> None:
    place.take("decide", _APPROVER, {**_sentence(place, measures), "publicity": publicity})


def _decided(place: Place) -> Story:
    yield from _defended(place)
    _reconsidered(place, _MILD, "已整改属实，已在裁量档内考虑")
    place.take("forgo_review", _HANDLER)
    place.take("forgo_panel", _APPROVER)
    yield 1
    _decide(place, _MILD, "minor")
    yield 1


def _served(place: Place) -> Story:
    yield from _decided(place)
    place.take("serve", _HANDLER, place.receipt())
    yield 3


def _released(place: Place) -> Story:
    yield from _defended(place)
    _reconsidered(place, _MILD, "所述属实：复检合格，原检测采样不规范")
    ground = "违法事实不能成立（第五十七条第一款第三项）"
    reasons = "采样不符合规范，检测结果不能作为定案依据"
    facts = f"经查，现有证据不能证明{place.about['name']}{_FOUND}"
    place.take("release", _APPROVER, {"ground": ground, "facts": facts, "reasons": reasons})
    yield 1


# -- what becomes of a fine ------------------------------------------------------------------------


def _paid(place: Place) -> Story:
    yield from _served(place)
    place.take("record_payment", _HANDLER, _payment(place, "1000.00"))
    yield 2


def _archived(place: Place) -> Story:
    yield from _paid(place)
    done = {"performance": "罚款已按期缴清", "corrected": "已经改正", "opinion": "建议结案"}
    place.take("close", _HANDLER, done)
    yield 5
    volume = f"{_today(place)[:4]}-罚-001"
    place.take("archive", _HANDLER, {"volume": volume, "pages": 86, "complete": True})


def _overdue(place: Place) -> Story:
    yield from _served(place)
    yield 14


def _urged(place: Place) -> Story:
    yield from _overdue(place)
    place.take("urge", _HANDLER, {"duty": "缴纳罚款及加处罚款，缴至决定书载明的银行"})
    yield 1
    place.take("serve_urging", _HANDLER, place.receipt())
    yield 2


def _in_parts(place: Place) -> Story:
    yield from _served(place)
    place.take("ask_for_time", "applicant", {"reason": "停业整改，资金困难", "plan": "分两期缴纳"})
    yield 1
    first, last = ((legal_date(place.office.time.now()) + timedelta(days=n)) for n in (30, 60))
    parts = [
        {"due": first.isoformat(), "amount": "400.00"},
        {"due": last.isoformat(), "amount": "600.00"},
    ]
    plan = {"parts": parts, "until": last.isoformat(), "reason": "确有困难，同意分期"}
    place.take("grant_instalments", _APPROVER, plan)
    yield 8
    place.take("record_payment", _HANDLER, _payment(place, "400.00"))


def _contested(place: Place) -> Story:
    yield from _served(place)
    filed = {"body": "南通市崇川区人民政府", "number": f"〔{_today(place)[:4]}〕崇行复21号"}
    place.take("file_reconsideration", "legal", filed)


def _quashed(place: Place) -> Story:
    """Paid and filed away, and quashed after the firm had begun to repair its record."""
    yield from _archived(place)
    yield 2
    promise = {
        "true_material": True,
        "corrected": True,
        "accepts_liability": True,
        "consents_to_publication": True,
        "signer": place.firm.representative,
    }
    place.relative("repair", "file_nationally", "applicant", promise)
    yield 1
    number = f"〔{_today(place)[:4]}〕崇行复22号"
    place.take("file_reconsideration", "legal", {"body": "南通市崇川区人民政府", "number": number})
    yield 20
    reasons = "采样送检程序不符合规定，主要事实不清"
    ended = {"number": number, "result": "撤销", "reasons": reasons}
    place.take("change_by_reconsideration", "legal", ended)


def _on_the_spot(place: Place) -> Story:
    _lead(place, "simple_penalty")
    _recorded(place)
    given = {
        **_sentence(place, (_WARNING,)),
        "proof": "现场笔录、现场照片",
        "certificates_shown": True,
        "rights_told": True,
        "defence": "当事人没有异议",
        "recipient": place.firm.representative,
    }
    place.take("punish", _PAIR, given)
    yield 1


STORIES: Mapping[str, Callable[[Place], Story]] = {
    "penalty_investigating": _investigating,
    "penalty_noticed": _noticed,
    "penalty_hearing": _heard,
    "penalty_review": _in_review,
    "penalty_panel": _before_panel,
    "penalty_closed_down": _closed_down,
    "penalty_decided": _decided,
    "penalty_released": _released,
    "penalty_paid": _paid,
    "penalty_archived": _archived,
    "penalty_overdue": _overdue,
    "penalty_urged": _urged,
    "penalty_in_parts": _in_parts,
    "penalty_contested": _contested,
    "penalty_quashed": _quashed,
    "penalty_on_the_spot": _on_the_spot,
}
