"""Records that officers make before somebody (笔录)."""

from __future__ import annotations

from casework.acts.act import Act
from casework.kernel.facts import FactTable
from state_machines.parts.records.facts import RecordCorrections, RecordSignature, RecordTimes
from state_machines.parts.records.forms import Signing


def _times(act: Act) -> RecordTimes:
    return RecordTimes(act.input.get("begun", ""), act.input.get("ended", ""))


def _signature(act: Act) -> RecordSignature:
    def said(name: str) -> bool:
        return bool(act.input.get(name, "").strip())

    signing = act.input.get("signing")
    return RecordSignature(
        signed=signing == Signing.SIGNED.value,
        absent=signing == Signing.ABSENT.value,
        reason=said("not_signed_because"),
        witness=said("witness"),
        recorded=said("video"),
    )


def _corrections(act: Act) -> RecordCorrections:
    if not _signature(act).signed:
        return RecordCorrections(())
    return RecordCorrections(
        tuple(one["place"] for one in act.input.get("corrections", ()) if not one["initialled"])
    )


FACTS: FactTable = {
    RecordCorrections: _corrections,
    RecordSignature: _signature,
    RecordTimes: _times,
}
