"""Who lives in the demo city: authorities with their staff, firms with their representatives."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from casework.accounts import create_account, hash_password
from casework.actors import Actor
from casework.codes import doubts_about
from casework.models import Authority, Mandate, Party, Person, Post

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

    def person(account: str, name: str) -> Actor:
        row = Person(name=name)
        session.add(row)
        session.flush()
        people[account] = Actor(create_account(session, row, account, password).id, row.id, name)
        return people[account]

    for entry in city.authorities:
        about = {name: value for name, value in entry.items() if name != "staff"}
        authority = Authority(**about, reconsideration_online="https://xzfy.moj.gov.cn/")
        session.add(authority)
        session.flush()
        for officer in entry["staff"]:
            actor = person(officer["account"], officer["name"])
            session.add_all(
                Post(
                    person_id=actor.person_id,
                    authority_id=authority.id,
                    role=role,
                    valid_from=_SINCE,
                    certificate_number=f"苏卫执10{authority.region[-3:]}{actor.person_id:03d}",
                    certificate_expires=date(today.year + 3, 12, 31),
                )
                for role in officer["roles"]
            )
    for firm in city.firms:
        party = Party(
            code_kind="uscc",
            code=firm.code,
            name=firm.name,
            representative=firm.representative,
            address=firm.places[0]["address"],
            phone=firm.phone,
        )
        session.add(party)
        session.flush()
        session.add(
            Mandate(
                party_id=party.id,
                person_id=person(firm.account, firm.representative).person_id,
                capacity="representative",
                scope=[],
                valid_from=_SINCE,
            )
        )
    return people
