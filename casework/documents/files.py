"""A file as it is handed out (文件)."""

from __future__ import annotations

from dataclasses import dataclass

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass(frozen=True)
class File:
    """A file to hand out."""

    filename: str
    media_type: str
    content: bytes
