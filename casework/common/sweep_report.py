"""What a run did (执行结果)."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class SweepReport:
    """What one run did: a line for each thing done, how many were left to another worker that
    held them, a line for each failure with its reason, and what else is to be known."""

    done: list[str] = field(default_factory=list)
    skipped: int = 0
    failed: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __add__(self, other: SweepReport) -> SweepReport:
        return SweepReport(
            [*self.done, *other.done],
            self.skipped + other.skipped,
            [*self.failed, *other.failed],
            [*self.notes, *other.notes],
        )

    def __str__(self) -> str:
        counts = (
            f"完成 {len(self.done)} 项，他处正在办理 {self.skipped} 项，失败 {len(self.failed)} 项"
        )
        failed = (f"失败：{line}" for line in self.failed)
        return "\n".join([counts, *self.done, *failed, *self.notes])
