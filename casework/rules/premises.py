"""Premises (场所), one row each, however their address is written."""

from __future__ import annotations

from sqlalchemy import Text, func, select
from sqlalchemy.dialects.postgresql import ARRAY, insert
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
    key, begun = folded(address), begun_with(rules, region)
    wanted = plain(address, begun)
    alike = Place.address_key == key
    if street := street_of(wanted):
        # Of two who name new premises at once the second sees the first.
        lock = func.hashtextextended(f"{region}/{street}", 0)
        session.execute(select(func.pg_advisory_xact_lock(lock)))
        grams = func.search_grams(Place.address_key, type_=ARRAY(Text))
        indexed = grams.contains(func.search_grams(street, type_=ARRAY(Text)))
        alike |= indexed & Place.address_key.contains(street, autoescape=True)
    found = session.execute(
        select(Place.id, Place.address, Place.address_key)
        .where(Place.region == region, alike)
        .order_by(Place.address_key != key, Place.id)
    ).tuples()
    for place, said, its_key in found:
        if its_key == key or plain(said, begun) == wanted:
            return place
    new = insert(Place).values(region=region, address_key=key, address=address)
    return session.scalar(new.on_conflict_do_nothing().returning(Place.id)) or session.scalar(
        select(Place.id).filter_by(region=region, address_key=key)
    )
