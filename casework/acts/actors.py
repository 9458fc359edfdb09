"""Who acts: a logged-in person, the posts and mandates held on the legal date, and what they allow.

Duties are separated by person, never by account (处罚法42, 58, 64).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import JSON, ColumnElement, bindparam, column, func, select, true, union_all
from sqlalchemy.orm import Session

from casework.acts.dossier import dossier_of
from casework.acts.successions import successors
from casework.common.problems import BadInput, NotAllowed
from casework.models import (
    Account,
    Case,
    Delegation,
    Evidence,
    LogRow,
    Mandate,
    Participant,
    Person,
    Post,
)
from state_machines.language.vocabulary import Refusal, Role, Step
from state_machines.parts.evidence.part import ADD, REPLACE
from state_machines.parts.interested_party.part import PROCESS as INTERESTED
from state_machines.processes import PROCESSES

# In which facts are found against a party (处罚法42、54): what two sign there is an inquiry.
_ENFORCING = frozenset(
    (
        "commitment_check",
        "correction_order",
        "evidence_custody",
        "first_offence_exemption",
        "penalty",
        "simple_penalty",
    )
)
_HEADS = (Role.APPROVER.value, Role.ECO_APPROVER.value)
# In what capacity somebody acts for a party.
CAPACITIES = {"representative": "法定代表人（负责人）", "agent": "委托代理人"}


@dataclass(frozen=True)
class Actor:
    """A logged-in person."""

    account_id: int
    person_id: int
    name: str


@dataclass(frozen=True)
class Capacity:
    """The roles a person holds towards a case on certain days, and the mandate for its party."""

    roles: frozenset[Role]
    mandate: Mandate | None


@dataclass(frozen=True)
class Involvement:
    """Everything a person is, was or will be to one case: posts, mandates, guests' tracks."""

    person_id: int
    name: str
    posts: Sequence[Post]
    mandates: Sequence[Mandate]
    guests: Sequence[Participant]
    delegations: Sequence[Delegation]
    heads: Sequence[Post]
    owner_id: int

    def on(self, days: Iterable[date], track: str | None = None) -> Capacity:
        """What holds on all of these days (the legal date and today) for steps of that track, or
        of the case itself: a guest authority acts in its own track only. A post that goes on
        with another certificate is another row.

        Of several mandates the widest counts.
        """
        wanted = list(days)
        mandate = widest(m for m in self.mandates if _holds(m, wanted))
        mine = {g.authority_id for g in self.guests if g.track == track and _holds(g, wanted)}
        held = [
            {
                Role(post.role)
                for post in self._posts_on([day])
                if post.authority_id == self.owner_id or post.authority_id in mine
            }
            for day in wanted
        ]
        roles = set.intersection(*held) if held else set[Role]()
        if mandate and may_file(mandate):
            roles.add(Role.APPLICANT)
        return Capacity(frozenset(roles), mandate)

    def represents_on(self, day: date) -> bool:
        """Whether the person acts for the case's party, in whatever capacity."""
        return any(_holds(mandate, [day]) for mandate in self.mandates)

    def own_posts_on(self, day: date) -> list[Post]:
        """The posts at the authority whose case it is."""
        return [post for post in self._posts_on([day]) if post.authority_id == self.owner_id]

    def guest_posts_on(self, day: date, tracks: Collection[str]) -> list[Post]:
        """The posts at an authority that takes part in the case by one of these tracks."""
        guests = {g.authority_id for g in self.guests if g.track in tracks and _holds(g, [day])}
        return [post for post in self._posts_on([day]) if post.authority_id in guests]

    def takes_part_on(self, day: date, *, private: bool, confidential: bool) -> bool:
        """Whether the case is any of the person's business: a private one is its party's only, a
        confidential one the authority's."""
        as_party = self.represents_on(day) and not confidential
        return as_party or (not private and bool(self._posts_on([day])))

    def certificate_on(self, day: date) -> str | None:
        """The number of an enforcement certificate (执法证件) valid on that day, of an authority
        that takes part in the case."""
        for post in self._posts_on([day]):
            expires = post.certificate_expires
            if post.certificate_number and expires and expires >= day:
                return post.certificate_number
        return None

    def delegation_on(
        self, days: Iterable[date], process: str, step: str, *, ends_with_head: bool
    ) -> Delegation | None:
        """The written delegation of the case's authority that lets the person decide this step, if
        one holds on all of these days; where it `ends_with_head`, whoever signed it leads still."""
        wanted, decided = list(days), f"{process}.{step}"
        found = (
            delegation
            for delegation in self.delegations
            if decided in delegation.scope
            and not delegation.unconfirmed
            and _holds(delegation, wanted)
            and (not ends_with_head or self._is_borne(delegation, wanted))
        )
        return next(found, None)

    def _is_borne(self, delegation: Delegation, days: Sequence[date]) -> bool:
        """Whether whoever signed a delegation is a head of the authority on each of these days,
        also by a post that goes on as another row."""
        own = [post for post in self.heads if post.person_id == delegation.granted_by]
        return all(any(_holds(post, [day]) for post in own) for day in days)

    def _posts_on(self, days: Sequence[date]) -> list[Post]:
        """The posts at the owner or a guest that hold on all of these days."""
        present = {guest.authority_id for guest in self.guests if _holds(guest, days)}
        return [
            post
            for post in self.posts
            if _holds(post, days) and post.authority_id in (self.owner_id, *present)
        ]


