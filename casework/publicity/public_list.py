"""What the public reads of decisions (信息公示): those that were shown on the authority's own site
and not taken down since. A person's name is masked, and facts are not told: they may name others.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from casework.access.finding import words_of
from casework.access.masking import public_name
from casework.common.codes import normalise
from casework.common.database import by_index
from casework.common.problems import bad_field
from casework.common.timekeeping import legal_date
from casework.kernel.office import Office
from casework.models import Authority, Case, Party, Publication, PublicationLine
from casework.publicity import channel_lines
from casework.publicity.decided import decided_entries
from casework.publicity.national_fields import REGISTERS, Entry, content, measures_in_words
from casework.publicity.publications import taken_down

PAGE = 20
_FIRMS = 50  # whose name holds what was typed


@dataclass(frozen=True)
class PublicEntry:
    """A decision as the public reads it: its `register`, by whom and on whom it was taken, its
    title and number, what it says, and of a licence until when it holds."""

    register: str
    party: str
    code: str
    title: str
    number: str
    decided_on: date | None
    authority: str
    says: str
    basis: str
    valid_until: date | None


@dataclass(frozen=True)
class PublicList:
    """A page of decisions, the newest first; `cursor` asks for the page after it, None on the
    last."""

    entries: tuple[PublicEntry, ...]
    cursor: int | None


def public_list(
    office: Office, session: Session, register: str = "", q: str = "", cursor: int | None = None
) -> PublicList:
    """What is shown of `licences`, `penalties` or both; `q` is a firm's name or code. Persons are
    found by neither. Raises BadInput."""
    if register and register not in REGISTERS:
        raise bad_field("register", "类别", f"请选择：{'、'.join(REGISTERS)}")
    today = legal_date(office.time.now())
    rules = office.rules.current(session)
    by_index(session)
    regions = session.scalars(select(Authority.region).distinct())
    own_sites = {channel_lines.every_channel(rules, today, region)[0] for region in regions}
    wanted = [
        Publication.register.in_([register] if register else list(REGISTERS)),
        Publication.withdrawn_because.is_(None),
        exists().where(
            PublicationLine.publication_id == Publication.id, PublicationLine.channel.in_(own_sites)
        ),
        ~taken_down(today),
        ~fallen(today),
    ]
    if q:
        wanted.append(_of_firm(session, q))
    if cursor:
        wanted.append(Publication.id < cursor)
    order = Publication.id.desc()
    found = decided_entries(session, rules, today, and_(*wanted), order, PAGE + 1)
    more = found[PAGE - 1].publication.id if len(found) > PAGE else None
    return PublicList(tuple(map(_told, found[:PAGE])), more)


def fallen(today: date) -> ColumnElement[bool]:
    """The condition under which the decision itself was to be taken down since."""
    later = aliased(Publication)
    return exists().where(
        later.case_id == Publication.case_id,
        later.register == Publication.register,
        later.withdrawn_because.is_not(None),
        or_(later.not_before.is_(None), later.not_before <= today),
        later.id > Publication.id,
    )


def _of_firm(session: Session, q: str) -> ColumnElement[bool]:
    firm = Party.code_kind == "uscc"
    of_code = and_(firm, Party.code == normalise(q))
    if session.scalar(select(Party.id).where(of_code)) is not None:
        return of_code
    words = words_of(session, q)
    named = select(Party.id).where(firm, words.indexed_in(func.search_text(Party.name)))
    return Case.party_id.in_(session.scalars(named.limit(_FIRMS)).all() if words.words else [])


def _told(entry: Entry) -> PublicEntry:
    decision, until = entry.decision, entry.said("licence", "valid_until")
    penalty = entry.publication.register == "penalties"
    violation = entry.said("violation", "label")
    return PublicEntry(
        register=entry.publication.register,
        party=public_name(entry.party),
        code=entry.party.code if entry.party.code_kind == "uscc" else "",
        title=decision.title if decision else "",
        number=decision.number if decision else "",
        decided_on=entry.decided_on,
        authority=entry.authority.name,
        says=f"{violation}：{measures_in_words(entry)}" if penalty else content(entry),
        basis=str(entry.filled.get("basis", "")) if penalty else "",
        valid_until=date.fromisoformat(until) if until and not penalty else None,
    )
