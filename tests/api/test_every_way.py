"""Every state and every exit of an application and of a licence, each by a named way over HTTP.

The ways are written by hand; that they leave nothing out is counted against the declarations.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

import pytest

from casework.common.timekeeping import ZONE
from state_machines.licensing.instant_licence.process import INSTANT_LICENCE
from state_machines.licensing.licence.process import LICENCE
from tests.support.forks import Explorer, exploring
from tests.support.front import Front
from tests.support.journeys import (
    DECIDED_ELSEWHERE,
    address,
    apply_to,
    check_to,
    follow,
    promised_for_later,
)
from tests.support.rules import set_key
from tests.support.town import application
from tests.support.ways import Beginning, Walker, Way, announced, each, exits, staying

_RECEIVED = "draft submit received"
_ASKED = f"{_RECEIVED} request_supplement awaiting_supplement"
_SUPPLIED = f"{_ASKED} supply supplemented"
_ACCEPTED = f"{_RECEIVED} accept accepted"
_INFORMED = f"{_ACCEPTED} inform informed"
_COMMITTED = f"{_INFORMED} study informed commit committed"
_ORDINARY = f"{_INFORMED} decline ordinary_review"
_PAUSED = f"{_ORDINARY} pause paused_technical"
_DELIVERED = "grant granted deliver delivered"

_TOLD = "receipt acceptance_notice inform_notice"
_CERTIFIED = "grant_decision certificate certificate_duplicate service_receipt"
_TERMINATED = "termination_notice"

# Thirty days may end in a holiday.
_A_MONTH = {f"end_announcement_{of}": 39 for of in ("prior", "hearing", "withdrawal")}
_SAID_FALSE = (
    f"give_prior_notice {announced('prior')} "
    "give_prior_notice serve_prior_notice answer_prior_notice waive_prior_notice "
    "review_prior_notice"
)

APPLICATIONS: Mapping[str, Way] = {
    "promised, granted and handed over": Way(
        f"{_COMMITTED} {_DELIVERED}", f"{_TOLD} commitment_letter {_CERTIFIED}"
    ),
    "supplemented, then the same": Way(
        f"{_SUPPLIED} accept accepted inform informed study informed commit committed {_DELIVERED}",
        f"{_TOLD} supplement_notice commitment_letter {_CERTIFIED}",
    ),
    "no promise: a look by two officers, a technical pause, and granted by the head": Way(
        f"{_PAUSED} resume ordinary_review book_look ordinary_review check_site ordinary_review "
        f"{_DELIVERED}",
        f"{_TOLD} technical_review_notice look_appointment look_record {_CERTIFIED}",
    ),
    "a promise taken back before the decision": Way(
        f"{_COMMITTED} withdraw_commitment ordinary_review check_site ordinary_review "
        "grant granted",
        f"{_TOLD} commitment_letter look_record grant_decision certificate certificate_duplicate",
        {"delivery": "2026-09-15"},
    ),
    "let lie by the window: accepted by law": Way(
        f"{_RECEIVED} deem_accepted accepted",
        "receipt acceptance_notice",
        {"decision": "2026-09-29"},
    ),
    "let lie after the supplement: accepted by law": Way(
        f"{_SUPPLIED} deem_accepted accepted",
        "receipt supplement_notice acceptance_notice",
        {"decision": "2026-09-29"},
    ),
    "a list that nobody answers": Way(
        f"{_ASKED} close_unanswered terminated", f"receipt supplement_notice {_TERMINATED}"
    ),
    "a place in the next district": Way(
        f"{_RECEIVED} not_accept not_accepted",
        "receipt non_acceptance",
        data={"address": "南通市通州区人民中路5000号"},
    ),
    "turned to the ordinary procedure when informed": Way(
        f"{_INFORMED} turn_to_ordinary ordinary_review", f"{_TOLD} ordinary_route_notice"
    ),
    "turned to the ordinary procedure when promised": Way(
        f"{_COMMITTED} turn_to_ordinary ordinary_review",
        f"{_TOLD} commitment_letter ordinary_route_notice",
        {"decision": "2026-09-29"},
    ),
    "a bookshop, turned to filing": Way(
        f"{_RECEIVED} turn_to_filing filing_route", "receipt", data={"place_kind": "bookshop"}
    ),
    "a draft thrown away": Way("draft discard withdrawn"),
    "waiting for the supplement": Way(_ASKED, "receipt supplement_notice", {
        "supplement": "2026-10-08",
    }),
    "paused until the experts are done": Way(
        _PAUSED, f"{_TOLD} technical_review_notice", {"technical_review": "2026-09-15"}
    ),
    **{
        f"refused when {path.split()[-1]}, after an extension by the head": Way(
            f"{path} extend_decision {path.split()[-1]} refuse refused",
            f"{papers} extension_notice refusal_decision",
        )
        for path, papers in (
            (_ACCEPTED, "receipt acceptance_notice"),
            (_INFORMED, _TOLD),
            (_COMMITTED, f"{_TOLD} commitment_letter"),
            (_ORDINARY, _TOLD),
        )
    },
    **{
        f"{first} when {path.split()[-1]}": Way(
            f"{path} {first} {back} tell_applicant {back}", papers
        )
        for first in ("register_interested", "call_hearing")
        for path, back, papers in (
            (_ACCEPTED, "ordinary_review", "receipt acceptance_notice"),
            (_INFORMED, "ordinary_review", _TOLD),
            (_COMMITTED, "ordinary_review", f"{_TOLD} commitment_letter"),
            (_ORDINARY, "ordinary_review", _TOLD),
            (_PAUSED, "paused_technical", f"{_TOLD} technical_review_notice"),
        )
    },
    **{
        f"told when {path.split()[-1]} that its material is held to be false": Way(
            f"{path} {staying(path.split()[-1], _SAID_FALSE)}",
            f"{papers} {'prior_notice ' * 2} service_announcement service_receipt",
            waits=_A_MONTH,
        )
        for path, papers in (
            (_ACCEPTED, "receipt acceptance_notice"),
            (_INFORMED, _TOLD),
            (_COMMITTED, f"{_TOLD} commitment_letter"),
            (_ORDINARY, _TOLD),
        )
    },
    "extended by the head": Way(
        f"{_ORDINARY} extend_decision ordinary_review",
        f"{_TOLD} extension_notice",
        {"decision": "2026-10-19"},
    ),
    **{
        f"{name} when {path.split()[-1]}": Way(
            f"{path} {step} {state}", f"{papers} {paper}".strip()
        )
        for path, papers in (
            (_RECEIVED, "receipt"),
            (_ASKED, "receipt supplement_notice"),
            (_SUPPLIED, "receipt supplement_notice"),
            (_ACCEPTED, "receipt acceptance_notice"),
            (_INFORMED, _TOLD),
            (_COMMITTED, f"{_TOLD} commitment_letter"),
            (_ORDINARY, _TOLD),
            (_PAUSED, f"{_TOLD} technical_review_notice"),
        )
        for name, step, state, paper in (
            ("withdrawn by the party", "withdraw", "withdrawn", ""),
            ("ended by the party's death", "terminate", "terminated", _TERMINATED),
        )
    },
}  # fmt: skip

_EXPIRING = "valid begin_expiring expiring"
_PENDING = f"{_EXPIRING} begin_renewal renewal_pending"
_DEEMED = f"{_PENDING} deem_renewed deemed_renewed"
_AMENDED = "valid amend amended"
_CLOSING = "valid request_closure closure_requested"
_STANDING = {
    "not ready": "not_ready",
    "valid": "valid",
    "expiring": _EXPIRING,
    "being renewed": _PENDING,
    "deemed renewed": _DEEMED,
    "amended": _AMENDED,
    "closing": _CLOSING,
}
_BOOKED = "deregistration_decision deregistration_notice"
_BY_GROUND = {
    "dissolved": {"ground": "被许可的法人或者其他组织依法终止", "reason": "公司注销"},
    "asked": {"ground": "被许可人申请注销", "reason": "不再经营"},
    "ended": {"ground": "许可依法被撤销、撤回，或者许可证件依法被吊销", "reason": "许可终止"},
    "expired": {"ground": "有效期届满未延续", "reason": "有效期届满"},
    "misused": {"ground": "涂改、转让、倒卖有效卫生许可证", "reason": "转让给他人使用"},
}

# Before a withdrawal: its holder is not found, is told and heard, once more stays away, and gives
# it up at last.
_HEARD = (
    "ask_recusal decide_recusal "
    f"give_prior_notice {announced('prior')} "
    "give_prior_notice serve_prior_notice answer_prior_notice request_hearing ask_earlier_hearing "
    f"schedule_hearing {announced('hearing')} "
    "schedule_hearing serve_hearing adjourn_hearing hold_hearing "
    "give_prior_notice serve_prior_notice request_hearing ask_earlier_hearing schedule_hearing "
    "serve_hearing abandon_hearing "
    "give_prior_notice serve_prior_notice request_hearing withdraw_hearing waive_prior_notice "
    "review_prior_notice"
)
_TOLD_OF = "give_prior_notice serve_prior_notice waive_prior_notice review_prior_notice"
_HEARD_PAPERS = " ".join(
    (
        "recusal_decision",
        *["prior_notice"] * 4,
        *["service_announcement"] * 2,
        *["service_receipt"] * 5,
        *["hearing_notice"] * 3,
        "hearing_record",
    )
)

# Whoever comes for what was announced has it; of others the announcement runs.
_SERVED_BY = {
    "found": (
        " ".join((*announced("withdrawal").split()[:-1], "serve_withdrawal")),
        "service_announcement service_receipt",
    ),
    "gone": (announced("withdrawal"), "service_announcement"),
}

# What comes of a decision to end a licence for misuse: from where, how, by which way, with which
# papers, on which ground.
_ENDED = "serve_ending ending_served"
_GONE = " ".join(announced("ending").split()[:-1])
_MISUSED = (
    ("not ready", "struck off", f"{_ENDED} deregister deregistered", f"service_receipt {_BOOKED}",
     "misused"),
    ("valid", "struck off when its holder was gone",
     f"{staying('ending_decided', _GONE)} end_announcement_ending ending_served "
     "deregister deregistered", f"service_announcement {_BOOKED}", "misused"),
    ("expiring", "revoked meanwhile", "revoke revoked", "", "misused"),
    ("expiring", "expired meanwhile", "expire expired", "", "misused"),
    ("being renewed", "brought back once served", f"{_ENDED} bring_back valid", "service_receipt",
     "misused"),
    ("deemed renewed", "cancelled meanwhile", "cancel cancelled", "", "misused"),
    ("amended", "its holder dissolved meanwhile", "deregister deregistered", _BOOKED, "dissolved"),
    ("closing", "brought back before it was served", "bring_back valid", "", "misused"),
)  # fmt: skip

# As another authority decided it before any of these licences was granted.
_TAKEN = {**DECIDED_ELSEWHERE, "decided_on": "2022-10-18", "served_on": "2022-10-20"}

LICENCES: Mapping[str, Way] = {
    "granted on conditions that are proved later": Way(
        "not_ready prove_conditions not_ready confirm_ready valid",
        "ready_notice",
        {"expiring": "2026-07-21", "validity": "2026-10-19"},
    ),
    "renewed in time": Way(
        f"{_PENDING} renew valid", "", {"expiring": "2030-07-21", "validity": "2030-10-19"}
    ),
    "its renewal withdrawn": Way(
        f"{_PENDING} end_renewal expiring", "", {"validity": "2026-10-19"}
    ),
    "renewed by law, and the certificate fetched": Way(
        f"{_DEEMED} confirm_renewal valid", "", {"validity": "2030-10-19"}
    ),
    "its lost certificate made anew": Way(
        f"{_AMENDED} hand_over valid", "", {"validity": "2026-10-19"}
    ),
    **{
        f"{name}, before its new certificate was handed over": Way(
            f"{_EXPIRING} amend amended begin_renewal renewal_pending {path} "
            f"hand_over {path.split()[-1]}"
        )
        for name, path in {
            "renewed": "renew valid",
            "not renewed": "end_renewal expiring",
            "renewed by law": "deem_renewed deemed_renewed",
        }.items()
    },
    "handed over while its renewal is not decided": Way(
        f"{_EXPIRING} amend amended begin_renewal renewal_pending hand_over renewal_pending"
    ),
    "amended when expiring": Way(f"{_EXPIRING} amend amended", "", {"validity": "2026-10-19"}),
    "its closing taken back": Way(
        f"{_CLOSING} keep_open valid", "", {"expiring": "2026-07-21", "validity": "2026-10-19"}
    ),
    "given back when not ready, and taken back": Way(
        "not_ready request_closure closure_requested keep_open valid await_conditions not_ready"
    ),
    "given back when expiring": Way(f"{_EXPIRING} request_closure closure_requested"),
    "given back and entered in the book": Way(
        f"{_CLOSING} deregister deregistered",
        _BOOKED,
        inputs={"deregister": _BY_GROUND["asked"]},
    ),
    **{
        f"expired when {name}, and entered in the book": Way(
            f"{path} expire expired deregister deregistered",
            _BOOKED,
            inputs={"deregister": _BY_GROUND["expired"]},
        )
        for name, path in _STANDING.items()
        if name not in ("valid", "being renewed", "deemed renewed")
    },
    # By then it is 2030, and nothing can be published on a calendar that is not decreed yet.
    "expired at the end of the term that the law gave it": Way(f"{_DEEMED} expire expired"),
    "its renewal filed too late and undecided when it expired": Way(
        f"{_PENDING} expire expired deregister deregistered",
        _BOOKED,
        inputs={"deregister": _BY_GROUND["expired"]},
        waits={"begin_renewal": 65},
    ),
    "revoked, and given back when that was quashed": Way(
        f"{_EXPIRING} revoke revoked reinstate valid"
    ),
    "withdrawn, and brought back when that was quashed": Way(
        f"valid {staying('valid', _TOLD_OF)} withdraw_by_authority withdrawn_by_authority "
        "bring_back valid",
        "prior_notice service_receipt withdrawal_decision",
    ),
    "closed, and brought back when that was quashed": Way(
        f"{_CLOSING} deregister deregistered bring_back valid",
        _BOOKED,
        inputs={"deregister": _BY_GROUND["asked"]},
    ),
    # What it is misused for is found by the authority itself, told, decided and served.
    **{
        f"found to be misused when {name}, and {how}": Way(
            f"{_STANDING[name]} {staying(_STANDING[name].split()[-1], _TOLD_OF)} "
            f"decide_ending ending_decided {after}",
            f"prior_notice service_receipt ending_decision {papers}",
            inputs={"deregister": _BY_GROUND[ground], "cancel": _TAKEN},
            waits={"end_announcement_ending": 39},
        )
        for name, how, after, papers, ground in _MISUSED
    },
    "expired, and revoked afterwards": Way(
        f"{_EXPIRING} expire expired revoke revoked deregister_revoked deregistered", _BOOKED
    ),
    **{
        f"revoked when {name}": Way(f"{path} revoke revoked")
        for name, path in _STANDING.items()
        if name != "closing"
    },
    **{
        f"withdrawn by the authority when {name}, and entered in the book": Way(
            f"{path} {staying(path.split()[-1], _HEARD)} "
            "withdraw_by_authority withdrawn_by_authority "
            f"{staying('withdrawn_by_authority', served)} "
            "deregister deregistered",
            f"{_HEARD_PAPERS} withdrawal_decision {papers} {_BOOKED}",
            inputs={"deregister": _BY_GROUND["ended"]},
            waits={"hold_hearing": 1, **_A_MONTH},
        )
        for name, path in _STANDING.items()
        for served, papers in (_SERVED_BY["found" if name == "valid" else "gone"],)
    },
    **{
        f"cancelled by a penalty when {name}, and entered in the book": Way(
            f"{path} cancel cancelled deregister deregistered",
            _BOOKED,
            inputs={"deregister": _BY_GROUND["ended"], "cancel": _TAKEN},
        )
        for name, path in _STANDING.items()
    },
    **{
        f"its holder dissolved when {name}": Way(
            f"{path} deregister deregistered",
            _BOOKED,
            inputs={"deregister": _BY_GROUND["dissolved"]},
        )
        for name, path in _STANDING.items()
    },
}
# What no way can go through, and why.
NEVER = {
    ("licence", "valid", "expire"): "ninety days before its last day it is expiring",
    ("licence", "cancelled", "give_back"): "once its penalty has fallen: test_licence_penalties",
    ("licence", "closure_requested", "revoke"): "nothing is given back while a check is open",
}

_HERE = address(5000)


def _applied(way: Way) -> Beginning:
    return "instant_licence", way.data


def _granted(way: Way) -> Beginning:
    # Nothing is given back while a check is open.
    return "licence", way.states[0], "closure_requested" in way.states


@pytest.fixture(scope="module")
def explorer(module_front: Front) -> Iterator[Explorer]:
    """Of a town of its own, whose authority lets late renewals in."""
    with module_front.town.session() as session:
        set_key(session, "licence.late_renewal", value="accept_warn")
    routes = [
        *(way.route(_applied(way)) for way in APPLICATIONS.values()),
        *(way.route(_granted(way)) for way in LICENCES.values()),
    ]
    with exploring(module_front, routes) as explorer:
        yield explorer


@pytest.mark.parametrize("name", each(APPLICATIONS, _applied))
def test_an_application(explorer: Explorer, name: str) -> None:
    way, front = APPLICATIONS[name], explorer.front

    def apply(_: Walker | None) -> Walker:
        data = application(**{"address": _HERE, **way.data})
        answer = front.post("applicant", "/cases", {"process": "instant_licence", "data": data})
        return Walker(front, answer.json()["number"])

    _ends_well(explorer.walk(way, (_applied(way), apply)), way)


@pytest.mark.parametrize("name", each(LICENCES, _granted))
def test_a_licence(explorer: Explorer, name: str) -> None:
    way, front = LICENCES[name], explorer.front
    _, first, closing = _granted(way)

    def grant(_: Walker | None) -> Walker:
        town = front.town
        town.time.instant = datetime(2022, 10, 20, 9, 0, tzinfo=ZONE)
        if first == "not_ready":
            granted = promised_for_later(town, _HERE, ready_by="2022-12-01")
        else:
            granted = apply_to(town, "committed", _HERE)
            follow(town, granted, ("grant", "window"))
        if closing:
            check_to(town, granted, "closed")
        return Walker(front, town.relative(granted, "licence").number, granted)

    _ends_well(explorer.walk(way, (_granted(way), grant)), way)


def test_no_way_is_left_out() -> None:
    for process, ways in ((INSTANT_LICENCE, APPLICATIONS), (LICENCE, LICENCES)):
        gone = {one for way in ways.values() for one in way.taken}
        reached = {state for way in ways.values() for state in way.states}
        assert reached == {state.name for state in process.states}
        never = {(source, step) for key, source, step in NEVER if key == process.key}
        assert {(s, step, t) for s, step, t in exits(process) if (s, step) not in never} == gone
        assert never <= {(source, step) for source, step, _ in exits(process)}


def _ends_well(walker: Walker, way: Way) -> None:
    case = walker.case()
    assert walker.log() == way.taken
    assert sorted(paper["key"] for paper in case["documents"]) == sorted(way.documents.split())
    running = {c["name"]: c["due_on"] for c in case["clocks"] if c["live"]}
    assert {name: running.get(name) for name in way.dates} == way.dates
    assert not (case["ended"] and running)
