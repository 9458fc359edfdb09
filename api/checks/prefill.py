"""What a check begins with (预填): the clauses, what was broken, and what follows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from api.cases.prefilling import Desk, Prefiller
from api.html.form_fields import Guide
from casework.acts.redactions import MARK
from rulebook.models import Condition

_REVIEWED = ("facts", "basis", "reasons")
# A promise that was false is a licence got by deceit; one that was broken, conditions not met.
_FALSE = "《中华人民共和国行政许可法》第六十九条第二款、国办发〔2020〕42号"
_BROKEN = "《中华人民共和国行政许可法》第六十九条第一款第四项、国办发〔2020〕42号"


def _look(desk: Desk) -> Guide:
    rows = [{"clause": condition.text} for condition in _conditions(desk)]
    return _look_at(desk, rows)


def _second_look(desk: Desk) -> Guide:
    """What was kept before need not be looked at again; what was broken must be."""
    return _look_at(desk, [{"clause": result["clause"]} for result in desk.broken])


def _look_at(desk: Desk, rows: list[dict[str, Any]]) -> Guide:
    return Guide(
        begin={"results": rows, "place_contact": _contact(desk)},
        fixed=frozenset({"results.*.clause"}),
        hints={"results": "逐项填写；需要时可再加一行"},
    )


def _contact(desk: Desk) -> str:
    """Whom to meet there: as at the last look, else as the application says."""
    met = desk.given("inspect").get("place_contact")
    said = [desk.given("application"), *map(desk.application_of, desk.case.related)]
    known = (met, *(one.get("contact_name") for one in said))
    return str(next((name for name in known if name and name != MARK), ""))


def _conditions(desk: Desk) -> list[Condition]:
    """The conditions of the matter that are for this kind of place, as they were promised."""
    visit = desk.visit
    process, _ = visit.office.versions.in_force(desk.session, desk.case.process, visit.today)
    if process.matter is None:
        return []
    said = desk.given("application")
    on = date.fromisoformat(said["promised_on"]) if "promised_on" in said else visit.today
    rules = visit.office.rules.current(desk.session)
    matter = rules.matter(process.matter, on, said.get("region", ""))
    return matter.conditions_for(said.get("place_kind"))


def _order(desk: Desk) -> Guide:
    return Guide(
        begin={"items": [{"clause": result["clause"]} for result in desk.broken]},
        fixed=frozenset({"items.*.clause"}),
    )


def _revocation_notice(desk: Desk) -> Guide:
    if told := desk.given("notify_revocation"):
        return Guide(
            begin={name: told[name] for name in _REVIEWED if name in told},
            note="以下为上次告知的内容。重新告知后，当事人重新享有陈述申辩的期限，须再送法制审核。"
            f"审核退回意见：{desk.given('return_review').get('opinion', '')}",
        )
    facts = "；".join(f"{result['clause']}：{result['finding']}" for result in desk.broken)
    found = desk.given("find_broken") or desk.given("find_false")
    return Guide(
        begin={
            "facts": f"经核查：{facts}" if facts else "",
            "basis": _FALSE if desk.given("find_false") else _BROKEN,
            "reasons": found.get("reason", ""),
        }
    )


def _revocation(desk: Desk) -> Guide:
    notice = desk.given("notify_revocation")
    return Guide(
        begin={name: notice[name] for name in _REVIEWED if name in notice},
        fixed=frozenset(_REVIEWED),
        note="事实、依据和理由为法制审核通过的原文，不能改动；需要改动的，应当退回后重新告知、审核。",
    )


def _defence(desk: Desk) -> Guide:
    stated = desk.given("state_defence").get("text")
    said = f"当事人陈述申辩称：{stated}" if stated else "当事人在期限内未提出陈述申辩"
    return Guide(begin={"defence_considered": said})


STEPS: Mapping[str, Prefiller] = {
    "check_site": _look,
    "commitment_check.inspect": _look,
    "commitment_check.order_rectification": _order,
    "commitment_check.recheck": _second_look,
    "commitment_check.notify_revocation": _revocation_notice,
    "commitment_check.submit_review": _defence,
    "commitment_check.revoke": _revocation,
    "commitment_check.record_breach": _revocation,
}
