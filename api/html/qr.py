"""A QR code (二维码) as a picture of a page."""

from __future__ import annotations

from io import BytesIO

import segno
from fastapi.responses import Response


def qr_picture(address: str) -> Response:
    """The QR code of an address, as SVG."""
    drawn = BytesIO()
    segno.make_qr(address, error="m").save(drawn, kind="svg", scale=4, border=2, light="#fff")
    return Response(drawn.getvalue(), media_type="image/svg+xml")
