"""Matters that are dealt with in one sitting at the counter (窗口一次办结), and what is done at one
go: the steps that one press of a button takes, in order. In between something is printed and
signed, or handed over.
"""

from __future__ import annotations

from collections.abc import Mapping

from state_machines.licensing.instant_licence.forms import ACCEPT, DELIVER, GRANT
from state_machines.licensing.instant_licence.process import INSTANT_LICENCE
from state_machines.licensing.licence_renewal.process import LICENCE_RENEWAL
from state_machines.licensing.place_filing.forms import RECORD
from state_machines.licensing.place_filing.process import PLACE_FILING
from state_machines.parts.intake.forms import SUBMIT
from state_machines.parts.promise.forms import COMMIT, INFORM, STUDY

_ON_A_PROMISE = ((SUBMIT, ACCEPT, INFORM), (STUDY, COMMIT), (GRANT,), (DELIVER,))

SITTINGS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    INSTANT_LICENCE.key: _ON_A_PROMISE,
    LICENCE_RENEWAL.key: _ON_A_PROMISE,
    PLACE_FILING.key: ((SUBMIT, RECORD),),
}
