"""Premises (场所), one row each, however their address is written."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from casework.common.texts import folded
from casework.models import Place
from casework.rules.addresses import begun_with, plain, street_of
from casework.rules.rule_cache import Rules


def premises_at(session: Session, rules: Rules, region: str, address: str) -> int | None:
    """The premises at an address of a region, entered if nobody has named them before; None
    without an address. 江苏省南通市崇川区人民中路八号 are those at 人民中路8号 (细则22: one licence
    per premises)."""
    if not address.strip():
        return None
    known = {"region": region, "address_key": folded(address)}
    if found := session.scalar(select(Place.id).filter_by(**known)):
        return found
    begun = begun_with(rules, region)
    wanted = plain(address, begun)
    if street := street_of(wanted):
        # Of two who name new premises at once the second sees the first.
        lock = func.hashtextextended(f"{region}/{street}", 0)
        session.execute(select(func.pg_advisory_xact_lock(lock)))
        alike = select(Place.id, Place.address).where(
            Place.region == region, Place.address_key.contains(street, autoescape=True)
        )
        for place, said in session.execute(alike.order_by(Place.id)).tuples():
            if plain(said, begun) == wanted:
                return place
    session.execute(insert(Place).values(**known, address=address).on_conflict_do_nothing())
    return session.scalar(select(Place.id).filter_by(**known))
