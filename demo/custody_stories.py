"""Things kept for evidence (先行登记保存、查封、扣押的故事): what inspectors took during a check.

A story leaves several measures of one check side by side, each in a state of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from casework.common.timekeeping import legal_date
from demo.place import Place
from demo.promise_stories import Story, inspected

_PAIR = "inspector1+inspector2"
_OPINION = {"opinion": "同意，注意保存期限"}
_PRESERVE, _DETAIN = "先行登记保存", "扣押"
_BASIS = {
    _PRESERVE: "《中华人民共和国行政处罚法》第五十六条",
    _DETAIN: "《中华人民共和国传染病防治法》第九十九条",
}
_STEPS: Mapping[str, tuple[str, ...]] = {
    "requested": (),
    "approved": ("approve",),
    "preserved": ("approve", "preserve"),
    "seized": ("approve", "seize"),
    "seized_urgently": ("seize_at_once",),
    "testing": ("approve", "seize", "send_for_test"),
    "sent_for_test": ("approve", "preserve", "send_for_test"),
    "tested": ("approve", "preserve", "send_for_test", "receive_result"),
    "released": ("approve", "preserve", "release"),
    "returned": ("approve", "preserve", "release", "give_back"),
    "confiscated": ("approve", "seize", "confiscate"),
    "not_approved": ("reject",),
    "not_carried_out": ("approve", "give_up"),
}
_SEIZED = ("seized", "seized_urgently", "testing", "confiscated")
# Which measures a check leaves behind, with what was taken.
_TAKEN: Mapping[str, tuple[tuple[str, str], ...]] = {
    "custody_asked": (("not_approved", "床单"), ("requested", "登记簿"), ("approved", "消毒液")),
    "custody_begun": (("preserved", "漱口杯"), ("seized_urgently", "无标签消毒液")),
    "custody_tested": (
        ("tested", "洗手液"),
        ("sent_for_test", "池水消毒剂"),
        ("testing", "空调滤网"),
    ),
    "custody_kept": (("seized", "过期消毒剂"), ("released", "检测报告原件")),
    "custody_ended": (
        ("returned", "消毒柜使用记录"),
        ("confiscated", "假冒消毒液"),
        ("not_carried_out", "毛巾"),
    ),
}
_BY = {
    "approve": "approver", "reject": "approver", "release": "approver", "confiscate": "approver",
    "send_for_test": "inspector1", "receive_result": "inspector1", "give_up": "inspector1",
}  # fmt: skip


def _given(place: Place, step: str, things: list[dict[str, str]]) -> dict[str, Any]:
    """What a step of a custody is given, by its officers."""
    today = legal_date(place.office.time.now())
    representative = place.firm.representative
    taking = {
        "things": things,
        "keeper": "证据保管员",
        "storage": "本机关证据室3号柜",
        "person": representative,
        "certificates_shown": True,
    }
    given: Mapping[str, dict[str, Any]] = {
        "approve": _OPINION,
        "reject": {"opinion": "可以用拍照方式取证，不予批准"},
        "preserve": taking,
        "seize": taking,
        "seize_at_once": taking,
        "send_for_test": {
            "what": f"{things[0]['name']}一份，检测主要指标",
            "institution": "南通市疾病预防控制中心",
            "expected_until": (today + timedelta(days=20)).isoformat(),
        },
        "receive_result": {"report": f"检字{today:%Y%m%d}号", "result": "检测结果符合要求"},
        "release": {"ground": "已采取记录、复制、拍照、录像等证据保全措施"},
        "confiscate": {
            "decision_number": f"（{today.year}）苏0613刑初16号",
            "decided_on": today.isoformat(),
        },
        "give_up": {"opinion": "当事人已主动提供样品，不再实施"},
        "give_back": {
            "things": things,
            "recipient": representative,
            "id_document": "居民身份证，已核对",
        },
    }
    return given[step]


def _custodies(taken: tuple[tuple[str, str], ...]) -> Callable[[Place], Story]:
    def story(place: Place) -> Story:
        yield from inspected(place, "供顾客使用的用品用具")
        for state, thing in taken:
            # Unless it is approved within the day, what was seized at once is lifted.
            yield place.end - timedelta(hours=3) if state == "seized_urgently" else 1
            measure = _DETAIN if state in _SEIZED else _PRESERVE
            things = [{"name": thing, "spec": "", "quantity": "1件"}]
            asked = {
                "measure": measure,
                "things": things,
                "address": place.about["address"],
                "grounds": f"{thing}涉嫌不符合卫生要求，证据可能灭失",
                "basis": _BASIS[measure],
                "urgent": state == "seized_urgently",
                "lawful_object": True,
            }
            place.check("request_custody", _PAIR, asked)
            for step in _STEPS[state]:
                yield timedelta(minutes=30)
                if step == "confiscate":
                    number = _given(place, step, things)["decision_number"]
                    ruling, of = f"{number}刑事判决书", place.related("custody")
                    place.register("书证", ruling, f"判决没收{thing}", of)
                place.relative("custody", step, _BY.get(step, _PAIR), _given(place, step, things))

    return story


STORIES: Mapping[str, Callable[[Place], Story]] = {
    name: _custodies(taken) for name, taken in _TAKEN.items()
}