def may_file(mandate: Mandate) -> bool:
    """Whether a mandate lets its holder act on applications, rather than only receive."""
    return mandate.capacity == "representative" or "file" in mandate.scope


def in_force(
    day: date, of: type[Mandate | Post | Delegation | Participant] = Mandate
) -> ColumnElement[bool]:
    """The condition on a mandate, or on a row of another kind, under which it holds on that day."""
    return (of.valid_from <= day) & (of.valid_to.is_(None) | (of.valid_to >= day))


def ever_in_force(of: type[Post | Delegation] = Post) -> ColumnElement[bool]:
    """The condition on a post, or a delegation, under which it held on some day, or will: one that
    was called off before it began says nothing."""
    return of.valid_to.is_(None) | (of.valid_to >= of.valid_from)


def mandate_present(session: Session, mandate_id: int, days: Iterable[date]) -> Mandate:
    """The mandate of whoever is present at the counter (到场人员), if it held on all these days.

    Raises BadInput if there is no such mandate, NotAllowed if it did not hold.
    """
    mandate = session.get(Mandate, mandate_id)
    if mandate is None:
        text = "没有该授权登记，请重新选择到场人员"
        raise BadInput(text, [{"field": "mandate", "label": "到场人员", "text": "没有登记"}])
    if not _holds(mandate, days):
        name = session.get_one(Person, mandate.person_id).name
        term = f"{mandate.valid_from:%Y-%m-%d}起" + (
            f"至{mandate.valid_to:%Y-%m-%d}止" if mandate.valid_to else ""
        )
        raise NotAllowed(
            f"{name}的代理权（{term}）在办理日期不成立或者已经终止，请当事人另行委托",
            law="《民法典》第一百七十三条",
        )
    return mandate


def conflict_of_interest(name: str) -> NotAllowed:
    """An officer who acts for the party keeps out of its case (回避)."""
    return NotAllowed(f"{name}是本案当事人的代表人或代理人，应当回避", law="《公务员法》第七十六条")


def sides_with(session: Session, case: Case, person_id: int, days: Iterable[date]) -> bool:
    """Whether a person acts for somebody who is heard about the application (利害关系人), or for
    the applicant where that one is heard: all of them are sides of the same matter."""
    family = dossier_of(session, case).family
    if all(relative.process != INTERESTED for relative in family):
        return False
    sides = select(Case.party_id).where(Case.id.in_([relative.id for relative in family]))
    mandates = session.scalars(
        select(Mandate).where(Mandate.person_id == person_id, Mandate.party_id.in_(sides))
    ).all()
    return any(_holds(mandate, [day]) for day in days for mandate in mandates)


