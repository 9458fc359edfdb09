"""行政复议, 行政诉讼: overlays on a decided case, and the clocks that they stop.

Neither stops the decision from being carried out (处罚法73), so the case keeps its state: each is a
track that overlies it, also after it has ended. A clock that does not count their days names
`STAYS`; days in both at once are lost once only.

A penalty may also be varied (变更): then it stands as the other body has it, and the case goes on.

What a body or a court said holds for cases of every version: a suit ends as it was judged, and what
falls, falls whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from state_machines.language.vocabulary import (
    Clock,
    Effect,
    Escalate,
    Guard,
    JsonObject,
    LegalDay,
    Mark,
    Notify,
    Publish,
    Remind,
    Role,
    State,
    Step,
    Stop,
    Track,
    Withdraw,
    during,
    schema,
)
from state_machines.parts.remedies import forms, guards

_APPEAL = "《行政诉讼法》第八十五条"
_OPEN = "由当事人在法定期限内自行决定"
_PENDING = "由复议机关、人民法院依法审理，不停止执行"
_DONE = "已经审结"
# Of what was varied, all but what was merely found unlawful is published as it now stands.
_PUBLISHED_ANEW = (forms.Varied.CHANGED, forms.Varied.PARTLY_QUASHED)


@dataclass(frozen=True)
class Varying:
    """How a penalty that was varied (变更) is taken: on which forms, before which authority and
    before a court, under which guards besides, and what else comes of the step of that name."""

    form: JsonObject
    judged: JsonObject
    guards: tuple[Guard, ...] = ()
    then: Callable[[str], tuple[Effect, ...]] = lambda _: ()


@dataclass(frozen=True)
class _Remedy:
    """One of both: its states are those of none, pending, upheld, varied, overturned; it is over
    from those in `pending_in`, on the forms for what stands and what does not, once the clocks of
    `waits_for` have run."""

    name: str
    label: str
    law: str
    varied_by: str
    overturned_by: str
    states: tuple[State, State, State, State, State]
    pending_in: tuple[str, ...]
    stands: JsonObject
    changed: JsonObject
    annulled: JsonObject
    guards: tuple[Guard, ...] = ()
    waits_for: tuple[str, ...] = ()

    def ended(self, *, varied: bool) -> tuple[str, ...]:
        """The states in which it is over."""
        _, _, *over = (state.name for state in self.states)
        return tuple(name for name in over if varied or name != over[1])


_RECONSIDERATION = _Remedy(
    "reconsideration",
    "行政复议",
    "《行政复议法》第二十条、第四十二条",
    "《行政复议法》第六十三条至第六十五条",
    "行政复议",
    (
        State("not_reconsidered", "未申请复议", unattended=_OPEN),
        State("under_reconsideration", "复议中", unattended=_PENDING),
        State("reconsideration_upheld", "复议维持", unattended=_DONE),
        State("reconsideration_varied", "复议变更", unattended=_DONE),
        State("reconsideration_changed", "复议改变", unattended=_DONE),
    ),
    ("under_reconsideration",),
    schema(forms.Standing),
    schema(forms.Overturned),
    schema(forms.Annulled),
)
_JUDGED = State(
    "judgment_served",
    "一审已裁判（上诉期内）",
    unattended="由当事人、本机关在上诉期限内决定是否上诉，期满登记审结",
)
_APPEAL_WITHDRAWN = State(
    "appeal_withdrawn",
    "上诉已撤回（一审裁判生效）",
    unattended="一审裁判已经生效，登记审结",
)
_LITIGATION = _Remedy(
    "litigation",
    "行政诉讼",
    "《行政诉讼法》第四十四条至第四十六条、第五十六条",
    "《行政诉讼法》第七十条、第七十四条、第七十七条",
    "人民法院裁判",
    (
        State("not_litigated", "未起诉", unattended=_OPEN),
        State("under_litigation", "诉讼中", unattended=_PENDING),
        State("litigated", "诉讼维持", unattended=_DONE),
        State("litigation_varied", "诉讼变更", unattended=_DONE),
        State("litigation_changed", "诉讼改变", unattended=_DONE),
    ),
    ("under_litigation", _JUDGED.name, _APPEAL_WITHDRAWN.name),
    schema(forms.JudgedStanding),
    schema(forms.JudgedOverturned),
    schema(forms.JudgedAnnulled),
    (guards.judgment_is_in_force, guards.ending_agrees_with_judgment),
    ("appeal",),
)


# In which a body or a court has still to decide, or may be asked to.
PENDING = frozenset((*_RECONSIDERATION.pending_in, *_LITIGATION.pending_in))


def overlays(
    opens_in: tuple[str, ...],
    *,
    by: tuple[Role, ...],
    documents: tuple[str, ...],
    registers: tuple[str, ...] = (),
    varying: Varying | None = None,
    falling: tuple[Effect, ...] = (),
) -> tuple[Track, Track]:
    """复议 and 诉讼 on a case decided by `documents`, entered by `by` in the states `opens_in`.

    What overturns the decision marks it, and what was published of it in `registers` is withdrawn
    with the reasons (处罚法48), and `falling` is what else comes of that; what varies it marks and
    withdraws it too, and has it published as it now stands.
    """
    lain = _Overlaid(opens_in, by, documents, registers, varying, falling)
    return _overlay(_RECONSIDERATION, lain), _overlay(_LITIGATION, lain)


@dataclass(frozen=True)
class _Overlaid:
    """What both lie over: as `overlays` is told of it."""

    opens_in: tuple[str, ...]
    by: tuple[Role, ...]
    documents: tuple[str, ...]
    registers: tuple[str, ...]
    varying: Varying | None
    falling: tuple[Effect, ...]

    @property
    def told(self) -> tuple[Effect, ...]:
        """Who learns of each step."""
        return tuple(map(Notify, self.by))

    def withdrawn(self, step: str, by: str, what: str) -> tuple[Effect, ...]:
        """What comes of a decision that is `what` by the body or court `by` at that step, or merely
        found unlawful by it."""
        form = forms.Varied if self.varying else forms.Changed
        unlawful = f"{step}.result={form.UNLAWFUL}"
        return (
            Mark(documents=self.documents, label=f"已被{by}{what}", when=f"!{unlawful}"),
            Mark(documents=self.documents, label=f"已被{by}确认违法，不撤销", when=unlawful),
            *(
                Withdraw(register=register, limit="publicity.withdrawal", reasons=f"{step}.reasons")
                for register in self.registers
            ),
        )

    def published(self, step: str) -> tuple[Effect, ...]:
        """What of a varied decision is published anew."""
        return tuple(
            Publish(register, "publicity.double", when=f"{step}.result={result}")
            for register in self.registers
            for result in _PUBLISHED_ANEW
        )


def bringing_back(
    moves: Mapping[str, str],
    by: tuple[Role, ...],
    *,
    marks: tuple[Mark, ...],
    register: str,
    tell: Role,
    asking: tuple[Guard, ...] = (),
    shown_in: tuple[str, ...] = ("",),
    then: tuple[Effect, ...] = (),
) -> Step:
    """What was taken from its holder is given back once 复议 or a court quashed the decision: the
    way back of what has no overlay, in cases of every version, also after it was struck off. What
    was published of that in `register` is withdrawn with the reasons (only in the states `shown_in`
    it was, where these are named), and `marks` says which documents have what force from now on."""
    return Step(
        forms.BRING_BACK,
        "恢复效力（原决定已被撤销）",
        moves,
        by,
        form=schema(forms.Annulled),
        guards=asking,
        effects=(
            *marks,
            *(
                Withdraw(
                    register=register,
                    limit="publicity.withdrawal",
                    reasons=f"{forms.BRING_BACK}.reasons",
                    leaving=state,
                )
                for state in shown_in
            ),
            *then,
            Notify("party"),
            Notify(tell),
        ),
        law="《行政复议法》第六十四条、《行政诉讼法》第七十条",
        optional=True,
        final=True,
        in_every_version=True,
    )


def _overlay(remedy: _Remedy, lain: _Overlaid) -> Track:
    none, pending, _, varied, _ = remedy.states
    varying = lain.varying
    return Track(
        remedy.name,
        remedy.label,
        lain.opens_in,
        none.name,
        (
            *(state for state in remedy.states if varying or state != varied),
            *((_JUDGED, _APPEAL_WITHDRAWN) if remedy is _LITIGATION else ()),
        ),
        (
            Step(
                f"file_{remedy.name}",
                f"登记{remedy.label}",
                {none.name: pending.name},
                lain.by,
                form=schema(forms.Filed),
                effects=lain.told,
                law=remedy.law,
                optional=True,
                dated_by="on",
                legal_day=LegalDay.OTHERS,
                certified=False,
            ),
            *(_appealing(lain) if remedy is _LITIGATION else ()),
            *_endings(remedy, lain),
        ),
        (_appeal_clock(lain.by[0]),) if remedy is _LITIGATION else (),
        overlay=True,
    )


def _appealing(lain: _Overlaid) -> tuple[Step, ...]:
    """A judgment of first instance has no effect while it may be appealed against (行诉法85), and
    has it once the appeal was withdrawn."""
    return (
        Step(
            "record_judgment",
            "登记一审裁判",
            {"under_litigation": _JUDGED.name},
            lain.by,
            form=schema(forms.FirstSentence if lain.varying else forms.FirstJudgment),
            guards=(
                guards.judgment_is_of_the_suit,
                *((guards.judgment_says_what_stands,) if lain.varying else ()),
            ),
            effects=(*lain.told, Notify("party")),
            law=_APPEAL,
            optional=True,
            dated_by="on",
            in_every_version=True,
            legal_day=LegalDay.OTHERS,
            certified=False,
        ),
        Step(
            "appeal",
            "登记上诉",
            {_JUDGED.name: "under_litigation"},
            lain.by,
            form=schema(forms.Appealed),
            guards=(guards.appeal_is_in_time,),
            effects=lain.told,
            law=_APPEAL,
            optional=True,
            dated_by="on",
            legal_day=LegalDay.OTHERS,
            certified=False,
        ),
        Step(
            "withdraw_appeal",
            "登记准许撤回上诉",
            {"under_litigation": _APPEAL_WITHDRAWN.name},
            lain.by,
            form=schema(forms.AppealWithdrawn),
            guards=(guards.somebody_appealed,),
            effects=(*lain.told, Notify("party")),
            law=_APPEAL,
            optional=True,
            dated_by="on",
            in_every_version=True,
            legal_day=LegalDay.OTHERS,
            certified=False,
        ),
    )


def _appeal_clock(to: Role) -> Clock:
    return Clock(
        "appeal",
        "上诉期限",
        (_JUDGED.name,),
        Escalate(to, breach="none"),
        "remedy.appeal",
        law=_APPEAL,
        anchor="record_judgment.on",
        binds="party",
        remind=(Remind("party"), Remind(to)),
        instead=(f"record_judgment.result={forms.FirstResult.DISMISSED}", "remedy.appeal_ruling"),
        after_end=True,
        says="不服一审裁判的，最迟 {day} 上诉",
    )


def _endings(remedy: _Remedy, lain: _Overlaid) -> Iterator[Step]:
    _, _, upheld, varied, changed = (state.name for state in remedy.states)
    pending, varying = remedy.pending_in, lain.varying
    yield Step(
        f"end_{remedy.name}",
        f"{remedy.label}审结（维持）",
        during(*pending, to=upheld),
        lain.by,
        form=remedy.stands,
        guards=remedy.guards,
        effects=lain.told,
        law=remedy.law,
        optional=True,
        dated_by="on",
        in_every_version=True,
        legal_day=LegalDay.OTHERS,
        certified=False,
        waits_for=remedy.waits_for,
    )
    if varying:
        name = f"vary_by_{remedy.name}"
        yield Step(
            name,
            f"{remedy.label}审结（变更、部分撤销或者确认违法）",
            during(*pending, to=varied),
            lain.by,
            form=varying.judged if remedy is _LITIGATION else varying.form,
            guards=(
                *remedy.guards,
                guards.variation_says_what_stands,
                guards.variation_is_not_heavier,
                *varying.guards,
            ),
            effects=(
                *lain.withdrawn(name, remedy.overturned_by, "变更，以变更后的内容为准"),
                *lain.published(name),
                *varying.then(name),
                *lain.told,
                Notify("party"),
            ),
            law=remedy.varied_by,
            optional=True,
            final=True,
            dated_by="on",
            in_every_version=True,
            legal_day=LegalDay.OTHERS,
            certified=False,
            waits_for=remedy.waits_for,
        )
    name = f"change_by_{remedy.name}"
    yield Step(
        name,
        f"{remedy.label}审结（{'撤销、确认无效' if varying else '改变决定'}）",
        during(*pending, to=changed),
        lain.by,
        form=remedy.annulled if varying else remedy.changed,
        guards=remedy.guards,
        effects=(
            *lain.withdrawn(name, remedy.overturned_by, "改变"),
            *lain.falling,
            *lain.told,
            Notify("party"),
        ),
        law=remedy.law,
        optional=True,
        final=True,
        dated_by="on",
        in_every_version=True,
        legal_day=LegalDay.OTHERS,
        certified=False,
        waits_for=remedy.waits_for,
    )


# The days of neither count for a clock that names these (处罚法73: 加处罚款).
STAYS = (
    Stop("reconsideration", "行政复议期间", ("under_reconsideration",)),
    Stop("litigation", "行政诉讼期间", _LITIGATION.pending_in),
)


def remedy_clocks(
    of: str | None = "decision", *, to: Role, varied: bool = False
) -> tuple[Clock, ...]:
    """How long the party may ask for 复议 or sue, from the day it was served; `to` learns that the
    time is over. After 复议 another term runs, and the former one rests for good.

    Without `of` the decision was handed over as it was made. `varied` says that it may be varied.
    """
    reconsidered = _RECONSIDERATION.ended(varied=varied)
    judged = _LITIGATION.ended(varied=varied)
    over = Escalate(to, breach="none")
    remind = (Remind("party"),)
    served = f"service.{of}.served_on" if of else None
    return (
        Clock(
            "reconsideration_term",
            "申请行政复议期限",
            ("not_reconsidered",),
            over,
            "remedy.reconsideration",
            law="《行政复议法》第二十条第一款",
            stops=(
                Stop(
                    "sued",
                    "已提起行政诉讼（《行政复议法》第二十九条）",
                    (*_LITIGATION.pending_in, *judged),
                ),
            ),
            anchor=served,
            binds="party",
            remind=remind,
            says="不服决定的，最迟 {day} 申请行政复议",
        ),
        Clock(
            "litigation_term",
            "提起行政诉讼期限",
            ("not_litigated",),
            over,
            "remedy.litigation",
            law="《行政诉讼法》第四十六条第一款",
            stops=(
                Stop(
                    "reconsidered",
                    "已申请行政复议，起诉期限自收到复议决定书起另计",
                    ("under_reconsideration", *reconsidered),
                ),
            ),
            anchor=served,
            binds="party",
            remind=remind,
            says="不服决定的，最迟 {day} 提起行政诉讼",
        ),
        Clock(
            "litigation_after_reconsideration",
            "不服复议决定提起行政诉讼期限",
            reconsidered,
            over,
            "remedy.litigation_after_reconsideration",
            law="《行政诉讼法》第四十五条",
            stops=(
                Stop("sued", "已提起行政诉讼", _LITIGATION.pending_in),
                Stop("judged", "行政诉讼已审结", judged),
            ),
            binds="party",
            remind=remind,
            says="不服复议决定的，最迟 {day} 提起行政诉讼",
        ),
    )
