"""Proving of each draw that it came out as its seed and its candidates have it (抽取核验)."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.draw_book import again, digest_of, hash_of
from casework.journal import FIRST
from casework.models import Draw
from casework.proof import Fault


def faults_of_draws(session: Session) -> list[Fault]:
    """What is wrong with the draws that are kept. None if all is well."""
    faults = []
    heads: dict[int, str] = {}
    objects: dict[str, str] = {}
    for draw in session.scalars(select(Draw).order_by(Draw.id)):
        said = draw.said
        name = f"{draw.number}（第{draw.round}轮）"
        if draw.previous != heads.get(draw.authority_id, FIRST) or draw.hash != hash_of(draw):
            faults.append(Fault(name, None, "抽取记录被改动，或者前面有记录缺失"))
        heads[draw.authority_id] = draw.hash
        if said["digest"] != digest_of(said["candidates"]) or said["round"] != draw.round:
            faults.append(Fault(name, None, "候选名单与登记的校验值不一致"))
        try:
            found = again(said)
        except ValueError:
            found = ("", ())
        if found != (said["object"], tuple(said["officers"])):
            faults.append(Fault(name, None, "按种子和候选名单重新抽取，结果与登记的不一致"))
        if objects.setdefault(draw.number, said["object"]) != said["object"]:
            faults.append(Fault(name, None, "重新抽取人员时检查对象被改动"))
    return faults
