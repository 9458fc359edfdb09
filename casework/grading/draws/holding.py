"""Random draws (双随机): whom to check, by the weight of the party's credit grade, and by which
officers; drawn anew for one who stands aside, and sent out as a case by the one door.

Nobody draws until the place, or the officers, that he wishes for come (国办发〔2015〕58号): what
was drawn is sent, or a head who did not draw it calls it off; and he decides who stands aside.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.access.readers import Reader, reader_of
from casework.acts.actors import Actor, in_force
from casework.acts.journal import FIRST
from casework.common.inputs import typed
from casework.common.problems import BadInput, NotAllowed, NotFound, bad_field
from casework.common.timekeeping import legal_date
from casework.common.typed_inputs import Inputs
from casework.grading.draws.candidates import (
    DrawnOfficer,
    LeftOut,
    ObjectLot,
    licences_of,
    not_sent,
    objects_of,
    officers_of,
)
from casework.grading.draws.draw_book import OBJECT, again, digest_of, hash_of, latest_round
from casework.kernel.idempotency import Outcome
from casework.kernel.office import Office
from casework.models import (
    Authority,
    Case,
    Draw,
    Person,
    Post,
)
from state_machines.grading.place_grading.forms import Occasion
from state_machines.grading.place_grading.process import PLACE_GRADING
from state_machines.language.lots import Lot, drawn
from state_machines.language.vocabulary import Role
from state_machines.parts.officers.forms import ASSIGN, HAND_OVER

_READERS = frozenset({Role.SUPERVISOR, Role.APPROVER, Role.ADMIN})
_LOCK = 0x44524157  # of the advisory lock under which an authority's chain of draws grows
_LONGEST = 200
_BY_PLAN = "抽查计划"
_RANDOM = "国办发〔2015〕58号"
_ASIDE = "《行政处罚法》第四十三条第三款"


@dataclass(frozen=True)
class StoodAside:
    """An officer who was drawn and stands aside, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class DrawView:
    """A draw with all it came from. `same_again`: drawn again from seed and candidates, it gives
    the same; `holds`: no later round replaces it; `case` is the check that was sent out, `sent`
    whether to the officers of this very round; `called_off` why it is sent to nobody."""

    number: str
    round: int
    on: date
    drawn_by: str
    seed: str
    digest: str
    hash: str
    objects: tuple[ObjectLot, ...]
    left_out: tuple[LeftOut, ...]
    officers: tuple[DrawnOfficer, ...]
    object: str
    place_name: str
    drawn: tuple[DrawnOfficer, ...]
    stood_aside: tuple[StoodAside, ...]
    same_again: bool
    holds: bool
    case: str | None
    sent: bool
    called_off: str


def draw(office: Office, actor: Actor, *, key: str | None = None) -> DrawView:
    """Draw one licensed place of the supervisor's authority, and the officers to check it.

    With `key`, asking again draws nothing twice. Raises NotAllowed for anybody but a supervisor, or
    without a head besides; BadInput if there is nothing, or nobody, to draw, or one that was drawn
    by hand waits.
    """

    def work(session: Session) -> DrawView:
        reader, authority = _as_supervisor(office, session, actor)
        lock_draws(session, authority)
        if (before := _under(session, actor, key)) is not None:
            return _view(session, before)
        _refuse_without_head(session, actor, authority, reader.today)
        if waiting := _waiting(session, authority, reader.today):
            raise BadInput(
                f"已经抽取的{'、'.join(waiting)}还没有下达检查任务，不能再次抽取："
                "请先下达；不能检查的，由没有参与抽取的机关负责人写明理由作废后再抽取",
                law=_RANDOM,
            )
        return _view(session, draw_one(office, session, authority, by=actor.person_id, key=key))

    return office.database.in_transaction(work)


