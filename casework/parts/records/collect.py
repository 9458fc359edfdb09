"""Records that officers make before somebody (笔录)."""

from __future__ import annotations

from casework.acts.act import Act
from casework.kernel.facts import FactTable
from state_machines.parts.records.facts import RecordCorrections, RecordSignature, RecordTimes
from state_machines.parts.records.forms import Heard, Signature, Signing


def _times(act: Act) -> RecordTimes:
    heard = act.filled(Heard)
    return RecordTimes(heard.begun, heard.ended)


def _signature(act: Act) -> RecordSignature:
    signature = act.filled(Signature)
    # While the step is only looked at, nobody has signed anything.
    signing = signature.signing if "signing" in signature.model_fields_set else None
    return RecordSignature(
        signed=signing == Signing.SIGNED,
        absent=signing == Signing.ABSENT,
        reason=bool(signature.not_signed_because.strip()),
        witness=bool(signature.witness.strip()),
        recorded=bool(signature.video.strip()),
    )


def _corrections(act: Act) -> RecordCorrections:
    if not _signature(act).signed:
        return RecordCorrections(())
    return RecordCorrections(
        tuple(
            correction.place
            for correction in act.filled(Heard).corrections
            if not correction.initialled
        )
    )


FACTS: FactTable = {
    RecordCorrections: _corrections,
    RecordSignature: _signature,
    RecordTimes: _times,
}
