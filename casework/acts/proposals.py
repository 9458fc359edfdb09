"""What is proposed to be decided (拟作出的决定), and the approvals that hold it fast.

A notice, a review's pass and a panel's minute write into their log row the SM3 of what they are
about: the parts that the process's `binds` name, as canonical JSON, sums as decimal text with two
places. A step that is bound is compared with that digest, not with what somebody remembers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from casework.acts.act import Act
from casework.acts.actors import recused
from casework.acts.journal import canonical, sm3
from casework.common.inputs import tidied
from casework.common.typed_inputs import read
from casework.models import LogRow
from state_machines.language.step_names import F
from state_machines.language.vocabulary import Binding, Process
from state_machines.parts.approvals.facts import Approval
from state_machines.parts.approvals.measures import Measure, heavier, money, other_scope
from state_machines.parts.panel.forms import VOTE, Vote

_WRITTEN = "nuoxin_bound"  # in a session: what binds, by case and the last row of its log


def content_digest(said: Mapping[str, Any], parts: Iterable[str]) -> str:
    """SM3 of these parts of a form. Raises KeyError if one of them is not there."""
    return sm3(canonical({part: _exact(said[part]) for part in parts}))


def latest_draft(act: Act) -> str | None:
    """The step that gave the draft on which the case now stands."""
    return _latest(act, {step for bind in act.process.binds for step in bind.drafts})


def draft_of(act: Act, form: type[F]) -> F | None:
    """The draft that the case now stands on, as it was last filled in, read as that form."""
    latest = latest_draft(act)
    return act.inputs.of(form, act.data[latest]) if latest else None


def approvals_for(act: Act) -> list[Approval]:
    """The approvals that the step needs and how they stand, less those it may do without."""
    needed = [_approval(act, bind) for bind in act.process.binds if act.step.name in bind.bound]
    return [approval for approval in needed if approval is not None]


def dispensed(act: Act, name: str) -> bool:
    """Whether the last word on that approval was that the case needs none."""
    return any(
        _last_word(act, bind) in _excusing(act.process, bind)
        for bind in act.process.binds
        if bind.name == name
    )


def hold_fast(act: Act) -> None:
    """Note for the log row of a step, before the case takes its input over, what it binds, keeps
    to and ends."""
    name = act.step.name
    for bind in act.process.binds:
        if name in bind.bound and _approval(act, bind) is not None:
            digest = _digest_bound(_content(act), bind)
            act.note("kept", {"binding": bind.name, "digest": digest, "to": _bound(act, bind)})
        if name in bind.by:
            draft = _latest(act, bind.drafts) or name
            act.note(
                "bound",
                {
                    "binding": bind.name,
                    "digest": _digest_bound(act.data[draft], bind),
                    "draft": draft,
                },
            )
        elif name in (*bind.drafts, *bind.lapses) and _last_word(act, bind) in bind.by:
            act.note("lapsed", {"binding": bind.name, "digest": _bound(act, bind)})


@dataclass(frozen=True)
class VoteCast:
    """A member's vote on the draft that is before the panel."""

    person_id: int
    said: Vote


def votes_of(act: Act) -> list[VoteCast]:
    """The votes since the case last came before the panel, in order; a vote of whoever was told to
    stand aside counts no more (处罚法43)."""
    aside = recused(act.session, act.case)
    rows = act.session.scalars(
        select(LogRow)
        .where(LogRow.case_id == act.case.id, LogRow.header["kind"].as_string() == "step")
        .order_by(LogRow.seq)
    )
    votes: list[VoteCast] = []
    for row in rows:
        if row.header["name"] == VOTE:
            votes.append(VoteCast(row.header["officers"][0], read(Vote, row.payload["input"])))
        elif row.header["source"] != row.header["target"]:
            votes = []
    return [vote for vote in votes if vote.person_id not in aside]


