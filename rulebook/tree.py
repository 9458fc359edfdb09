"""Where the files of this application stand: it runs from its own tree, and this is its root."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT_TEMPLATES = ROOT / "templates" / "docs"
