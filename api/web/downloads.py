"""Handing out files (下载): as a download, never shown inside our own pages' origin, save for
pictures that are our own."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from fastapi.responses import Response

from api.web.security import FILE_HEADERS
from casework.documents.attachments import TYPES
from casework.reading import File

# How an answer that is a file that was handed in is described, as a part of `responses`.
A_FILE: dict[int | str, dict[str, Any]] = {200: {"content": {kind: {} for kind in TYPES.values()}}}


def download(file: File) -> Response:
    """The file, under its own name."""
    name = f"attachment; filename*=UTF-8''{quote(file.filename, safe='')}"
    headers = {**FILE_HEADERS, "Content-Disposition": name}
    return Response(file.content, media_type=file.media_type, headers=headers)


def shown(picture: File) -> Response:
    """A picture of our own making, within a page."""
    return Response(picture.content, media_type=picture.media_type, headers=FILE_HEADERS)
