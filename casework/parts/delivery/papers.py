"""What receipts and announcements of a delivery print (送达)."""

from __future__ import annotations

from casework.acts.deliveries import printed
from casework.documents.paper_parts import Part, Parts

PARTS: Parts = {"service": Part(printed)}
