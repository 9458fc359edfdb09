"""Objections to credit records (信用异议)."""

from __future__ import annotations

from sqlalchemy import select

from casework.acts.act import Act
from casework.kernel.facts import FactTable
from casework.models import Case
from casework.parts.credit_file import file_of
from state_machines.credit.objection.facts import NationalFiling, ObjectedItem
from state_machines.credit.objection.forms import Objection


def _objected_item(act: Act) -> ObjectedItem:
    wanted = act.inputs.application(Objection).event
    file = file_of(act.session, act.rules, act.case.party_id, act.day)
    item = next((one for one in file if one.event.id == wanted), None)
    if item is None:
        return ObjectedItem(own=False, recorded_here=False, ended="")
    source = act.session.get_one(Case, item.event.case_id)
    return ObjectedItem(
        own=True,
        recorded_here=source.authority_id == act.case.authority_id,
        ended=item.ended(act.day),
    )


def _national_filing(act: Act) -> NationalFiling:
    family = act.case.family_id or act.case.id
    under_way = act.session.scalar(
        select(Case.id).where(
            Case.family_id == family,
            Case.process == "national_repair",
            Case.ended_at.is_(None),
            Case.data["application"]["repair"].as_string() == act.case.number,
        )
    )
    return NationalFiling(under_way is not None)


FACTS: FactTable = {NationalFiling: _national_filing, ObjectedItem: _objected_item}
