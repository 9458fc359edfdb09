"""The processes that are licences (许可证), and the states in which each lets its holder act."""

from __future__ import annotations

from collections.abc import Mapping

from state_machines.licensing.licence import process as licence
from state_machines.radiation.diagnosis_licence import process as diagnosis_licence
from state_machines.radiation.safety_licence import process as safety_licence

LICENCES: Mapping[str, tuple[str, ...]] = {
    licence.LICENCE.key: licence.IN_FORCE,
    diagnosis_licence.DIAGNOSIS_LICENCE.key: diagnosis_licence.STANDING,
    safety_licence.SAFETY_LICENCE.key: safety_licence.STANDING,
}
# Those that expire: by which limit before it a renewal is to be applied for, and in which states
# that is still to be done.
RENEWED_WITHIN: Mapping[str, str] = {
    licence.LICENCE.key: "licence.renewal_window",
    safety_licence.SAFETY_LICENCE.key: "radiation.renewal_window",
}
TO_BE_RENEWED: Mapping[str, tuple[str, ...]] = {
    licence.LICENCE.key: ("not_ready", "valid", "expiring", "amended"),
    safety_licence.SAFETY_LICENCE.key: safety_licence.STANDING,
}
