"""When a licence's renewal may be applied for (申请延续的期间), and its last day."""

from __future__ import annotations

from datetime import date

from casework.rules.counting import count_back
from casework.rules.rule_cache import Rules
from state_machines.licences import RENEWED_WITHIN


def last_day_to_renew(rules: Rules, process: str, until: date, on: date, region: str) -> date:
    """The last day in time for a licence of that process with the last day `until`, by the limit
    in force `on` that day (许可法50; 条例449号13). Raises KeyError for one that does not expire."""
    limit, _ = rules.limit(RENEWED_WITHIN[process], on, region)
    # Without an open stop there is always a day.
    return count_back(limit, until, rules.calendar).due or until


def is_near_its_end(rules: Rules, until: date, on: date, region: str) -> bool:
    """Whether a hygiene licence with the last day `until` is so near its end on that day that its
    renewal may be applied for (到期提醒期)."""
    limit, _ = rules.limit("licence.expiring_notice", on, region)
    due = count_back(limit, until, rules.calendar).due
    return due is not None and on > due
