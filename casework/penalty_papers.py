"""What papers of a penalty print: the sentence in words, what is owed, and where it is paid."""

from __future__ import annotations

from typing import Any

from casework import fines
from casework.act import Act
from casework.facts.right_to_be_heard import hearing_right
from rulebook.discretion import PENALTY_WEIGHTS, STAGES
from rulebook.models import in_words
from rulebook.money import in_yuan
from state_machines.guards.right_to_be_heard import may_be_heard
from state_machines.measures import in_words as measure_in_words


def sentence_of(act: Act) -> Any:
    """The sentence as it was put down last; an empty text before there is one."""
    said = next((one for one in reversed(act.data.values()) if "measures" in one), None)
    if said is None:
        return ""
    released = act.data.get("release", {}).get("ground", "")
    told = any(one.name == "notice" for one in act.process.binds) and "notify" in act.data
    return {
        "facts": said["facts"],
        "basis": said["basis"],
        "reasons": said["reasons"],
        "measures": [] if released else [measure_in_words(one) for one in said["measures"]],
        "stage": STAGES[said["stage"]],
        "weight": PENALTY_WEIGHTS[said["weight"]],
        "aggravations": "、".join(said["aggravations"]) or "无",
        "mitigations": "、".join(said["mitigations"]) or "无",
        "circumstances": said["circumstances"],
        "departure": said["departure"],
        "released": released,
        "hearing": "可以要求听证" if told and may_be_heard(hearing_right(act)) else "",
    }


def sums_of(act: Act) -> Any:
    """What is owed on the day of the act, and by when; nothing where nobody was punished."""
    owed, due = fines.owed_on(act, act.day), fines.due_day(act)
    period, _ = act.rules.limit("penalty.payment", act.day, act.region)
    urged, _ = act.rules.limit("coercion.after_urging", act.day, act.region)
    rule = act.rules.value("penalty.late_fee", act.day, act.region)
    owes = bool(owed.fine or owed.confiscated)
    return {
        "total": in_yuan(owed.fine + owed.confiscated) if owes else "",
        "fine": in_yuan(owed.fine) if owed.fine else "",
        "confiscated": in_yuan(owed.confiscated),
        "fee": in_yuan(owed.late),
        "paid": in_yuan(owed.paid),
        "left": in_yuan(owed.left),
        "due": due.isoformat() if due else "",
        "period": in_words(period.n, period.unit),
        "urged": in_words(urged.n, urged.unit),
        "percent": str(rule["percent_per_day"]),
        "explained": owed.fee.explain() if owed.fee else [],
    }


def payee_of(act: Act) -> dict[str, str]:
    """Where a fine is paid (国务院令第235号)."""
    found: dict[str, str] = act.rules.value("penalty.payee", act.day, act.region)
    return found


def notice_of(act: Act) -> dict[str, str]:
    """How long the party has for its defence and for asking for a hearing, in words."""
    found = {}
    for name, key in (("defence", "penalty.defence"), ("hearing", "penalty.hearing_request")):
        limit, _ = act.rules.limit(key, act.day, act.region)
        found[name] = in_words(limit.n, limit.unit)
    return found
