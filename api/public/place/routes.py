"""A place by the code on its wall (一码通), as data."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from api.web.access import TheOffice
from api.web.bodies import Text
from api.web.documentation import problems
from casework.reading.place.public_place import PlaceView, place_view

router = APIRouter(tags=["公开查询"])


@router.get(
    "/places/{code}",
    summary="场所一码通",
    description="今天的许可、等级、最近一次核查和承诺履行情况，以及该单位的公示信息；不含个人信息。",
    responses=problems(404, 429),
)
def place(
    code: Annotated[Text, Path(description="场所二维码中的代码")], office: TheOffice
) -> PlaceView:
    with office.database.session() as session:
        return place_view(office, session, code)
