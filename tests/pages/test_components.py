"""The page of all components: it stands as long as each macro draws what it is given."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from api import create_app
from tests.pages.conftest import serve
from tests.pages.test_accessibility import _meets_the_rules
from tests.support.town import Town

pytestmark = pytest.mark.browser


def test_every_component_is_drawn_and_meets_the_rules(town: Town, browser: Browser) -> None:
    demo = create_app(town.office, demo=True, prefect_url=None)
    with serve(town, demo, browser) as desks:
        page = desks.visitor()
        page.goto("/demo/components")
        expect(page.get_by_role("heading", level=2)).to_have_count(13)
        _meets_the_rules(page)
        assert desks.complaints == []
