"""What the notice of a correction prints (补正)."""

from __future__ import annotations

from casework.documents.paper_parts import Part, Parts
from casework.parts.corrections.corrected import printed

PARTS: Parts = {"correction": Part(printed)}
