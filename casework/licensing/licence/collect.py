"""A licence that stands (许可证): renewal, change, end."""

from __future__ import annotations

from sqlalchemy import select

from casework.acts.act import Act
from casework.acts.party_kinds import is_person
from casework.acts.successions import line_of
from casework.common.problems import Misconfigured
from casework.common.typed_inputs import Inputs
from casework.deadlines.renewals import is_near_its_end, last_day_to_renew
from casework.kernel.facts import FactTable
from casework.licensing.penalised.standing_licence import standing_of
from casework.models import Case
from casework.parts.remedies import decision_in_force as standing
from state_machines.enforcement.penalty.forms import DECIDE, NOTIFY
from state_machines.licences import LICENCES
from state_machines.licensing.licence.facts import (
    AwaitedSupplement,
    Change,
    EndingGround,
    ExpiringLicence,
    LicenceStanding,
    OpenBusiness,
    PromisedConditions,
    RenewalTime,
)
from state_machines.licensing.licence.forms import (
    BEGIN_RENEWAL,
    CONFIRM_READY,
    Deregistration,
    Licence,
)
from state_machines.licensing.licence_change.forms import Application
from state_machines.parts.approvals.measures import MeasureKind


def licence_of(act: Act) -> Case:
    """The licence that the act is about. Raises Misconfigured."""
    licence = act.case if act.process.key == "licence" else act.related("licence")
    if licence is None:
        raise Misconfigured(f"{act.process.label}没有关联的许可证")
    return licence


def _licence_standing(act: Act) -> LicenceStanding:
    licence = licence_of(act)
    process = act.context.versions.by_digest(act.session, licence.version_digest)
    state = standing_of(process, licence, act.day)
    return LicenceStanding(state.name, state.label)


def _expiring_licence(act: Act) -> ExpiringLicence:
    licence = licence_of(act)
    process = act.context.versions.by_digest(act.session, licence.version_digest)
    until = Inputs(licence.data).application(Licence).valid_until
    state = process.state(licence.state)
    near = is_near_its_end(act.rules, until, act.day, act.region)
    return ExpiringLicence(state.name, state.label, near)


def _renewal_time(act: Act) -> RenewalTime:
    until = Inputs(licence_of(act).data).application(Licence).valid_until
    last_day = last_day_to_renew(act.rules, "licence", until, act.day, act.region)
    rule = act.rules.value("licence.late_renewal", act.day, act.region)
    filed_on = act.dates.get(BEGIN_RENEWAL, act.day)
    return RenewalTime(filed_on, last_day, rule == "accept_warn")


def _awaited_supplement(act: Act) -> AwaitedSupplement:
    renewals = [
        relative.id for relative in act.dossier.family if relative.process == "licence_renewal"
    ]
    number = act.session.scalar(
        select(Case.number)
        .where(Case.id.in_(renewals), Case.state == "awaiting_supplement")
        .limit(1)
    )
    return AwaitedSupplement(number or "")


def _promised_conditions(act: Act) -> PromisedConditions:
    opened = next(iter(act.dossier.headers), None)
    return PromisedConditions(
        promised=opened is not None and opened["target"] == "not_ready",
        confirmed=CONFIRM_READY in act.before,
    )


def _open_business(act: Act) -> OpenBusiness:
    family = act.case.family_id or act.case.id
    told = act.session.scalars(
        select(Case).where(
            Case.process == "penalty",
            Case.party_id.in_(line_of(act.case.party_id, act.day)),
            Case.place_id == act.case.place_id,
            Case.ended_at.is_(None),
        )
    )
    # Nobody gives back what he was told will be taken (吊销); what he was not told of stays secret.
    taking = [case.number for case in told if case.place_id and _takes_licence(Inputs(case.data))]
    rows = act.session.scalars(
        select(Case.number)
        .where(
            (Case.family_id == family) | (Case.id == family),
            Case.id != act.case.id,
            Case.ended_at.is_(None),
            Case.private.is_(False),
            # The application ends by itself when its certificate is handed over, and another
            # licence of the family is none's business.
            Case.process.not_in(("instant_licence", *LICENCES)),
        )
        .order_by(Case.id)
    )
    return OpenBusiness((*rows, *taking))


def _takes_licence(penalty: Inputs) -> bool:
    """Whether a penalty takes the licence by what was told, or was decided since."""
    sentence = penalty.at(NOTIFY)
    measures = (
        standing.in_force(penalty) if DECIDE in penalty else sentence.measures if sentence else ()
    )
    return any(measure.kind == MeasureKind.CANCEL_LICENCE for measure in measures)


def _ending_ground(act: Act) -> EndingGround:
    state = act.process.state(act.case.state)
    return EndingGround(state.name, state.label, act.filled(Deregistration).ground)


def _change(act: Act) -> Change:
    application = act.inputs.application(Application)
    licence = Inputs(licence_of(act).data).application(Licence)
    asked, shown = named(application), named(licence)
    changed = tuple(name for name, value in asked.items() if value != shown[name])
    return Change(application.kind, changed, is_person(act.party))


def named(said: Application | Licence) -> dict[str, str]:
    """What a certificate names, as it is asked for or was granted."""
    return {
        "place_name": said.place_name,
        "representative": said.representative,
        "address": said.address,
    }


FACTS: FactTable = {
    AwaitedSupplement: _awaited_supplement,
    Change: _change,
    EndingGround: _ending_ground,
    ExpiringLicence: _expiring_licence,
    LicenceStanding: _licence_standing,
    OpenBusiness: _open_business,
    PromisedConditions: _promised_conditions,
    RenewalTime: _renewal_time,
}
