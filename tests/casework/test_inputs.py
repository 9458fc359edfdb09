"""Input of steps: defaults are filled in at every depth, and nothing else is made up."""

from __future__ import annotations

from pydantic import Field

from casework.common.inputs import judged
from state_machines.language.fields import Form, ShortText
from state_machines.language.vocabulary import schema


class Line(Form):
    """A line of a form."""

    what: ShortText = Field(title="事项")
    note: str = Field(title="说明", default="")


class Paper(Form):
    """A form with lines."""

    lines: list[Line] = Field(title="清单")
    first: Line = Field(title="首行")
    mode: str = Field(title="方式", default="现场")


def test_defaults_are_filled_in_at_every_depth() -> None:
    given = {"lines": [{"what": "甲"}, {"what": "乙", "note": "丙"}], "first": {"what": "丁"}}
    assert judged(schema(Paper), given, what="表") == {
        "lines": [{"what": "甲", "note": ""}, {"what": "乙", "note": "丙"}],
        "first": {"what": "丁", "note": ""},
        "mode": "现场",
    }
