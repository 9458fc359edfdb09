"""Which installation this is (运行环境): database, data folder, address, demo or production."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, inspect, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.orm import Session

from casework.common.database import APP_ROLE, UNATTENDED, Database, Patience, engine_for
from casework.common.demo_progress import DEMO_CITY
from casework.common.demo_time import DEMO, DEMO_CLOCK, MODE, PRODUCTION, DemoTime, mode_of
from casework.common.timekeeping import SystemTime
from casework.kernel.office import Office
from casework.models import Account, Setting
from rulebook.tree import ROOT

_NO_TABLES = "数据库还没有建表：请先运行 nuoxin migrate"


class CannotStart(Exception):
    """This installation cannot be run as asked; the message is Chinese and says what to do."""


@dataclass(frozen=True)
class Installation:
    """Where this installation keeps what: `folder` holds what is not in the database."""

    url: str
    folder: Path
    public_url: str

    def office(self, patience: Patience = UNATTENDED) -> Office:
        """The back office, with the demo's calendar in a demo and the machine's clock otherwise.

        Raises CannotStart if the database cannot be used.
        """
        database = Database(self.url, patience)
        with _usable(database) as session:
            mode = mode_of(session)
        time = DemoTime(database) if mode == DEMO else SystemTime()
        return Office(database, time, public_url=self.public_url)

    def settle(self, *, demo: bool) -> None:
        """Apply `settle_mode` to this installation's database. Raises CannotStart."""
        database = Database(self.url)
        try:
            with _usable(database) as session:
                settle_mode(session, demo=demo)
        finally:
            database.close()

    def refuse_other_mode(self, *, demo: bool) -> None:
        """Apply `refuse_other_mode` as the owner, to a database of any release, or without tables,
        before it is migrated. Raises CannotStart."""
        engine = engine_for(self.url, role=None)
        try:
            with Session(engine) as session:
                if inspect(session.connection()).has_table(Setting.__tablename__):
                    refuse_other_mode(session, demo=demo)
        finally:
            engine.dispose()


@contextmanager
def _usable(database: Database) -> Iterator[Session]:
    """A session on a database that has our tables. Raises CannotStart."""
    try:
        with database.session() as session:
            if not inspect(session.connection()).has_table(Setting.__tablename__):
                raise CannotStart(_NO_TABLES)
            yield session
    except DataError as error:  # what a cluster says that knows no such role
        if APP_ROLE not in str(error.orig):
            raise
        raise CannotStart(_NO_TABLES) from None
    except OperationalError as error:
        reason = str(error.orig).strip().splitlines()[0]
        raise CannotStart(f"连接不上数据库：{reason}") from None


def folder_of(environment: Mapping[str, str] = os.environ) -> Path:
    """The data folder: NUOXIN_DATA, or `.nuoxin` in the tree."""
    return ROOT / environment.get("NUOXIN_DATA", ".nuoxin")


def url_file(folder: Path) -> Path:
    """The file in which a running `nuoxin up` leaves the address of its own database."""
    return folder / "database_url"


def from_environment(environment: Mapping[str, str] = os.environ) -> Installation:
    """The installation that the environment names: NUOXIN_DATABASE_URL (or the database of a
    running `nuoxin up`), NUOXIN_DATA, NUOXIN_PUBLIC_URL. Raises CannotStart without a database."""
    folder = folder_of(environment)
    url = environment.get("NUOXIN_DATABASE_URL", "")
    if not url and url_file(folder).exists():
        url = url_file(folder).read_text(encoding="utf-8").strip()
    if not url:
        raise CannotStart(
            "不知道数据库在哪里：请设置环境变量 NUOXIN_DATABASE_URL"
            "（例如 postgresql://nuoxin@localhost/nuoxin），或者先运行 nuoxin up"
        )
    return Installation(
        url,
        folder,
        environment.get("NUOXIN_PUBLIC_URL", "http://127.0.0.1:8000"),
    )


def unread(environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """What is still set of an earlier release and read no longer, and what stands in its place."""
    old = [name for name in ("NUOXIN_MAIL", "NUOXIN_MAIL_FROM") if name in environment]
    if not old:
        return ()
    text = (
        f"环境变量 {'、'.join(old)} 已不再使用：电子送达改由各机关的发送渠道发出，"
        "请由系统管理员在“机构管理 → 发送渠道”中开通能报告到达的渠道（见 docs/delivery.md）"
    )
    return (text,)


def settle_mode(session: Session, *, demo: bool) -> None:
    """Make this a demo or a production database for good, or see that it is the one asked for.
    Raises CannotStart."""
    refuse_other_mode(session, demo=demo)
    value = DEMO if demo else PRODUCTION
    session.execute(insert(Setting).values(key=MODE, value=value).on_conflict_do_nothing())
    refuse_other_mode(session, demo=demo)


def refuse_other_mode(session: Session, *, demo: bool) -> None:
    """Raise CannotStart if a database is not, and cannot become, what is asked for.

    A demo has an open password and a calendar that can be turned: it never becomes production, nor
    does a database that is in use become a demo.
    """
    city = session.get(Setting, DEMO_CITY)
    if demo and city is not None and isinstance(city.value, str):
        raise CannotStart("演示数据由较早的版本布置，没有改动：请用 --data 另选数据目录后重新运行")
    mode = mode_of(session)
    if mode is None:
        if demo and session.scalar(select(func.count()).select_from(Account)):
            raise CannotStart("这个数据库里已有账号，不能改作演示：请换一个空的数据库")
        return
    if demo and mode != DEMO:
        raise CannotStart("这是正式环境的数据库，不能用作演示：请去掉 --demo，或者换一个空的数据库")
    if not demo and mode != PRODUCTION:
        raise CannotStart("这是演示数据库，不能用于正式环境：请加上 --demo，或者换一个空的数据库")
    if not demo and session.get(Setting, DEMO_CLOCK) is not None:
        raise CannotStart("正式环境的数据库里有演示日历，拒绝启动：请联系管理员核查")
