"""Checking a court file (案卷核验) with nothing but the file: no database, no network.

Every byte is accounted for: the .zip is as it was packed, each member is in the manifest, the
manifest under its seal, each log is one chain to its head and replays to its state, and every paper
is, to the byte, the one that the log tells of. Against a forger who makes the whole file anew, the
head's hash is compared with the authority's, or with what was told when the file was made.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from casework.acts.journal import canonical, sm3
from casework.acts.redactions import NOTHING, REDACTED, redactions_of, told
from casework.audit.court_file import FORMAT, MANIFEST, SEAL
from casework.audit.proof import check_chain
from casework.common.sealed_zip import unpacked
from casework.common.texts import reason
from casework.kernel.replaying import BadRow, replay
from state_machines.door.transition import held_to_release
from state_machines.language.canonical import digest_of, from_json


@dataclass(frozen=True)
class FileReport:
    """What was checked: the case, its head, how much of it, every fault found, and a line for each
    redaction."""

    case: str
    head: str
    members: int
    rows: int
    faults: tuple[str, ...]
    redactions: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Row:
    """A row of a log as the file has it."""

    seq: int
    header: dict[str, Any]
    payload: dict[str, Any]
    salt: str
    payload_digest: str
    previous: str
    hash: str


def verify_file(data: bytes) -> FileReport:
    """Check a court file. What is wrong with it is a fault in the report, never an exception, and
    what is wrong with one of its cases hides nothing in another."""
    try:
        members = dict(unpacked(data))
        manifest = _manifest(members)
        faults = [*_members(manifest, members)]
        rows = 0
        claims: dict[str, str] = {}
        redacted: list[str] = []
        removed: set[str] = set()
        for one in manifest["cases"]:
            number = one["number"]
            try:
                log = _log(members[f"log/{number}.jsonl"])
                rows += len(log)
                broken = _case(one, log, members)
                faults += broken
                redacted += [
                    told(number, row)
                    for row in log
                    if not broken and row.header["kind"] == REDACTED
                ]
                claims |= _claims(number, log)
                removed |= {one.claim for one in redactions_of(log).removed}
            except BadRow as bad:
                faults.append(f"{number} {bad}")
            except Exception as error:  # whatever a forger put there
                faults.append(f"{number}：日志或者程序声明不能读取（{reason(error)}）")
        faults += _papers(manifest, claims, removed)
        main = manifest["cases"][0]
        return FileReport(
            main["number"],
            main["head_hash"],
            len(members),
            rows,
            tuple(faults),
            tuple(redacted),
        )
    except ValueError as error:
        return FileReport("", "", 0, 0, (str(error),))
    except Exception as error:  # whatever a forger put there
        text = f"案卷的内容不完整，或者不是本系统的格式（{reason(error)}）"
        return FileReport("", "", 0, 0, (text,))


def _manifest(members: Mapping[str, bytes]) -> dict[str, Any]:
    """The manifest, if its seal is right. Raises ValueError, which says what is wrong."""
    if list(members)[-2:] != [MANIFEST, SEAL]:
        raise ValueError("案卷缺少清单或者清单校验值")
    text = members[MANIFEST].decode()
    if members[SEAL] != f"{sm3(text)}\n".encode():
        raise ValueError("清单与其校验值不一致")
    manifest: dict[str, Any] = json.loads(text)
    if f"{canonical(manifest)}\n" != text or manifest["format"] != FORMAT:
        raise ValueError("清单不是本系统的格式")
    return manifest


def _members(manifest: Mapping[str, Any], members: Mapping[str, bytes]) -> Iterator[str]:
    listed = [one["path"] for one in manifest["members"]]
    if [*listed, MANIFEST, SEAL] != list(members):
        yield "案卷中的文件与清单不一致：有文件缺失、增加、改名或者次序变动"
    for one in manifest["members"]:
        content = members.get(one["path"])
        if content is not None and sha256(content).hexdigest() != one["sha256"]:
            yield f"“{one['path']}”的内容与清单的校验值不一致"


def _log(content: bytes) -> list[_Row]:
    """The rows of a log, if they are written as they were packed. Raises ValueError."""
    text = content.decode()
    rows = [_Row(**json.loads(line)) for line in text.split("\n")[:-1]]
    if text != "".join(f"{canonical(asdict(row))}\n" for row in rows):
        raise ValueError("日志文件不是规范的写法，可能被改动")
    return rows


def _case(one: Mapping[str, Any], log: Sequence[_Row], members: Mapping[str, bytes]) -> list[str]:
    number = one["number"]
    broken = check_chain(number, one["head_seq"], one["head_hash"], log)
    if broken:
        return [f"{number} 第 {fault.seq or len(log)} 行：{fault.text}" for fault in broken]
    version = one["version"]
    declared = json.loads(members[f"log/process-{version}.json"])
    if digest_of(declared) != version or {row.header.get("process") for row in log} != {version}:
        return [f"{number}：程序版本与日志记载的不一致"]
    # A court may have another release, which lacks the code of a guard: where steps lead is told
    # without it.
    led_to = replay(held_to_release(from_json(declared, with_stand_ins=True)), log)
    if led_to.state != one["state"]:
        return [f"{number}：日志重放得到状态“{led_to.state}”，清单为“{one['state']}”"]
    return []


def _claims(case: str, log: Sequence[_Row]) -> dict[str, str]:
    """What the log tells of papers: SHA-256 by what each is. Raises BadRow."""
    found: dict[str, str] = {}
    for row in log:
        try:
            found |= _claims_of(case, row)
        except Exception as error:  # whatever a forger put there
            raise BadRow(row.seq, f"日志内容不是应有的样子（{reason(error)}）") from error
    return found


def _claims_of(case: str, row: _Row) -> dict[str, str]:
    found = {}
    caused = row.payload.get("caused", {})
    base = {"case": case, "seq": row.seq}
    for item in caused.get("documents", []):
        found[canonical({**base, "kind": "document", "key": item["key"]})] = item["sha256"]
    for item in caused.get("files", []):
        names = {name: item[name] for name in ("material", "filename")}
        found[canonical({**base, "kind": "file", **names})] = item["sha256"]
    for item in caused.get("evidence", []):
        if item["document"] is None and item["sha256"] is not None:
            names = {name: item[name] for name in ("n", "version")}
            found[canonical({**base, "kind": "evidence", **names})] = item["sha256"]
    return found


def _papers(
    manifest: Mapping[str, Any], claims: Mapping[str, str], removed: set[str]
) -> Iterator[str]:
    """Every paper is one that the log tells of, and every one it tells of is there; of what a
    redaction took away only the name."""
    seen = set()
    for one in manifest["members"]:
        of = one.get("of")
        if of is None:
            continue
        told = claims.get(canonical(of))
        seen.add(canonical(of))
        # What was handed in before the log told of files has no row.
        if told is None and of["seq"] is not None:
            yield f"“{one['path']}”没有日志记载"
        elif told is not None and one["sha256"] != (NOTHING if canonical(of) in removed else told):
            yield f"“{one['path']}”不是日志记载的那一份"
    for claim in claims.keys() - seen:
        of = json.loads(claim)
        yield f"日志第 {of['seq']} 行记载的文书或者证据不在案卷中（{of['case']}）"
