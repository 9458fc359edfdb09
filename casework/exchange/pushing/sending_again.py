"""Sending again (重新推送): what a platform refused, once the publicity officer has put it right;
and what could not be sent, at once."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from casework.acts.actors import Actor
from casework.common.problems import BadInput, NotFound, bad_field
from casework.exchange.pushing.platforms import Counterpart, counterparts, said_of
from casework.exchange.pushing.push_outbox import SENDERS
from casework.exchange.pushing.push_states import State
from casework.exchange.pushing.queueing import in_force, next_key
from casework.kernel.office import Office
from casework.models import Publication, Push, PushBatch
from casework.people.administration.admin_log import Change, log_change
from casework.publicity.decided import decided_entries
from casework.publicity.national_fields import REGISTERS
from casework.publicity.publications import READERS, as_one_of

_LONGEST = 200


def send_again(office: Office, actor: Actor, push_id: int, fields: Mapping[str, str]) -> None:
    """Send once more what a platform refused, as the file now says it, with what the officer filled
    in for the `fields` that no decision says. Raises NotAllowed, NotFound, BadInput."""

    def work(session: Session) -> None:
        _, authorities = as_one_of(SENDERS, office, session, actor)
        push = session.scalar(
            select(Push)
            .where(Push.id == push_id, Push.authority_id.in_(sorted(authorities)))
            .with_for_update()
        )
        if push is None:
            raise NotFound("没有该条推送")
        if push.state != State.REFUSED.value:
            raise BadInput(f"该条推送“{State(push.state).label}”，不需要重新推送")
        if _is_overtaken(session, push):
            raise BadInput("该决定此后已经推送新的内容，不再推送旧的")
        [at] = [
            one
            for one in counterparts(office, session, (push.authority_id,))
            if one.key == push.platform
        ]
        push.amended = {**push.amended, **_amended(at, push, fields)}
        push.said = {**_said_now(office, session, at, push), **push.amended}
        push.key, push.state, push.batch_id = next_key(push.key), State.WAITING.value, None
        push.reason = push.number = push.receipt = None
        push.amended_by, push.amended_at = actor.person_id, at.now
        told = "、".join(f"{code}={said}" for code, said in sorted(push.amended.items()))
        ground = f"{at.platform.label}：重新推送{push.key}{f'，{told}' if told else ''}"
        change = Change("pushed_again", actor, at.now.isoformat(), ground, at.today)
        log_change(session, push.authority_id, change, ())

    office.database.in_transaction(work)


def try_now(office: Office, actor: Actor) -> int:
    """Let the next run try what could not be sent, without waiting any longer; gives how many
    batches that are. Raises NotAllowed."""

    def work(session: Session) -> int:
        _, authorities = as_one_of(READERS, office, session, actor)
        batches = session.scalars(
            update(PushBatch)
            .where(
                PushBatch.authority_id.in_(sorted(authorities)),
                PushBatch.settled_at.is_(None),
                PushBatch.next_try_at > office.time.now(),
            )
            .values(next_try_at=office.time.now())
            .returning(PushBatch.id)
        ).all()
        return len(batches)

    return office.database.in_transaction(work)


def _is_overtaken(session: Session, push: Push) -> bool:
    """Whether something was said of the decision since, which must not be said otherwise again."""
    later = select(Push.id).where(
        Push.platform == push.platform, Push.record == push.record, Push.id > push.id
    )
    return session.scalar(later.limit(1)) is not None


def _amended(at: Counterpart, push: Push, fields: Mapping[str, str]) -> dict[str, str]:
    labels = {one.code: one.label for one in REGISTERS[push.register]}
    found = {}
    for code, typed in fields.items():
        if code not in at.platform.correctable or code not in labels:
            raise bad_field(code, labels.get(code, code), "以决定书为准，不能在这里更改")
        if len(typed) > _LONGEST or not typed.isprintable():
            raise bad_field(code, labels[code], f"应为一行文字，不超过{_LONGEST}个字")
        if typed != push.said.get(code, ""):
            found[code] = typed
    return found


def _said_now(office: Office, session: Session, at: Counterpart, push: Push) -> dict[str, str]:
    rules = office.rules.current(session)
    wanted = in_force(rules, at, lacking=False) & (Publication.id == push.publication_id)
    entries = decided_entries(session, rules, at.today, wanted, Publication.id, 1)
    if not entries:
        raise BadInput("该决定已经撤下或者失效，不再推送")
    return said_of(entries[0])
