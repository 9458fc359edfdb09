"""Who handles a case: recusal and qualification (回避、资格)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select

from casework.acts.act import Act
from casework.acts.actors import in_force
from casework.kernel.facts import FactTable
from casework.models import Account, Person, Post
from state_machines.language.vocabulary import Role
from state_machines.parts.officers.facts import RecusalAsked, RecusedOfficer, ReviewerStanding
from state_machines.parts.officers.forms import ASK_RECUSAL, DECIDE_RECUSAL, RecusalDecision


def asked_aside(act: Act) -> str:
    """Whom the request names that is not decided yet, as it was written; empty if none is open."""
    if act.before.latest((ASK_RECUSAL, DECIDE_RECUSAL)) != ASK_RECUSAL:
        return ""
    return act.before.needed(ASK_RECUSAL).officer


def officers_named(act: Act, said: str, *, on: date | None = None) -> list[str]:
    """The names in `said`, with or without a title, of people who hold a post of the case's
    authority on that day, or held one at any time."""
    name = func.replace(Person.name, " ", "")
    found = set(
        act.session.scalars(
            select(name)
            .join(Post, Post.person_id == Person.id)
            .where(
                Post.authority_id == act.case.authority_id,
                func.strpos(bare(said), name) > 0,
                *([in_force(on, Post)] if on else []),
            )
        )
    )
    # 王芳 is not named where 王芳菲 is.
    return sorted(one for one in found if not any(one in more for more in found - {one}))


def bare(said: str) -> str:
    """A name without the blanks that some write between its characters."""
    return "".join(said.split())


def _recusal_asked(act: Act) -> RecusalAsked:
    """A request of yesterday that names nobody of this authority holds up no other."""
    asked = asked_aside(act)
    found = officers_named(act, asked) if asked else []
    return RecusalAsked(found[0] if found else None)


def _recused_officer(act: Act) -> RecusedOfficer:
    found = act.session.execute(
        select(Person.id, Person.name)
        .join(Account, Account.person_id == Person.id)
        .join(Post, Post.person_id == Person.id)
        .where(
            Account.username == act.filled(RecusalDecision).officer,
            Post.authority_id == act.case.authority_id,
        )
        .limit(1)
    ).one_or_none()
    if found is None:
        return RecusedOfficer(None, False)
    return RecusedOfficer(
        bare(found.name), found.id in {o.person_id for o in act.execution.officers}
    )


def _reviewer_standing(act: Act) -> ReviewerStanding:
    persons = [officer.person_id for officer in act.execution.officers]
    ours = (Post.person_id.in_(persons), Post.role == Role.LEGAL_REVIEWER.value)
    since = act.session.scalar(select(func.min(Post.valid_from)).where(*ours))
    # What stood in a post that has ended, or is to come, qualifies nobody that day.
    numbers = act.session.scalar(
        select(func.count(Post.law_qualification)).where(
            *ours,
            in_force(act.day, Post),
        )
    )
    needed = act.rules.value("review.qualification_needed_from", act.day, act.region)
    return ReviewerStanding(since, date.fromisoformat(needed), bool(numbers))


FACTS: FactTable = {
    RecusalAsked: _recusal_asked,
    RecusedOfficer: _recused_officer,
    ReviewerStanding: _reviewer_standing,
}
