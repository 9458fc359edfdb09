"""行政复议, 行政诉讼: overlays on a decided case, and the clocks that they stop.

Neither stops the decision from being carried out (处罚法73), so the case keeps its state: each is a
track that overlies it, also after it has ended. A clock that does not count their days names
`STAYS`; days in both at once are lost once only.
"""

from __future__ import annotations

from state_machines.forms import remedies as forms
from state_machines.vocabulary import (
    Clock,
    Effect,
    Escalate,
    Mark,
    Notify,
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

_OPEN = "由当事人在法定期限内自行决定"
_PENDING = "由复议机关、人民法院依法审理，不停止执行"
_DONE = "已经审结"


def _overlay(
    name: str,
    label: str,
    law: str,
    states: tuple[State, State, State, State],
    opens_in: tuple[str, ...],
    by: tuple[Role, ...],
    overturned: tuple[Effect, ...],
    clocks: tuple[Clock, ...] = (),
) -> Track:
    none, pending, upheld, changed = (state.name for state in states)
    told = tuple(map(Notify, by))
    return Track(
        name,
        label,
        opens_in,
        none,
        states,
        (
            Step(
                f"file_{name}",
                f"登记{label}",
                {none: pending},
                by,
                form=schema(forms.Filed),
                effects=told,
                law=law,
                optional=True,
                dated_by="on",
            ),
            Step(
                f"end_{name}",
                f"{label}审结（维持）",
                during(pending, to=upheld),
                by,
                form=schema(forms.Standing),
                effects=told,
                law=law,
                optional=True,
                dated_by="on",
            ),
            Step(
                f"change_by_{name}",
                f"{label}审结（改变决定）",
                during(pending, to=changed),
                by,
                form=schema(forms.Overturned),
                effects=(*overturned, *told, Notify("party")),
                law=law,
                optional=True,
                final=True,
                dated_by="on",
            ),
        ),
        clocks,
        overlay=True,
    )


def overlays(
    opens_in: tuple[str, ...],
    *,
    by: tuple[Role, ...],
    documents: tuple[str, ...],
    registers: tuple[str, ...] = (),
) -> tuple[Track, Track]:
    """复议 and 诉讼 on a case decided by `documents`, entered by `by` in the states `opens_in`.

    What overturns the decision marks it, and what was published of it in `registers` is withdrawn
    with the reasons (处罚法48).
    """

    def overturned(name: str, label: str) -> tuple[Effect, ...]:
        return (
            Mark(documents=documents, label=f"已被{label}改变"),
            *(
                Withdraw(register=one, limit="publicity.withdrawal", reasons=f"{name}.reasons")
                for one in registers
            ),
        )

    return (
        _overlay(
            "reconsideration",
            "行政复议",
            "《行政复议法》第二十条、第四十二条",
            (
                State("not_reconsidered", "未申请复议", unattended=_OPEN),
                State("under_reconsideration", "复议中", unattended=_PENDING),
                State("reconsideration_upheld", "复议维持", unattended=_DONE),
                State("reconsideration_changed", "复议改变", unattended=_DONE),
            ),
            opens_in,
            by,
            overturned("change_by_reconsideration", "行政复议"),
        ),
        _overlay(
            "litigation",
            "行政诉讼",
            "《行政诉讼法》第四十四条至第四十六条、第五十六条",
            (
                State("not_litigated", "未起诉", unattended=_OPEN),
                State("under_litigation", "诉讼中", unattended=_PENDING),
                State("litigated", "诉讼维持", unattended=_DONE),
                State("litigation_changed", "诉讼改变", unattended=_DONE),
            ),
            opens_in,
            by,
            overturned("change_by_litigation", "人民法院裁判"),
        ),
    )


# The days of neither count for a clock that names these (处罚法73: 加处罚款).
STAYS = (
    Stop("reconsideration", "行政复议期间", ("under_reconsideration",)),
    Stop("litigation", "行政诉讼期间", ("under_litigation",)),
)


def remedy_clocks(of: str | None = "decision", *, to: Role) -> tuple[Clock, ...]:
    """How long the party may ask for 复议 or sue, from the day it was served; `to` learns that the
    time is over. After 复议 another term runs, and the former one rests for good.

    Without `of` the decision was handed over as it was made.
    """
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
                    ("under_litigation", "litigated", "litigation_changed"),
                ),
            ),
            anchor=served,
            binds="party",
            remind=remind,
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
                    ("under_reconsideration", "reconsideration_upheld", "reconsideration_changed"),
                ),
            ),
            anchor=served,
            binds="party",
            remind=remind,
        ),
        Clock(
            "litigation_after_reconsideration",
            "不服复议决定提起行政诉讼期限",
            ("reconsideration_upheld", "reconsideration_changed"),
            over,
            "remedy.litigation_after_reconsideration",
            law="《行政诉讼法》第四十五条",
            stops=(
                Stop("sued", "已提起行政诉讼", ("under_litigation",)),
                Stop("judged", "行政诉讼已审结", ("litigated", "litigation_changed")),
            ),
            binds="party",
            remind=remind,
        ),
    )