def draw_one(
    office: Office,
    session: Session,
    authority: Authority,
    *,
    by: int | None = None,
    key: str | None = None,
    among: Collection[str] | None = None,
    because: str = "",
) -> Draw:
    """Draw once, under the lock of the authority's draws: by a person, or by the plan of checks.

    With `among`, only these licences may be drawn; the others are left out, and `because` says why.
    Raises BadInput if there is nothing, or nobody, to draw.
    """
    now = office.time.now()
    rules, today = office.rules.current(session), legal_date(now)
    objects, left_out = objects_of(session, rules, authority, today)
    if among is not None:
        left_out += [LeftOut(o.place_name, because) for o in objects if o.licence not in among]
        objects = [object_lot for object_lot in objects if object_lot.licence in among]
    if not objects:
        raise BadInput(
            "没有可以抽取的场所：没有有效的卫生许可证，或者均已排除、已抽中尚未下达检查任务"
        )
    seed = secrets.token_hex(16)
    (found,) = drawn(
        seed, OBJECT, [Lot(object_lot.licence, object_lot.weight) for object_lot in objects], 1
    )
    officers, aside = officers_of(session, authority, today, found)
    number = int(rules.value("draw.officers", today, authority.region))
    _enough(officers, number)
    said = {
        "on": today.isoformat(),
        "at": now.isoformat(),
        "round": 1,
        "seed": seed,
        "number_of_officers": number,
        "candidates": {
            "objects": [vars(object_lot) for object_lot in objects],
            "left_out": [vars(one) for one in (*left_out, *aside)],
            "officers": [vars(officer) for officer in officers],
        },
        "object": found,
        "kept": [],
        "stood_aside": [],
        **({"in_turn": True} if by is not None else {}),
    }
    return _keep(session, authority, by, key, _next_number(session, authority, today), said)


def _waiting(session: Session, authority: Authority, today: date) -> list[str]:
    """The draws by hand that the next one waits for: not those of releases that drew several at
    once, nor those whose licence ended, which nobody can send."""
    made = [one for one in not_sent(session, authority, today) if one.said.get("in_turn")]
    standing = licences_of(session, authority) if made else set()
    return [one.number for one in made if one.said["object"] in standing]


def _refuse_without_head(session: Session, actor: Actor, authority: Authority, today: date) -> None:
    """Raise NotAllowed where nobody but whoever draws could decide who stands aside, or call the
    draw off: all later ones would wait for it (处罚法43)."""
    heads = select(Post.id).where(
        Post.authority_id == authority.id,
        Post.role == Role.APPROVER.value,
        Post.person_id != actor.person_id,
        in_force(today, Post),
    )
    if session.scalar(heads.limit(1)) is None:
        raise NotAllowed(
            "除您以外没有在任的机关负责人，抽取后没有人可以决定回避、作废：请由其他督办人员抽取，"
            "或者先由系统管理员登记其他负责人",
            law=f"{_ASIDE}、{_RANDOM}",
        )


def drawn_in(session: Session, authority: Authority, year: int) -> int:
    """How many places were drawn for checks in a year, by hand and by the plan."""
    known = session.scalar(
        select(func.count())
        .select_from(Draw)
        .where(Draw.number.startswith(_begins(authority, year)), Draw.round == 1)
    )
    return known or 0


def lock_draws(session: Session, authority: Authority) -> None:
    """Let draws of one authority follow one another, until the transaction ends."""
    session.execute(select(func.pg_advisory_xact_lock(_LOCK, authority.id)))