def own_interest(name: str) -> Refusal:
    """An officer who acts for another side of the matter keeps out of it (回避)."""
    return Refusal(
        "own_case",
        f"{name}是本案利害关系人（申请人）的代表人或代理人，应当回避，请由其他人员办理",
        "《公务员法》第七十六条",
    )


_OF_FAMILY = (Case.family_id == bindparam("family")) | (Case.id == bindparam("family"))
_NAMED = func.json_array_elements(Evidence.said["collectors"]).table_valued(column("value", JSON))
# As a row of the log says who has done it.
_AS_DONE = func.json_build_object(
    "name", ADD.name, "officers", func.json_build_array(Account.person_id), type_=JSON
)
# Each row of the log; and whoever is named as a collector in any version of an item: what is
# withdrawn was collected.
_DONE = union_all(
    select(Case.id, Case.process, LogRow.header)
    .join(LogRow, LogRow.case_id == Case.id)
    .where(_OF_FAMILY),
    select(Case.id, Case.process, _AS_DONE)
    .join(Evidence, Evidence.case_id == Case.id)
    .join(_NAMED, true())
    .join(Account, Account.username == _NAMED.c.value["account"].as_string())
    .where(_OF_FAMILY),
)
# What collects evidence, as a step does that two officers sign.
COLLECTING = frozenset((ADD.name, REPLACE.name))


def involvement_of(session: Session, person_id: int, name: str, case: Case) -> Involvement:
    """Read what a person is to a case."""
    file = dossier_of(session, case, [person_id])
    return Involvement(
        person_id,
        name,
        [post for post in file.posts if post.person_id == person_id],
        [mandate for mandate in file.mandates if mandate.person_id == person_id],
        file.guests,
        [delegation for delegation in file.delegations if delegation.person_id == person_id],
        [
            post
            for post in file.posts
            if post.role in _HEADS and post.authority_id == case.authority_id
        ],
        case.authority_id,
    )


def separation(session: Session, case: Case, step: Step, person_id: int) -> Refusal | None:
    """Why this person may not take the step after what they did in this case or its relatives."""
    done = done_before(session, case, step, person_id)
    if not done:
        return None
    collected = {name.rpartition(".")[2] for name in done} <= COLLECTING
    what = "登记或者收集过本案（关联案件）的证据" if collected else "已办理过本案的其他环节"
    return Refusal(
        "separation_of_duties",
        f"您{what}，依规定不能再办理此步骤，请由其他人员办理",
        "《行政处罚法》第五十八条、第六十四条",
    )


def done_before(session: Session, case: Case, step: Step, person_id: int) -> tuple[str, ...]:
    """Which steps this person took in the case or its relatives that the step is kept apart from:
    `step`, or `process.step` of a relative."""
    done = doers(session, case, step, deeds(session, case)) if step.apart_from else {}
    return tuple(name for name, people in done.items() if person_id in people)


def deeds(session: Session, case: Case) -> list[tuple[int, str, Mapping[str, Any]]]:
    """What was done in the case and its relatives: case, process and header of each log row; of
    what was collected there also who is named for it."""
    rows = session.execute(_DONE, {"family": case.family_id or case.id})
    return [(case_id, process, header) for case_id, process, header in rows]


