"""The files of roots (日根文件), which prove more than the database can of itself: each line is
signed by a key that the database does not hold, and chained to the line before.

A line of the format `nuoxin-line@1` is canonical JSON of

- `says`: one of `{"root": …}` as `roots` tells a root, `{"missing": [first day, last day]}` for
  days that were not sealed, and `{"new_key": public key}`;
- `previous`: SM3 of the line before, in the file of the year before if need be; empty in the very
  first line;
- `key`: the id of the key that signs, and `signature`: Ed25519 over the canonical JSON of the rest.

Each year has its file. What was written before lines were signed stands in `daily_roots.jsonl`;
after the first signed line, one without is a fault. The first key signs itself, and each later one
is announced by a line that the one before signs. Only a lost key is followed by one that signs
itself, which whoever verifies must have been given.

Nothing that is written depends on when it is written: lines that were lost come out the same when
they are written again from the database's own roots, so that copies of the file go on holding.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SM3, Hash
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from casework.acts.journal import canonical, sm3
from casework.audit.faults import Fault
from casework.audit.roots import FormerRoot, Kept, Root, parse_root
from casework.common.problems import Problem
from casework.common.sweep_report import SweepReport
from casework.common.texts import reason

FORMAT = "nuoxin-line@1"
UNSIGNED_FILE = "daily_roots.jsonl"
PUBLIC_KEYS = "root_keys.pub"
KEY_VARIABLE = "NUOXIN_ROOT_KEY"
_PRIVATE_KEY = "root_key.pem"
_DAY = timedelta(days=1)


class CannotSign(Problem):
    """The key that signs roots is not there, or is not the one that the files name."""

    type = "cannot-sign"
    title = "日根不能签名"
    status = 503


def files_of(place: Path) -> list[Path]:
    """The files of roots in a folder, in the order in which they were written; or the one file."""
    if not place.is_dir():
        return [place] if place.exists() else []
    found = [file for file in place.glob("daily_roots*.jsonl") if file.is_file()]
    return sorted(found, key=lambda file: (file.name != UNSIGNED_FILE, file.name))


# -- keys ------------------------------------------------------------------------------------------


def key_id(public: str) -> str:
    """What a public key, written in hex, is called."""
    return sm3(public)[:16]


def public_keys(place: Path) -> tuple[str, ...]:
    """The public keys in a file, or in that of a folder; none if it has none."""
    file = place / PUBLIC_KEYS if place.is_dir() else place
    text = file.read_text(encoding="ascii", errors="replace") if file.is_file() else ""
    return tuple(re.findall(r"\b[0-9a-f]{64}\b", text))


def private_key_file(folder: Path, environment: Mapping[str, str] = os.environ) -> Path:
    """Where the private key stands: as the environment says, or in the data folder."""
    return Path(environment.get(KEY_VARIABLE) or folder / _PRIVATE_KEY)


def change_key(folder: Path, year: int, *, lost: bool) -> str:
    """Sign with a new key from now on; gives its public key. The old one announces it, unless it is
    lost. Raises CannotSign."""
    with alone(folder):
        chain = _read(folder, public_keys(folder))
        if not chain.signer:
            raise CannotSign("还没有签名的日根，第一次存证时会自动生成密钥，不需要更换")
        file = private_key_file(folder)
        old = None if lost else _signing_key(file, chain.signer)
        new = _make_key(_next(file))
        public = _public(new)
        _publish(folder, public)
        _add(chain, folder, year, {"new_key": public}, old or new)
        _next(file).replace(file)
    return public


def _signing_key(file: Path, signer: str) -> Ed25519PrivateKey:
    """The private key of that id; if no line is signed yet, whatever is there or a new one. Raises
    CannotSign."""
    if not signer and not file.exists():
        return _make_key(file)
    key = _load_key(file)
    if signer and (key is None or key_id(_public(key)) != signer):
        # A change of keys that was broken off after the new one had been announced.
        key = _load_key(_next(file))
        if key is None or key_id(_public(key)) != signer:
            raise CannotSign(
                f"{file} 中没有日根文件正在使用的签名私钥（{signer}）：请从备份恢复该文件；"
                "确已遗失的，执行 nuoxin root-key --lost 改用新密钥，并把新公钥另行保存"
            )
        _next(file).replace(file)
    if key is None:
        raise CannotSign(f"读不到签名私钥 {file}")
    return key


def _load_key(file: Path) -> Ed25519PrivateKey | None:
    """The private key in a file; None if there is no file. Raises CannotSign if others can read it,
    or it holds no such key."""
    if not file.is_file():
        return None
    if file.stat().st_mode & 0o077:
        raise CannotSign(f"签名私钥 {file} 可以被他人读取，请先执行 chmod 600 {file}")
    try:
        key = load_pem_private_key(file.read_bytes(), None)
    except (ValueError, TypeError):  # what it says may quote the key
        raise CannotSign(f"{file} 不是没有口令的私钥文件（PEM）") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise CannotSign(f"{file} 中的私钥不是 Ed25519 密钥")
    return key


def _make_key(file: Path) -> Ed25519PrivateKey:
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)  # of a change that was broken off before it was announced
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as kept:
        try:
            _write(kept, pem)
        except OSError:  # half a key would be taken for one that was damaged
            file.unlink()
            raise
    return key


def _next(file: Path) -> Path:
    """Where the next signing key lies until it takes the place of this one."""
    return file.with_name(f"{file.name}.new")


def _public(key: Ed25519PrivateKey) -> str:
    return key.public_key().public_bytes_raw().hex()


def _publish(folder: Path, public: str) -> None:
    """Put a public key to the others, for whoever verifies."""
    if public not in public_keys(folder):
        with (folder / PUBLIC_KEYS).open("ab") as kept:
            _write(kept, f"{key_id(public)} {public}\n".encode())


# -- reading ---------------------------------------------------------------------------------------


def read_kept(place: Path, trusted: Collection[str] | None = None) -> Kept:
    """The roots in a file or a folder, whatever else is in it: a line that is none, that is not
    signed by one of the `trusted` keys (those beside it, if none are given) or one that they
    announce, or that does not follow on the one before, is a fault, and so is a day that is missing
    without a word, and a whole without any signature where there are keys."""
    folder = place if place.is_dir() else place.parent
    chain = _read(place, public_keys(folder) if trusted is None else trusted)
    kept = chain.kept()
    if (trusted or chain.whole) and chain.trusted and len(kept) and not chain.signer:
        fault = Fault(f"留存文件 {place.name}", None, "有公钥，却没有一行是签了名的：签名被去掉了")
        return replace(kept, faults=(*kept.faults, fault))
    return kept


def _read(place: Path, trusted: Collection[str]) -> _Chain:
    chain = _Chain(trusted, whole=place.is_dir())
    for file in files_of(place):
        for number, line in enumerate(file.read_bytes().split(b"\n"), 1):
            if line.strip():
                chain.take(file.name, number, line)
    return chain


class _Chain:
    """Lines as they are read, one after the other."""

    def __init__(self, trusted: Collection[str], *, whole: bool) -> None:
        self._keys = {key_id(public): public for public in trusted}
        self.trusted = frozenset(self._keys)
        self.whole = whole
        self.signer = ""  # the id of the key that signs now; empty before any
        self.previous = ""  # the hash of the line before
        self.last_file = ""
        self.roots: list[Root] = []
        self._former: list[FormerRoot] = []
        self._signed_days: list[date] = []
        self._said_missing: set[date] = set()
        self._faults: list[Fault] = []
        self._notes: list[str] = []
        self._strange: set[str] = set()  # keys that were told of
        self._where, self._number = "", 0

    def take(self, file: str, number: int, line: bytes) -> None:
        """One more line."""
        self.last_file, self._where, self._number = file, f"留存文件 {file}", number
        try:
            said = json.loads(line)
            if isinstance(said, dict) and said.get("format") == FORMAT:
                self._take_signed(said, line)
            else:
                self._take_unsigned(said)
        except Exception as error:  # whatever became of a file that was kept for years
            self._fault(f"不是完整的日根，文件可能损坏或者被改动（{reason(error)}）")
        digest = Hash(SM3())
        digest.update(line)
        self.previous = digest.finalize().hex()

    def gaps(self, before: date) -> list[tuple[date, date]]:
        """The days since the first signed root of which there is none, and no line says why."""
        first = min(self._signed_days, default=before)
        known = self._days() | self._said_missing
        return _spans(day for day in _days_between(first, before) if day not in known)

    def kept(self) -> Kept:
        """What was read."""
        faults, notes = list(self._faults), list(self._notes)
        for first, last in self.gaps(max(self._signed_days, default=date.min)):
            text = "没有日根，也没有说明：当日没有存证，或者日根被删除"
            faults.append(Fault(f"留存的日根 {_span(first, last)}", None, text))
        for first, last in _spans(self._said_missing - self._days()):
            notes.append(f"{_span(first, last)} 没有存证（当时没有运行），日根文件中已有签名的说明")
        return Kept(tuple(self.roots), tuple(self._former), tuple(faults), tuple(notes))

    def _days(self) -> set[date]:
        """The days of which a root was read, signed or of a former release."""
        return {*(root.day for root in self.roots), *(root.day for root in self._former)}

    def _fault(self, text: str) -> None:
        self._faults.append(Fault(self._where, self._number, text))

    def _take_unsigned(self, said: Any) -> None:
        if self.signer:
            self._fault("没有签名：开始签名以后的每一行都应当有签名")
        read = parse_root(said)
        if isinstance(read, Root):
            self.roots.append(read)
        else:
            self._former.append(read)

    def _take_signed(self, said: dict[str, Any], line: bytes) -> None:
        """Take in a signed line: a root, days that have none, or a new key. Raises ValueError if it
        is none of these; whatever else does not hold is a fault."""
        if canonical(said).encode() != line:
            raise ValueError("与签名时的写法不同")
        [(kind, content)] = said["says"].items()
        if said["previous"] != self.previous:
            if self.previous or self.whole:
                self._fault("与前一行衔接不上：有行被改动、删除、插入或者调换了次序")
            else:
                self._notes.append(f"{self._where} 之前还有日根，没有一并核验（请核验整个文件夹）")
        holds = self._holds(said, content if kind == "new_key" else None)
        if kind == "root":
            root = parse_root(content)
            if not isinstance(root, Root):
                raise ValueError("日根没有格式")
            self.roots.append(root)
            if holds:
                self._signed_days.append(root.day)
        elif kind == "missing":
            first, last = map(date.fromisoformat, content)
            if holds:
                self._said_missing.update(_days_between(first, last + _DAY))
        elif kind == "new_key":
            if holds:
                self.signer = key_id(content)
                self._keys[self.signer] = content
        else:
            raise ValueError("不是已知的内容")

    def _holds(self, said: dict[str, Any], new: str | None) -> bool:
        """Whether the key that signs now has signed this; tells what is not so."""
        key, unsigned = said["key"], {**said}
        signature = bytes.fromhex(unsigned.pop("signature"))
        of_itself = new is not None and key_id(new) == key
        public = self._keys.get(key) or (new if of_itself and not self.signer else None)
        if public is None:
            self._strange_key(key, "不在公钥文件中，不能核验签名")
            self.signer = self.signer or key
            return False
        try:
            said_then = canonical(unsigned).encode()
            Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(signature, said_then)
        except InvalidSignature:
            self._fault("签名不符：这一行被改动，或者不是由所称的密钥签的")
            return False
        if not self.signer:
            if key not in self.trusted:
                self._strange_key(key, "不在公钥文件中")
            self._keys[key], self.signer = public, key
        elif key != self.signer and of_itself and key in self.trusted:
            self._notes.append(
                f"{self._where} 第 {self._number} 行起改用密钥 {key}（原密钥 {self.signer} 遗失），"
                "请与另行保存的公钥和更换记录核对"
            )
        elif key != self.signer:
            self._strange_key(key, f"不是当时使用的签名密钥（{self.signer}）")
            return False
        return True

    def _strange_key(self, key: str, text: str) -> None:
        """Told once of each key: it may have signed years of lines."""
        if key not in self._strange:
            self._strange.add(key)
            self._fault(f"签名密钥 {key} {text}")


def _days_between(first: date, before: date) -> Iterator[date]:
    return (first + n * _DAY for n in range((before - first).days))


def _spans(days: Iterable[date]) -> list[tuple[date, date]]:
    """Days that follow on each other, as first and last."""
    spans: list[tuple[date, date]] = []
    for day in sorted(days):
        if spans and spans[-1][1] + _DAY == day:
            spans[-1] = (spans[-1][0], day)
        else:
            spans.append((day, day))
    return spans


def _span(first: date, last: date) -> str:
    return f"{first}" if first == last else f"{first} 至 {last}"


# -- writing ---------------------------------------------------------------------------------------


def write_down(folder: Path, roots: Sequence[Root]) -> SweepReport:
    """Add to the files in `folder` each of these roots that they lack, and before it a line for the
    days that have none. Raises CannotSign, OSError: then the next time makes it good."""
    report = SweepReport()
    with alone(folder):
        if _cut_off(folder):
            report.failed.append("日根文件的最后一行不完整（写入时中断，或者被截断），已经重新写入")
        chain = _read(folder, public_keys(folder))
        written = {root.hash for root in chain.roots}
        lacking = [root for root in roots if root.hash not in written]
        if not lacking:
            return report
        key = _signing_key(private_key_file(folder), chain.signer)
        if chain.trusted and not chain.signer:
            report.failed.append(
                "已有公钥，却没有签名的日根：日根文件被删除、移走或者去掉了签名，已重新开始签名，"
                "请与交出的副本核对，并从副本恢复"
            )
        if not chain.signer:
            _add(chain, folder, lacking[0].day.year, {"new_key": _public(key)}, key)
        _publish(folder, _public(key))
        for root in lacking:
            for first, last in chain.gaps(root.day):
                missing = {"missing": [f"{first}", f"{last}"]}
                _add(chain, folder, root.day.year, missing, key)
                report.notes.append(f"{_span(first, last)} 没有存证，已写入说明")
            _add(chain, folder, root.day.year, {"root": root.said}, key)
        report.notes += [f"补写 {root.day} 的日根" for root in lacking[:-1]]
    return report


def _add(
    chain: _Chain, folder: Path, year: int, says: Mapping[str, Any], key: Ed25519PrivateKey
) -> None:
    """Sign a line and write it, into no earlier file than the last one."""
    said = {
        "format": FORMAT,
        "says": says,
        "previous": chain.previous,
        "key": key_id(_public(key)),
    }
    said["signature"] = key.sign(canonical(said).encode()).hex()
    line = canonical(said).encode()
    name = f"daily_roots-{year:04}.jsonl"
    if chain.last_file not in ("", UNSIGNED_FILE):
        name = max(name, chain.last_file)
    with (folder / name).open("ab") as kept:
        _write(kept, line + b"\n")
    chain.take(name, 0, line)


def _cut_off(folder: Path) -> bool:
    """Whether the last line had no end; it is taken away then, since it comes again."""
    files = files_of(folder)
    if not files or files[-1].name == UNSIGNED_FILE:
        return False
    data = files[-1].read_bytes()
    whole = data[: data.rfind(b"\n") + 1]
    if whole != data:
        os.truncate(files[-1], len(whole))
    return whole != data


def _write(kept: Any, data: bytes) -> None:
    kept.write(data)
    kept.flush()
    os.fsync(kept.fileno())


@contextmanager
def alone(folder: Path, name: str = "daily_roots") -> Iterator[None]:
    """One writer at a time, of whatever process of this machine."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
