"""What a party is (自然人、个体工商户、法人): how it ends, and whether it is a citizen where
the law of penalties tells citizens from firms (处罚法51、63)."""

from __future__ import annotations

from datetime import date

from casework.models import Party
from casework.rules.rule_cache import Rules

_SOLE_TRADER = "92"


def is_person(party: Party) -> bool:
    """A natural person, by whichever document of identity; a 个体工商户 is entered by its own
    code."""
    return party.code_kind != "uscc"


def may_die(party: Party) -> bool:
    """A natural person, also as 个体工商户 (《民法典》第十三条、第五十四条)."""
    return not may_dissolve(party) or party.code.startswith(_SOLE_TRADER)


def may_dissolve(party: Party) -> bool:
    """A legal person or another organisation, and a 个体工商户 (《民法典》第五十九条)."""
    return not is_person(party)


def who(rules: Rules, party: Party, on: date, region: str) -> str:
    """`person` or `firm`, as the sums of the rulebook are told apart: a 个体工商户 is a natural
    person that trades (民法典54), unless the authority says otherwise."""
    as_citizen = may_die(party) and (
        not may_dissolve(party) or rules.value("penalty.trader_is_citizen", on, region)
    )
    return "person" if as_citizen else "firm"
