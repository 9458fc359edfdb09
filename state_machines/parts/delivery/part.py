"""送达: serving documents on the party, in whatever way, as a part that any process composes.

Each receipt says which documents it covers and has its own legal date; what is served is served on
the day of the last receipt that was needed. 《行政处罚法》第六十一条, 《民事诉讼法》第八十七条至
第九十五条. A process names its states, gives the steps here a place in them, and anchors what runs
from service to `service.OF.served_on`.
"""

from __future__ import annotations

from collections.abc import Mapping

from state_machines.language.vocabulary import (
    Breach,
    Clock,
    Effect,
    Escalate,
    Fire,
    Guard,
    Issue,
    LegalDay,
    Notify,
    RecordService,
    Remind,
    Role,
    Step,
    during,
    schema,
)
from state_machines.parts.delivery import forms, guards

_LAW = "《行政处罚法》第六十一条、《民事诉讼法》第八十七条至第九十四条"


def confirming(*states: str, by: tuple[Role, ...]) -> Step:
    """The party says, or signs on paper, where and how it may be served."""
    return Step(
        "confirm_address",
        "登记送达地址确认书",
        during(*states),
        (Role.APPLICANT, *by),
        form=schema(forms.AddressConfirmation),
        guards=(guards.confirmation_is_signed,),
        effects=(Issue("address_confirmation"),),
        law="《行政处罚法》第六十一条第二款、《民事诉讼法》第九十条",
        optional=True,
        legal_day=LegalDay.OTHERS,
        certified=False,
    )


def received(
    name: str,
    label: str,
    moves: Mapping[str, str],
    by: tuple[Role, ...],
    *,
    of: str,
    documents: tuple[str, ...],
    law: str,
    asking: tuple[Guard, ...] = (),
    optional: bool = False,
    then: tuple[Effect, ...] = (),
) -> Step:
    """The one step by which a notice reaches a party that is at hand, with its proof, and what that
    causes; it holds in cases of every version."""
    return Step(
        name,
        label,
        moves,
        by,
        form=schema(forms.Receipt),
        guards=(
            *asking,
            guards.last_receipt_is_here,
            guards.service_day_fits,
            guards.service_is_proved,
        ),
        effects=(
            RecordService(of=of, documents=documents, kind="receipt", completes=True),
            *then,
            Issue("service_receipt"),
            Notify("party"),
        ),
        law=law,
        optional=optional,
        dated_by="on",
        in_every_version=True,
    )


def reaching(
    name: str,
    label: str,
    moves: Mapping[str, str],
    by: tuple[Role, ...],
    *,
    of: str,
    documents: tuple[str, ...],
    law: str,
    asking: tuple[Guard, ...] = (),
    optional: bool = False,
    what: str = "",
    then: tuple[Effect, ...] = (),
) -> tuple[Step, ...]:
    """The steps by which a notice reaches a party that is at hand, as `received`, and one that is
    not: tries that failed, the announcement, and its end, which moves the case as the receipt does.
    They hold in cases of every version, of which none has a clock that would tell when the
    announcement is over: so an officer enters it. `what` is told, if the label does not say it."""

    def record(kind: str, *, completes: bool = False) -> RecordService:
        return RecordService(of=of, documents=documents, kind=kind, completes=completes)  # type: ignore[arg-type]

    what = what or label.removeprefix("登记").removeprefix("送达").removesuffix("送达")
    stays = during(*moves)
    return (
        received(
            name, label, moves, by, of=of, documents=documents, law=law, asking=asking,
            optional=optional, then=then,
        ),
        Step(
            f"record_try_{of}",
            f"登记未能送达（{what}）",
            stays,
            by,
            form=schema(forms.Try),
            guards=(*asking, guards.service_day_fits),
            effects=(record("try"),),
            law="《民事诉讼法》第九十五条第二款",
            optional=True,
            dated_by="on",
            in_every_version=True,
        ),
        Step(
            f"announce_{of}",
            f"公告送达（{what}）",
            stays,
            by,
            form=schema(forms.Announcement),
            guards=(*asking, guards.other_ways_failed, guards.service_day_fits),
            effects=(record("announcement"), Issue("service_announcement"), Notify("party")),
            law="《民事诉讼法》第九十五条",
            optional=True,
            dated_by="published_on",
            in_every_version=True,
        ),
        Step(
            f"end_announcement_{of}",
            f"公告期满，视为送达（{what}）",
            moves,
            by,
            guards=(*asking, guards.announcement_is_over),
            effects=(record("deemed", completes=True), *then, Notify("party")),
            law="《民事诉讼法》第九十五条第一款",
            optional=True,
            certified=False,
            legal_day=LegalDay.ENTRY,
            in_every_version=True,
        ),
    )  # fmt: skip


