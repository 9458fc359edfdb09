"""Penalties that move a licence (暂扣、吊销许可证件): by a decision that is there and stands."""

from __future__ import annotations

from state_machines.language.vocabulary import Refusal, guard
from state_machines.licensing.penalised.facts import (
    LicencesToTake,
    LicenceToGiveBack,
    PenaltyBehind,
    PenaltyUndone,
    PlaceLicensedAnew,
    SuspensionTerm,
    Termless,
)

_LAW = "《行政处罚法》第九条第三项"
_BACK = "《行政复议法》第六十四条、《行政诉讼法》第七十条、《行政处罚法》第七十五条第二款"


@guard(needs_input=True)
def penalty_decided_it(penalty: PenaltyBehind) -> Refusal | None:
    """A licence is taken away by a decision against its holder, at that place, which was served
    and stands."""
    number = penalty.number
    if penalty.elsewhere:
        return _named(penalty)
    if not penalty.here:
        return Refusal(
            "penalty_unknown",
            f"没有查到文号为“{number}”的行政处罚决定；其他机关作出的或者启用本系统前作出的，"
            "请在“处罚决定来源”中选择，并写明作出机关、送达日期和核验情况",
            _LAW,
        )
    if not penalty.of_holder:
        return Refusal(
            "penalty_of_another",
            f"文号为“{number}”的处罚决定不是对本证持证人在本证场所的违法行为作出的",
            _LAW,
        )
    if not penalty.decided:
        return Refusal(
            "measure_not_decided", f"处罚决定“{number}”没有决定“{penalty.measure}”", _LAW
        )
    if penalty.undone:
        return Refusal("penalty_undone", f"处罚决定“{number}”{penalty.undone}，不能据以办理", _BACK)
    if penalty.served_on is None:
        return Refusal(
            "penalty_not_served",
            f"处罚决定“{number}”尚未送达当事人，送达后方可办理",
            "《行政处罚法》第六十一条",
        )
    if penalty.said_on != penalty.decided_on:
        return Refusal(
            "decision_day_differs",
            f"处罚决定“{number}”的日期是{penalty.decided_on:%Y-%m-%d}，请核对",
            "《行政处罚法》第五十九条",
        )
    return None


def _named(penalty: PenaltyBehind) -> Refusal | None:
    """What was decided elsewhere is named so that anybody can check it."""
    if penalty.here:
        return Refusal(
            "penalty_is_here",
            f"“{penalty.number}”由本系统的处罚案件作出，请在“处罚决定来源”中选择本系统办理的案件",
            _LAW,
        )
    if penalty.unnamed:
        return Refusal(
            "penalty_not_named",
            f"不是本系统办理的处罚决定，应当写明：{'、'.join(penalty.unnamed)}",
            "《行政处罚法》第五十九条、第六十一条",
        )
    if penalty.served_on and penalty.said_on <= penalty.served_on <= penalty.today:
        return None
    return Refusal(
        "service_day_impossible",
        "送达日期不能早于处罚决定日期，也不能晚于办理之日",
        "《行政处罚法》第六十一条",
    )


@guard(needs_input=True)
def suspension_is_as_decided(term: SuspensionTerm) -> Refusal | None:
    """A licence is suspended for the days decided, counted from the day after service."""
    if term.decided_days is not None and term.days != term.decided_days:
        return Refusal(
            "suspension_differs",
            f"处罚决定暂扣{term.decided_days}日，不能办理暂扣{term.days}日",
            _LAW,
        )
    if term.due is not None and term.until != term.due:
        return Refusal(
            "suspension_end_differs",
            f"自送达之日起暂扣{term.days}日，暂扣至{term.due:%Y-%m-%d}，不是{term.until:%Y-%m-%d}",
            "《行政处罚法》第九条第三项、《民事诉讼法》第八十五条第二款（参照）",
        )
    return None


@guard()
def penalty_came_to_nothing(penalty: PenaltyUndone) -> Refusal | None:
    """A licence is given back when the decision that took it was overturned or undone. One made
    elsewhere is known by the paper that the form names."""
    if penalty.undone or not penalty.here:
        return None
    return Refusal(
        "penalty_stands",
        f"处罚决定“{penalty.number}”未被撤销、变更，许可证不能恢复",
        _BACK,
    )


@guard()
def place_is_not_licensed_anew(place: PlaceLicensedAnew) -> Refusal | None:
    """One licence per premises, also when an earlier one is given back."""
    if not place.licences:
        return None
    return Refusal(
        "place_licensed",
        f"该场所已另行核发卫生许可（{'、'.join(place.licences)}），依法处理该许可后方可恢复本证",
        "《公共场所卫生管理条例实施细则》第二十二条",
    )


@guard()
def licence_is_taken(licences: LicencesToTake) -> Refusal | None:
    """Where 吊销 or 暂扣 was decided, it has been done before the case is closed."""
    if not licences.waiting:
        return None
    told = "；".join(f"{measure}：{number}" for measure, number in licences.waiting)
    return Refusal(
        "licence_not_taken",
        f"已决定的处罚尚未在许可证上办理（{told}）",
        f"{_LAW}、《行政许可法》第七十条",
    )


@guard()
def licence_is_given_back(licence: LicenceToGiveBack) -> Refusal | None:
    """Where the decision came to nothing, what it took has been given back before the case is
    closed."""
    if not licence.undone or not licence.taken:
        return None
    return Refusal(
        "licence_not_given_back",
        f"处罚决定{licence.undone}，许可证 {'、'.join(licence.taken)} 尚未恢复",
        _BACK,
    )


@guard(needs_input=True)
def terms_are_stated(sentence: Termless) -> Refusal | None:
    """A measure for a time says for how long."""
    if not sentence.kinds:
        return None
    return Refusal(
        "term_missing",
        f"“{'、'.join(sentence.kinds)}”没有写明期限（日）",
        "《行政处罚法》第五十九条第一款第三项",
    )
