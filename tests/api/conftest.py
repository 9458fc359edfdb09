"""The front door of a town."""

from __future__ import annotations

import pytest

from tests.support.desk import Desk
from tests.support.front import Front
from tests.support.town import Town


@pytest.fixture
def front(town: Town) -> Front:
    """The web application over a fresh town."""
    return Front(town)


@pytest.fixture(scope="module")
def module_front(module_town: Town) -> Front:
    """The web application over a town that the tests of one file share."""
    return Front(module_town)


@pytest.fixture
def desk(front: Front) -> Desk:
    """The handlers' desk of a fresh town."""
    return Desk(front)


@pytest.fixture(scope="module")
def shared(module_front: Front) -> Desk:
    """The handlers' desk of a town that the tests of one file share."""
    return Desk(module_front)


@pytest.fixture
def quiet(module_front: Front) -> Front:
    """The same for a test that changes nothing another would notice; nobody has tried yet."""
    module_front.app.state.tries.reset()
    return module_front
