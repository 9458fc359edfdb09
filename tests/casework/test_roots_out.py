"""Roots leave the machine: what each place lacks is added to it, and nothing there is overwritten;
a place that is away, lost what it had, or has something else, is told and gets the rest later."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import pytest

from casework.audit.root_file import PUBLIC_KEYS, files_of, public_keys, read_kept
from casework.common.sweep_report import SweepReport
from casework.deadlines.duty_book import DAILY_PROOF, state_of
from casework.duties import roots_out
from casework.duties.daily_proof import seal_day
from casework.duties.one_by_one import EVERYTHING
from casework.duties.roots_out import PLACES, TOKEN, hand_out, standing
from casework.duties.roster import do, house_of
from tests.support.town import StoppedTime, Town


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roots_out, "_PAUSES", (0.0, 0.0))


@pytest.fixture
def here(town: Town, tmp_path: Path) -> Path:
    """The data folder, with one day sealed."""
    town.office.machine = StoppedTime()
    town.apply()
    seal_day(town.office, tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def share(tmp_path: Path) -> Path:
    (tmp_path / "share").mkdir()
    return tmp_path / "share"


def next_day(town: Town, folder: Path) -> None:
    town.time.pass_(days=1)
    town.office.machine.pass_(days=1)  # type: ignore[attr-defined]
    town.apply()
    assert seal_day(town.office, folder).failed == []


def handed(town: Town, here: Path, *places: object) -> SweepReport:
    return hand_out(town.office, here, {PLACES: " ".join(map(str, places)), TOKEN: "secret"})


def same(here: Path, there: Path) -> bool:
    names = [file.name for file in files_of(here)] + [PUBLIC_KEYS]
    return all((here / name).read_bytes() == (there / name).read_bytes() for name in names)


def test_a_folder_gets_what_is_new_and_proves_it_by_itself(
    town: Town, here: Path, share: Path
) -> None:
    first = handed(town, here, share)
    assert (first.failed, len(first.done)) == ([], 1)
    assert same(here, share)
    assert handed(town, here, share) == SweepReport()
    next_day(town, here)
    assert len(handed(town, here, share).done) == 1
    kept = read_kept(share, public_keys(here))
    assert (len(kept), kept.faults) == (2, ())
    assert not list(share.glob("*.pem"))


def test_two_runs_at_once_add_nothing_twice(town: Town, here: Path, share: Path) -> None:
    with ThreadPoolExecutor(4) as beside:
        reports = list(beside.map(lambda _: handed(town, here, share), range(8)))
    assert [report.failed for report in reports] == [[]] * 8
    assert sum(len(report.done) for report in reports) == 1
    assert same(here, share)


def test_without_a_place_that_is_said(town: Town, here: Path) -> None:
    assert ["只存在本机" in note for note in handed(town, here).notes] == [True]


def test_a_place_that_is_away_for_days_gets_all_of_it_and_keeps_no_other(
    town: Town, here: Path, share: Path, tmp_path: Path
) -> None:
    away = tmp_path / "away"
    for _ in range(3):
        report = handed(town, here, away, share)
        assert ["没有文件夹" in line and str(away) in line for line in report.failed] == [True]
        assert not away.exists()
        assert same(here, share)
        next_day(town, here)
    with town.session() as session:
        found = standing(session)
    assert ([bool(place.error) for place in found.places], found.failing) == ([True, False], 1)
    assert found.last_handed_out is None
    away.mkdir()
    assert handed(town, here, away, share).failed == []
    assert same(here, away)
    with town.session() as session:
        found = standing(session)
    assert (found.failing, found.last_handed_out) == (0, town.office.machine.now())
    assert found.last_sealed == town.time.now()


def test_what_was_cut_off_on_its_way_is_completed(town: Town, here: Path, share: Path) -> None:
    handed(town, here, share)
    file = share / files_of(here)[0].name
    file.write_bytes(file.read_bytes()[:-50])
    [failure] = handed(town, here, share).failed
    assert "不见了" in failure  # it had been there
    assert same(here, share)


def test_a_share_that_is_not_mounted_is_told_though_its_folder_is_there(
    town: Town, here: Path, share: Path
) -> None:
    handed(town, here, share)
    share.rename(share.with_name("elsewhere"))
    share.mkdir()
    [failure] = handed(town, here, share).failed
    assert "没有挂载" in failure
    assert handed(town, here, share).failed == []


@pytest.mark.parametrize("changed", ["here", "there"])
def test_what_differs_is_told_and_overwritten_nowhere(
    town: Town, here: Path, share: Path, changed: str
) -> None:
    handed(town, here, share)
    file = (here if changed == "here" else share) / files_of(here)[0].name
    file.write_bytes(file.read_bytes().replace(b'"cases":1', b'"cases":2'))
    before = (share / file.name).read_bytes()
    for _ in range(2):
        [failure] = handed(town, here, share).failed
        assert "从第 2 行起与本机的不同" in failure
        assert (share / file.name).read_bytes() == before
        next_day(town, here)


def test_files_that_were_begun_again_here_do_not_take_the_place_of_those_there(
    town: Town, here: Path, share: Path
) -> None:
    """Whoever throws the files and the key away, and seals a database that was rewritten."""
    handed(town, here, share)
    for file in here.iterdir():
        file.unlink()
    seal_day(town.office, here)
    assert read_kept(here).faults == ()
    [failure] = handed(town, here, share).failed
    assert "从第 1 行起与本机的不同" in failure


def test_the_data_folder_itself_is_no_place(town: Town, here: Path) -> None:
    [failure] = handed(town, here, here).failed
    assert "没有交出去" in failure


# -- over HTTP -------------------------------------------------------------------------------------


class _Shelf(BaseHTTPRequestHandler):
    """A server that keeps what is put on it."""

    kept: ClassVar[dict[str, bytes]] = {}
    answers: ClassVar[list[int]] = []  # what it answers instead, first
    room: ClassVar[list[int]] = []  # how much of what is put there it has room for, first

    def do_GET(self) -> None:
        self._answer(200 if self.path in self.kept else 404, self.kept.get(self.path, b""))

    def do_PUT(self) -> None:
        data = self.rfile.read(int(self.headers["Content-Length"]))
        if self._answer(201):
            self.kept[self.path] = data[: self.room.pop(0) if self.room else len(data)]

    def _answer(self, status: int, data: bytes = b"") -> bool:
        if self.headers["Authorization"] != "Bearer secret":
            status, data = 401, b""
        elif self.answers:
            status, data = self.answers.pop(0), b""
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        return status == 201

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def shelf() -> Iterator[str]:
    _Shelf.kept.clear()
    _Shelf.answers.clear()
    _Shelf.room.clear()
    with HTTPServer(("127.0.0.1", 0), _Shelf) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/roots"
        server.shutdown()


def test_an_address_gets_what_is_new(town: Town, here: Path, shelf: str) -> None:
    assert handed(town, here, shelf).failed == []
    assert handed(town, here, shelf) == SweepReport()
    next_day(town, here)
    assert len(handed(town, here, shelf).done) == 1
    [file] = files_of(here)
    assert _Shelf.kept == {
        f"/roots/{name}": (here / name).read_bytes() for name in (file.name, PUBLIC_KEYS)
    }


def test_an_address_that_answers_badly_is_tried_again_and_then_told(
    town: Town, here: Path, shelf: str
) -> None:
    _Shelf.answers[:] = [503, 500]
    assert handed(town, here, shelf).failed == []
    next_day(town, here)
    _Shelf.answers[:] = [302, 503, 507]
    [failure] = handed(town, here, shelf).failed
    assert shelf in failure
    assert "507" in failure
    assert handed(town, here, shelf).failed == []


def test_an_address_that_kept_half_of_it_has_not_got_it(town: Town, here: Path, shelf: str) -> None:
    _Shelf.room[:] = [20, 20, 20]
    [failure] = handed(town, here, shelf).failed
    assert "读回的内容不同" in failure
    assert handed(town, here, shelf).failed == []
    for name in (files_of(here)[0].name, PUBLIC_KEYS):
        assert _Shelf.kept[f"/roots/{name}"] == (here / name).read_bytes()


def test_passwords_are_neither_told_nor_kept(town: Town, here: Path, shelf: str) -> None:
    report = hand_out(town.office, here, {PLACES: shelf})
    assert ["401" in line for line in report.failed] == [True]
    report = handed(town, here, shelf.replace("//", "//me:hunter2@"))
    assert ["口令" in line for line in report.failed] == [True]
    with town.session() as session:
        assert "hunter2" not in f"{report} {standing(session)}"


# -- as a duty -------------------------------------------------------------------------------------


def test_a_root_that_cannot_be_handed_out_is_a_failure_of_the_run_and_an_alarm(
    town: Town, here: Path, share: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PLACES, f"{share}-gone")
    do(house_of(town.office, here), DAILY_PROOF, EVERYTHING)
    town.office.machine.pass_(hours=27)  # type: ignore[attr-defined]
    with town.session() as session:
        state = state_of(town.office, session, DAILY_PROOF)
    assert state.overdue
    assert "日根没有交到" in state.alarm
    monkeypatch.setenv(PLACES, str(share))
    do(house_of(town.office, here), DAILY_PROOF, EVERYTHING)
    with town.session() as session:
        assert not state_of(town.office, session, DAILY_PROOF).overdue
    assert same(here, share)
