"""What a placard and a score sheet print (量化分级)."""

from __future__ import annotations

from casework.documents.paper_parts import Part, Parts
from casework.grading.place_grading.graded import printed

PARTS: Parts = {"grading": Part(printed)}
