"""The whole story through the one door: from application to revocation."""

from __future__ import annotations

from tests.support.town import Town


def test_a_promise_is_granted_checked_and_revoked(town: Town) -> None:
    number = town.granted()
    town.take(number, "deliver", "window", {"recipient": "陈志远"})
    assert town.case(number).state == "delivered"
    check = town.revoked(number)
    assert check.state == "revoked"
    assert town.relative(number, "licence").state == "revoked"
    town.take(check.number, "deregister", "approver")
    assert town.relative(number, "licence").state == "deregistered"
