"""Every state and every exit of enforcement, each by a named way over HTTP: 行政处罚 by both
procedures, 责令改正, and 免罚.

The ways are written by hand; that they leave nothing out is counted against the declarations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from casework.audit.proof import verify_case
from casework.rules.versions import VersionCache
from state_machines.processes import PROCESSES
from tests.support.desk import opened
from tests.support.forks import Explorer, exploring
from tests.support.front import Front
from tests.support.penalties import (
    CLOSURE,
    HEAVY,
    LONG_BEFORE,
    MILDER,
    WARNED,
    WARNING,
    fine,
    spot,
)
from tests.support.penalty_ways import Prosecution
from tests.support.ways import Beginning, Walker, Way, each, exits

# --- 普通程序 -------------------------------------------------------------------------------------

_FILED = "lead file filed approve_filing investigating"
_INVESTIGATED = (
    f"{_FILED} record_scene investigating investigate investigating "
    "order_correction investigating close_investigation investigated"
)
_OPINION = f"{_INVESTIGATED} propose opinion"
_ISSUED = f"{_OPINION} notify notice_issued"
_TOLD = f"{_ISSUED} serve_notice notified"
_STATED = f"{_TOLD} state_defence statement_heard"
# Who only makes a statement has its time until the last day; this party wants no more of it.
_WEIGHED = f"{_TOLD} waive_defence notified reconsider reconsidered"
_SUBMITTED = f"{_WEIGHED} submit_review legal_review"
_RETURNED = f"{_SUBMITTED} return_review review_returned"
_PANEL = f"{_WEIGHED} forgo_review panel_discussion"
_PENDING = f"{_PANEL} forgo_panel decision_pending"
_DECIDED = f"{_PENDING} decide decided"
_SERVED = f"{_DECIDED} serve served"
_UNDONE = f"{_SERVED} propose_undoing served review_undoing served undo_decision decision_undone"
_ASKED = f"{_TOLD} request_hearing hearing_requested"
_SCHEDULED = f"{_ASKED} schedule_hearing hearing_scheduled"
_TOLD_OF_IT = f"{_SCHEDULED} serve_hearing hearing_scheduled"
_HELD = f"{_TOLD_OF_IT} hold_hearing hearing_held"
_ABANDONED = f"{_ASKED} withdraw_hearing hearing_abandoned"
_RELEASED = f"{_WEIGHED} release not_punished"
_SUSPENDED = f"{_FILED} suspend suspended"
_VOTED = "panel_discussion vote panel_discussion vote panel_discussion vote panel_discussion"
_ARCHIVED = "close closed archive archived"


def _announced(suffix: str, unserved: str, announced: str) -> str:
    """What follows a state in which something waits to be served: two ways fail, it is put up."""
    tried = f"record_try{suffix} {unserved}"
    return f"{tried} {tried} announce{suffix} {announced}"


def _put_up(of: str, state: str) -> str:
    """The same of what leaves the case where it is."""
    return _announced(f"_{of}", state, state)


_TOLD_BY_PAPER = f"{_ISSUED} {_announced('_notice', 'notice_issued', 'notice_announced')}"
_DECIDED_BY_PAPER = f"{_DECIDED} {_announced('', 'decided', 'decision_announced')}"
_RELEASED_BY_PAPER = f"{_RELEASED} {_announced('_release', 'not_punished', 'release_announced')}"
_UNDONE_BY_PAPER = f"{_UNDONE} {_announced('_undoing', 'decision_undone', 'undoing_announced')}"
_URGED_BY_PAPER = _announced("_urging", "urging_issued", "urging_announced")
_AGAINST = {"choice": "不同意", "opinion": "事实不清"}
# So many days until nobody can contest any more: 诉讼 six months, and after 当场处罚 复议 alone.
_UNCONTESTED = {"apply_to_court": 200}
_SPOT_UNCONTESTED = {"apply_to_court": 60}

UNDECIDED = {
    "investigating": _FILED,
    "investigated": _INVESTIGATED,
    "opinion": _OPINION,
    "notice_issued": _ISSUED,
    "notice_announced": _TOLD_BY_PAPER,
    "notified": _TOLD,
    "statement_heard": _STATED,
    "hearing_requested": _ASKED,
    "hearing_scheduled": _SCHEDULED,
    "hearing_held": _HELD,
    "hearing_abandoned": _ABANDONED,
    "reconsidered": _WEIGHED,
    "legal_review": _SUBMITTED,
    "review_returned": _RETURNED,
    "panel_discussion": _PANEL,
    "decision_pending": _PENDING,
}

# In which states an order to correct that was given may be served.
_GIVEN, _CLOSED = "order_correction investigating", "close_investigation investigated"
_WITH_ORDER = {
    **UNDECIDED,
    "investigating": f"{_FILED} record_scene investigating investigate investigating {_GIVEN}",
    "decided": _DECIDED,
    "served": _SERVED,
}
_A_MONTH = 39  # thirty days may end in a holiday


def _collected(owed: str) -> dict[str, str]:
    """From a penalty that was served to each state of its collection."""
    at = owed.split()[-1]
    asked, overdue = f"{owed} ask_for_time {at}", f"{owed} become_overdue overdue"
    issued = f"{overdue} urge urging_issued"
    urged = f"{issued} serve_urging urged"
    applied = f"{urged} apply_to_court court_applied"
    return {
        at: owed,
        "instalment": f"{asked} grant_instalments instalment",
        "deferred": f"{asked} defer_payment deferred",
        "overdue": overdue,
        "urging_issued": issued,
        "urging_announced": f"{issued} {_URGED_BY_PAPER}",
        "urged": urged,
        "court_applied": applied,
        "exec_suspended": f"{applied} suspend_execution exec_suspended",
        "paid": f"{owed} record_payment {at} settle paid",
        "executed": f"{applied} record_execution executed",
    }


_LATE = {"urging_issued": "urge urging_issued", "urged": "urge urging_issued serve_urging urged"}
# In which whoever is late may still be granted time.
_PRESSED = ("overdue", "urging_issued", "urging_announced", "urged")
_AT_COURT = ("court_applied", "exec_suspended")
_NOT_IN_PARTS = {"remission": "减免一部分", "remit": "1.00"}
_RESTORED = {
    "measures": [WARNING, fine()],
    "heavier_because": "撤销复议决定，恢复原处罚决定的效力",
}


def _collecting(
    owed: str, reported: str, waits: Mapping[str, int], **classes: str
) -> dict[str, Way]:
    """The ways of a penalty that was served, to the archive; `reported` is what else its procedure
    asks for before that, `classes` of record those of a closure and of a mere warning (令58)."""
    opposed = "第三人提出相反请求（利害关系人同为原告且诉讼请求相反）"
    closed = {"measures": [WARNING, CLOSURE], "heavier_because": opposed}
    warned: dict[str, Any] = {"measures": [WARNING]}
    if classes:
        closed["publicity"], warned["publicity"] = classes["closure"], classes["warning"]
    at, first = _collected(owed), owed.split()[-1]
    filed_away = f"{reported} {_ARCHIVED}".strip()
    live = [state for state in at if state not in ("paid", "executed")]
    return {
        "paid in time": Way(f"{at['paid']} {filed_away}"),
        "paid in instalments, each in time": Way(
            f"{at['instalment']} record_payment instalment record_payment instalment settle paid",
            inputs={"record_payment": {"amount": "500.00"}},
        ),
        **{
            f"an instalment paid in time and registered late when {state}": Way(
                f"{at['instalment']} miss_instalment overdue {on_to} "
                f"record_payment {state} resume_plan instalment",
                inputs={"record_payment": {"amount": "400.00", "on": "2025-10-01"}},
            )
            for state, on_to in (
                ("overdue", ""),
                ("urging_issued", _LATE["urging_issued"]),
                ("urging_announced", f"{_LATE['urging_issued']} {_URGED_BY_PAPER}"),
                ("urged", _LATE["urged"]),
            )
        },
        "paid in instalments, and the fee of the one that was late": Way(
            f"{at['instalment']} miss_instalment overdue record_payment overdue resume_plan "
            "instalment record_payment instalment owe_late_fee overdue",
            inputs={"record_payment": {"amount": "500.00"}},
        ),
        "put off in vain": Way(f"{at['deferred']} lapse_deferral overdue"),
        "executed by the court after a rest": Way(
            f"{at['exec_suspended']} resume_execution court_applied record_execution executed",
            waits=waits,
        ),
        "urged by an announcement": Way(
            f"{at['urging_announced']} record_try_urging urging_announced deem_served_urging urged"
        ),
        "urged by hand when announced": Way(f"{at['urging_announced']} serve_urging urged"),
        "upheld on reconsideration and by the court": Way(
            f"{owed} file_reconsideration {first} end_reconsideration {first} "
            f"file_litigation {first} end_litigation {first}"
        ),
        "varied on reconsideration, then by the court, and paid": Way(
            f"{owed} file_reconsideration {first} vary_by_reconsideration {first} "
            f"file_litigation {first} record_judgment {first} appeal {first} "
            f"vary_by_litigation {first} record_payment {first} settle paid",
            inputs={"record_payment": {"amount": MILDER}},
        ),
        "varied to a mere warning when overdue": Way(
            f"{at['overdue']} file_reconsideration overdue vary_by_reconsideration overdue "
            "settle paid",
            inputs={"vary_by_reconsideration": warned},
        ),
        **{
            f"varied to a closure when {state}": Way(
                f"{way} file_reconsideration {state} vary_by_reconsideration {state} "
                "record_performance paid",
                inputs={"vary_by_reconsideration": closed},
            )
            for state, way in at.items()
            if state not in (first, "court_applied", "exec_suspended", "paid", "executed")
        },
        "varied on reconsideration, and handed over to whoever varied it": Way(
            f"{at['urged']} file_reconsideration urged vary_by_reconsideration urged "
            "hand_over_execution court_applied record_execution executed",
            waits={"hand_over_execution": 30},
            inputs={"record_execution": {"amount": "800.00"}},
        ),
        "quashed by the court": Way(
            f"{owed} file_litigation {first} record_judgment {first} appeal {first} "
            f"change_by_litigation {first} annul exec_ended"
        ),
        "quashed by a judgment against which the appeal was withdrawn": Way(
            f"{owed} file_litigation {first} record_judgment {first} appeal {first} "
            f"withdraw_appeal {first} change_by_litigation {first} annul exec_ended",
            inputs={"change_by_litigation": {"instance": "一审"}},
        ),
        "quashed on reconsideration, and brought back by the court": Way(
            f"{owed} file_reconsideration {first} change_by_reconsideration {first} "
            "annul exec_ended file_litigation exec_ended record_judgment exec_ended "
            f"appeal exec_ended vary_by_litigation exec_ended revive {first}",
            inputs={"vary_by_litigation": _RESTORED},
        ),
        **{
            # With more than can be owed.
            f"paid when {state}": Way(
                f"{at[state]} record_payment {state} settle paid",
                waits=waits,
                inputs={"record_payment": {"amount": "2100.00"}},
            )
            for state in live
        },
        **{
            f"paid once more when {state}": Way(f"{way} record_payment {state}", waits=waits)
            for state, way in (
                ("paid", at["paid"]),
                ("executed", at["executed"]),
                ("exec_ended", f"{owed} end_execution exec_ended"),
                ("closed", f"{at['paid']} {reported} close closed"),
            )
        },
        **{
            f"paid a little, and put right when {state}": Way(
                f"{at[state]} record_payment {state} correct_payment {state}",
                waits=waits,
                inputs={"record_payment": {"amount": "1.00"}},
            )
            for state in live
        },
        **{
            f"paid once more, and put right when {state}": Way(
                f"{way} record_payment {state} correct_payment {state}", waits=waits
            )
            for state, way in (
                ("executed", at["executed"]),
                ("exec_ended", f"{owed} end_execution exec_ended"),
                ("closed", f"{at['paid']} {reported} close closed"),
                ("archived", f"{at['paid']} {filed_away}"),
            )
        },
        **{
            f"granted time when {state}, by {step}": Way(
                f"{at[state]} ask_for_time {state} {step} {to}", waits=waits
            )
            for state in _PRESSED
            for step, to in (("grant_instalments", "instalment"), ("defer_payment", "deferred"))
        },
        **{
            f"agreed on when {state}": Way(
                f"{at[state]} make_agreement {state}",
                waits=waits,
                inputs={"make_agreement": _NOT_IN_PARTS},
            )
            for state in _PRESSED
        },
        **{
            f"paid, varied to a closure, and given back when {state}": Way(
                f"{at[state]} record_payment {state} file_reconsideration {state} "
                f"vary_by_reconsideration {state} record_refund {state} draw_up_account {state}",
                inputs={"record_payment": {"amount": "1.00"}, "vary_by_reconsideration": closed},
            )
            for state in live
            if state not in _AT_COURT
        },
        **{
            f"accounted for when {state}": Way(f"{at[state]} draw_up_account {state}", waits=waits)
            for state in _AT_COURT
        },
        **{
            f"paid too much, and given back a part when {state}": Way(
                f"{way} record_payment {state} record_refund {state} draw_up_account {state}",
                waits=waits,
            )
            for state, way in (
                ("paid", at["paid"]),
                ("executed", at["executed"]),
                ("closed", f"{at['paid']} {reported} close closed"),
                ("archived", f"{at['paid']} {filed_away}"),
            )
        },
        "paid too much, and given back a part when exec_ended": Way(
            f"{owed} end_execution exec_ended record_payment exec_ended "
            "record_refund exec_ended draw_up_account exec_ended",
            inputs={"record_payment": {"amount": "1500.00"}},
        ),
        "put right, so that something is owed again": Way(
            f"{at['paid']} correct_payment paid owe_again {first}"
        ),
        "recovered in two parts, and ended": Way(
            f"{at['executed']} record_execution executed end_execution exec_ended",
            waits=waits,
            inputs={"record_execution": {"amount": "900.00"}},
        ),
        **{
            f"nothing left of the firm when {state}": Way(
                f"{at[state]} end_execution exec_ended", waits=waits
            )
            for state in live
        },
        **{
            f"quashed on reconsideration when {state}": Way(
                f"{way} file_reconsideration {state} change_by_reconsideration {state} "
                "annul exec_ended",
                waits=waits,
            )
            for state, way in at.items()
        },
    }


PENALTIES: Mapping[str, Way] = {
    "a hearing, the heads' discussion, late payment through the court, the archive": Way(
        f"{_HELD} reconsider reconsidered submit_review legal_review pass_review {_VOTED} "
        "conclude_panel decision_pending decide decided record_receipt decided "
        "confirm_address decided serve served become_overdue overdue urge urging_issued "
        "serve_urging urged apply_to_court court_applied record_execution executed "
        f"{_ARCHIVED}",
        "case_filing scene_record correction_notice investigation_report opinion_minutes "
        "penalty_notice "
        "hearing_notice hearing_record defence_review legal_review_opinion panel_minutes "
        "penalty_decision repair_reminder repair_guide address_confirmation urging_notice "
        "court_application payment_account closing_report service_receipt service_receipt "
        "service_receipt "
        "service_receipt service_receipt",
        waits=_UNCONTESTED,
        inputs={**HEAVY, "decide": {**HEAVY["decide"], "publicity": "general"}},
    ),
    "a warning, performed by being told": Way(
        f"{_SERVED} record_performance paid", inputs=WARNED
    ),
    "evidence taken down and kept": Way(
        f"{_FILED} record_scene investigating record_interview investigating "
        "request_custody investigating",
    ),
    "suspended, resumed, and inquired into twice again": Way(
        f"{_SUSPENDED} resume investigating investigate investigating "
        "close_investigation investigated investigate_further investigating "
        "close_investigation investigated propose opinion investigate_further investigating"
    ),
    "sent back by the reviewer for evidence": Way(
        f"{_RETURNED} investigate_further investigating"
    ),
    "sent back, weighed anew, and voted down": Way(
        f"{_RETURNED} reconsider reconsidered reconsider reconsidered submit_review legal_review "
        f"pass_review {_VOTED} reject_in_panel reconsidered",
        inputs={"vote": _AGAINST},
    ),
    "the notice put up, defence and hearing waived": Way(
        f"{_TOLD_BY_PAPER} record_try_notice notice_announced deem_served_notice notified "
        "confirm_address notified waive_defence notified waive_hearing notified "
        "reconsider reconsidered"
    ),
    "the notice fetched when put up, and answered twice": Way(
        f"{_TOLD_BY_PAPER} serve_notice notified state_defence statement_heard "
        "confirm_address statement_heard state_defence statement_heard "
        "waive_hearing statement_heard reconsider reconsidered",
        waits={"reconsider": 10},
    ),
    "a hearing asked for after the statement, and moved; nobody comes": Way(
        f"{_STATED} request_hearing hearing_requested ask_earlier_hearing hearing_requested "
        "schedule_hearing hearing_scheduled ask_earlier_hearing hearing_scheduled "
        "schedule_hearing hearing_scheduled serve_hearing hearing_scheduled "
        "adjourn_hearing hearing_scheduled abandon_hearing hearing_abandoned "
        "reconsider reconsidered",
        inputs=HEAVY,
    ),
    "a hearing taken back after it was scheduled": Way(
        f"{_SCHEDULED} withdraw_hearing hearing_abandoned", inputs=HEAVY
    ),
    "ordered to correct at the last moment": Way(
        f"{_PENDING} order_correction decision_pending"
    ),
    "the decision put up and deemed served": Way(
        f"{_DECIDED_BY_PAPER} record_try decision_announced deem_served served"
    ),
    "the decision fetched in two goes when put up": Way(
        f"{_DECIDED_BY_PAPER} record_receipt decision_announced serve served"
    ),
    "not punished, told in person, and closed": Way(
        f"{_RELEASED} confirm_address not_punished serve_release release_served close closed"
    ),
    "not punished, put up": Way(
        f"{_RELEASED_BY_PAPER} record_try_release release_announced "
        "deem_served_release release_served"
    ),
    "not punished, fetched when put up": Way(
        f"{_RELEASED_BY_PAPER} serve_release release_served"
    ),
    "not punished, as the handlers proposed": Way(f"{_OPINION} release not_punished"),
    "not punished after all": Way(f"{_PENDING} release not_punished"),
    "not filed": Way("lead send_transfer lead refuse_filing not_filed"),
    "not filed when proposed": Way(
        "lead file filed send_transfer filed refuse_filing not_filed"
    ),
    "sent to be reviewed after all when all but the decision was there": Way(
        f"{_PENDING} submit_review legal_review pass_review panel_discussion"
    ),
    **{
        f"transferred when {state}": Way(
            f"{way} send_transfer {state} transfer transferred",
            inputs=HEAVY if state.startswith("hearing") else {}
        )
        for state, way in UNDECIDED.items()
    },
    **{
        f"suspected of a crime when {state}": Way(
            f"{way} refer_crime with_justice", inputs=HEAVY if state.startswith("hearing") else {}
        )
        for state, way in UNDECIDED.items()
    },
    "given back by criminal justice, and looked into again": Way(
        f"{_FILED} refer_crime with_justice take_back investigating"
    ),
    "pursued by criminal justice": Way(
        f"{_FILED} refer_crime with_justice end_with_justice transferred"
    ),
    **{
        f"signed for by criminal justice, and {how}": Way(
            f"{_FILED} refer_crime with_justice record_justice_receipt taken_by_justice {how}"
        )
        for how in ("take_back investigating", "end_with_justice transferred")
    },
    **{
        f"told anew when {state}": Way(
            f"{UNDECIDED[state]} notify notice_issued",
            inputs=HEAVY if state.startswith("hearing") else {},
        )
        for state in (
            "statement_heard", "hearing_held", "hearing_abandoned", "reconsidered",
            "review_returned", "decision_pending",
        )
    },
    **{
        f"handed over, challenged, extended, and its firm gone when {state}": Way(
            f"{way} hand_over {state} ask_recusal {state} decide_recusal {state} "
            f"extend_decision {state} terminate terminated",
            inputs=HEAVY if state.startswith("hearing") else {},
        )
        for state, way in UNDECIDED.items()
    },
    **{
        f"the order to correct is put up and fetched when {state}": Way(
            f"{way} {_put_up('order', state)} serve_order {state}",
            inputs=HEAVY if state.startswith("hearing") else {},
        )
        for state, way in _WITH_ORDER.items()
    },
    **{
        f"the order to correct was put up for long enough when {state}": Way(
            way.replace(_GIVEN, f"{_GIVEN} {_put_up('order', 'investigating')}")
            + f" end_announcement_order {state}",
            inputs=HEAVY if state.startswith("hearing") else {},
            waits={"close_investigation" if _CLOSED in way else "end_announcement_order": _A_MONTH},
        )
        for state, way in _WITH_ORDER.items()
    },
    "whoever asked for a hearing is not found": Way(
        f"{_SCHEDULED} {_put_up('hearing', 'hearing_scheduled')} "
        "end_announcement_hearing hearing_scheduled",
        inputs=HEAVY,
        waits={"end_announcement_hearing": _A_MONTH},
    ),
    **{
        f"paid too much before it was served, when {state}": Way(
            f"{way} record_payment {state} record_refund {state} draw_up_account {state}",
            inputs={"record_payment": {"amount": "1100.00"}},
        )
        for state, way in (("decided", _DECIDED), ("decision_announced", _DECIDED_BY_PAPER))
    },
    **{
        f"paid before it was served, when {state}": Way(
            f"{way} record_payment {state} correct_payment {state}"
        )
        for state, way in (("decided", _DECIDED), ("decision_announced", _DECIDED_BY_PAPER))
    },
    "handed over, and its firm gone when suspended": Way(
        f"{_SUSPENDED} hand_over suspended terminate terminated"
    ),
    **_collecting(_SERVED, "", _UNCONTESTED, closure="general", warning="minor"),
    "corrected, and fetched in two goes": Way(
        f"{_SERVED} correct served record_receipt_correction served serve_correction served"
    ),
    "corrected, and put up": Way(
        f"{_SERVED} record_payment served settle paid correct paid record_try_correction paid "
        "record_try_correction paid announce_correction paid deem_served_correction paid"
    ),
    "revoked by the authority, told, and closed": Way(
        f"{_UNDONE} serve_undoing undoing_served close closed"
    ),
    "revoked by the authority, and put up": Way(
        f"{_UNDONE_BY_PAPER} record_try_undoing undoing_announced "
        "deem_served_undoing undoing_served"
    ),
    "revoked by the authority, fetched when put up": Way(
        f"{_UNDONE_BY_PAPER} serve_undoing undoing_served"
    ),
    "quashed, and closed": Way(
        f"{_SERVED} file_reconsideration served change_by_reconsideration served "
        f"annul exec_ended {_ARCHIVED}"
    ),
    **{
        f"corrected, and revoked by the authority when {state}": Way(
            f"{way} correct {state} serve_correction {state} propose_undoing {state} "
            f"review_undoing {state} undo_decision decision_undone",
            waits=_UNCONTESTED,
        )
        for state, way in {
            **_collected(_SERVED),
            "exec_ended": f"{_SERVED} end_execution exec_ended",
        }.items()
    },
    "closed, and then revoked by the authority": Way(
        f"{_collected(_SERVED)['paid']} close closed propose_undoing closed "
        "review_undoing closed undo_decision decision_undone"
    ),
}  # fmt: skip

# --- 简易程序 -------------------------------------------------------------------------------------

_PUNISHED = "lead record_scene lead punish punished"
SPOT: Mapping[str, Way] = {
    "records taken, and not for the spot": Way(
        "lead record_scene lead record_interview lead refer referred"
    ),
    "a warning on the spot": Way(
        f"{_PUNISHED} report_penalty punished record_performance paid close closed",
        inputs={"punish": spot(WARNING)},
    ),
    "reported late, executed by the court, and closed": Way(
        f"{_PUNISHED} become_overdue overdue report_penalty overdue urge urging_issued "
        "serve_urging urged apply_to_court court_applied record_execution executed close closed",
        waits=_SPOT_UNCONTESTED,
    ),
    "reported only after the court executed it": Way(
        f"{_PUNISHED} become_overdue overdue urge urging_issued serve_urging urged "
        "apply_to_court court_applied record_execution executed report_penalty executed",
        waits=_SPOT_UNCONTESTED,
    ),
    "reported only after its execution ended, and closed": Way(
        f"{_PUNISHED} end_execution exec_ended report_penalty exec_ended close closed"
    ),
    "quashed, and closed": Way(
        f"{_PUNISHED} report_penalty punished file_reconsideration punished "
        "change_by_reconsideration punished annul exec_ended close closed"
    ),
    **_collecting(_PUNISHED, "report_penalty paid", _SPOT_UNCONTESTED),
}

# --- 责令改正 -------------------------------------------------------------------------------------

ORDERS: Mapping[str, Way] = {
    "reported and looked at again": Way("ordered report_correction ordered recheck corrected"),
    "refused": Way("ordered find_not_corrected not_corrected"),
    "whoever is to look again is challenged": Way(
        "ordered ask_recusal ordered decide_recusal ordered"
    ),
}

# --- 免罚 -----------------------------------------------------------------------------------------

_INQUIRED = f"{_FILED} record_scene investigating investigate investigating"
_ORDERED = f"{_INQUIRED} order_correction ordered_to_correct"
_CORRECTED = f"{_ORDERED} recheck corrected"
_NOT_CORRECTED = f"{_ORDERED} find_not_corrected not_corrected"
_REVIEWED = f"{_CORRECTED} check_minor corrected propose_exemption exemption_review"
_BACK = f"{_REVIEWED} return_proposal investigating"
_PROPOSED = "propose_exemption exemption_review exempt exempted"
_EXEMPT = {
    "investigating": _INQUIRED,
    "ordered_to_correct": _ORDERED,
    "corrected": _CORRECTED,
    "not_corrected": _NOT_CORRECTED,
    "exemption_review": _REVIEWED,
}
_FIRST = {"propose_exemption": {"violation": "GC003", "stage": "at_once", "would_be_fine": "600"}}

EXEMPTIONS: Mapping[str, Way] = {
    **{
        f"the order to correct is put up and fetched when {state}": Way(
            f"{_EXEMPT[state]} {_put_up('order', state)} serve_order {state}"
        )
        for state in ("ordered_to_correct", "corrected", "not_corrected")
    },
    **{
        f"the order to correct was put up for long enough when {state}": Way(
            f"{_ORDERED} {_put_up('order', 'ordered_to_correct')} {then} "
            f"end_announcement_order {state}".replace("  ", " "),
            waits={(then or "end_announcement_order").split()[0]: _A_MONTH},
        )
        for state, then in (
            ("ordered_to_correct", ""),
            ("corrected", "recheck corrected"),
            ("not_corrected", "find_not_corrected not_corrected"),
        )
    },
    "whoever was let off is not found": Way(
        f"{_CORRECTED} check_minor corrected {_PROPOSED} educate educated "
        f"{_put_up('exemption', 'educated')} end_announcement_exemption served",
        waits={"end_announcement_exemption": _A_MONTH},
    ),
    "slight, harmless, corrected: must not be punished, to the close": Way(
        f"{_ORDERED} report_correction ordered_to_correct recheck corrected check_minor corrected "
        f"{_PROPOSED} educate educated serve served revisit revisited close closed",
        "case_filing scene_record correction_notice recheck_record no_penalty_decision "
        "education_record compliance_pledge service_receipt",
    ),
    "a first offence, corrected on the spot: may be let off": Way(
        f"lead record_scene lead correct_on_the_spot corrected check_first corrected {_PROPOSED}",
        data={"violation": "GC003"},
        inputs=_FIRST,
    ),
    "no fault, as the firm proves": Way(
        f"{_INQUIRED} check_no_fault investigating {_PROPOSED}",
        data={"violation": "GC009"},
        inputs={"propose_exemption": {"violation": "GC009"}},
    ),
    "no fault, proved after the correction": Way(
        f"{_CORRECTED} check_no_fault corrected check_other corrected",
    ),
    "records taken": Way(
        "lead record_scene lead record_interview lead file filed approve_filing investigating "
        "record_scene investigating record_interview investigating"
    ),
    "unproven": Way(f"{_INQUIRED} check_other investigating {_PROPOSED}"),
    "sent back, and let off as a slight one": Way(f"{_BACK} check_minor investigating {_PROPOSED}"),
    "looked at as a first one, sent back, and again": Way(
        f"{_CORRECTED} check_first corrected propose_exemption exemption_review "
        "return_proposal investigating check_first investigating",
        data={"violation": "GC003"},
        inputs=_FIRST,
    ),
    "not filed": Way("lead send_transfer lead refuse_filing not_filed"),
    "not filed when proposed": Way("lead file filed send_transfer filed refuse_filing not_filed"),
    **{
        f"on to a penalty when {state}": Way(f"{way} convert converted")
        for state, way in _EXEMPT.items()
        if state != "ordered_to_correct"
    },
    **{
        f"challenged, extended, and its firm gone when {state}": Way(
            f"{way} ask_recusal {state} decide_recusal {state} "
            f"extend_decision {state} terminate terminated"
        )
        for state, way in _EXEMPT.items()
    },
}

WAYS: Mapping[str, Mapping[str, Way]] = {
    "penalty": PENALTIES,
    "simple_penalty": SPOT,
    "correction_order": ORDERS,
    "first_offence_exemption": EXEMPTIONS,
}


def _opened(process: str) -> Callable[[Way], Beginning]:
    return lambda way: (process, way.data)


@pytest.fixture(scope="module")
def explorer(module_front: Front) -> Iterator[Explorer]:
    """A year before, so that the whole of a way is on decreed calendars."""
    module_front.town.time.instant = LONG_BEFORE
    routes = [way.route(_opened(key)(way)) for key, ways in WAYS.items() for way in ways.values()]
    with exploring(module_front, routes) as explorer:
        yield explorer


@pytest.mark.parametrize("name", each(PENALTIES, _opened("penalty")))
def test_a_penalty(explorer: Explorer, name: str) -> None:
    _walk(explorer, "penalty", PENALTIES[name])


@pytest.mark.parametrize("name", each(SPOT, _opened("simple_penalty")))
def test_a_penalty_on_the_spot(explorer: Explorer, name: str) -> None:
    _walk(explorer, "simple_penalty", SPOT[name])


@pytest.mark.parametrize("name", each(ORDERS, _opened("correction_order")))
def test_an_order_to_correct(explorer: Explorer, name: str) -> None:
    _walk(explorer, "correction_order", ORDERS[name])


@pytest.mark.parametrize("name", each(EXEMPTIONS, _opened("first_offence_exemption")))
def test_an_exemption(explorer: Explorer, name: str) -> None:
    _walk(explorer, "first_offence_exemption", EXEMPTIONS[name])


def test_no_way_is_left_out() -> None:
    for key, ways in WAYS.items():
        process = PROCESSES[key]
        gone = {one for way in ways.values() for one in way.taken}
        beside = {step.name for track in process.tracks for step in track.steps}
        assert {state for way in ways.values() for state in way.states} == {
            state.name for state in process.states
        }
        assert {one for one in gone if one[1] not in beside} == exits(process)
        # 行政复议 and 行政诉讼 overlie the case, whose state they leave as it is.
        assert {step for _, step, _ in gone if step in beside} == beside


def _walk(explorer: Explorer, process: str, way: Way) -> None:
    front = explorer.front

    def open_case(_: Walker | None) -> Prosecution:
        if process != "correction_order":
            return Prosecution(front, opened(front, process, **way.data))
        punishing = opened(front, "penalty")
        Prosecution(front, punishing).walk(Way(f"{_FILED} order_correction investigating"))
        return Prosecution(front, front.town.relative(punishing, "correction").number)

    walker = explorer.walk(way, (_opened(process)(way), open_case))
    assert walker.log() == way.taken
    case: Any = walker.case()
    if way.documents:
        papers = sorted(paper["key"] for paper in case["documents"])
        assert papers == sorted(way.documents.split())
    assert not (case["ended"] and any(clock["live"] for clock in case["clocks"]))
    with front.town.session() as session:
        assert verify_case(session, front.town.case(walker.number), VersionCache()) == []
