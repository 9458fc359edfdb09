"""What a proof says (核验结果): a line for each thing that does not hold, and what was proved."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """Something that does not hold: in which case or register, in which row of it, and what."""

    case: str
    seq: int | None
    text: str

    def __str__(self) -> str:
        row = f" 第 {self.seq} 行" if self.seq is not None else ""
        return f"{self.case}{row}：{self.text}"
