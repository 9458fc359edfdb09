"""Laying out the demo city (布置演示城市): its people, then its stories one after the other.

What every desk needs in its first minutes comes first; all else, with the ledger of small offences,
is told while people are at their desks already. What has been told is put down with the story
itself, so whoever ends the program and starts it again goes on where it stopped.

No sweep runs until the city is whole: it would only take from the time of the stories.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from psycopg.errors import DeadlockDetected
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

import demo
from casework.acts.actors import Actor
from casework.common.database import Database
from casework.common.demo_progress import DEMO_CITY
from casework.common.timekeeping import legal_date
from casework.models import Account, Person, Post, Setting
from casework.operations.installation import settle_mode
from demo import exemption_stories as exemptions
from demo import grading_stories as gradings
from demo.citizens import PASSWORD, City, Firm, read_city, settle
from demo.home_made_seals import make_seals as make_seals
from demo.place import Place
from demo.promise_stories import Story
from demo.telling import GivenUp, Pages, Tale, Teller
from state_machines.language.vocabulary import Role

_STORIES_IN = "_stories"  # modules whose names end so tell stories of places
_SUFFIXES = {"320613": "", "320612": "_b"}
_TRIES = 5


def settle_in(url: str, now: datetime, *, city: City | None = None) -> bool:
    """Put the people of the city into an empty, migrated database; its present is `now`.

    Gives False if they are there already. Raises CannotStart for a database that is no demo, or one
    that an earlier release laid out in its own way.
    """
    database = Database(url)
    city = city or read_city()
    try:
        with database.session() as session:
            settle_mode(session, demo=True)
            if session.get(Setting, DEMO_CITY) is not None:
                return False
            settle(session, city, legal_date(now))
            begun = {"as_of": now.isoformat(), "told": [], "of": len(tales(city))}
            session.add(Setting(key=DEMO_CITY, value=begun))
    finally:
        database.close()
    return True


def tell(
    url: str,
    *,
    public_url: str,
    at_once: bool = False,
    city: City | None = None,
    wanted: Callable[[], bool] = lambda: True,
) -> None:
    """Tell every story of a settled city that has not been told, or only those that are wanted
    `at_once`, for as long as any is `wanted`."""
    pages = Pages(url)
    try:
        with pages.session() as session:
            known = session.get_one(Setting, DEMO_CITY).value
            people, officers = _people(session), _publicity_officers(session)
        left = [one for one in tales(city or read_city()) if one.name not in known["told"]]
        left = [one for one in left if one.at_once or not at_once]
        if not left:
            return
        teller = Teller(pages, datetime.fromisoformat(known["as_of"]), public_url=public_url)
        for tale in left:
            _tell_whole(pages, teller, tale, people, officers, wanted)
        teller.remind()
    except GivenUp:
        return
    finally:
        pages.close()


def accounts() -> str:
    """The accounts that anybody may try, and their password, in lines for a terminal."""
    city = read_city()
    lines = [f"演示账号，密码均为 {PASSWORD}："]
    firms = {firm.account: firm.name for firm in city.firms}
    shown = ("applicant", "applicant2")
    lines.append("  申请人：" + "，".join(f"{name}（{firms[name]}）" for name in shown))
    for authority in city.authorities:
        people = [
            f"{officer['account']} {Role(officer['roles'][0]).label}"
            for officer in authority["staff"]
        ]
        lines.append(f"  {authority['short']}：" + "，".join(people))
    return "\n".join(lines)


def tales(city: City) -> list[Tale]:
    """Every story of the city in the order of telling: what is needed at once, then the oldest
    first; a draw, in which any licensed place may be drawn, comes last."""
    found = [
        *(_of_place(firm, about) for firm in city.firms for about in firm.places),
        *exemptions.tales(),
    ]
    found.sort(key=lambda tale: (not tale.at_once, -tale.days_ago))
    return [*found, gradings.RANDOM_DRAW]


@cache
def place_stories() -> Mapping[str, Callable[[Place], Story]]:
    """The stories of single places by name, from every `*_stories.py`."""
    names = (
        module_info.name
        for module_info in iter_modules(demo.__path__)
        if module_info.name.endswith(_STORIES_IN)
    )
    modules = (import_module(f"{demo.__name__}.{name}") for name in names)
    return {
        name: story for module in modules for name, story in getattr(module, "STORIES", {}).items()
    }


def _of_place(firm: Firm, about: dict[str, Any]) -> Tale:
    story, suffix = place_stories()[about["story"]], _SUFFIXES[about["region"]]
    return Tale(
        f"{firm.account}/{about['name']}",
        about["days_ago"],
        lambda office, people, end: story(Place(office, people, firm, about, suffix, end)),
        at_once=about.get("at_once", False),
    )


def _tell_whole(
    pages: Pages,
    teller: Teller,
    tale: Tale,
    people: dict[str, Actor],
    officers: dict[int, Actor],
    wanted: Callable[[], bool],
) -> None:
    """Tell one story and put down that it was told; anew if somebody at a desk held what it needs,
    who has gone on meanwhile."""
    for attempt in range(1, _TRIES + 1):
        try:
            with pages.story():
                teller.tell(tale, people, officers, wanted)
                with pages.session() as session:
                    setting = session.get_one(Setting, DEMO_CITY)
                    setting.value = {
                        **setting.value,
                        "told": [*setting.value["told"], tale.name],
                    }
            return
        except DBAPIError as error:
            if not isinstance(error.orig, DeadlockDetected) or attempt == _TRIES:
                raise


def _publicity_officers(session: Session) -> dict[int, Actor]:
    rows = session.execute(
        select(Post.authority_id, Account.id, Person.id, Person.name)
        .join(Person, Person.id == Post.person_id)
        .join(Account, Account.person_id == Person.id)
        .where(Post.role == Role.PUBLICITY_OFFICER.value)
    )
    return {authority: Actor(account, person, name) for authority, account, person, name in rows}


def _people(session: Session) -> dict[str, Actor]:
    rows = session.execute(
        select(Account.username, Account.id, Person.id, Person.name).join(
            Person, Person.id == Account.person_id
        )
    )
    return {username: Actor(account, person, name) for username, account, person, name in rows}
