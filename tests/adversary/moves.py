"""The moves of an adversary (违法办理的手法): each turns a lawful attempt into one that is none.

What a move is stopped by, if it is seen for what it is, stands beside it: the codes of its first
guards. Whatever gets past these must be stopped by something later, or do no harm.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from tests.adversary.attempts import Attempt, moved
from tests.support.penalties import CLOSURE, GRAVE, fine
from tests.support.town import Town

Change = Callable[[Town, Random, Attempt], bool]


@dataclass(frozen=True)
class Move:
    """A move: what it does to an attempt (False: it does not fit), and its first guards; `anywhere`
    if it fits almost every step; the rarer the steps that it fits, the greater its `weight`."""

    name: str
    change: Change
    guards: frozenset[str]
    anywhere: bool
    weight: float


MOVES: dict[str, Move] = {}
# What is done beside the steps of a case, or by way of a new one, and what stops it at once.
BESIDE: Mapping[str, frozenset[str]] = {
    "撤回证据": frozenset(("not-allowed", "bad-input", "not_assigned")),
    "补登往日证据": frozenset(("entered_late", "bad-date", "bad-input")),
    "说明是另一行为": frozenset(("no_such_earlier_case", "not-allowed", "bad-input")),
    "准予补录": frozenset(("not-allowed", "bad-input", "recused")),
    "立案日期提前": frozenset(("entered_late", "bad-date", "bad-input")),
    # To open it is no wrong; to tell, decide or press it is.
    "同一行为再办": frozenset(
        (
            "act_fined_before",
            "act_exempted_before",
            "act_fined_twice",
            "difference_not_told",
        )
    ),
}
# One time in so many any move is drawn, else first those that fit few steps.
_ANY = 4


def drawn_moves(chance: Random, among: Collection[str] = ()) -> list[Move]:
    """All moves (or those named) in the order in which they are to be tried: special ones before
    those that fit almost anywhere, and those of few steps mostly before those of many."""
    moves = [move for move in MOVES.values() if not among or move.name in among]
    chance.shuffle(moves)
    if chance.randrange(_ANY) == 0:
        return moves
    order = {move.name: chance.random() ** (1 / move.weight) for move in moves}
    return sorted(moves, key=lambda move: (move.anywhere, -order[move.name]))


def _move(
    name: str, *guards: str, anywhere: bool = False, weight: float = 1
) -> Callable[[Change], Change]:
    def keep(change: Change) -> Change:
        MOVES[name] = Move(name, change, frozenset(guards), anywhere, weight)
        return change

    return keep


# -- days ------------------------------------------------------------------------------------------


@_move(
    "日期提前", "day_of_entry", "bad-date", "entered_late", "before_it_was_entered", anywhere=True
)
def _back(town: Town, chance: Random, attempt: Attempt) -> bool:
    attempt.on = town.time.now().date() - timedelta(days=chance.choice((1, 1, 2, 3, 5, 8, 15, 30)))
    return True


@_move(
    "时刻提前", "day_of_entry", "bad-date", "entered_late", "before_it_was_entered", anywhere=True
)
def _hours_back(town: Town, chance: Random, attempt: Attempt) -> bool:
    attempt.on = town.time.now() - timedelta(minutes=chance.choice((1, 30, 180, 1500, 2900)))
    return True


@_move("日期推后", "bad-date", anywhere=True)
def _forward(town: Town, chance: Random, attempt: Attempt) -> bool:
    attempt.on = town.time.now().date() + timedelta(days=chance.choice((1, 5)))
    return True


@_move(
    "表内日期提前",
    "bad-date",
    "entered_late",
    "before_it_was_entered",
    "bad-input",
    anywhere=True,
    weight=5,
)
def _told_back(_town: Town, chance: Random, attempt: Attempt) -> bool:
    return _shift(attempt, -chance.choice((1, 2, 5, 10, 25, 60)))


@_move("表内日期推后", "bad-date", "bad-input", anywhere=True, weight=5)
def _told_forward(_town: Town, chance: Random, attempt: Attempt) -> bool:
    return _shift(attempt, chance.choice((1, 2, 5, 10, 25, 60)))


def _shift(attempt: Attempt, days: int) -> bool:
    before, attempt.given = attempt.given, moved(attempt.given, days)
    return bool(before != attempt.given)


# -- officers --------------------------------------------------------------------------------------


@_move("换人办理", "not-allowed", "not-found", anywhere=True)
def _anybody(town: Town, chance: Random, attempt: Attempt) -> bool:
    attempt.by = chance.choice(sorted(town.people))
    return True


@_move("一人身兼各职", "separation_of_duties", "not_assigned", anywhere=True)
def _of_all_offices(_town: Town, _chance: Random, attempt: Attempt) -> bool:
    if attempt.by.startswith("applicant"):
        return False
    attempt.by = "allround"
    return True


@_move("执法证过期", "certificate_invalid", anywhere=True)
def _expired(_town: Town, chance: Random, attempt: Attempt) -> bool:
    if not attempt.second or chance.random() < 0.5:
        attempt.by = "lapsed"
    else:
        attempt.second = "lapsed"
    return True


@_move("一人签两次", "second-signature")
def _twice(_town: Town, chance: Random, attempt: Attempt) -> bool:
    if not attempt.second or attempt.by not in ("handler1", "inspector1"):
        return False
    attempt.second = chance.choice((attempt.by, f"{attempt.by}_again"))
    return True


@_move("外区人员", "not-found", "not-allowed", anywhere=True)
def _foreign(town: Town, chance: Random, attempt: Attempt) -> bool:
    if f"{attempt.by}_b" not in town.people:
        return False
    if attempt.second and chance.random() < 0.5:
        attempt.second = f"{attempt.second}_b"
    else:
        attempt.by = f"{attempt.by}_b"
    return True


@_move("代当事人办理", "not-allowed", "no_signed_statement", "no_signed_paper", weight=2)
def _for_the_party(_town: Town, chance: Random, attempt: Attempt) -> bool:
    if not attempt.by.startswith("applicant"):
        return False
    attempt.by, attempt.papers = chance.choice(("handler1", "inspector1", "window")), False
    return True


@_move(
    "指定已回避或他人承办",
    "recused",
    "bad-input",
    "certificate_invalid",
    "chair_unknown",
    "unknown_officer",
    "another_officer",
    weight=6,
)
def _named(town: Town, chance: Random, attempt: Attempt) -> bool:
    found = False
    recused = recused_in(attempt)
    for holder, name in _places(attempt.given):
        named = recused or chance.choice(sorted(town.people))
        if name in ("handlers", "inspectors", "collectors") and isinstance(holder[name], list):
            holder[name] = [named, *[one for one in holder[name] if one != named][:1]]
            found = True
        elif name in ("chair", "officer"):
            holder[name] = named
            found = True
    return found


@_move("已回避的人办理", "recused", "not-allowed", weight=12)
def _recused(_town: Town, chance: Random, attempt: Attempt) -> bool:
    recused = recused_in(attempt)
    if not recused or not attempt.by.startswith(recused.rstrip("2")):
        return False
    if attempt.second and chance.random() < 0.5:
        attempt.by, attempt.second = ("handler1" if recused == "handler2" else attempt.by), recused
    else:
        attempt.by = recused
        if attempt.second == recused:
            attempt.second = "handler1"
    return True


def recused_in(attempt: Attempt) -> str:
    """The account of whoever was recused in the case; empty if nobody was."""
    decided = attempt.case.data.get("decide_recusal", {})
    return str(decided["officer"]) if decided.get("recused") else ""


# -- what is said ----------------------------------------------------------------------------------


@_move(
    "处罚加重",
    "notice_heavier",
    "notice_differs",
    "measure_not_of_the_article",
    "measure_not_of_the_stage",
    "variation_of_another_kind",
    "not_for_the_spot",
    "fine_not_for_the_spot",
    weight=3,
)
def _heavier(_town: Town, chance: Random, attempt: Attempt) -> bool:
    measures = _measures(attempt)
    if measures is None:
        return False
    extra = [
        CLOSURE,
        {"kind": "吊销许可证件", "amount": "", "days": 0, "detail": "公共场所卫生许可证"},
        {
            "kind": "没收非法财物",
            "amount": chance.choice(("", "80000.00")),
            "days": 0,
            "detail": "毛巾",
        },
        {"kind": "没收违法所得", "amount": "60000.00", "days": 0, "detail": ""},
        {"kind": "限制从业", "amount": "", "days": 365, "detail": ""},
        {"kind": "通报批评", "amount": "", "days": 0, "detail": ""},
        fine(chance.choice(("1400.01", "2000.00", "20000.00", "60000.00"))),
    ]
    added = copy.deepcopy(chance.choice(extra))
    measures[:] = [one for one in measures if one["kind"] != added["kind"]] + [added]
    if chance.random() < 0.5:
        attempt.given["gravity"] = GRAVE
    return True


@_move("罚款在幅度边上", "fine_out_of_range", "fine_not_of_its_step", "fine_outside_step", weight=2)
def _at_the_border(_town: Town, chance: Random, attempt: Attempt) -> bool:
    measures = _measures(attempt)
    if measures is None:
        return False
    border = ("0.01", "599.99", "600.00", "1400.00", "1400.01", "2000.00", "2000.01", "50000.00")
    for one in measures:
        if one["kind"] == "罚款":
            one["amount"] = chance.choice(border)
            attempt.given["weight"] = chance.choice(("reduced", "lighter", "standard", "heavier"))
            return True
    return False


@_move("自由文字扩大范围", "detail_adds_penalty", "notice_heavier", "notice_differs", weight=3)
def _wider(_town: Town, chance: Random, attempt: Attempt) -> bool:
    measures = _measures(attempt)
    if not measures:
        return False
    chance.choice(measures)["detail"] = chance.choice(
        ("并罚款五万元", "全部门店停业", "吊销许可证")
    )
    return True


@_move("阶段、情节加重", "not_proved_uncorrected", "not_repeated", "not_failed_to_correct")
def _graver(_town: Town, chance: Random, attempt: Attempt) -> bool:
    if not isinstance(attempt.given, dict) or "stage" not in attempt.given:
        return False
    attempt.given |= chance.choice(
        (
            {"stage": "uncorrected"},
            {"stage": "grave", "gravity": GRAVE},
            {"weight": "heavier", "aggravations": ["屡教不改"], "circumstances": "多次违法"},
            {
                "weight": "heavier",
                "aggravations": ["责令改正后逾期不改正"],
                "circumstances": "没有改正",
            },
            {"stage": "uncorrected", "measures": [fine("15000.00")], "weight": "heavier"},
        )
    )
    return True


@_move(
    "失信类别不符", "publicity_class_graver", "publicity_class_wrong", "publicity_wrong", weight=12
)
def _class(_town: Town, chance: Random, attempt: Attempt) -> bool:
    if not isinstance(attempt.given, dict) or "publicity" not in attempt.given:
        return False
    attempt.given |= {
        "publicity": chance.choice(("minor", "general", "serious")),
        "shown": chance.random() < 0.5,
    }
    return True


@_move(
    "改写事实、依据",
    "notice_differs",
    "prior_notice_differs",
    "basis_missing",
    "basis_unknown",
    "basis_is_free_text",
    weight=0.3,
)
def _other_words(_town: Town, chance: Random, attempt: Attempt) -> bool:
    texts = [
        (holder, name)
        for holder, name in _places(attempt.given)
        if name in ("facts", "basis", "reasons", "violation", "evidence", "proof", "ground")
        and isinstance(holder[name], str)
    ]
    if not texts:
        return False
    holder, name = chance.choice(texts)
    other: Mapping[str, tuple[str, ...]] = {
        "basis": ("有关规定", "《公共场所卫生管理条例实施细则》第三十七条"),
        "violation": ("GC001", "GC012", "GC003"),
    }
    holder[name] = chance.choice(other.get(name, (f"{holder[name]}；另有违法行为", "询问笔录为证")))
    return True


@_move("另选结果", "ending_differs_from_judgment", "bad-input", anywhere=True, weight=2)
def _another_choice(_town: Town, chance: Random, attempt: Attempt) -> bool:
    step = attempt.declared
    if step is None or not isinstance(attempt.given, dict):
        return False
    form = step.form or {}
    known = form.get("$defs", {})
    offered = {
        name: choices
        for name, field in form.get("properties", {}).items()
        if name != "way" and len(choices := _choices(field, known)) > 1
    }
    if not offered:
        return False
    name = chance.choice(sorted(offered))
    attempt.given[name] = chance.choice(offered[name])
    return True


def _choices(field: Mapping[str, Any], known: Mapping[str, Any]) -> list[Any]:
    for part in (field, *field.get("anyOf", ()), *field.get("allOf", ())):
        if "enum" in part:
            return list(part["enum"])
        if found := known.get(part.get("$ref", "").rpartition("/")[2], {}).get("enum"):
            return list(found)
    return []


@_move("是否颠倒", "bad-input", anywhere=True, weight=3)
def _turned(_town: Town, chance: Random, attempt: Attempt) -> bool:
    found = [(h, n) for h, n in _places(attempt.given) if isinstance(h[n], bool)]
    if not found:
        return False
    holder, name = chance.choice(found)
    holder[name] = not holder[name]
    return True


@_move("留空", "bad-input", anywhere=True)
def _blank(_town: Town, chance: Random, attempt: Attempt) -> bool:
    found = [(h, n) for h, n in _places(attempt.given) if isinstance(h[n], str | list) and h[n]]
    if not found:
        return False
    holder, name = chance.choice(found)
    holder[name] = type(holder[name])()
    return True


@_move("金额不符", "bad-input", "sum_wrong", "still_owed")
def _sums(_town: Town, chance: Random, attempt: Attempt) -> bool:
    found = [(h, n) for h, n in _places(attempt.given) if n == "amount" and h[n]]
    if not found:
        return False
    holder, name = chance.choice(found)
    holder[name] = chance.choice(("0.01", "399.99", "999.99", "1000.01", "2000.00", "90000.00"))
    return True


@_move("以补正更名", "identity_is_no_slip", "not_there", weight=12)
def _renamed(_town: Town, chance: Random, attempt: Attempt) -> bool:
    if not isinstance(attempt.given, dict) or "items" not in attempt.given:
        return False
    if not attempt.step.startswith("correct"):
        return False
    attempt.given["items"] = [
        chance.choice(
            (
                {"field": "当事人名称", "wrong": "滨江宾馆", "right": "云水浴场"},
                {"field": "当事人名称", "wrong": "南通", "right": "苏州"},
                {"field": "当事人地址", "wrong": "崇川", "right": "通州"},
                {"field": "执法人员姓名", "wrong": "甲handler1", "right": "甲head1"},
            )
        )
    ]
    return True


# -- service ---------------------------------------------------------------------------------------


@_move("没有送达凭证", "no_signed_receipt", "no_return_slip", "end_not_proved", weight=2)
def _no_proof(_town: Town, _chance: Random, attempt: Attempt) -> bool:
    if not attempt.step.startswith(("serve", "record_receipt", "end_execution")):
        return False
    attempt.papers = False
    return True


@_move("另一种送达方式", "no_consent", "bad-input", "wrong_receiver")
def _another_way(_town: Town, chance: Random, attempt: Attempt) -> bool:
    if not isinstance(attempt.given, dict) or "way" not in attempt.given:
        return False
    ways = ("直接送达", "留置送达", "邮寄送达", "电子送达", "委托送达", "转交送达")
    attempt.given["way"] = chance.choice(ways)
    attempt.papers = chance.random() < 0.7
    return True


@_move("送给他人", "wrong_receiver", "agent_not_named", "bad-input", weight=2)
def _passer_by(_town: Town, chance: Random, attempt: Attempt) -> bool:
    if not isinstance(attempt.given, dict) or "recipient" not in attempt.given:
        return False
    attempt.given["recipient"] = chance.choice(("路人甲", "李敏", ""))
    receivers = ("受送达人本人", "法定代表人、主要负责人", "代理人、指定代收人", "单位负责收件的人")
    attempt.given["receiver"] = chance.choice(receivers)
    return True


# -- order -----------------------------------------------------------------------------------------


@_move("次序颠倒", "step-not-of-state", anywhere=True)
def _out_of_order(_town: Town, chance: Random, attempt: Attempt) -> bool:
    attempt.step = chance.choice([one.name for one in attempt.process.every_step])
    return True


def _measures(attempt: Attempt) -> list[dict[str, Any]] | None:
    if not isinstance(attempt.given, dict):
        return None
    found = attempt.given.get("measures")
    return found if isinstance(found, list) else None


def _places(given: Any) -> Iterator[tuple[Any, Any]]:
    """Every place of an input that holds something."""
    pairs = (
        list(given.items())
        if isinstance(given, dict)
        else list(enumerate(given))
        if isinstance(given, list)
        else []
    )
    for name, one in pairs:
        yield given, name
        yield from _places(one)
