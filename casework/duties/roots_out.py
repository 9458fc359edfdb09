"""Handing roots out (日根交出): the files of roots are copied to where those who hold the database
and this machine cannot change them, a folder such as a mounted share or an address of HTTP.

What is there already must be the beginning of what is here; only then is the rest added. So nothing
is overwritten, a place that was away for days gets all of it, and a file that was changed here or
there is told. How far each place has come is kept among the settings, for those who watch.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from casework.audit.root_file import PUBLIC_KEYS, alone, files_of
from casework.common.retries import reason
from casework.common.sweep_report import SweepReport
from casework.kernel.office import Office
from casework.models import DailyRoot, Setting

PLACES, TOKEN = "NUOXIN_ROOTS_TO", "NUOXIN_ROOTS_TOKEN"
_SETTING = "roots_handed_out"
_PAUSES = (2.0, 15.0)  # seconds before another try
_TIMEOUT = 30.0


class Differs(Exception):
    """What is there is not what was handed out; the message says where, in Chinese."""


@dataclass(frozen=True)
class Place:
    """How far a place has come: when it had all the last time, how many bytes these were, and why
    it has not now. Instants are the machine's."""

    name: str
    at: datetime | None = None
    size: int = 0
    error: str = ""


@dataclass(frozen=True)
class RootsOut:
    """When a root was sealed last, by the office's calendar, and how far each place has come."""

    last_sealed: datetime | None
    places: tuple[Place, ...]

    @property
    def last_handed_out(self) -> datetime | None:
        """When every place had all; None if there is none, or one never had."""
        instants = [place.at for place in self.places if place.at]
        return min(instants) if instants and len(instants) == len(self.places) else None

    @property
    def failing(self) -> int:
        """How many places do not have all."""
        return sum(bool(place.error) for place in self.places)


def standing(session: Session) -> RootsOut:
    """How sealing and handing out stand."""
    last = select(func.max(DailyRoot.sealed_at)).scalar_subquery()
    kept = select(Setting.value).where(Setting.key == _SETTING).scalar_subquery()
    sealed, value = session.execute(select(last, kept)).one()
    return RootsOut(sealed, tuple(_places(value).values()))


def hand_out(
    office: Office, folder: Path, environment: Mapping[str, str] = os.environ
) -> SweepReport:
    """Bring every place that the environment names up to date with the files in `folder`; each that
    could not be is a failure, and gets what it lacks by the next run."""
    with alone(folder, "roots_out"):  # two that add the same would have it there twice
        return _hand_out(office, folder, environment)


def _hand_out(office: Office, folder: Path, environment: Mapping[str, str]) -> SweepReport:
    report = SweepReport()
    names = environment.get(PLACES, "").split()
    with office.database.session() as session:
        row = session.get(Setting, _SETTING)
        former = _places(row.value if row else None)
    if not names and files_of(folder):
        report.notes.append(
            f"没有设置日根的交出处（环境变量 {PLACES}），日根只存在本机："
            f"请把日根文件和 {PUBLIC_KEYS} 复制到本机以外、数据库管理员不能改动的地方"
        )
    files = {file.name: _whole_lines(file) for file in [*files_of(folder), folder / PUBLIC_KEYS]}
    places = {}
    for target in names:
        name = _shown(target)
        place = former.get(name, Place(name))
        try:
            had = _bring(target, files, folder, environment.get(TOKEN, ""))
        except Exception as error:  # whatever another machine answers; the others go on
            why = str(error) if isinstance(error, Differs) else reason(error)
            places[name] = replace(place, error=why)
            report.failed.append(f"日根没有交到 {name}：{why}")
            continue
        if had < place.size:
            report.failed.append(
                f"{name} 此前收到的日根不见了（{place.size} 字节只剩 {had} 字节），已重新交出："
                "请查明是共享文件夹没有挂载，还是被人删除"
            )
        size = sum(map(len, files.values()))
        places[name] = Place(name, office.machine.now(), size)
        if size > had:
            report.done.append(f"日根已交到 {name}（{size - had} 字节）")
    if places or former:
        with office.database.session() as session:
            _put_down(session, places)
    return report


