"""Who lives in the demo city: authorities with their staff, firms with their representatives."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from casework.acts.actors import Actor
from casework.common.codes import doubts_about
from casework.common.timekeeping import start_of
from casework.models import Person
from casework.people import settling
from casework.people.accounts import hash_password
from casework.people.administration import delegations
from casework.people.offices import Offices
from demo.paper import pdf
from state_machines.language.vocabulary import Role

PASSWORD = "demo"  # noqa: S105 -- printed at every start of a demo
_CITY = Path(__file__).with_name("city.toml")
_SINCE = date(2021, 1, 1)
_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@dataclass(frozen=True)
class Firm:
    """A firm as the data file has it; `places` are dictionaries of the file."""

    account: str
    name: str
    code: str
    representative: str
    phone: str
    places: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class City:
    """The data file: `staff` maps each account to its name and roles."""

    authorities: tuple[dict[str, Any], ...]
    firms: tuple[Firm, ...]


@cache
def read_city() -> City:
    """The city as the data file describes it."""
    data = tomllib.loads(_CITY.read_text(encoding="utf-8"))
    firms = tuple(
        Firm(
            entry["account"],
            entry["name"],
            made_up_code(entry["places"][0]["region"], n),
            entry["representative"],
            entry["phone"],
            tuple(entry["places"]),
        )
        for n, entry in enumerate(data["firm"], 1)
    )
    return City(tuple(data["authority"]), firms)


def made_up_code(region: str, n: int) -> str:
    """The n-th made-up 统一社会信用代码 of a region, with both check digits right."""
    start = f"91{region}MADE{n:04d}"
    codes = (start + org + whole for org, whole in product("0123456789X", _USCC))
    return next(code for code in codes if not doubts_about("uscc", code))


def settle(session: Session, city: City, today: date) -> dict[str, Actor]:
    """Put everybody into an empty, migrated database; gives the actors by account."""
    password = hash_password(PASSWORD)
    people: dict[str, Actor] = {}
    for account in settling.settle(session, _offices_of(city, today), today).new_accounts:
        account.password_hash = password
        name = session.get_one(Person, account.person_id).name
        people[account.username] = Actor(account.id, account.person_id, name)
    session.flush()
    _confirm(session, people.values(), today)
    return people


def _confirm(session: Session, people: Iterable[Actor], today: date) -> None:
    """Each head says that what the file has of his delegations is true."""
    for actor in people:
        for awaiting_head in delegations.awaiting_head(session, actor):
            paper = pdf([awaiting_head.number, f"授权{awaiting_head.name}", "演示材料"])
            delegations.confirm(
                session, actor, awaiting_head.id, start_of(today), "授权书.pdf", paper
            )


def _offices_of(city: City, today: date) -> Offices:
    staff = [
        (authority, officer) for authority in city.authorities for officer in authority["staff"]
    ]
    return Offices.model_validate(
        {
            "authority": [
                {name: value for name, value in entry.items() if name != "staff"}
                | {"reconsideration_online": "https://xzfy.moj.gov.cn/"}
                for entry in city.authorities
            ],
            "party": [
                {
                    "code_kind": "uscc",
                    "code": firm.code,
                    "name": firm.name,
                    "representative": firm.representative,
                    "address": firm.places[0]["address"],
                    "phone": firm.phone,
                }
                for firm in city.firms
            ],
            "delegation": [
                delegation
                for authority in city.authorities
                for delegation in _delegations(authority, today)
            ],
            "person": [
                *(
                    _officer(n, entry, today, **officer)
                    for n, (entry, officer) in enumerate(staff, 1)
                ),
                *(_representative(firm) for firm in city.firms),
            ],
        }
    )


def _officer(
    n: int, authority: dict[str, Any], today: date, *, account: str, name: str, roles: list[str]
) -> dict[str, Any]:
    post = {
        "authority": authority["code"],
        "from": _SINCE,
        "certificate": f"苏卫执10{authority['region'][-3:]}{n:03d}",
        "certificate_expires": date(today.year + 3, 12, 31),
    }
    if Role.LEGAL_REVIEWER in roles:
        post["law_qualification"] = f"A2018320602{n:04d}"
    return {"account": account, "name": name, "posts": [{**post, "role": role} for role in roles]}


def _delegations(authority: dict[str, Any], today: date) -> Iterator[dict[str, Any]]:
    """What the head lets each officer of the window decide."""
    staff = authority["staff"]
    leaders = [one["account"] for one in staff if Role.APPROVER in one["roles"]]
    clerks = [one["account"] for one in staff if Role.WINDOW_CLERK in one["roles"]]
    for n, account in enumerate(clerks if leaders else (), 1):
        yield {
            "authority": authority["code"],
            "account": account,
            "by": leaders[0],
            "number": f"{authority['short']}授〔{_SINCE.year}〕{n}号",
            "signed_on": _SINCE,
            "from": _SINCE,
            "to": date(today.year + 3, 12, 31),
            "scope": list(delegations.delegable()),
        }


def _representative(firm: Firm) -> dict[str, Any]:
    mandate = {"party": firm.code, "capacity": "representative", "from": _SINCE}
    return {"account": firm.account, "name": firm.representative, "mandates": [mandate]}
