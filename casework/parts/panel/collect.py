"""Discussion by the heads of the authority (集体讨论): members in post, and their votes."""

from __future__ import annotations

from sqlalchemy import func, select

from casework.acts.act import Act
from casework.acts.actors import in_force, recused
from casework.acts.proposals import draft_of, votes_of
from casework.kernel.facts import FactTable
from casework.models import Post
from state_machines.language.vocabulary import Role
from state_machines.parts.approvals.forms import Reconsidered
from state_machines.parts.panel.facts import PanelNeed, PanelVotes, VotedAlready
from state_machines.parts.panel.forms import Choice


def _need(act: Act) -> PanelNeed:
    grave = act.rules.value("panel.grave_if_heard", act.day, act.region)
    draft = draft_of(act, Reconsidered)
    return PanelNeed(draft is not None and draft.complex_case, bool(grave))


def _votes(act: Act) -> PanelVotes:
    rule = act.rules.value("panel.quorum", act.day, act.region)
    members = act.session.scalar(
        select(func.count(Post.person_id.distinct())).where(
            Post.authority_id == act.case.authority_id,
            Post.role == Role.PANEL_MEMBER.value,
            in_force(act.day, Post),
            Post.person_id.not_in(recused(act.session, act.case)),
        )
    )
    votes = votes_of(act)
    return PanelVotes(
        members or 0,
        len(votes),
        sum(vote.said.choice == Choice.FOR for vote in votes),
        int(rule["least"]),
        str(rule["share"]),
        str(rule["majority"]),
    )


def _voted_already(act: Act) -> VotedAlready:
    voted = {vote.person_id for vote in votes_of(act)}
    return VotedAlready(tuple(o.name for o in act.execution.officers if o.person_id in voted))


FACTS: FactTable = {
    PanelNeed: _need,
    PanelVotes: _votes,
    VotedAlready: _voted_already,
}
