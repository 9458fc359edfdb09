"""A small family of processes without a hole, which tests then break one way at a time.

`permit` opens `badge` and `watch`; `watch` may revoke the badge. Tracks, clocks, forms, documents
and separation of duties are all there, each once.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from pydantic import BaseModel, Field

from state_machines.language.vocabulary import (
    EFFECTS,
    Clock,
    Escalate,
    Extension,
    Fire,
    Guard,
    Issue,
    LegalDay,
    MoveRelated,
    Notify,
    OpenCase,
    Process,
    Publish,
    Refusal,
    Remind,
    Role,
    State,
    Step,
    Stop,
    Track,
    schema,
)
from state_machines.verification import DocumentKnowledge, Knowledge, PartKnowledge

Family = dict[str, Process]

LIMITS = frozenset({"filing", "review", "decision", "more", "public", "term"})
REMINDERS = frozenset({"reminder.due"})


def refuse_always() -> Refusal | None:
    return Refusal("never", "不行")


REFUSES = Guard("refuse_always", 1, refuse_always, ())
WANTS_INPUT = Guard("wants_input", 1, refuse_always, (), needs_input=True)


class Wish(BaseModel):
    what: str = Field(title="事项")
    until: date = Field(title="至")
    remark: str | None = Field(title="备注", default=None)


class Reason(BaseModel):
    reason: str = Field(title="理由")


class Badge(BaseModel):
    number: str = Field(title="编号")
    until: date = Field(title="至")


class Watch(BaseModel):
    what: str = Field(title="事项")


def _track(name: str, label: str, role: Role) -> Track:
    return Track(
        name,
        label,
        ("reviewing",),
        f"{name}_open",
        (State(f"{name}_open", "审查中"), State(f"{name}_done", "审查完毕", end=True)),
        (Step(f"pass_{name}", "通过", {f"{name}_open": f"{name}_done"}, (role,)),),
        (Clock(f"{name}_review", label, (f"{name}_open",), Escalate(role), "review"),),
    )


PERMIT = Process(
    key="permit",
    code="PM",
    label="小许可",
    effective_from=date(2026, 1, 1),
    law="",
    initial="draft",
    opened_by=(Role.APPLICANT,),
    form=schema(Wish),
    states=(
        State("draft", "草稿", unattended="由申请人决定"),
        State("filed", "收件"),
        State("paused", "中止"),
        State("reviewing", "审查"),
        State("passed", "已审"),
        State("granted", "准予", end=True),
        State("ended", "终结", end=True),
    ),
    steps=(
        Step("submit", "提交", {"draft": "filed"}, (Role.APPLICANT,), effects=(Notify("party"),)),
        Step("pause", "中止", {"filed": "paused"}, (Role.WINDOW_CLERK,), optional=True),
        Step("resume", "恢复", {"paused": "filed"}, (Role.WINDOW_CLERK,)),
        Step("lapse", "失效", {"filed": "ended"}, (Role.TIMER,)),
        Step("dispatch", "转办", {"filed": "reviewing"}, (Role.WINDOW_CLERK,)),
        Step("withdraw", "撤回", {"reviewing": "ended"}, (Role.APPLICANT,), optional=True),
        Step("join", "汇合", {"reviewing": "passed"}, (Role.JOIN,)),
        Step("extend", "延长", {"passed": "passed"}, (Role.APPROVER,), optional=True),
        Step(
            "grant",
            "准予",
            {"passed": "granted"},
            (Role.APPROVER,),
            form=schema(Reason),
            effects=(
                OpenCase(
                    "badge", "badge", {"number": "@number:badge", "until": "application.until"}
                ),
                OpenCase("watch", "watch", {"what": "application.what"}),
                Issue("decision"),
                Publish("permits", "public"),
            ),
            apart_from=("dispatch",),
        ),
    ),
    clocks=(
        Clock(
            "filing",
            "收件期限",
            ("filed",),
            Fire("lapse"),
            "filing",
            stops=(Stop("pause", "中止", ("paused",)),),
            remind=(Remind(Role.WINDOW_CLERK),),
        ),
        Clock("pausing", "中止期限", ("paused",), Escalate(Role.SUPERVISOR), "filing"),
        Clock("review", "审查期限", ("reviewing",), Escalate(Role.SUPERVISOR), "review"),
        Clock(
            "decision",
            "决定期限",
            ("passed",),
            Escalate(Role.SUPERVISOR),
            "decision",
            extension=Extension("extend", "more"),
        ),
    ),
    tracks=(_track("health", "卫健", Role.REVIEWER), _track("eco", "生态", Role.ECO_REVIEWER)),
)

BADGE = Process(
    key="badge",
    code="BG",
    label="证件",
    effective_from=date(2026, 1, 1),
    law="",
    initial="valid",
    opened_by=(Role.RELATED,),
    form=schema(Badge),
    states=(
        State("valid", "有效"),
        State("revoked", "撤销", end=True),
        State("over", "过期", end=True),
    ),
    steps=(
        Step("revoke", "撤销", {"valid": "revoked"}, (Role.RELATED,), form=schema(Reason)),
        Step("expire", "到期", {"valid": "over"}, (Role.TIMER,)),
    ),
    clocks=(Clock("validity", "有效期", ("valid",), Fire("expire"), anchor="application.until"),),
)

WATCH = Process(
    key="watch",
    code="WT",
    label="核查",
    effective_from=date(2026, 1, 1),
    law="",
    initial="watching",
    opened_by=(Role.RELATED,),
    form=schema(Watch),
    states=(
        State("watching", "待查"),
        State("found", "查实"),
        State("closed", "结案", end=True),
    ),
    steps=(
        Step(
            "find",
            "查实",
            {"watching": "found"},
            (Role.INSPECTOR,),
            form=schema(Reason),
            two_officers=True,
            legal_day=LegalDay.AWAY,
        ),
        Step(
            "punish",
            "处理",
            {"found": "closed"},
            (Role.APPROVER,),
            effects=(MoveRelated("badge", "revoke", {"reason": "find.reason"}),),
            apart_from=("find", "permit.dispatch"),
        ),
        Step("close", "结案", {"found": "closed"}, (Role.INSPECTOR,)),
    ),
    clocks=(
        Clock("watch", "核查期限", ("watching", "found"), Escalate(Role.SUPERVISOR), "review"),
    ),
)

SMALL: Family = {process.key: process for process in (PERMIT, BADGE, WATCH)}


def known(documents: dict[str, DocumentKnowledge], **changes: Any) -> Knowledge:
    """All that the small family names, and these documents."""
    names: dict[str, Any] = {
        "limits": LIMITS,
        "reminders": REMINDERS,
        "documents": documents,
        "settings": (),
        "matters": ("permits",),
        "materials": {"permit": ("photo",)},
        "place_kinds": ("hotel",),
        "credit_kinds": ("praised",),
        "series": ("docket",),
        "parts": {
            "act": PartKnowledge(frozenset({".date"})),
            "party": PartKnowledge(frozenset({".name", ".phones[].number"})),
            "clocks": PartKnowledge(frozenset({".*.due"})),
            "said": PartKnowledge(None),
        },
        "facts": {},
        "registers": ("permits",),
        "carried_out": EFFECTS,
        "place_processes": {},
        "evidence_kinds": ("书证",),
        "gates": {},
    }
    return Knowledge(**{**names, **changes})


def with_process(family: Family, key: str, **changes: Any) -> Family:
    """The family with one process changed."""
    return {**family, key: replace(family[key], **changes)}


def with_step(family: Family, key: str, name: str, **changes: Any) -> Family:
    """The family with one step of the main line changed."""
    return with_process(family, key, steps=_changed(family[key].steps, name, changes))


def with_clock(family: Family, key: str, name: str, **changes: Any) -> Family:
    """The family with one clock of the main line changed."""
    return with_process(family, key, clocks=_changed(family[key].clocks, name, changes))


def with_state(family: Family, key: str, name: str, **changes: Any) -> Family:
    """The family with one state of the main line changed."""
    return with_process(family, key, states=_changed(family[key].states, name, changes))


def without(family: Family, key: str, what: str, name: str) -> Family:
    """The family less one of its `steps`, `clocks` or `tracks`."""
    kept = tuple(item for item in getattr(family[key], what) if item.name != name)
    return with_process(family, key, **{what: kept})


def adding(family: Family, key: str, what: str, *more: Any) -> Family:
    """The family with more `states`, `steps`, `clocks` or `tracks` in one process."""
    return with_process(family, key, **{what: (*getattr(family[key], what), *more)})


def _changed(items: tuple[Any, ...], name: str, changes: dict[str, Any]) -> tuple[Any, ...]:
    assert name in [item.name for item in items]
    return tuple(replace(item, **changes) if item.name == name else item for item in items)
