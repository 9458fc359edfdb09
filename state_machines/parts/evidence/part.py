"""证据登记: what is put into the evidence register of a case, whatever state it stands in.

《行政处罚法》第四十一条、第四十二条、第四十六条. These are taken like steps, by the same door, but
leave the case where it is. No item is ever overwritten: a later version or a withdrawal is a new
row with its reason.
"""

from __future__ import annotations

from state_machines.language.vocabulary import LegalDay, Role, Step, schema
from state_machines.parts.evidence import forms
from state_machines.parts.evidence import guards as evidence

_OFFICERS = (Role.INSPECTOR, Role.CASE_HANDLER)
_LAW = "《行政处罚法》第四十六条"
_COLLECTED = (
    evidence.collectors_may_collect,
    evidence.collected_before_entered,
    evidence.evidence_has_substance,
)

ADD = Step(
    "add_evidence",
    "登记证据",
    {},
    _OFFICERS,
    form=schema(forms.Item),
    guards=_COLLECTED,
    law=_LAW,
    certified=False,
    legal_day=LegalDay.AWAY,
    dated_by="collected_on",
)
REPLACE = Step(
    "replace_evidence",
    "更换证据",
    {},
    _OFFICERS,
    form=schema(forms.NewVersion),
    guards=_COLLECTED,
    law=_LAW,
    certified=False,
    legal_day=LegalDay.AWAY,
    dated_by="collected_on",
)
WITHDRAW = Step(
    "withdraw_evidence",
    "撤回证据",
    {},
    _OFFICERS,
    form=schema(forms.Withdrawal),
    law=_LAW,
    certified=False,
)
REVIEW = Step(
    "review_evidence",
    "审核监控设备记录",
    {},
    (Role.LEGAL_REVIEWER, *_OFFICERS),
    form=schema(forms.Review),
    guards=(evidence.reviewed_by_another,),
    law="《行政处罚法》第四十一条",
    certified=False,
)
ENTRIES = {entry.name: entry for entry in (ADD, REPLACE, WITHDRAW, REVIEW)}
