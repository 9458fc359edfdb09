"""What documents print of a legal review (法制审核): who reviewed, and by what qualification."""

from __future__ import annotations

from typing import TypedDict

from sqlalchemy import select

from casework.acts.act import Act
from casework.acts.actors import in_force
from casework.documents.paper_parts import Part, Parts
from casework.models import Post
from state_machines.language.vocabulary import Role


class ReviewerPart(TypedDict):
    """Who reviews, with the number of the law qualification (法律职业资格证书, 处罚法58); it is
    empty for those who did so before it was asked for."""

    name: str
    qualification: str


def _reviewers(act: Act) -> list[ReviewerPart]:
    """The persons who take the step, with the qualification of the post that they hold on its
    day."""
    rows = act.session.execute(
        select(Post.person_id, Post.law_qualification)
        .where(
            Post.person_id.in_([officer.person_id for officer in act.execution.officers]),
            Post.authority_id == act.case.authority_id,
            Post.role == Role.LEGAL_REVIEWER.value,
            Post.law_qualification.is_not(None),
            in_force(act.day, Post),
        )
        .order_by(Post.id)
    )
    known = {row.person_id: str(row.law_qualification) for row in rows}
    return [
        {"name": officer.name, "qualification": known.get(officer.person_id, "")}
        for officer in act.execution.officers
    ]


PARTS: Parts = {"reviewers": Part(_reviewers)}
