"""Verification finds each kind of hole, only that hole, and tells the way that leads to it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from state_machines.language.vocabulary import (
    BringInLine,
    Clock,
    Escalate,
    Extension,
    Fire,
    Issue,
    LegalDay,
    MoveRelated,
    Notify,
    OpenCase,
    Proceed,
    Publish,
    Remind,
    Role,
    State,
    Step,
    Stop,
    Track,
)
from state_machines.verification import DocumentKnowledge, Finding, verify
from state_machines.verification.hints import HINTS
from tests.state_machines.small import (
    BADGE,
    PERMIT,
    REFUSES,
    SMALL,
    WANTS_INPUT,
    Family,
    adding,
    known,
    with_clock,
    with_process,
    with_state,
    with_step,
    without,
)

OPEN_BADGE, OPEN_WATCH = (e for e in PERMIT.step("grant").effects if isinstance(e, OpenCase))
HEALTH, ECO = PERMIT.tracks
ISSUES = PERMIT.step("grant").effects[2:]


# A badge that may be opened without its last day: its clock has none then.
_MAY_LACK_ITS_END = {**BADGE.form, "required": ["number"]}


def documents(*fields: str) -> dict[str, DocumentKnowledge]:
    shown = {"party.name", "grant.reason", "application.what", "grant.on", *fields}
    return {
        "decision": DocumentKnowledge(frozenset(shown)),
        "badge": DocumentKnowledge(frozenset()),
        "bare": DocumentKnowledge(None),
    }


def findings(family: Family, *fields: str) -> list[Finding]:
    return verify(family, known(documents(*fields)))


def opening(**changes: object) -> Family:
    """The family whose permit opens the badge otherwise."""
    effects = (replace(OPEN_BADGE, **changes), OPEN_WATCH, *ISSUES)  # type: ignore[arg-type]
    return with_step(SMALL, "permit", "grant", effects=effects)


def moving(relation: str, step: str) -> Family:
    """The family whose watch also moves a related case when it is closed."""
    return with_step(SMALL, "watch", "close", effects=(MoveRelated(relation, step),))


def with_track(track: Track, *more: Step) -> Family:
    """The family with another ecological track, and more steps in it."""
    tracks = (HEALTH, replace(track, steps=(*track.steps, *more)))
    return with_process(SMALL, "permit", tracks=tracks)


def test_the_small_family_has_no_hole() -> None:
    assert findings(SMALL) == []


# Each hole: its kind, what makes it, and what the story must say.
HOLES: list[tuple[str, Family, str]] = [
    # names
    (
        "name_taken_twice",
        adding(SMALL, "permit", "states", State("health_open", "再审")),
        "state health_open",
    ),
    (
        "name_reserved",
        adding(SMALL, "watch", "steps", Step("act", "行动", {"found": "closed"}, (Role.ADMIN,))),
        "a step is called act",
    ),
    ("name_reserved", opening(relation="submit"), "a relation is called submit"),
    ("unknown_state", with_step(SMALL, "watch", "close", moves={"found": "gone"}), "names gone"),
    ("unknown_state", with_clock(SMALL, "watch", "watch", runs_in=("lost",)), "names lost"),
    ("unknown_state", opening(leaving="filed"), "leaves filed, where it cannot be taken"),
    ("unknown_step", with_clock(SMALL, "badge", "validity", on_expiry=Fire("fade")), "takes fade"),
    (
        "unknown_step",
        with_clock(SMALL, "permit", "decision", extension=Extension("stretch", "more")),
        "extended by stretch",
    ),
    (
        "extension_unsaid",
        with_clock(
            SMALL, "permit", "decision", extension=Extension("extend", "more", before="longer")
        ),
        "extended before if longer says so",
    ),
    ("unknown_step", with_clock(SMALL, "badge", "validity", anchor="x.until"), "anchored to x"),
    (
        "unknown_field",
        with_clock(SMALL, "badge", "validity", anchor="instalments.next.due_on"),
        "which no step records",
    ),
    ("idle_step", with_step(SMALL, "watch", "close", by=()), "close has nobody to take it"),
    (
        "unknown_step",
        with_step(SMALL, "watch", "find", effects=(Proceed(("vanish",)),)),
        "find goes on by vanish",
    ),
    (
        "may_not_follow",
        with_step(SMALL, "watch", "find", effects=(Proceed(("close",)),)),
        "goes on by close, left to somebody else",
    ),
    (
        "unknown_step",
        with_step(SMALL, "watch", "find", effects=(BringInLine(takes=("badge.melt",)),)),
        "brings in line by badge.melt",
    ),
    (
        "unknown_step",
        with_step(SMALL, "watch", "find", effects=(BringInLine(takes=("ghost.melt",)),)),
        "brings in line by ghost.melt",
    ),
    (
        "may_not_move",
        with_step(SMALL, "watch", "find", effects=(BringInLine(takes=("badge.expire",)),)),
        "by badge.expire, which no other case may take",
    ),
    (
        "unknown_limit",
        with_clock(SMALL, "watch", "watch", instead=("find.reason=迟", "longer")),
        "counted by longer",
    ),
    # attendance
    (
        "unreachable_state",
        adding(SMALL, "watch", "states", State("island", "孤岛", end=True)),
        "no way leads from 待查 to 孤岛",
    ),
    (
        "no_way_out",
        adding(
            adding(SMALL, "watch", "states", State("trap", "死角", unattended="测试")),
            "watch",
            "steps",
            Step("fall", "落入", {"found": "trap"}, (Role.INSPECTOR,)),
        ),
        "待查 –find→ 查实 –fall→ 死角: from here no end can be reached",
    ),
    (
        "end_goes_on",
        adding(SMALL, "watch", "steps", Step("redo", "重来", {"closed": "found"}, (Role.ADMIN,))),
        "待查 –find→ 查实 –punish→ 结案 –redo→",
    ),
    (
        "no_actor",
        with_step(SMALL, "permit", "resume", optional=True),
        "草稿 –submit→ 收件 –pause→ 中止: nobody takes the case on",
    ),
    (
        "no_clock",
        with_clock(SMALL, "watch", "watch", runs_in=("watching",)),
        "待查 –find→ 查实: no",
    ),
    (
        "no_clock",
        with_state(SMALL, "permit", "draft", unattended=""),
        "草稿: no clock runs",
    ),
    # clocks
    (
        "clock_contradiction",
        with_clock(SMALL, "watch", "watch", stops=(Stop("x", "停", ("found",)),)),
        "runs and is stopped in 查实",
    ),
    ("clock_without_date", with_clock(SMALL, "watch", "watch", limit=None), "a limit or an anchor"),
    (
        "clock_without_date",
        with_clock(SMALL, "badge", "validity", count_back=True),
        "counts back, by no limit",
    ),
    (
        "unknown_field",
        with_clock(SMALL, "badge", "validity", anchor="application.ends"),
        "application.ends, which no form has",
    ),
    (
        "anchor_not_a_date",
        with_clock(SMALL, "badge", "validity", anchor="application.number"),
        "not a date",
    ),
    (
        "anchor_not_given",
        with_process(SMALL, "badge", form=_MAY_LACK_ITS_END),
        "clock 有效期 runs here but application.until was never given",
    ),
    (
        "anchor_not_given",
        adding(
            with_step(SMALL, "permit", "pause", form=PERMIT.form),
            "permit",
            "clocks",
            Clock("late", "后果", ("reviewing",), Escalate(Role.SUPERVISOR), anchor="pause.until"),
        ),
        "草稿 –submit→ 收件 –dispatch→ 审查: clock 后果 runs here but pause.until",
    ),
    (
        "expiry_not_by_timer",
        adding(SMALL, "watch", "clocks", Clock("x", "限", ("found",), Fire("close"), "review")),
        "step close, which no clock may take",
    ),
    (
        "expiry_not_legal",
        with_clock(SMALL, "permit", "filing", runs_in=("filed", "reviewing")),
        "草稿 –submit→ 收件 –dispatch→ 审查: clock 收件期限 runs out here and takes step lapse",
    ),
    (
        "expiry_may_be_refused",
        with_step(SMALL, "permit", "lapse", guards=(REFUSES,)),
        "草稿 –submit→ 收件: clock 收件期限 runs out and takes step lapse, which refuse_always@1",
    ),
    (
        "timer_never_fires",
        with_step(SMALL, "permit", "lapse", moves={"filed": "ended", "passed": "ended"}),
        "–join→ 已审 –lapse→: no clock",
    ),
    (
        "extension_elsewhere",
        with_clock(SMALL, "permit", "review", extension=Extension("extend", "more")),
        "–join→ 已审 –extend→ 已审: this step extends clock 审查期限",
    ),
    (
        "clock_untold",
        with_clock(SMALL, "watch", "watch", binds="party", says="尽快核查"),
        "clock 核查期限 concerns the party, but does not say in words what its last {day} means",
    ),
    (
        "unknown_breach",
        with_clock(SMALL, "watch", "watch", on_expiry=Escalate(Role.ADMIN, "habit")),
        "'habit'",
    ),
    # tracks
    (
        "no_way_out",
        with_track(
            replace(ECO, states=(*ECO.states, State("eco_trap", "死角", unattended="测试"))),
            Step("fall", "落入", {"eco_open": "eco_trap"}, (Role.ECO_REVIEWER,), optional=True),
        ),
        "生态: 审查中 –fall→ 死角: from here no end can be reached",
    ),
    (
        "join_missing",
        without(
            adding(
                SMALL, "permit", "steps", Step("go", "走", {"reviewing": "passed"}, (Role.ADMIN,))
            ),
            "permit",
            "steps",
            "join",
        ),
        "when 卫健、生态 have ended, no step takes the case on",
    ),
    ("join_may_be_refused", with_step(SMALL, "permit", "join", guards=(REFUSES,)), "stands still"),
    (
        "join_never_taken",
        adding(SMALL, "permit", "steps", Step("late", "晚", {"reviewing": "ended"}, (Role.JOIN,))),
        "late is never taken",
    ),
    (
        "join_bypassed",
        with_step(SMALL, "permit", "withdraw", optional=False),
        "审查 –withdraw→ 终结: the case goes on while 卫健、生态 may still be open",
    ),
    (
        "join_without_tracks",
        with_step(SMALL, "permit", "join", moves={"reviewing": "passed", "passed": "granted"}),
        "step join joins tracks in a state in which none is open",
    ),
    # forms
    (
        "form_nobody_fills",
        with_step(SMALL, "badge", "expire", form=BADGE.form),
        "its form asks for number, until",
    ),
    (
        "guard_without_input",
        with_step(SMALL, "watch", "close", guards=(WANTS_INPUT,)),
        "wants_input@1 of step close",
    ),
    # related cases
    (
        "unknown_process",
        with_step(SMALL, "watch", "close", effects=(OpenCase("medal", "medal"),)),
        "opens medal",
    ),
    ("may_not_open", with_process(SMALL, "badge", opened_by=(Role.ADMIN,)), "opens 证件"),
    (
        "never_opened",
        {
            **SMALL,
            "alone": replace(
                BADGE,
                key="alone",
                code="AL",
                steps=BADGE.steps[1:],
                states=(BADGE.states[0], BADGE.states[2]),
            ),
        },
        "and none does",
    ),
    ("unknown_relation", moving("medal", "revoke"), "'medal', which no step of the family opens"),
    ("unknown_step", moving("badge", "melt"), "moves 证件 by melt"),
    ("may_not_move", moving("badge", "expire"), "by expire, which no related case may"),
    ("related_never_moves", with_step(SMALL, "watch", "punish", effects=()), "有效 –revoke→: left"),
    (
        "relation_not_open",
        with_step(
            SMALL,
            "permit",
            "withdraw",
            effects=(MoveRelated("badge", "revoke", {"reason": "application.what"}),),
        ),
        "草稿 –submit→ 收件 –dispatch→ 审查 –withdraw→: moves 证件, which was not opened",
    ),
    (
        "stuck_on_related",
        without(SMALL, "watch", "steps", "close"),
        "待查·有效 –find→ 查实·有效 –badge.expire→ 查实·过期: here only punish",
    ),
    ("data_missing", opening(data={"number": "@number:badge"}), "without the required until"),
    ("data_unknown", opening(data={**OPEN_BADGE.data, "size": "@date"}), "no field size"),
    (
        "unknown_source",
        opening(data={**OPEN_BADGE.data, "until": "application.never"}),
        "no form has application.never",
    ),
    ("unknown_source", opening(data={**OPEN_BADGE.data, "until": "@term:eon"}), "no limit eon"),
    ("unknown_source", opening(data={**OPEN_BADGE.data, "number": "@number:x"}), "no document x"),
    ("unknown_source", opening(data={**OPEN_BADGE.data, "until": "@today"}), "sources are"),
    ("unknown_source", opening(data={**OPEN_BADGE.data, "until": "@date:eat"}), "no step eat"),
    (
        "source_not_given",
        opening(data={**OPEN_BADGE.data, "until": "@date:withdraw"}),
        "which was never given on the way 草稿",
    ),
    (
        "source_optional",
        opening(data={**OPEN_BADGE.data, "number": "application.remark"}),
        "which may be empty",
    ),
    (
        "source_unfit",
        opening(data={**OPEN_BADGE.data, "until": "application.what"}),
        "format 'date' is wanted",
    ),
    (
        "source_not_given",
        with_step(
            opening(data={**OPEN_BADGE.data, "number": "pause.reason"}),
            "permit",
            "pause",
            form=PERMIT.step("grant").form,
        ),
        "never given on the way 草稿 –submit→ 收件 –dispatch→ 审查 –join→ 已审",
    ),
    # duties
    ("apart_from_itself", with_step(SMALL, "watch", "find", apart_from=("find",)), "by nobody"),
    ("unknown_step", with_step(SMALL, "watch", "find", apart_from=("seek",)), "apart from seek"),
    (
        "unknown_step",
        with_step(SMALL, "watch", "find", apart_from=("medal.cast",)),
        "apart from medal.cast",
    ),
    (
        "apart_from_nobody",
        with_step(SMALL, "watch", "find", apart_from=("badge.expire",)),
        "badge.expire, which no person takes",
    ),
    (
        "apart_impossible",
        with_step(SMALL, "permit", "withdraw", apart_from=("submit",)),
        "an applicant who is one person can never take both",
    ),
    (
        "two_officers_impossible",
        with_step(SMALL, "permit", "submit", two_officers=True),
        "is also for 申请人",
    ),
    # rulebook
    ("unknown_limit", with_clock(SMALL, "watch", "watch", limit="eon"), "counted by eon"),
    (
        "unknown_limit",
        with_clock(SMALL, "permit", "decision", extension=Extension("extend", "eon")),
        "the extension of clock 决定期限",
    ),
    (
        "unknown_limit",
        with_step(SMALL, "watch", "close", effects=(Publish("permits", "eon"),)),
        "the publication by step close",
    ),
    (
        "unknown_reminder",
        with_clock(SMALL, "watch", "watch", remind=(Remind(Role.ADMIN, "reminder.never"),)),
        "reminds by reminder.never",
    ),
    (
        "unknown_recipient",
        with_step(SMALL, "watch", "close", effects=(Notify("moon"),)),
        "notifies moon",
    ),
    (
        "unknown_recipient",
        with_clock(SMALL, "watch", "watch", on_expiry=Escalate(Role.TIMER)),
        "tells timer",
    ),
    ("unknown_document", with_step(SMALL, "watch", "close", effects=(Issue("ode"),)), "issues ode"),
    (
        "document_without_template",
        with_step(SMALL, "watch", "close", effects=(Issue("bare"),)),
        "issues bare, which has no template",
    ),
    # acts
    (
        "day_untold",
        with_step(SMALL, "watch", "find", legal_day=None),
        "step find is taken by two officers",
    ),
    (
        "day_told_twice",
        with_step(SMALL, "badge", "expire", legal_day=LegalDay.AWAY),
        "step expire says whose day it bears",
    ),
    (
        "day_never_taken",
        with_step(
            SMALL,
            "watch",
            "close",
            two_officers=True,
            legal_day=LegalDay.ENTRY,
            dated_by="until",
            form=BADGE.form,
        ),
        "has its day in its form (until)",
    ),
    (
        "entry_unlimited",
        with_step(SMALL, "watch", "close", entered_within="more"),
        "step close has a limit for its entry",
    ),
    (
        "unknown_limit",
        with_step(SMALL, "watch", "find", entered_within="eon"),
        "is entered within eon",
    ),
    ("unknown_clock", with_step(SMALL, "watch", "punish", waits_for=("lunch",)), "waits for lunch"),
    (
        "waits_for_nobody",
        with_step(SMALL, "watch", "punish", waits_for=("watch",)),
        "waits for watch, which is no time that the party has",
    ),
]


@pytest.mark.parametrize(
    ("kind", "family", "story"), HOLES, ids=[f"{kind}: {story}" for kind, _, story in HOLES]
)
def test_each_hole_is_found_and_nothing_else(kind: str, family: Family, story: str) -> None:
    found = findings(family)
    assert [finding.kind for finding in found] == [kind], "\n".join(map(str, found))
    assert story in found[0].message
    assert kind in str(found[0])


@pytest.mark.parametrize(
    ("kind", "field", "story"),
    [
        ("document_field_unknown", "grant.colour", "no form of 小许可 has it"),
        ("document_field_unknown", "bless.reason", "小许可 has no such step"),
        ("document_field_unknown", "clocks.lunch.due", "小许可 has no such clock"),
        ("document_field_optional", "application.remark", "may be left empty"),
        ("document_clock_not_running", "clocks.filing.due", "收件期限 does not run in 准予"),
    ],
)
def test_a_document_prints_only_what_is_supplied(kind: str, field: str, story: str) -> None:
    (found,) = findings(SMALL, field)
    assert found.kind == kind
    assert story in found.message


def test_a_document_may_print_a_step_that_was_perhaps_not_taken_only_if_it_asks() -> None:
    reasoned = with_step(SMALL, "permit", "pause", form=PERMIT.step("grant").form)
    (found,) = findings(reasoned, "pause.reason")
    assert found.kind == "document_field_not_given"
    assert "草稿 –submit→ 收件 –dispatch→ 审查 –join→ 已审 –grant→" in found.message
    assert findings(reasoned, "pause", "pause.reason") == []


def test_after_the_join_the_input_of_a_track_that_must_be_passed_is_there() -> None:
    passing = replace(ECO.steps[0], form=PERMIT.step("grant").form)
    reasoned = with_track(replace(ECO, steps=(passing,)))
    assert findings(reasoned, "pass_eco.reason") == []


def test_items_of_a_list_are_followed_into_the_form() -> None:
    form = {
        "type": "object",
        "required": ["reason", "items"],
        "properties": {
            "reason": {"type": "string", "title": "理由"},
            "items": {
                "type": "array",
                "title": "清单",
                "items": {"$ref": "#/$defs/Item"},
            },
        },
        "$defs": {
            "Item": {
                "type": "object",
                "required": ["what"],
                "properties": {"what": {"type": "string", "title": "事项"}},
            }
        },
    }
    listed = with_step(SMALL, "permit", "grant", form=form)
    assert findings(listed, "grant.items", "grant.items[].what") == []
    (found,) = findings(listed, "grant.items[].which")
    assert found.kind == "document_field_unknown"


def test_a_refusable_expiry_is_well_if_it_says_what_then() -> None:
    guarded = with_step(SMALL, "permit", "lapse", guards=(REFUSES,))
    told = Fire("lapse", otherwise=Escalate(Role.SUPERVISOR))
    assert findings(with_clock(guarded, "permit", "filing", on_expiry=told)) == []


def test_a_step_that_follows_by_itself_is_taken_by_somebody() -> None:
    follows = Step("fade", "淡出", {"found": "closed"}, (Role.RELATED,))
    alone = adding(SMALL, "watch", "steps", follows)
    assert [one.kind for one in findings(alone)] == ["related_never_moves"]
    assert findings(with_step(alone, "watch", "find", effects=(Proceed(("fade",)),))) == []
    brought = BringInLine(takes=("watch.fade",))
    assert findings(with_step(alone, "permit", "submit", effects=(brought,))) == []


def test_names_that_lead_nowhere_are_told_before_anything_else() -> None:
    broken = with_step(SMALL, "watch", "close", moves={"found": "gone"}, two_officers=True)
    broken = with_clock(broken, "badge", "validity", limit="eon")
    assert [found.kind for found in findings(broken)] == ["unknown_state"]


def test_every_finding_says_where_and_what_to_do() -> None:
    files = {"watch": "state_machines/watch.py"}
    broken = with_clock(SMALL, "watch", "watch", limit="eon")
    (found,) = verify(broken, known(documents()), files)
    assert str(found) == (
        "state_machines/watch.py: watch: clock 核查期限 is counted by eon, which the rulebook "
        "does not have [unknown_limit] → "
        "add a [[limit]] to a file of rulebook/, or name one that is there"
    )


def test_every_kind_of_finding_has_its_hint() -> None:
    kinds = {kind for kind, *_ in HOLES}
    assert kinds <= set(HINTS)
    assert all(hint and not hint.endswith(".") for hint in HINTS.values())
