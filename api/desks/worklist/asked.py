"""What the address of a list asks for (列表条件)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from api.html.dates import read_day
from api.html.site import Visit
from casework.reading import Days, Wanted

_DAYS = ("opened", "ended", "breached")
NAMES = (
    "q", "queue", "due", "process", "state", "matter", "officer", "mine", "part", "sort",
    *(f"{name}_{end}" for name in _DAYS for end in ("from", "to")),
)  # fmt: skip
_LABELS = {"opened": "立案日期", "ended": "办结日期", "breached": "超期日期"}
EVERY = "all"  # also what has ended


@dataclass(frozen=True)
class Asked:
    """The conditions of a list as its address says them; `own` is of what waits for the reader,
    `every` of all cases whatever became of them."""

    path: str
    own: bool
    every: bool
    chosen: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.chosen[name]

    @property
    def queue(self) -> str | None:
        """Which list it is: without a choice what has not ended, but of what is looked for all."""
        if self.own:
            return "mine_to_do"
        if self.every or self["queue"] == EVERY:
            return None
        if not self["queue"]:
            looked_for = any(self[name] for name in ("q", "ended_from", "ended_to"))
            looked_for |= any(self[name] for name in ("breached_from", "breached_to"))
            return None if looked_for else "open"
        return self["queue"]

    @property
    def wanted(self) -> Wanted:
        """The same, for the back office. Raises BadInput for what is no day."""
        return Wanted(
            queue=self.queue,
            process=self["process"] or None,
            state=self["state"] or None,
            q=self["q"] or None,
            due=self["due"] or None,
            officer=self["officer"] or None,
            mine=bool(self["mine"]),
            matter=self["matter"] or None,
            part=self["part"] or None,
            opened=self._days("opened"),
            ended=self._days("ended"),
            breached=self._days("breached"),
            sort=self["sort"] or None,
        )

    @property
    def narrowed(self) -> bool:
        """Whether anything is asked for but the list itself."""
        return any(self[name] for name in NAMES if name not in ("queue", "sort"))

    @property
    def closer(self) -> bool:
        """Whether anything is asked for that stands among the further conditions."""
        plain = ("q", "queue", "due", "process", "state", "sort")
        return any(self[name] for name in NAMES if name not in plain)

    def at(self, path: str = "", **changed: str) -> str:
        """The address of the list with something changed."""
        said = {name: value for name, value in {**self.chosen, **changed}.items() if value}
        return (path or self.path) + (f"?{urlencode(said)}" if said else "")

    def _days(self, name: str) -> Days:
        first, last = (f"{name}_{end}" for end in ("from", "to"))
        label = _LABELS[name]
        return Days(read_day(self[first], first, label), read_day(self[last], last, label))


def asked(visit: Visit, path: str, *, own: bool) -> Asked:
    """What the visitor's address asks for."""
    chosen = {name: visit.asked(name) for name in NAMES}
    if visit.asked("late") and not chosen["due"]:
        chosen["due"] = "late"
    return Asked(path, own, not visit.staff, chosen)