def draw_again(
    office: Office, actor: Actor, number: str, officer: str, reason: str, *, key: str | None = None
) -> DrawView:
    """Draw another officer for one who stands aside (回避), as a head who did not draw decides,
    from those not drawn yet; the place and the others stay. Raises NotFound, NotAllowed, BadInput.
    """

    def work(session: Session) -> DrawView:
        reader, authority = _as_head(office, session, actor)
        lock_draws(session, authority)
        if (before := _under(session, actor, key)) is not None:
            return _view(session, before)
        last = _latest(session, authority, number)
        _refuse_who_drew(session, actor, number, _ASIDE)
        why = typed("reason", "回避理由", reason, most=_LONGEST)
        if officer not in last.said["officers"]:
            raise bad_field("officer", "回避人员", "不是本次抽取的执法人员")
        case = _check_of(session, last)
        if case is not None and case.state not in ("planned", "assigned"):
            raise BadInput("现场评分已经完成，不能再抽取执法人员；对结果有异议的，由机关负责人退回")
        known = {one["username"]: one for one in last.said["candidates"]["officers"]}
        everybody = known | {one["username"]: one for one in _drawn_officers(session, last)}
        aside = [
            *last.said["stood_aside"],
            {"username": officer, "name": everybody[officer]["name"], "reason": why},
        ]
        kept = [one for one in last.said["officers"] if one != officer]
        gone = {one["username"] for one in aside}
        officers, excluded = officers_of(session, authority, reader.today, last.said["object"])
        left = [
            drawn_officer
            for drawn_officer in officers
            if drawn_officer.username not in {*gone, *kept}
        ]
        want = int(last.said["number_of_officers"])
        _enough(left, want - len(kept))
        said = {
            **last.said,
            "on": reader.today.isoformat(),
            "at": office.time.now().isoformat(),
            "round": last.round + 1,
            "seed": secrets.token_hex(16),
            "candidates": {
                "objects": [],
                "left_out": [vars(one) for one in excluded],
                "officers": [vars(drawn_officer) for drawn_officer in left],
            },
            "kept": kept,
            "stood_aside": aside,
        }
        return _view(session, _keep(session, authority, actor.person_id, key, last.number, said))

    return office.database.in_transaction(work)


def call_off(
    office: Office, actor: Actor, number: str, reason: str, *, key: str | None = None
) -> DrawView:
    """Let a draw be sent to nobody, as a head who did not draw decides; its place may be drawn
    again. Raises NotFound, NotAllowed, BadInput."""

    def work(session: Session) -> DrawView:
        reader, authority = _as_head(office, session, actor)
        lock_draws(session, authority)
        if (before := _under(session, actor, key)) is not None:
            return _view(session, before)
        last = _latest(session, authority, number)
        _refuse_who_drew(session, actor, number, _RANDOM)
        if _check_of(session, last) is not None:
            raise BadInput("检查任务已经下达，不能作废抽取；不再检查的，在该案件中办理")
        said = {
            **last.said,
            "on": reader.today.isoformat(),
            "at": office.time.now().isoformat(),
            "round": last.round + 1,
            "candidates": {"objects": [], "left_out": [], "officers": []},
            "kept": last.said["officers"],
            "called_off": typed("reason", "作废理由", reason, most=_LONGEST),
        }
        return _view(session, _keep(session, authority, actor.person_id, key, number, said))

    return office.database.in_transaction(work)


def send(office: Office, actor: Actor, number: str, *, key: str | None = None) -> Outcome:
    """Send the officers drawn to the place drawn: a grading (量化分级评定) is opened and assigned
    to them, or handed over if it was before. Raises NotFound, NotAllowed, or what a step raises.
    """
    with office.database.session() as session:
        _, authority = _as_supervisor(office, session, actor)
        last = _latest(session, authority, number)
        case = _check_of(session, last)
        licence, officers = last.said["object"], last.said["officers"]
        standing = (case.number, case.state, case.version) if case else None
        reason = "；".join(
            f"{one['name']}回避：{one['reason']}" for one in last.said["stood_aside"]
        )
    named = {"inspectors": officers}
    mark = f"draw/{number}/{last.round}"
    if standing is None:
        data = {"licence": licence, "occasion": Occasion.DRAWN.value, "draw": number}
        opened = office.open_case(PLACE_GRADING.key, data, actor, key=f"{mark}/open")
        standing = (opened.number, opened.state, opened.version)
    check, state, version = standing
    if state == "planned":
        return office.advance(check, ASSIGN, named, actor, version=version, key=key)
    return office.advance(
        check,
        HAND_OVER,
        {**named, "reason": reason or "按抽取结果指派"},
        actor,
        version=version,
        key=key,
    )