def _whole_lines(file: Path) -> bytes:
    data = file.read_bytes() if file.is_file() else b""
    return data[: data.rfind(b"\n") + 1]


def _shown(target: str) -> str:
    """What a place is called, without a password that somebody wrote into it."""
    before, at, after = target.rpartition("@")
    return f"{before.partition('//')[0]}//{after}" if at and "//" in before else target


def _bring(target: str, files: Mapping[str, bytes], folder: Path, token: str) -> int:
    """Bring a place up to date; gives how many bytes it had. Tries again for a while. Raises
    Differs at once, and OSError or httpx.HTTPError after the last try."""
    for pause in (*_PAUSES, None):
        try:
            if target.startswith(("http://", "https://")):
                return _to_address(target, files, token)
            return _to_folder(Path(target), files, folder)
        except (OSError, httpx.HTTPError):
            if pause is None:
                raise
            time.sleep(pause)
    raise AssertionError("the last try gives or raises")


def _to_folder(place: Path, files: Mapping[str, bytes], folder: Path) -> int:
    """Bring a folder up to date; gives how many bytes it had. Raises NotADirectoryError, OSError,
    Differs."""
    if not place.is_absolute() or not place.is_dir():
        raise NotADirectoryError(
            f"没有文件夹 {place}（应为已有文件夹的完整路径，共享可能没有挂载）"
        )
    if place.samefile(folder):
        raise Differs("这就是本机的数据目录，没有交出去")
    had = 0
    for name, data in files.items():
        file = place / name
        there = file.read_bytes() if file.exists() else b""
        had += len(there)
        if rest := _rest(name, data, there):
            with file.open("ab") as kept:
                kept.write(rest)
                kept.flush()
                os.fsync(kept.fileno())
    return had


def _to_address(address: str, files: Mapping[str, bytes], token: str) -> int:
    """Bring an address up to date; gives how many bytes it had. Raises httpx.HTTPError, Differs."""
    parts = urlsplit(address)
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise Differs(f"地址中不能有口令、问号和井号：口令请放在环境变量 {TOKEN} 中")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    had = 0
    with httpx.Client(timeout=_TIMEOUT, headers=headers) as client:
        for name, data in files.items():
            url = f"{address.rstrip('/')}/{name}"
            answer = client.get(url)
            there = (
                b"" if answer.status_code == httpx.codes.NOT_FOUND else _successful(answer).content
            )
            had += len(there)
            if _rest(name, data, there):
                _successful(client.put(url, content=data))
                if _successful(client.get(url)).content != data:
                    raise httpx.HTTPError(f"{url} 说已写入，读回的内容不同（可能磁盘已满）")
    return had


def _successful(answer: httpx.Response) -> httpx.Response:
    """The answer, if it is one of success: one that leads elsewhere is none. Raises httpx.HTTPError
    for any other."""
    if not answer.is_success:
        raise httpx.HTTPError(f"{answer.request.method} {answer.url} 答复 {answer.status_code}")
    return answer


def _rest(name: str, data: bytes, there: bytes) -> bytes:
    """What a place lacks of a file. Raises Differs unless it has the beginning of it."""
    if not data.startswith(there):
        both = zip(data.split(b"\n"), there.split(b"\n"), strict=False)
        line = 1 + sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], both))
        raise Differs(
            f"那里的 {name} 从第 {line} 行起与本机的不同，没有再写入："
            "请用另行保存的公钥分别核验两份，查明哪一份被改动"
        )
    return data[len(there) :]


def _places(value: Mapping[str, Any] | None) -> dict[str, Place]:
    found = {}
    for name, said in (value or {}).items():
        at = datetime.fromisoformat(said["at"]).astimezone(UTC) if said["at"] else None
        found[name] = Place(name, at, said["size"], said["error"])
    return found


def _put_down(session: Session, places: Mapping[str, Place]) -> None:
    value: dict[str, Any] = {
        name: {**asdict(place), "at": place.at.isoformat() if place.at else None}
        for name, place in places.items()
    }
    statement = insert(Setting).values(key=_SETTING, value=value)
    session.execute(statement.on_conflict_do_update(index_elements=["key"], set_={"value": value}))