def doers(
    session: Session,
    case: Case,
    step: Step,
    done_there: Iterable[tuple[int, str, Mapping[str, Any]]],
) -> dict[str, set[int]]:
    """Who has taken each of the steps that `step` is kept apart from: by its name in this case, by
    `process.step` in a relative.

    What is kept apart from an inquiry (处罚法42: two officers) is so from that of any case of the
    same matter: one that this one comes from, or that comes of either. Evidence is collected by an
    inquiry as well.
    """
    inquired = not _inquiries(case.process).isdisjoint(step.apart_from)
    matter = _matter(session, case) if inquired else frozenset()
    done: dict[str, set[int]] = {}
    for case_id, process, header in done_there:
        plain = header["name"]
        name = plain if case_id == case.id else f"{process}.{plain}"
        of_matter = case_id in matter and plain in _inquiries(process)
        collected = inquired and plain in COLLECTING and case_id in (case.id, *matter)
        if of_matter or collected or name in step.apart_from:
            done.setdefault(name, set()).update(header["officers"])
    return done


@cache
def _inquiries(process: str) -> frozenset[str]:
    """What two officers find out, or take, in a procedure of enforcement."""
    if process not in _ENFORCING:
        return frozenset()
    return frozenset(step.name for step in PROCESSES[process].steps if step.two_officers)


def _matter(session: Session, case: Case) -> frozenset[int]:
    """The other cases of enforcement that it comes from, or that come of it or of these."""
    family = [
        relative for relative in dossier_of(session, case).family if relative.process in _ENFORCING
    ]
    line = _line(session, case) & {relative.id for relative in family}
    return (line | {relative.id for relative in family if relative.origin_id in line}) - {case.id}


def _line(session: Session, case: Case) -> frozenset[int]:
    """The case, the one that it comes from, and so on."""
    origins = {relative.id: relative.origin_id for relative in dossier_of(session, case).family}
    line: set[int] = set()
    at: int | None = case.id
    while at is not None and at not in line:
        line.add(at)
        at = origins.get(at)
    return frozenset(line)


def recused(session: Session, case: Case) -> frozenset[int]:
    """The persons who stand aside (回避) from a case, or from one that it comes from."""
    line = _line(session, case)
    return frozenset(
        recusal.person_id
        for recusal in dossier_of(session, case).recusals
        if recusal.case_id in line
    )


def recused_among(session: Session, case: Case, accounts: Iterable[str]) -> tuple[str, ...]:
    """The names of those of these accounts whose persons stand aside from the case."""
    named = set(accounts)
    if not named:
        return ()
    people = session.execute(
        select(Person.id, Person.name)
        .join(Account, Account.person_id == Person.id)
        .where(Account.username.in_(named))
        .order_by(Account.username)
    ).all()
    aside = recused(session, case)
    return tuple(dict.fromkeys(name for person, name in people if person in aside))


def representing_among(
    session: Session, case: Case, accounts: Iterable[str], days: Iterable[date]
) -> tuple[str, ...]:
    """The names of those of these accounts whose persons act for the case's party on one of these
    days."""
    named = set(accounts)
    if not named:
        return ()
    rows = session.execute(
        select(Person.name, Mandate)
        .join(Account, Account.person_id == Person.id)
        .join(Mandate, Mandate.person_id == Person.id)
        .where(
            Account.username.in_(named),
            Mandate.party_id.in_(successors(case.party_id, date.max)),
        )
        .order_by(Account.username)
    ).all()
    return tuple(
        dict.fromkeys(name for name, mandate in rows if any(_holds(mandate, [day]) for day in days))
    )


def _breadth(mandate: Mandate) -> tuple[bool, bool, bool]:
    """Whoever may only receive does least, in however many words."""
    return mandate.capacity == "representative", "file" in mandate.scope, "promise" in mandate.scope


def widest(mandates: Iterable[Mandate]) -> Mandate | None:
    """The mandate that lets its holder do most: the representative's, then one to act, then one to
    promise."""
    return max(mandates, key=_breadth, default=None)


def _holds(row: Post | Mandate | Participant | Delegation, days: Iterable[date]) -> bool:
    return all(
        row.valid_from <= day and (row.valid_to is None or day <= row.valid_to) for day in days
    )
