"""Whoever has only the files of roots and a public key finds out what was done to the files: a line
changed, signed by another, taken out, put in, moved, or cut off, and a day without a root."""

from __future__ import annotations

import errno
import json
import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from casework.acts.journal import canonical
from casework.audit import root_file, roots
from casework.audit.root_file import (
    KEY_VARIABLE,
    PUBLIC_KEYS,
    UNSIGNED_FILE,
    CannotSign,
    change_key,
    files_of,
    key_id,
    private_key_file,
    public_keys,
    read_kept,
    write_down,
)
from casework.audit.roots import Part, Root

_DAY = timedelta(days=1)
FIRST = date(2026, 12, 29)


def root_of(day: date, cases: int = 5) -> Root:
    parts = {name: Part(n, cases, f"{n}" * 64) for n, name in enumerate(roots.PARTS)}
    return Root(day, datetime(day.year, day.month, day.day, 15, 50, tzinfo=UTC), parts)


def keep(folder: Path, *days: int) -> list[Root]:
    """Seal these days, counted from the first, one after the other."""
    kept = [root_of(FIRST + n * _DAY) for n in days]
    for root in kept:
        assert write_down(folder, [root]).failed == []
    return kept


def told(folder: Path, trusted: Sequence[str] | None = None) -> list[str]:
    return [str(fault) for fault in read_kept(folder, trusted).faults]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three days, the last of them in the next year."""
    keep(tmp_path, 1, 2, 3)
    return tmp_path


def lines_of(folder: Path) -> list[bytes]:
    return [line for file in files_of(folder) for line in file.read_bytes().splitlines()]


def rewrite(folder: Path, lines: Sequence[bytes]) -> None:
    """All in one file, as a forger would, or somebody who joins them."""
    for file in files_of(folder):
        file.unlink()
    (folder / "daily_roots-2026.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))


def signed_by(by: Ed25519PrivateKey, line: bytes, /, **changes: Any) -> bytes:
    said = {**json.loads(line), **changes}
    said.pop("signature")
    said["signature"] = by.sign(canonical(said).encode()).hex()
    return canonical(said).encode()


def private_key(folder: Path) -> Ed25519PrivateKey:
    key = load_pem_private_key(private_key_file(folder, {}).read_bytes(), None)
    assert isinstance(key, Ed25519PrivateKey)
    return key


# -- what holds ------------------------------------------------------------------------------------


def test_each_year_has_its_file_and_the_chain_goes_through_both(folder: Path) -> None:
    names = [file.name for file in files_of(folder)]
    assert names == ["daily_roots-2026.jsonl", "daily_roots-2027.jsonl"]
    assert len(lines_of(folder)) == 4  # the key, and three days
    trusted = public_keys(folder)
    kept = read_kept(folder, trusted)
    assert ([root.day.day for root in kept.roots], kept.faults, kept.notes) == ([30, 31, 1], (), ())
    # One year by itself, and no chain into it.
    kept = read_kept(folder / names[1], trusted)
    assert (len(kept), kept.faults) == (1, ())
    assert "之前还有日根" in kept.notes[0]
    # Without the first year's file the folder is not whole.
    files_of(folder)[0].unlink()
    assert ["衔接不上" in fault for fault in told(folder)] == [True]


def test_the_private_key_is_for_its_owner_only_and_the_public_one_for_everybody(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = private_key_file(folder, {})
    assert file.stat().st_mode & 0o777 == 0o600
    raw = private_key(folder).private_bytes_raw().hex()
    others = "".join(one.read_text("utf-8") for one in folder.iterdir() if one != file)
    assert raw not in others
    assert "PRIVATE" not in others
    [public] = public_keys(folder)
    assert public == private_key(folder).public_key().public_bytes_raw().hex()
    assert f"{key_id(public)} {public}\n" == (folder / PUBLIC_KEYS).read_text("ascii")


def test_the_environment_may_name_another_place_for_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secrets" / "key.pem"
    monkeypatch.setenv(KEY_VARIABLE, str(secret))
    keep(tmp_path / "data", 1)
    assert secret.stat().st_mode & 0o777 == 0o600
    assert not (tmp_path / "data" / "root_key.pem").exists()
    assert told(tmp_path / "data") == []


def test_lines_of_before_stay_what_they_are_and_the_first_signed_one_follows_on_them(
    tmp_path: Path,
) -> None:
    old = root_of(FIRST)
    (tmp_path / UNSIGNED_FILE).write_text(json.dumps(old.said) + "\n", encoding="utf-8")
    assert told(tmp_path) == []
    [new] = keep(tmp_path, 5)
    kept = read_kept(tmp_path)
    assert (kept.roots, kept.faults) == ((old, new), ())
    (tmp_path / UNSIGNED_FILE).write_text(json.dumps(root_of(FIRST, 6).said), encoding="utf-8")
    assert ["衔接不上" in fault for fault in told(tmp_path)] == [True]


def test_writing_again_what_is_there_adds_nothing(folder: Path) -> None:
    before = lines_of(folder)
    write_down(folder, [root_of(FIRST + n * _DAY) for n in (1, 2, 3)])
    assert lines_of(folder) == before


# -- attacks ---------------------------------------------------------------------------------------

Attack = Callable[[list[bytes], Path], list[bytes]]


def _changed(lines: list[bytes], _: Path) -> list[bytes]:
    return [*lines[:2], lines[2].replace(b'"cases":5', b'"cases":6'), lines[3]]


def _otherwise_written(lines: list[bytes], _: Path) -> list[bytes]:
    return [*lines[:3], json.dumps(json.loads(lines[3])).encode()]


def _of_another_root(lines: list[bytes], _: Path) -> list[bytes]:
    """Consistent in itself, save for the signature."""
    said = json.loads(lines[3]) | {"says": {"root": root_of(FIRST + 3 * _DAY, 9).said}}
    return [*lines[:3], canonical(said).encode()]


def _signed_by_another_key(lines: list[bytes], _: Path) -> list[bytes]:
    return [*lines[:3], signed_by(Ed25519PrivateKey.generate(), lines[3])]


def _signed_by_another_key_of_its_own_name(lines: list[bytes], _: Path) -> list[bytes]:
    key = Ed25519PrivateKey.generate()
    name = key_id(key.public_key().public_bytes_raw().hex())
    return [*lines[:3], signed_by(key, lines[3], key=name)]


def _new_key_of_a_forger(lines: list[bytes], _: Path) -> list[bytes]:
    """It announces itself, as the first one did."""
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw().hex()
    return [*lines[:3], signed_by(key, lines[3], key=key_id(public), says={"new_key": public})]


def _removed(lines: list[bytes], _: Path) -> list[bytes]:
    return [*lines[:2], lines[3]]


def _removed_and_signed_again(lines: list[bytes], folder: Path) -> list[bytes]:
    """By whoever got hold of the key, too: the day is missing."""
    said = json.loads(lines[2])
    return [*lines[:2], signed_by(private_key(folder), lines[3], previous=said["previous"])]


def _first_removed(lines: list[bytes], _: Path) -> list[bytes]:
    return lines[1:]


def _reordered(lines: list[bytes], _: Path) -> list[bytes]:
    return [*lines[:2], lines[3], lines[2]]


def _doubled(lines: list[bytes], _: Path) -> list[bytes]:
    return [*lines, lines[-1]]


def _appended_unsigned(lines: list[bytes], _: Path) -> list[bytes]:
    return [*lines, json.dumps(root_of(FIRST + 4 * _DAY).said).encode()]


def _unsigned_throughout(lines: list[bytes], _: Path) -> list[bytes]:
    return [json.dumps(json.loads(line)["says"]["root"]).encode() for line in lines[1:]]


def _cut_off(lines: list[bytes], _: Path) -> list[bytes]:
    return [*lines[:3], lines[3][:300]]


def _nonsense(lines: list[bytes], folder: Path) -> list[bytes]:
    return [*lines, signed_by(private_key(folder), lines[3], says={"more": 1})]


@pytest.mark.parametrize(
    ("attack", "said", "again"),
    [
        (_changed, "签名不符|与它自己的日根不符", "^$"),
        (_otherwise_written, "与签名时的写法不同", "^$"),
        (_of_another_root, "签名不符", "^$"),
        (_signed_by_another_key, "签名不符", "^$"),
        (_signed_by_another_key_of_its_own_name, "不在公钥文件中", "^$"),
        (_new_key_of_a_forger, "不在公钥文件中", "^$"),
        (_removed, "衔接不上", "^$"),
        (_removed_and_signed_again, "2026-12-31：没有日根，也没有说明", "补写 2026-12-31"),
        (_first_removed, "衔接不上", "^$"),
        (_reordered, "衔接不上", "^$"),
        (_doubled, "衔接不上", "^$"),
        (_appended_unsigned, "没有签名", "^$"),
        (_unsigned_throughout, "签名被去掉了", "却没有签名的日根"),
        (_cut_off, "不是完整的日根", "最后一行不完整"),
        (_nonsense, "不是已知的内容", "^$"),
    ],
)
def test_it_is_found_with_the_file_and_the_public_key_alone(
    folder: Path, attack: Attack, said: str, again: str
) -> None:
    trusted, lines = public_keys(folder), lines_of(folder)
    rewrite(folder, lines)
    assert told(folder, trusted) == []
    rewrite(folder, attack(lines, folder))
    found = told(folder, trusted)
    assert any(re.search(said, fault) for fault in found), found
    # Whatever is sealed after that takes nothing of it away, or says in its turn what was wrong.
    report = write_down(folder, [root_of(FIRST + n * _DAY) for n in (1, 2, 3, 4)])
    found = [*report.failed, *report.notes, *told(folder, trusted)]
    assert any(re.search(f"{said}|{again}", fault) for fault in found), found


def test_files_and_keys_of_a_forger_do_not_hold_against_the_key_that_was_kept(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    forged = tmp_path_factory.mktemp("forged")
    keep(forged, 1, 2, 3)
    assert told(forged) == []
    assert ["不在公钥文件中" in fault for fault in told(forged, public_keys(folder))] == [True]


def test_a_file_that_was_cut_off_goes_on_as_it_was_and_that_is_told_once(folder: Path) -> None:
    lines = lines_of(folder)
    file = files_of(folder)[-1]
    file.write_bytes(file.read_bytes()[:-200])
    days = [root_of(FIRST + n * _DAY) for n in (1, 2, 3)]
    assert ["最后一行不完整" in line for line in write_down(folder, days).failed] == [True]
    assert lines_of(folder) == lines
    assert write_down(folder, days).failed == []


def test_a_disk_that_is_full_leaves_neither_half_a_line_nor_half_a_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(kept: Any, data: bytes) -> None:
        kept.write(data[: len(data) // 2])
        kept.flush()
        raise OSError(errno.ENOSPC, "No space left on device")

    days = [root_of(FIRST + n * _DAY) for n in (0, 1)]

    def fails(wanted: list[Root]) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(root_file, "_write", full)
            with pytest.raises(OSError, match="No space"):
                write_down(tmp_path, wanted)

    fails(days[:1])
    assert write_down(tmp_path, days[:1]).failed == []
    fails(days)
    assert ["最后一行不完整" in line for line in write_down(tmp_path, days).failed] == [True]
    assert (len(read_kept(tmp_path)), told(tmp_path)) == (2, [])


# -- days without a root ---------------------------------------------------------------------------


def test_days_on_which_nobody_sealed_are_said_by_a_line_and_named_ever_after(
    tmp_path: Path,
) -> None:
    keep(tmp_path, 1)
    report = write_down(tmp_path, [root_of(FIRST + 5 * _DAY)])
    assert report.notes == ["2026-12-31 至 2027-01-02 没有存证，已写入说明"]
    kept = read_kept(tmp_path)
    assert kept.faults == ()
    assert ["2026-12-31 至 2027-01-02 没有存证" in note for note in kept.notes] == [True]
    # The line cannot be taken out again.
    lines = lines_of(tmp_path)
    rewrite(tmp_path, [line for line in lines if b"missing" not in line])
    found = told(tmp_path)
    assert ["衔接不上" in found[0], "2026-12-31 至 2027-01-02" in found[1]] == [True, True]


# -- another key -----------------------------------------------------------------------------------


def test_a_new_key_is_announced_by_the_old_one(folder: Path) -> None:
    before = public_keys(folder)
    new = change_key(folder, 2027, lost=False)
    assert public_keys(folder) == (*before, new)
    keep(folder, 4)
    # Who was given the first key only follows from there.
    assert told(folder, before) == []
    assert told(folder) == []
    assert json.loads(lines_of(folder)[-1])["key"] == key_id(new)
    assert private_key_file(folder, {}).stat().st_mode & 0o777 == 0o600


def test_the_old_key_signs_nothing_once_another_is_announced(folder: Path) -> None:
    old = private_key(folder)
    change_key(folder, 2027, lost=False)
    keep(folder, 4)
    lines = lines_of(folder)
    name = json.loads(lines[0])["key"]
    rewrite(folder, [*lines[:-1], signed_by(old, lines[-1], key=name)])
    assert ["不是当时使用的签名密钥" in fault for fault in told(folder)] == [True]


def test_a_change_of_keys_that_was_broken_off_is_brought_to_its_end(folder: Path) -> None:
    file = private_key_file(folder, {})
    old = file.read_bytes()
    change_key(folder, 2027, lost=False)
    # As a power cut would leave it: announced, and not in place yet.
    file.rename(file.with_name("root_key.pem.new"))
    file.write_bytes(old)
    file.chmod(0o600)
    keep(folder, 4)
    assert told(folder) == []
    assert not file.with_name("root_key.pem.new").exists()
    # Broken off before that: the old one stays, and another change may follow.
    file.with_name("root_key.pem.new").write_bytes(old)
    change_key(folder, 2027, lost=False)
    keep(folder, 5)
    assert told(folder) == []


def test_a_lost_key_is_told_and_another_one_holds_only_where_it_was_given(folder: Path) -> None:
    before = public_keys(folder)
    private_key_file(folder, {}).unlink()
    with pytest.raises(CannotSign) as refused:
        keep(folder, 4)
    assert "从备份恢复" in refused.value.detail
    assert "nuoxin root-key --lost" in refused.value.detail
    assert len(lines_of(folder)) == 4
    new = change_key(folder, 2027, lost=True)
    keep(folder, 4)
    kept = read_kept(folder, [*before, new])
    assert (kept.faults, len(kept.notes)) == ((), 1)
    assert "遗失" in kept.notes[0]
    assert f"签名密钥 {key_id(new)} 不在公钥文件中" in " ".join(told(folder, before))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda file: file.chmod(0o640), "chmod 600"),
        (lambda file: file.write_bytes(b"-----BEGIN PRIVATE KEY-----\nabc"), "不是没有口令的私钥"),
        (lambda file: file.unlink(), "从备份恢复"),
    ],
)
def test_a_key_that_cannot_be_used_is_said_and_not_replaced(
    folder: Path, spoil: Callable[[Path], None], said: str
) -> None:
    spoil(private_key_file(folder, {}))
    with pytest.raises(CannotSign) as refused:
        keep(folder, 4)
    assert said in refused.value.detail
    assert len(lines_of(folder)) == 4


def test_no_key_is_changed_before_there_is_one(tmp_path: Path) -> None:
    with pytest.raises(CannotSign, match="不需要更换"):
        change_key(tmp_path, 2026, lost=False)
