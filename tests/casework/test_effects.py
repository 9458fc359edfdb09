"""What each step causes: tests/data/processes, by hand from the rulebook, against what came."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial
from statistics import mean

from sqlalchemy import select

from casework.common.timekeeping import ZONE
from casework.models import Case, CreditEvent, Document, LogRow, Notice, Party, Publication
from state_machines.processes import PROCESSES
from tests.support import penalties
from tests.support.exemptions import HANDLERS, open_lead
from tests.support.journeys import (
    OFFICERS,
    Numbers,
    address,
    apply_to,
    change_of,
    check_to,
    custody_to,
    follow,
    renewal_of,
    told_before,
    usual,
)
from tests.support.processes import journeys_of
from tests.support.processes.interested_party import registered
from tests.support.rules import set_key
from tests.support.serving import RECEIPT
from tests.support.statements import writing_transactions
from tests.support.town import Town, hearing, look, promise
from tools.expectations import expected_processes

# A firm with these may not promise until they are repaired (国办发〔2020〕42号).
_BARS = dict.fromkeys(
    (
        "promise_false",
        "promise_broken",
        "licence_revoked",
        "penalised_serious",
        "repair_false_material",
    ),
    True,
)

_APPLIED_FOR = ("instant_licence", "licence_renewal", "licence_change", "place_filing")

_TWO = "reviewer+inspector1"
_MISUSED = {"ground": "涂改、转让、倒卖有效卫生许可证", "reason": "转让给他人使用"}

# Statements of whatever is taken below: a step, what it opens and moves, a file that is handed in.
_MOST, _MEAN = 50, 8.5

Caused = dict[str, list[str]]


def _table() -> dict[tuple[str, str], Caused]:
    return {
        (key, name): {
            "documents": sorted(step.issues),
            "told": sorted(step.notifies),
            "published": sorted(step.publishes),
            "credit": sorted(step.records),
            "related": sorted(step.moves),
        }
        for key, expected in expected_processes().items()
        for name, step in expected.steps.items()
    }


def test_each_step_causes_what_the_rulebook_says(full_town: tuple[Town, Numbers]) -> None:
    town, numbers = full_town
    with writing_transactions(town) as sent:
        _take_every_step(town, numbers)
    _repair_of_long_ago(town)  # whose years fall due together, which is no step
    assert max(sent) <= _MOST
    assert mean(sent) <= _MEAN
    table = _table()
    seen, wrong, taken_down = set(), {}, set()
    took: dict[int, list[str]] = {}
    with town.session() as session:
        rows = session.execute(
            select(Case, LogRow).join(LogRow, LogRow.case_id == Case.id).order_by(LogRow.id)
        ).all()
        penalised = {case.number for case, _ in rows if case.process == "penalty"}
        filed = {(case.relation, case.family_id) for case, _ in rows}
        for case, row in rows:
            if row.header["kind"] != "step":
                continue
            step = row.header["name"]
            expected = table[case.process, step]
            if step == "deliver" and row.header["source"] == "deemed":
                expected = {**expected, "related": ["licence"]}
            if step == "accept" and row.payload["input"].get("deferred"):
                expected = {
                    **expected,
                    "documents": sorted([*expected["documents"], "deferral_notice"]),
                }
            if step == "grant" and case.data.get("accept", {}).get("deferred"):
                expected = {**expected, "related": sorted([*expected["related"], "deferral"])}
            if step == "expire" and row.header["source"] == "renewal_pending":
                expected = {**expected, "related": ["licence_renewal"]}
            if step == "terminate" and row.header["source"] in ("granted", "deemed"):
                expected = {**expected, "related": []}
            if step == "decide" and case.process == "penalty":
                # The record is of the class that was decided.
                decided = row.payload["input"]["publicity"]
                expected = {**expected, "credit": [f"penalised_{decided}"]}
            if step.startswith("vary_by") and "decide" in case.data:
                # What is of another class now is recorded anew, and repaired by the terms of that.
                varied = row.payload["input"]["publicity"]
                if varied not in (None, case.data["decide"]["publicity"]):
                    related = sorted([*expected["related"], "repair"])
                    expected = {**expected, "credit": [f"penalised_{varied}"], "related": related}
            if step == "reject" and row.header["source"] == "requested":
                # Nothing was taken that could be lifted.
                expected = {**expected, "documents": [], "told": ["inspector"]}
            if step == "decide" and not row.payload["input"].get("shown", True):
                # A mere warning is not shown, and nothing of it needs repair.
                left = {"documents": ["penalty_decision"], "related": [], "published": []}
                expected = {**expected, **left}
            if step == "change_by_reconsideration" and ("national", case.id) in filed:
                # What was asked for nationally ends with the repair.
                expected = {**expected, "related": sorted([*expected["related"], "national"])}
            if step == "make_certificates" and "refuse_eco" in case.data:
                # Only what was granted is made.
                made = [one for one in expected["documents"] if one.startswith("diagnosis")]
                expected = {**expected, "documents": made}
            if case.process == "credit_repair" and "find_false_material" not in case.data:
                # Only that is recorded; a refusal is merely served.
                expected = {**expected, "credit": [] if "decision" in step else expected["credit"]}
            if step == "revoke" and "find_false" in case.data:
                # What was found is recorded with the decision.
                expected = {**expected, "credit": ["licence_revoked", "promise_false"]}
            if step == "grant" and row.header["source"] == "ordinary_review":
                # No promise, no check of it.
                expected = {**expected, "related": ["licence"]}
            if step in ("approve", "end_national_publicity", "end_longest_term"):
                # A penalty stands in a register of its own; what was taken down is not again.
                of = case.data["application"].get("source")
                if of in penalised:
                    expected = {**expected, "published": ["penalties"]}
                if of in taken_down:
                    expected = {**expected, "published": []}
                taken_down.add(of)
                took[case.id] = expected["published"]
            if "repair_false_material" in expected["credit"]:
                # What it took down is shown again, and to be taken down at the end of its term.
                expected = {**expected, "published": sorted(2 * took.get(case.id, []))}
            at = {"case_id": case.id, "log_seq": row.seq}
            told = session.scalars(
                select(Notice.key).where(Notice.key.startswith(f"step/{case.id}/{row.seq}/"))
            )
            found = {
                "documents": sorted(session.scalars(select(Document.key).filter_by(**at))),
                "told": sorted(key.rsplit("/", 1)[1] for key in told),
                "published": sorted(session.scalars(select(Publication.register).filter_by(**at))),
                "credit": sorted(session.scalars(select(CreditEvent.kind).filter_by(**at))),
                "related": sorted(
                    one["relation"]
                    for what in ("opened", "moved")
                    for one in row.payload["caused"].get(what, [])
                ),
            }
            if found != expected:
                wrong[f"{case.process}.{step} of {case.number}"] = (found, expected)
            seen.add((case.process, step))
        for event in session.scalars(select(CreditEvent)):
            assert event.bars_promise == _BARS.get(event.kind, False), event.kind
    assert wrong == {}
    assert seen == set(table)
    assert seen == {
        (process.key, step.name) for process in PROCESSES.values() for step in process.every_step
    }


_RECUSAL = (("ask_recusal", "applicant"), ("decide_recusal", "approver"))


def _take_every_step(town: Town, numbers: Numbers) -> None:
    """From a case in every state, the steps that no way to a state needs."""
    firm = {"by": "applicant2"}  # the other one may not promise any more
    reviewed = [town.granted(address=address(200 + n), **firm) for n in range(2)]
    promised = town.committed(by="applicant2", address=address(210))
    follow(town, promised, ("withdraw_commitment", "applicant2"))
    turned = town.committed(by="applicant2", address=address(215))
    follow(town, turned, ("turn_to_ordinary", "approver"))
    _keep_what_may_not_open_yet(town, "applicant2")
    ordinary = apply_to(town, "ordinary_review", address(211))
    follow(
        town,
        ordinary,
        ("pause", "reviewer"),
        ("resume", "reviewer"),
        ("extend_decision", "approver"),
        ("check_site", "reviewer+inspector1"),
        ("grant", "approver"),
    )
    follow(town, numbers["licence", "expired"], ("deregister", "approver"))
    for process, journey in journeys_of().items():
        states = [state.name for state in PROCESSES[process].states]
        journey.rest(town, {state: numbers[process, state] for state in states})
    _take_the_rest_of_the_licence(town, numbers)
    returned = check_to(town, reviewed[0], "revocation_notified")
    follow(
        town,
        returned,
        ("state_defence", "applicant2"),
        ("waive_defence", "applicant2"),
        ("waive_hearing", "applicant2"),
        ("submit_review", "inspector1"),
        ("return_review", "legal"),
    )
    follow(town, numbers["commitment_check", "legal_review"], ("spare", "approver"))
    spared = numbers["commitment_check", "review_passed"]
    follow(town, spared, ("record_breach", "approver"), ("serve_breach", "inspector1"))
    gone = numbers["commitment_check", "breach_decided"]
    follow(town, gone, *_announced("decision", "inspector1"))
    heard, neighbour = _before_withdrawals(town), _of_a_neighbour(town)
    told = told_before("reviewer")
    follow(town, numbers["diagnosis_licence", "valid"], *told[:2])
    follow(town, numbers["diagnosis_licence", "valid"], ("answer_prior_notice", "applicant"))
    follow(town, numbers["diagnosis_licence", "valid"], *told[2:])
    told = told_before("eco")[:-1]
    follow(
        town, numbers["safety_licence", "valid"], *told[:2], ("answer_prior_notice", "applicant")
    )
    follow(town, numbers["safety_licence", "valid"], *told[2:])
    said = (*told_before("credit")[:2], ("answer_prior_notice", "applicant"))
    follow(town, numbers["credit_repair", "applied"], *said)
    follow(town, numbers["commitment_check", "revocation_notified"], ("serve_notice", "inspector1"))
    # Whom nobody finds is told by announcement.
    for number, of, by in (
        (numbers["diagnosis_licence", "valid"], "prior", "reviewer"),
        (numbers["safety_licence", "valid"], "prior", "eco"),
        (numbers["credit_repair", "applied"], "prior", "credit"),
    ):
        follow(town, number, ("give_prior_notice", by), *_announced(of, by))
    missing = check_to(town, town.granted(address=address(202), **firm), "revocation_notified")
    follow(town, missing, *_announced("notice", "inspector1"))
    ordered = numbers["commitment_check", "rectification_ordered"]
    follow(town, ordered, *_announced("order", "inspector1"))
    uncalled = check_to(town, town.granted(address=address(203), **firm), "revocation_notified")
    asked = (("request_hearing", "applicant2"), ("schedule_hearing", "inspector1"))
    follow(town, uncalled, *asked, *_announced("hearing", "inspector1"))
    uncalled = numbers["interested_party", "hearing_scheduled"]
    follow(town, uncalled, *_announced("hearing", "reviewer"))
    follow(town, numbers["interested_party", "told"], *_announced("notice", "reviewer"))
    withdrawn = numbers["licence", "withdrawn_by_authority"]
    follow(town, withdrawn, *_announced("withdrawal", "reviewer"))
    for process in ("licence", "diagnosis_licence"):
        follow(town, numbers[process, "ending_decided"], *_announced("ending", "reviewer"))
    follow(town, numbers["safety_licence", "ending_decided"], *_announced("ending", "eco"))
    _take_the_rest_of_credit(town, numbers)  # before what it extends has run out
    unheard = numbers["commitment_check", "hearing_scheduled"]
    town.take(unheard, "schedule_hearing", "inspector1", hearing("2026-09-10"))
    told = (("ask_earlier_hearing", "applicant"), ("serve_hearing", "inspector1"))
    follow(town, unheard, *told)
    town.time.pass_(days=9)
    put_off = {**usual("commitment_check", "adjourn_hearing"), "on": "2026-09-11"}
    follow(town, unheard, ("adjourn_hearing", "chair"), adjourn_hearing=put_off)
    for number in (heard[0], neighbour):
        follow(town, number, ("adjourn_hearing", "chair"), adjourn_hearing=put_off)
    follow(town, heard[1], ("abandon_hearing", "chair"))
    town.time.pass_(days=1)
    for number in (unheard, neighbour):
        follow(town, number, ("abandon_hearing", "chair"))
    # On the day to which it was put off.
    town.take(heard[0], "hold_hearing", "chair", usual("licence", "hold_hearing"))
    kept = check_to(town, reviewed[1], "rectification_ordered")
    follow(
        town,
        kept,
        ("ask_recusal", "applicant2"),
        ("decide_recusal", "approver"),
        ("hand_over", "supervisor"),
    )
    follow(town, kept, ("recheck", OFFICERS), ("find_kept", OFFICERS), recheck=look(met=True))
    _take_the_rest_of_the_joint_matter(town, numbers)
    notified = numbers["commitment_check", "revocation_notified"]
    follow(town, notified, ("confirm_address", "applicant"))
    corrected = numbers["commitment_check", "correction_unserved"]
    follow(town, corrected, ("record_receipt_correction", "inspector1"))
    _take_the_rest_of_enforcement(town, numbers)
    _take_the_rest_of_the_exemption(town, numbers)
    _take_the_rest_of_penalties(town, numbers)
    _serve_what_ended(town, numbers)
    town.time.pass_(days=31)
    _end_announcements(town)
    town.time.pass_(days=29)
    for process, state in penalties.FALLING_DUE:
        town.office.catch_up(town.case(numbers[process, state]).id)
    for state in ("revocation_announced", "correction_announced", "undoing_announced"):
        town.office.catch_up(town.case(numbers["commitment_check", state]).id)
    town.office.catch_up(town.case(numbers["credit_training", "in_exam"]).id)
    for state in ("submitted", "precheck", "awaiting_merged_supplement", "held_on_request"):
        town.office.catch_up(town.case(numbers["one_matter", state]).id)
    for process in (*_APPLIED_FOR, *journeys_of()):
        for state in ("received", "awaiting_supplement"):
            if (process, state) in numbers:
                town.office.catch_up(town.case(numbers[process, state]).id)
    for state in ("expiring", "suspended"):
        town.office.catch_up(town.case(numbers["licence", state]).id)
    town.time.pass_(days=5)  # beyond thirty days and thirty more
    for state in ("preserved", "seized", "testing"):
        town.office.catch_up(town.case(numbers["evidence_custody", state]).id)


def _repair_of_long_ago(town: Town) -> None:
    """A record whose longest term is over."""
    now, town.time.instant = town.time.instant, datetime(2022, 10, 20, 9, 0, tzinfo=ZONE)
    # Of a firm that nothing bars from promising.
    other = replace(town, people={**town.people, "applicant": town.people["applicant2"]})
    revoked = check_to(other, other.granted(address=address(240)), "revoked")
    town.time.instant = now
    town.office.catch_up(town.relative(revoked, "repair").id)


def _announced(of: str, by: str) -> tuple[tuple[str, str], ...]:
    """Two ways by which a notice did not reach the party, and its announcement."""
    return tuple((f"{step}_{of}", by) for step in ("record_try", "try_by_post", "announce"))


def _serve_what_ended(town: Town, numbers: Numbers) -> None:
    """A decision that ended its case is served, or announced to whom nobody finds."""
    more = {
        "national_repair": ("sent", "refuse_filing", "approver"),
        "single_health": ("failed", "refuse_health", "approver"),
        "single_eco": ("failed", "refuse_eco", "eco_approver"),
    }
    by = {"single_eco": "eco", "national_repair": "credit", "credit_repair": "credit"}
    for key, process in PROCESSES.items():
        states = next(
            (list(one.moves) for one in process.steps if one.name == "serve_decision"), []
        )
        if key in more:
            state, refuse, approver = more[key]
            follow(town, numbers[key, state], (refuse, approver))
            states.append(state)
        if key == "credit_repair":
            states.remove("closed")  # in which there is a decision only after false material
        if states:
            officer = by.get(key, "window")
            follow(town, numbers[key, states[0]], ("serve_decision", officer))
            follow(town, numbers[key, states[-1]], *_announced("decision", officer))


def _end_announcements(town: Town) -> None:
    """Enter that what was announced in these cases, and still waits to be served, has run."""
    by = {
        "credit_repair": "credit",
        "commitment_check": "inspector1",
        "single_eco": "eco",
        "national_repair": "credit",
        "penalty": "handler1",
        "first_offence_exemption": "handler1",
        "evidence_custody": "inspector1",
        "safety_licence": "eco",
    }
    at_the_window = ("decision", "refuse_health", "refuse_eco")
    with town.session() as session:
        waiting = [
            (
                case.number,
                f"end_announcement_{of}",
                "eco"
                if of == "prior_eco"
                else by.get(case.process, "window" if of in at_the_window else "reviewer"),
            )
            for case in session.scalars(select(Case).order_by(Case.id))
            for of, entry in case.data.get("service", {}).items()
            if entry.get("announced")
            and all(one["seq"] < entry["announced"]["seq"] for one in entry["receipts"])
        ]
    for number, step, officer in waiting:
        case = town.case(number)
        at = {case.state, *case.tracks.values()}
        if any(s.name == step and at & set(s.moves) for s in PROCESSES[case.process].every_step):
            follow(town, number, (step, officer))


def _of_a_neighbour(town: Town) -> str:
    """The case of a neighbour who asked to be heard before a grant, on 10 September."""
    firm = "applicant2"
    application, _ = registered(town, address(230))
    follow(town, application, ("tell_applicant", "reviewer"), ("call_hearing", "reviewer"))
    _, neighbour = registered(town, address(231))
    told = (("tell_interested", "reviewer"), ("serve_notice", "reviewer"))
    follow(town, neighbour, *told, ("state_defence", firm), ("request_hearing", firm))
    town.take(neighbour, "schedule_hearing", "reviewer", hearing("2026-09-10"))
    follow(town, neighbour, ("ask_earlier_hearing", firm), ("serve_hearing", "reviewer"))
    return neighbour


def _before_withdrawals(town: Town) -> list[str]:
    """Licences whose holder asked to be heard before they are withdrawn, on 10 September; one more
    gave its hearing up."""
    firm, licences = "applicant2", []
    signed = {**RECEIPT, "recipient": town.people[firm].name}
    for n in (0, 1, 2, 4):
        granted = town.granted(address=address(220 + n), by=firm)
        licence = town.relative(granted, "licence").number
        told = (("give_prior_notice", _TWO), ("serve_prior_notice", "reviewer"))
        said = (("answer_prior_notice", firm), ("request_hearing", firm))
        follow(town, licence, *told, *said, serve_prior_notice=signed)
        licences.append(licence)
    follow(
        town, licences.pop(), ("schedule_hearing", "reviewer"), *_announced("hearing", "reviewer")
    )
    gone = licences.pop()
    follow(town, gone, ("withdraw_hearing", firm), ("waive_prior_notice", firm))
    follow(town, gone, ("review_prior_notice", "legal"), ("withdraw_by_authority", "approver"))
    follow(town, gone, ("serve_withdrawal", "reviewer"), serve_withdrawal=signed)
    follow(town, gone, ("bring_back", "approver"))
    told_anew = (("give_prior_notice", _TWO), *_announced("prior", "reviewer"))
    follow(
        town,
        town.relative(town.granted(address=address(223), by=firm), "licence").number,
        *told_anew,
    )
    for licence in licences:
        town.take(licence, "schedule_hearing", "reviewer", hearing("2026-09-10"))
        steps = (("ask_earlier_hearing", firm), ("serve_hearing", "reviewer"))
        follow(town, licence, *steps, serve_hearing=signed)
    return licences


def _said_false(by: str) -> tuple[tuple[str, str], ...]:
    """The applicant is told that what it handed in is held to be false, answers and is heard."""
    told = told_before(by)
    return (*told[:2], ("answer_prior_notice", "applicant"), *told[2:])


def _keep_what_may_not_open_yet(town: Town, firm: str) -> None:
    """A licence on conditions that are still to be met is given back, and kept all the same."""
    number = town.apply(by=firm, address=address(214))
    town.attach(number, by=firm)
    signed = (("inform", "window"), ("study", firm), ("commit", firm), ("grant", "window"))
    later = promise(town.people[firm].name, ready_by="2026-12-01")
    follow(town, number, ("submit", firm), ("accept", "window"), *signed, commit=later)
    check_to(town, number, "closed")
    licence = town.relative(number, "licence").number
    follow(town, licence, ("request_closure", firm), ("keep_open", firm))


def _take_the_rest_of_the_licence(town: Town, numbers: Numbers) -> None:
    """What no way to a state of a licence and its applications needs."""
    renewal, change, deferral, licence = (
        partial(_numbered, numbers, process)
        for process in ("licence_renewal", "licence_change", "deferral", "licence")
    )
    for process in (*_APPLIED_FOR, "one_matter"):
        follow(town, numbers[process, "draft"], ("discard", "applicant"))
    ordinary = apply_to(town, "ordinary_review", address(212))
    follow(town, ordinary, ("book_look", "reviewer"), *_said_false("reviewer"))
    follow(town, ordinary, ("give_prior_notice", "reviewer"), *_announced("prior", "reviewer"))
    follow(town, licence("not_ready"), *_RECUSAL, ("prove_conditions", "applicant"))
    follow(town, licence("not_ready"), ("confirm_ready", "reviewer"))
    follow(town, licence("closure_requested"), ("keep_open", "applicant"))
    follow(town, licence("cancelled"), ("give_back", "approver"))
    follow(town, licence("ending_served"), ("deregister", "approver"), deregister=_MISUSED)
    again = (("lift_suspension", "approver"), ("suspend", "approver"))
    follow(town, licence("suspended"), *again)
    declined = (("inform", "window"), ("decline", "applicant"))
    follow(town, renewal("accepted"), *declined, ("check_site", "reviewer+inspector1"))
    follow(town, renewal("deemed"), ("deliver", "window"))
    for one in (renewal("accepted"), change("accepted")):
        heard = ("register_interested", "tell_applicant", "call_hearing")
        follow(town, one, *((step, "window") for step in heard))
    for one in (renewal("paused_technical"), change("paused_technical")):
        follow(town, one, ("resume", "reviewer"))
    follow(town, change("granted"), ("terminate", "window"))
    follow(town, deferral("handed_in"), ("return_items", "window"))
    with town.session() as session:
        set_key(session, "licence.late_renewal", value="accept_warn")
    late = renewal_of(town, _application_of(town, licence("expiring")))
    follow(town, late, ("submit", "applicant"))
    renamed = town.granted(address=address(213), by="applicant2")
    doubted = town.granted(address=address(218), by="applicant2")
    with town.session() as session:
        firm = session.get_one(Party, town.case(renamed).party_id)
        firm.name = "南通江海宾馆有限公司"
    new = {"kind": "变更单位名称", "place_name": "南通江海宾馆有限公司", "reason": "企业更名"}
    asked = change_of(town, renamed, by="applicant2", **new)
    signed = promise(town.people["applicant2"].name)
    follow(
        town,
        asked,
        ("submit", "applicant2"),
        ("accept", "window"),
        ("inform", "window"),
        ("decline", "applicant2"),
        ("study", "applicant2"),
        ("commit", "applicant2"),
        ("withdraw_commitment", "applicant2"),
        ("check_site", "reviewer+inspector1"),
        ("commit", "applicant2"),
        ("grant", "approver"),
        commit=signed,
    )
    turned = change_of(town, doubted, by="applicant2", **new)
    follow(town, turned, ("submit", "applicant2"), ("accept", "window"), ("inform", "window"))
    promised = (("study", "applicant2"), ("commit", "applicant2"))
    follow(town, turned, *promised, ("turn_to_ordinary", "approver"), commit=signed)


def _take_the_rest_of_the_joint_matter(town: Town, numbers: Numbers) -> None:
    """What no way to a state of the joint matter needs, and of what comes of it."""
    joint, health, eco = (
        partial(_numbered, numbers, process)
        for process in ("one_matter", "single_health", "single_eco")
    )
    paused = (("resume_health", "reviewer"), ("extend_health", "approver"))
    follow(town, joint("health_paused"), *paused, ("extend_joint", "approver"))
    follow(town, joint("eco_paused"), ("resume_eco", "eco"), ("extend_eco", "eco_approver"))
    follow(town, health("paused_technical"), *paused)
    follow(town, eco("paused_technical"), ("resume_eco", "eco"), ("extend_eco", "eco_approver"))
    follow(town, joint("accepted"), ("drop_health", "window"))
    for number, by in (
        (joint("dispatched"), "window"),
        (health("reviewing"), "reviewer"),
        (eco("reviewing"), "eco"),
    ):
        heard = (("register_interested", by), ("tell_applicant", by), ("call_hearing", by))
        follow(town, number, *heard)
    for first, then in (("health", "eco"), ("eco", "health")):
        follow(town, joint(f"{first}_refused"), (f"serve_refuse_{first}", "window"))
        follow(town, joint("refused"), *_announced(f"refuse_{then}", "window"))
    for number in (joint("both_passed"), health("passed")):
        follow(town, number, *_said_false("reviewer"))
        follow(town, number, ("give_prior_notice", "reviewer"), *_announced("prior", "reviewer"))
    told = ((f"{step}_eco", by) for step, by in _said_false("eco")[:-1])
    follow(town, joint("both_passed"), *told)
    follow(town, joint("both_passed"), ("give_prior_notice_eco", "eco"))
    follow(town, joint("both_passed"), *_announced("prior_eco", "eco"))
    follow(town, eco("passed"), *_said_false("eco")[:-1])
    follow(town, eco("passed"), ("give_prior_notice", "eco"), *_announced("prior", "eco"))
    licences = (("diagnosis_licence", "unverified"), ("safety_licence", "report_overdue"))
    for (process, state), (step, by) in zip(
        licences, (("pass_verification", "window"), ("report", "applicant")), strict=True
    ):
        follow(town, numbers[process, state], (step, by))
    follow(town, numbers["safety_licence", "expired"], ("deregister_expired", "eco_approver"))
    for (process, _), by in zip(licences, ("approver", "eco_approver"), strict=True):
        follow(town, numbers[process, "deregistered"], ("bring_back", by))
        asked = (("request_closure", "applicant"), ("keep_open", "applicant"))
        follow(town, numbers[process, "valid"], *asked)


def _take_the_rest_of_enforcement(town: Town, numbers: Numbers) -> None:
    """What no way to a state of a check or of things in custody needs."""
    check = numbers["commitment_check", "inspected"]
    follow(town, check, ("record_scene", OFFICERS), ("record_interview", OFFICERS))
    follow(town, numbers["commitment_check", "revoked"], ("refer_penalty", "inspector1"))
    custody = partial(_numbered, numbers, "evidence_custody")
    follow(town, custody("seized"), ("extend", "approver"), ("record_scene", OFFICERS), *_RECUSAL)
    follow(town, custody("seized"), ("lift", "approver"), *_announced("extension", "inspector1"))
    extended = custody_to(town, check, "seized")
    follow(town, extended, ("extend", "approver"), ("serve_extension", "inspector1"))
    follow(town, numbers["correction_order", "ordered"], *_RECUSAL)


def _take_the_rest_of_the_exemption(town: Town, numbers: Numbers) -> None:
    """What no way through the door `minor` needs."""
    exemption = partial(_numbered, numbers, "first_offence_exemption")
    records = (("record_scene", HANDLERS), ("record_interview", HANDLERS))
    follow(town, exemption("investigating"), *records, *_RECUSAL)
    follow(town, exemption("lead"), ("send_transfer", "approver"))
    asked = (("report_correction", "applicant"), ("extend_decision", "approver"))
    served = ("serve_order", "handler1")
    follow(town, exemption("ordered_to_correct"), *asked, served)
    follow(town, exemption("corrected"), *_announced("order", "handler1"))
    follow(town, exemption("educated"), *_announced("exemption", "handler1"))
    follow(town, exemption("exemption_review"), ("return_proposal", "approver"))
    spot = open_lead(town, violation="GC009")
    follow(town, spot, ("correct_on_the_spot", HANDLERS))
    town.attach(spot, "no_fault_proof", by="window")  # for the party, who does not see a lead
    follow(
        town,
        spot,
        ("check_first", "handler1"),
        ("check_no_fault", "handler1"),
        ("check_other", "handler1"),
    )


def _take_the_rest_of_credit(town: Town, numbers: Numbers) -> None:
    """What no way to a state of a repair needs."""
    eligible = numbers["credit_repair", "eligible"]
    follow(town, eligible, ("report_self_check", "applicant"), ("record_performance", "credit"))
    follow(town, numbers["national_repair", "sent"], ("extend_result", "approver"))
    follow(town, numbers["credit_talk", "talked"], ("report_improvement", "applicant"))
    handed = (("ask_recusal", "applicant"), ("decide_recusal", "approver"))
    follow(town, numbers["place_grading", "assigned"], *handed, ("hand_over", "supervisor"))
    follow(town, numbers["place_grading", "scored"], ("send_back", "approver"))


def _take_the_rest_of_penalties(town: Town, numbers: Numbers) -> None:
    """What no way to a state of a penalty needs."""
    penalty = partial(_numbered, numbers, "penalty")
    follow(town, penalty("suspended"), ("resume", "approver"))
    told = (
        ("record_scene", HANDLERS),
        ("record_interview", HANDLERS),
        ("request_custody", HANDLERS),
    )
    follow(town, penalty("investigating"), *told)
    follow(
        town,
        penalty("notified"),
        ("confirm_address", "applicant"),
        ("waive_defence", "applicant"),
        ("waive_hearing", "applicant"),
        ("hand_over", "supervisor"),
        ("ask_recusal", "applicant"),
        ("decide_recusal", "approver"),
        ("extend_decision", "approver"),
    )
    penalties.take_the_rest(town, numbers)
    lead = penalties.open_lead(town, "simple_penalty")
    follow(town, lead, ("record_scene", HANDLERS), ("record_interview", HANDLERS))


def _application_of(town: Town, licence: str) -> str:
    with town.session() as session:
        return session.get_one(Case, town.case(licence).family_id).number


def _numbered(numbers: Numbers, process: str, state: str) -> str:
    return numbers[process, state]