def afterwards(
    *ends: str,
    documents: tuple[str, ...],
    by: tuple[Role, ...],
    law: str,
    then: tuple[Effect, ...] = (),
) -> tuple[Step, ...]:
    """The steps by which a decision that ended its case, in one of the states `ends`, reaches its
    party: it is one of the `documents`. What it bars or records, and its publication, wait for
    this; the case stays where it is."""
    return reaching(
        forms.SERVE_DECISION,
        "登记决定书送达",
        during(*ends),
        by,
        of="decision",
        documents=documents,
        law=f"{law}、《民事诉讼法》第八十七条",
        optional=True,
        then=then,
    )


def serving(
    of: str,
    documents: tuple[str, ...],
    *,
    unserved: tuple[str, ...],
    announced: str,
    served: str,
    by: tuple[Role, ...],
    suffix: str = "",
    what: str = "",
    then: tuple[Effect, ...] = (),
    corrected: bool = False,
) -> tuple[Step, ...]:
    """The steps from documents made to documents served.

    All `documents` of `of` must reach the party before the case leaves the states `unserved` (or
    `announced`, while an announcement runs) for `served`; `then` is what that causes. Where there
    are several, some may be served before the others, each with a receipt of its own. A process
    that serves several things one after the other tells their steps apart by a `suffix`, and by
    `what` in their labels. Where `corrected` versions are served, these count instead of what they
    correct.
    """
    waiting = (*unserved, announced)

    def record(kind: str, *, completes: bool = False) -> RecordService:
        return RecordService(
            of=of,
            documents=documents,
            kind=kind,  # type: ignore[arg-type]
            completes=completes,
            corrected=corrected,
        )

    partly = Step(
        f"record_receipt{suffix}",
        f"登记部分送达{what}",
        during(*waiting),
        by,
        form=schema(forms.Receipt),
        guards=(
            guards.more_receipts_follow,
            guards.service_day_fits,
            guards.service_is_proved,
        ),
        effects=(record("receipt"), Issue("service_receipt"), Notify("party")),
        law=_LAW,
        optional=True,
        dated_by="on",
    )
    return (
        Step(
            f"serve{suffix}",
            f"登记送达{what}",
            during(*waiting, to=served),
            by,
            form=schema(forms.Receipt),
            guards=(
                guards.last_receipt_is_here,
                guards.service_day_fits,
                guards.service_is_proved,
            ),
            effects=(
                record("receipt", completes=True),
                *then,
                Issue("service_receipt"),
                Notify("party"),
            ),
            law=_LAW,
            dated_by="on",
        ),
        *([partly] if len(documents) > 1 else []),
        Step(
            f"record_try{suffix}",
            f"登记未能送达{what}",
            during(*waiting),
            by,
            form=schema(forms.Try),
            guards=(guards.service_day_fits,),
            effects=(record("try"),),
            law="《民事诉讼法》第九十五条第二款",
            optional=True,
            dated_by="on",
        ),
        Step(
            f"announce{suffix}",
            f"公告送达{what}",
            during(*unserved, to=announced),
            by,
            form=schema(forms.Announcement),
            guards=(guards.other_ways_failed, guards.service_day_fits),
            effects=(record("announcement"), Issue("service_announcement"), Notify("party")),
            law="《民事诉讼法》第九十五条",
            optional=True,
            dated_by="published_on",
        ),
        Step(
            f"deem_served{suffix}",
            f"公告期满视为送达{what}",
            {announced: served},
            (Role.TIMER,),
            effects=(record("deemed", completes=True), *then, Notify("party"), *map(Notify, by)),
            law="《民事诉讼法》第九十五条第一款",
        ),
    )


def service_clock(
    unserved: tuple[str, ...],
    *,
    by: Role,
    suffix: str = "",
    what: str = "",
    breach: Breach = "promise",
    law: str = "",
) -> Clock:
    """The authority's time to serve; for what is no penalty it is no statute's."""
    return Clock(
        f"service{suffix}",
        f"送达期限{what}",
        unserved,
        Escalate(Role.SUPERVISOR, breach=breach),
        "service.decision",
        law=law,
        remind=(Remind(by.value),),
    )


def serving_clocks(
    of: str,
    unserved: tuple[str, ...],
    announced: str,
    *,
    by: Role,
    suffix: str = "",
    what: str = "",
    breach: Breach = "statute",
    law: str = "《行政处罚法》第六十一条第一款",
) -> tuple[Clock, ...]:
    """The authority's time to serve, and the period of an announcement.

    For what is no penalty the time to serve is no statute's: its `breach` and `law` say so.
    """
    return (
        service_clock(unserved, by=by, suffix=suffix, what=what, breach=breach, law=law),
        Clock(
            f"announcement{suffix}",
            f"公告送达期间{what}",
            (announced,),
            Fire(f"deem_served{suffix}"),
            "service.announcement",
            law="《民事诉讼法》第九十五条第一款",
            anchor=f"service.{of}.announced_on",
        ),
    )
