"""The holidays that the State Council has decreed 国务院办公厅节假日安排, by `chinesecalendar`."""

from __future__ import annotations

from datetime import date

from chinese_calendar.constants import holidays, in_lieu_days, workdays

from rulebook.models import CalendarYear, Edition

FIRST_YEAR = 2018

# The library shortens some names; documents use those of 《全国年节及纪念日放假办法》.
_NAMES = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "Mid-autumn Festival": "中秋节",
    "National Day": "国庆节",
}


def decreed_years() -> list[Edition]:
    """One calendar edition for each year from 2018 that the installed library knows."""
    years = range(FIRST_YEAR, max(holidays).year + 1)
    return [_decreed(year) for year in years]


def _decreed(year: int) -> Edition:
    rule = CalendarYear(
        key="china",
        label=f"{year}年全国节假日安排",
        law=f"《国务院办公厅关于{year}年部分节假日安排的通知》",
        mark="S",
        year=year,
        decreed=True,
        rest_days={
            day: _NAMES[name] + ("调休" if day in in_lieu_days else "")
            for day, name in holidays.items()
            if day.year == year
        },
        work_days={day: "调休上班" for day in workdays if day.year == year},
    )
    return Edition.of(
        "calendar", rule, None, date(year, 1, 1), date(year, 12, 31), "chinesecalendar"
    )
