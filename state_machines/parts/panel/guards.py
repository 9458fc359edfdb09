"""Discussion by the heads of the authority (处罚法57第二款, 65)."""

from __future__ import annotations

from fractions import Fraction

from state_machines.language.vocabulary import Refusal, guard
from state_machines.parts.hearing.facts import HearingRight
from state_machines.parts.hearing.guards import may_be_heard
from state_machines.parts.panel.facts import PanelNeed, PanelVotes, VotedAlready

_LAW = "《行政处罚法》第五十七条第二款"


@guard()
def panel_is_not_compulsory(need: PanelNeed, right: HearingRight) -> Refusal | None:
    """The case is neither complex nor grave."""
    if need.complex_case:
        return Refusal(
            "panel_compulsory", "情节复杂或者重大违法行为，应当由负责人集体讨论决定", _LAW
        )
    if need.grave_if_heard and may_be_heard(right):
        return Refusal(
            "panel_compulsory",
            "拟给予的处罚在听证范围内，属于重大行政处罚，应当由负责人集体讨论决定",
            _LAW,
        )
    return None


@guard()
def member_votes_once(voted: VotedAlready) -> Refusal | None:
    """Each member votes once on a draft."""
    if not voted.names:
        return None
    return Refusal("voted_already", f"{'、'.join(voted.names)}已经表决，不能重复表决", _LAW)


def _quorum(votes: PanelVotes) -> Refusal | None:
    needed = max(Fraction(votes.least), Fraction(votes.share) * votes.members)
    if votes.voted >= needed:
        return None
    return Refusal(
        "panel_not_quorate",
        f"参加表决的成员应不少于{votes.least}人并达到全体{votes.members}人的{votes.share}，"
        f"现为{votes.voted}人",
        _LAW,
    )


@guard()
def panel_agrees(votes: PanelVotes) -> Refusal | None:
    """Enough members voted, and more than the majority asked for are in favour."""
    if refused := _quorum(votes):
        return refused
    if votes.in_favour > Fraction(votes.majority) * votes.voted:
        return None
    return Refusal(
        "panel_disagrees", f"{votes.voted}人表决，{votes.in_favour}人同意，未获通过", _LAW
    )


@guard()
def panel_does_not_agree(votes: PanelVotes) -> Refusal | None:
    """Enough members voted, and too few are in favour."""
    if refused := _quorum(votes):
        return refused
    if votes.in_favour <= Fraction(votes.majority) * votes.voted:
        return None
    return Refusal("panel_agrees", "集体讨论已通过，请办理“形成集体讨论意见”", _LAW)
