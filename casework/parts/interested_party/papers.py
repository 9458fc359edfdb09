"""What letters print of those whose interests a licence touches (利害关系人)."""

from __future__ import annotations

from typing import TypedDict

from casework.access.masking import public_name
from casework.acts.act import Act
from casework.common.timekeeping import in_chinese, legal_date
from casework.common.typed_inputs import Inputs
from casework.documents.paper_parts import Part, Parts
from casework.models import Case, Party
from casework.parts.interested_party.collect import HEARD, appointed, consulted, own_hearing
from rulebook.models import in_words
from state_machines.parts.hearing.forms import HOLD_HEARING
from state_machines.parts.interested_party.forms import CONSIDER_OPINIONS, Consultation


class OpinionPart(TypedDict):
    """One who was heard: what was said, on which day of a hearing, and what became of it. The name
    of a person is masked, for the decision is made public."""

    name: str
    capacity: str
    hearing: str
    opinions: str
    considered: str


class AskedPart(TypedDict):
    """The application about which somebody is heard, and the time there is for it; `own`, whether
    the authority called a hearing about it by itself."""

    own: bool
    applicant: str
    matter: str
    received_on: str
    statement_period: str
    hearing_period: str
    hold_period: str
    notice_period: str


def _opinions(act: Act) -> list[OpinionPart]:
    """Everybody who was heard about the application; nobody where it touches no other."""
    found: list[OpinionPart] = []
    for case, party in consulted(act.session, act.case):
        inputs = Inputs(case.data)
        considered = inputs.at(CONSIDER_OPINIONS)
        if case.state != HEARD or considered is None:
            continue
        day = appointed(case) if HOLD_HEARING in inputs else None
        found.append(
            {
                "name": public_name(party),
                "capacity": inputs.application(Consultation).capacity,
                "hearing": day.on.isoformat() if day else "",
                "opinions": considered.opinions,
                "considered": considered.considered,
            }
        )
    return found


def _asked(act: Act) -> AskedPart:
    application = act.session.get_one(Case, act.case.origin_id)
    process = act.context.versions.by_digest(act.session, application.version_digest)
    matter = act.rules.matter(process.matter or "", act.day, act.region).label
    return {
        "own": own_hearing(act).called,
        "applicant": public_name(act.session.get_one(Party, application.party_id)),
        "matter": matter,
        "received_on": in_chinese(legal_date(application.opened_at)),
        "statement_period": _period(act, "licensing.interested_statement"),
        "hearing_period": _period(act, "licensing.hearing_request"),
        "hold_period": _period(act, "licensing.hearing_hold"),
        "notice_period": _period(act, "licensing.hearing_notice"),
    }


def _period(act: Act, key: str) -> str:
    limit, _ = act.rules.limit(key, act.day, act.region)
    return in_words(limit.n, limit.unit)


PARTS: Parts = {"asked_for": Part(_asked), "opinions": Part(_opinions)}
