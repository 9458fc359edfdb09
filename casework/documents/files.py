"""A file as it is handed out (文件)."""

from __future__ import annotations

from dataclasses import dataclass

from casework.common.problems import NotFound

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PDF = "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
JSON = "application/json"


@dataclass(frozen=True)
class File:
    """A file to hand out. Raises NotFound if its content was taken away."""

    filename: str
    media_type: str
    content: bytes

    def __post_init__(self) -> None:
        if not self.content:
            raise NotFound(
                f"“{self.filename}”的内容已经依法删除，见全过程记录",
                law="《个人信息保护法》第四十七条",
            )
