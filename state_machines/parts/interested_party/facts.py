"""Others whose interests a licence touches (利害关系人), and whether they were heard."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Registration:
    """Who is to be registered: the applicant itself, somebody who is there already; and whether a
    proof of the interest was kept since the one before."""

    is_applicant: bool
    known: bool
    proved: bool


@dataclass(frozen=True)
class ApplicantTold:
    """Whether an interested party is registered, or the authority called a hearing by itself; and
    whether the applicant is being heard too."""

    others: bool
    told: bool


@dataclass(frozen=True)
class OthersHeard:
    """Who must still be told, and who was told and is still to be heard, each by name; and whether
    the applicant was left out although others are registered."""

    untold: tuple[str, ...]
    unheard: tuple[str, ...]
    applicant_left_out: bool


@dataclass(frozen=True)
class CalledHearing:
    """Whether somebody who may has asked for a hearing about this application, and has not taken
    that back, or the authority called one by itself; `behind`: it is over for whoever is heard in
    this case. `may_still_ask`: others who are to be told, or who were and have time left to ask for
    one, by name."""

    called: bool
    behind: bool
    may_still_ask: tuple[str, ...]


@dataclass(frozen=True)
class OwnHearing:
    """Whether the law has a hearing held about this application whoever asks (`due`), whether the
    authority called one by itself, and whether it was held."""

    due: bool
    called: bool
    held: bool


@dataclass(frozen=True)
class HearingStop:
    """Whether the limit is to be stopped for a hearing, and whether one was asked for or called."""

    for_hearing: bool
    called: bool


@dataclass(frozen=True)
class SameHearing:
    """One application has one hearing: who was not called to it yet, and who was called for another
    day, hour or room, by name."""

    uncalled: tuple[str, ...]
    elsewhere: tuple[str, ...]


@dataclass(frozen=True)
class ApplicationOver:
    """Whether the application about which somebody is heard has ended, with all that came of it."""

    over: bool