def draws(
    office: Office, session: Session, actor: Actor, *, most: int = 50
) -> tuple[DrawView, ...]:
    """The draws of the authorities at which the actor supervises or decides, the latest first.
    Raises NotAllowed for anybody else."""
    authorities = read_at(office, session, actor)
    rows = session.scalars(
        select(Draw).where(Draw.authority_id.in_(authorities)).order_by(Draw.id.desc()).limit(most)
    )
    return tuple(_view(session, row) for row in rows)


def draws_numbered(
    office: Office, session: Session, actor: Actor, number: str
) -> tuple[DrawView, ...]:
    """Every round of one draw, the first one first. Raises NotAllowed, NotFound."""
    authorities = read_at(office, session, actor)
    rows = session.scalars(
        select(Draw)
        .where(Draw.number == number, Draw.authority_id.in_(authorities))
        .order_by(Draw.round)
    ).all()
    if not rows:
        raise _no_draw(number)
    return tuple(_view(session, row) for row in rows)


def _enough(officers: Sequence[DrawnOfficer], number: int) -> None:
    if len(officers) < number:
        raise BadInput(
            f"持有效执法证件、不需要回避的执法人员只有{len(officers)}名，还需要抽取{number}名，"
            "请由上级机关指定或者补充执法人员",
            law="《行政处罚法》第四十二条",
        )


def _keep(
    session: Session,
    authority: Authority,
    by: int | None,
    key: str | None,
    number: str,
    said: dict[str, Any],
) -> Draw:
    said = {**said, "digest": digest_of(said["candidates"])}
    said["object"], officers = again(said)
    said["officers"] = list(officers)
    previous = session.scalar(
        select(Draw.hash).where(Draw.authority_id == authority.id).order_by(Draw.id.desc()).limit(1)
    )
    row = Draw(
        authority_id=authority.id,
        number=number,
        round=said["round"],
        said=said,
        drawn_by=by,
        previous=previous or FIRST,
        hash="",
        key=key,
    )
    row.hash = hash_of(row)
    session.add(row)
    session.flush()
    return row


def _begins(authority: Authority, year: int) -> str:
    return f"{authority.code}-SJ-{year}-"


def _next_number(session: Session, authority: Authority, today: date) -> str:
    """The number of the authority's next draw of the year."""
    year = today.year
    return f"{_begins(authority, year)}{drawn_in(session, authority, year) + 1:06d}"


def _under(session: Session, actor: Actor, key: str | None) -> Draw | None:
    """The draw that was made under this key."""
    if key is None:
        return None
    return session.scalar(select(Draw).where(Draw.drawn_by == actor.person_id, Draw.key == key))


def _latest(session: Session, authority: Authority, number: str) -> Draw:
    """The round of a draw that holds. Raises NotFound, and BadInput for one that was called off."""
    row = latest_round(session, number)
    if row is None or row.authority_id != authority.id:
        raise _no_draw(number)
    if "called_off" in row.said:
        raise BadInput(f"抽取{number}已经作废：{row.said['called_off']}", law=_RANDOM)
    return row


def _check_of(session: Session, row: Draw) -> Case | None:
    """The check that a draw was sent out as, unless it was called off."""
    return session.scalar(
        select(Case)
        .where(
            Case.process == PLACE_GRADING.key,
            Case.authority_id == row.authority_id,
            Case.data["application"]["draw"].as_string() == row.number,
            Case.state != "called_off",
        )
        .order_by(Case.id.desc())
        .limit(1)
    )


def _as_supervisor(office: Office, session: Session, actor: Actor) -> tuple[Reader, Authority]:
    """The actor as a supervisor, and of which authority. Raises NotAllowed."""
    return _in_role(Role.SUPERVISOR, "双随机抽取由督办人员办理", office, session, actor)