def _approval(act: Act, binding: Binding) -> Approval | None:
    said = _last_word(act, binding)
    if said in _excusing(act.process, binding):
        return None
    there = Approval(binding.name, binding.label, binding.law, stands=True)
    digest = _bound(act, binding) if said in binding.by else None
    draft = _latest(act, binding.drafts, before=True)
    approved = act.case.data.get(draft, {}) if draft else {}
    # What is kept of the draft must still be what was approved, byte for byte.
    if digest is None or not _has(approved, binding) or digest != _digest_bound(approved, binding):
        return Approval(binding.name, binding.label, binding.law, stands=False)
    now = _content(act)
    if not _has(now, binding):
        return there  # a form that is not filled in yet
    changed = [
        _title(act, part)
        for part in binding.parts
        if part not in binding.milder and _as_read(now[part]) != _as_read(approved[part])
    ]
    worse = [
        text
        for part in binding.milder
        for compare in (heavier, other_scope)
        for text in compare(_measures(approved[part]), _measures(now[part]))
    ]
    return Approval(binding.name, binding.label, binding.law, True, tuple(changed), tuple(worse))


def _content(act: Act) -> Mapping[str, Any]:
    """What a bound step says: its own form, or the draft that it takes up as it is."""
    form = act.step.form or {}
    for bind in act.process.binds:
        if act.step.name in bind.by and not set(bind.parts) <= set(form.get("properties", {})):
            draft = _latest(act, bind.drafts)
            return act.data[draft] if draft else {}
    return act.input


def _last_word(act: Act, binding: Binding) -> str | None:
    """Which step last gave, ended or dispensed with the approval, before the one being taken."""
    steps = {*binding.by, *binding.drafts, *binding.lapses, *_excusing(act.process, binding)}
    return _latest(act, steps, before=True)


def _excusing(process: Process, binding: Binding) -> set[str]:
    return {step.name for step in process.steps if binding.dispensed_by(step)}


def _latest(act: Act, steps: Iterable[str], *, before: bool = False) -> str | None:
    wanted = set(steps)
    known = act.case.data if before else act.data
    return next((name for name in reversed(known) if name in wanted), None)


def _bound(act: Act, binding: Binding) -> str | None:
    """The digest that the latest of the binding's steps wrote into the log."""
    said = next((bound for name, bound in _written(act) if name in binding.by), [])
    return next((one["digest"] for one in said if one["binding"] == binding.name), None)


def _written(act: Act) -> list[tuple[str, list[dict[str, str]]]]:
    """Each step of the log that binds, with what it wrote, the latest first: read once for as long
    as the log ends where it does, since each guard asks for its own."""
    known: dict[Any, Any] = act.session.info.setdefault(_WRITTEN, {})
    log = (act.case.id, act.case.head_seq)
    if log not in known:
        rows = act.session.execute(
            select(LogRow.header["name"].as_string(), LogRow.payload["caused"]["bound"])
            .where(
                LogRow.case_id == act.case.id,
                LogRow.header["kind"].as_string() == "step",
                LogRow.header["name"]
                .as_string()
                .in_({step for bind in act.process.binds for step in bind.by}),
            )
            .order_by(LogRow.seq.desc())
        )
        known[log] = [(name, bound or []) for name, bound in rows]
    written: list[tuple[str, list[dict[str, str]]]] = known[log]
    return written


def _has(said: Mapping[str, Any], binding: Binding) -> bool:
    return set(binding.parts) <= set(said)


def _digest_bound(said: Mapping[str, Any], binding: Binding) -> str:
    """The digest of the parts that a binding names."""
    return content_digest(said, binding.parts)


def _exact(value: Any) -> Any:
    """A value in the one way of writing it: sums with two places."""
    if isinstance(value, Mapping):
        return {
            name: f"{money(item):.2f}" if name == "amount" else _exact(item)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [_exact(item) for item in value]
    return value


def _as_read(value: Any) -> Any:
    """The same without what nobody can see: an approval of an earlier release may hold some."""
    return _exact(tidied(None, value, what="拟作出的决定"))


def _measures(listed: Iterable[Mapping[str, Any]]) -> list[Measure]:
    return [read(Measure, one) for one in listed]


def _title(act: Act, part: str) -> str:
    said = (act.step.form or {}).get("properties", {}).get(part, {})
    return str(said.get("title", part))
