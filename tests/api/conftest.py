"""The front door of a fresh town."""

from __future__ import annotations

import pytest

from tests.support.front import Front
from tests.support.town import Town


@pytest.fixture
def front(town: Town) -> Front:
    """The web application over the town."""
    return Front(town)
