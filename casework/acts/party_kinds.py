"""What a party is (自然人、个体工商户、法人), and so how it ends: it dies, or it is dissolved."""

from __future__ import annotations

from casework.models import Party

_SOLE_TRADER = "92"


def may_die(party: Party) -> bool:
    """A natural person, also as 个体工商户 (《民法典》第十三条、第五十四条)."""
    return not may_dissolve(party) or party.code.startswith(_SOLE_TRADER)


def may_dissolve(party: Party) -> bool:
    """A legal person or another organisation, and a 个体工商户 (《民法典》第五十九条)."""
    return party.code_kind != "id"
