"""The front door: the JSON API and the pages of each desk.

Turns requests into steps of `casework` and answers into JSON or HTML; it decides nothing about a
case. Asks Prefect through its REST interface and does not know `workflows`.
"""

from __future__ import annotations

from api.app import create_app

__all__ = ["create_app"]