def _as_head(office: Office, session: Session, actor: Actor) -> tuple[Reader, Authority]:
    """The actor as a head, and of which authority. Raises NotAllowed."""
    return _in_role(
        Role.APPROVER, "抽中人员的回避、抽取的作废由机关负责人决定", office, session, actor
    )


def _in_role(
    role: Role, otherwise: str, office: Office, session: Session, actor: Actor
) -> tuple[Reader, Authority]:
    """The actor as a reader, and the authority where he holds that role. Raises NotAllowed, saying
    `otherwise`."""
    reader = reader_of(office, session, actor)
    post = next((one for one in reader.posts if one.role == role.value), None)
    if post is None:
        raise NotAllowed(otherwise)
    return reader, session.get_one(Authority, post.authority_id)


def _refuse_who_drew(session: Session, actor: Actor, number: str, law: str) -> None:
    if _round_one(session, number).drawn_by == actor.person_id:
        raise NotAllowed("本次抽取由您办理，请由其他负责人决定", law=law)


def read_at(office: Office, session: Session, actor: Actor) -> set[int]:
    """The authorities whose draws and plans the actor reads: where he supervises, decides or
    administers. Raises NotAllowed for anybody else."""
    posts = reader_of(office, session, actor).posts
    found = {post.authority_id for post in posts if Role(post.role) in _READERS}
    if not found:
        raise NotAllowed("双随机抽取的记录和计划由督办人员、机关负责人和系统管理员查看")
    return found


def _drawn_officers(session: Session, row: Draw) -> list[dict[str, str]]:
    """Those drawn in a round, kept ones among them, as the round that drew them lists them."""
    rounds = session.scalars(select(Draw).where(Draw.number == row.number).order_by(Draw.round))
    known = {one["username"]: one for each in rounds for one in each.said["candidates"]["officers"]}
    return [known[name] for name in row.said["officers"]]


def _view(session: Session, row: Draw) -> DrawView:
    said, candidates = row.said, row.said["candidates"]
    last = latest_round(session, row.number) or row
    first = row if row.round == 1 else _round_one(session, row.number)
    objects = {one["licence"]: one["place_name"] for one in first.said["candidates"]["objects"]}
    case = _check_of(session, row)
    return DrawView(
        number=row.number,
        round=row.round,
        on=date.fromisoformat(said["on"]),
        drawn_by=session.get_one(Person, row.drawn_by).name if row.drawn_by else _BY_PLAN,
        seed=said["seed"],
        digest=said["digest"],
        hash=row.hash,
        objects=tuple(ObjectLot(**one) for one in candidates["objects"]),
        left_out=tuple(LeftOut(**one) for one in candidates["left_out"]),
        officers=tuple(DrawnOfficer(**one) for one in candidates["officers"]),
        object=said["object"],
        place_name=objects[said["object"]],
        drawn=tuple(DrawnOfficer(**officer) for officer in _drawn_officers(session, row)),
        stood_aside=tuple(StoodAside(one["name"], one["reason"]) for one in said["stood_aside"]),
        same_again=again(said) == (said["object"], tuple(said["officers"]))
        and digest_of(candidates) == said["digest"],
        holds=last.id == row.id,
        case=case.number if case else None,
        sent=case is not None and _assigned(case) == said["officers"],
        called_off=said.get("called_off", ""),
    )


def _assigned(case: Case) -> list[str]:
    """The officers to whom a check was last given."""
    assignment = Inputs(case.data).last((ASSIGN, HAND_OVER))
    return list(assignment.inspectors) if assignment else []


def _round_one(session: Session, number: str) -> Draw:
    return session.scalars(select(Draw).where(Draw.number == number, Draw.round == 1)).one()


def _no_draw(number: str) -> NotFound:
    return NotFound(f"没有编号为“{number}”的抽取记录")
