"""Channels of publication (公示渠道): which show a party, and which an entry still lacks."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, select, true
from sqlalchemy.orm import Session, aliased

from casework.common.timekeeping import legal_date
from casework.models import Authority, Case, LogRow, Party, Publication, PublicationLine
from casework.rules.rule_cache import Rules

_CHANNELS, _OF_ENTERPRISES = "publicity.channels", "publicity.enterprises_only"
_REGISTERED = "9"  # of a code: registered by market regulation (GB 32100-2015)


def every_channel(rules: Rules, day: date, region: str) -> tuple[str, ...]:
    """The channels through which things are published there, as of a day."""
    return tuple(rules.value(_CHANNELS, day, region))


def showing(rules: Rules, day: date, region: str, party: Party) -> tuple[str, ...]:
    """Those of them that show such a party: one of enterprises shows no natural person, nor an
    institution that market regulation did not register."""
    enterprise = party.code_kind == "uscc" and party.code.startswith(_REGISTERED)
    left_out: Collection[str] = () if enterprise else rules.value(_OF_ENTERPRISES, day, region)
    return tuple(one for one in every_channel(rules, day, region) if one not in left_out)


def since(session: Session, row: Publication) -> date:
    """The day on which an entry came about."""
    header = session.scalars(
        select(LogRow.header).where(LogRow.case_id == row.case_id, LogRow.seq == row.log_seq)
    ).one()
    return day_of(header)


def day_of(header: Mapping[str, Any]) -> date:
    """The legal day of a row of the log."""
    return legal_date(datetime.fromisoformat(header["effective_at"]))


def shown_in(session: Session, rules: Rules, row: Publication) -> tuple[str, ...]:
    """The channels that have to show an entry, by the rules of the day it came about, which no
    later list of channels changes."""
    party, region = session.execute(
        select(Party, Authority.region)
        .join(Case, Case.party_id == Party.id)
        .join(Authority, Authority.id == Case.authority_id)
        .where(Case.id == row.case_id)
    ).one()
    return showing(rules, since(session, row), region, party)


def lines_of(session: Session, row: Publication) -> Sequence[PublicationLine]:
    """What was put down of an entry."""
    of_entry = select(PublicationLine).where(PublicationLine.publication_id == row.id)
    return session.scalars(of_entry.order_by(PublicationLine.id)).all()


def lacks(rules: Rules, day: date, region: str, channel: str) -> ColumnElement[bool]:
    """The condition under which an entry still waits for this channel, which shows its party. Its
    case is joined."""
    party = aliased(Party)
    enterprise = exists().where(
        party.id == Case.party_id,
        party.code_kind == "uscc",
        party.code.startswith(_REGISTERED),
    )
    only = channel in rules.value(_OF_ENTERPRISES, day, region)
    return and_(
        Publication.published_on.is_(None),
        ~exists().where(
            PublicationLine.publication_id == Publication.id, PublicationLine.channel == channel
        ),
        enterprise if only else true(),
    )
