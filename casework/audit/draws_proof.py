"""Proving of each draw that it came out as its seed and its candidates have it (抽取核验)."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from casework.acts.journal import FIRST
from casework.audit.faults import Fault
from casework.audit.salvage import by_id, salvaged
from casework.common.texts import reason
from casework.grading.draws.draw_book import again, digest_of, hash_of
from casework.models import Draw


def faults_of_draws(session: Session) -> list[Fault]:
    """What is wrong with the draws that are kept. None if all is well."""
    faults: list[Fault] = []
    heads: dict[int, str] = {}
    objects: dict[str, str] = {}
    for key, draw in salvaged(session, Draw.id, by_id(session, Draw)):
        try:
            if isinstance(draw, Exception):
                raise draw
            faults += _faults(draw, heads, objects)
        except Exception as error:  # whatever a forger put there
            faults.append(Fault("抽取记录", key, f"不能读取（{reason(error)}）"))
    return faults


def _faults(draw: Draw, heads: dict[int, str], objects: dict[str, str]) -> Iterator[Fault]:
    said = draw.said
    name = f"{draw.number}（第{draw.round}轮）"
    expected = heads.get(draw.authority_id, FIRST)
    heads[draw.authority_id] = draw.hash
    if draw.previous != expected or draw.hash != hash_of(draw):
        yield Fault(name, None, "抽取记录被改动，或者前面有记录缺失")
    if said["digest"] != digest_of(said["candidates"]) or said["round"] != draw.round:
        yield Fault(name, None, "候选名单与登记的校验值不一致")
    try:
        found = again(said)
    except ValueError:
        found = ("", ())
    if found != (said["object"], tuple(said["officers"])):
        yield Fault(name, None, "按种子和候选名单重新抽取，结果与登记的不一致")
    if objects.setdefault(draw.number, said["object"]) != said["object"]:
        yield Fault(name, None, "重新抽取人员时检查对象被改动")
