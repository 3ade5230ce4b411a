"""Keys of the town in a scenario file."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field, model_validator

from simsoc.core.shelf import Strict

from .times import Length, Time, minute

Word = Annotated[str, Field(min_length=1, max_length=80)]
Probability = Annotated[float, Field(ge=0, le=1)]
Minutes = Annotated[int, Field(ge=0, le=1440)]


class Place(Strict):
    """A place, and how far it is to others."""

    name: Word
    """What it is called."""
    kind: Word = "public"
    """What it is: `home` is for those who live there, all else for everybody."""
    ties: dict[str, Minutes] = Field(default_factory=dict)
    """Minutes to other places, in both directions; one side is enough."""
    rooms: tuple[Word, ...] = ()
    """Rooms, the first of which one enters; written `PLACE/ROOM` in routines. People in other rooms are not seen."""
    open: Time = "00:00"
    """From when on one can be there."""
    close: Time = "24:00"
    """Until when."""

    @model_validator(mode="after")
    def _hours(self) -> Place:
        if minute(self.close) <= minute(self.open):
            raise ValueError(f"opens at {self.open}, and closes at {self.close}: no later")
        return self


class News(Strict):
    """An item of information that one person has at the start."""

    model_config = ConfigDict(populate_by_name=True)

    name: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,39}$")]
    """Short name of the item."""
    text: Annotated[str, Field(min_length=1, max_length=300)]
    """The item in words, as one would tell it."""
    holder: str
    """Name of the person who knows it at the start."""
    pass_: Annotated[Probability, Field(alias="pass")] = 0.8
    """Probability that whoever knows it and has it in mind tells it in a talk, where no model is asked."""
    importance: Annotated[int, Field(ge=1, le=10)] = 8
    """What it weighs in the memory of the holder."""
    marks: tuple[Word, ...] = ()
    """Words that all occur where somebody tells it in other words; otherwise it has to be told word by word."""


class Occasion(Strict):
    """Something that takes place; who knows the item of news may come."""

    model_config = ConfigDict(populate_by_name=True)

    news: str
    """Name of the item that tells of it; whoever holds that at the start is the host."""
    at: str
    """Where."""
    day: Annotated[int, Field(ge=1)] = 1
    """On which day."""
    from_: Annotated[Time, Field(alias="from")]
    """From when."""
    to: Time
    """Until when."""
    doing: Annotated[str, Field(min_length=1, max_length=120)]
    """What being there is called in a plan."""

    @model_validator(mode="after")
    def _in_order(self) -> Occasion:
        if minute(self.to) <= minute(self.from_):
            raise ValueError(f"begins at {self.from_}, and ends at {self.to}: no later")
        return self


class TownSpec(Strict):
    """World `town`: people with homes and routines in places; they move, perceive, meet and talk."""

    step: Length = "1min"
    """Game time of a step, such as `1min`, or `10s` as published."""
    start: Time = "00:00"
    """Time of day 1 at which it begins."""
    days: Annotated[float, Field(gt=0, le=3650)] | None = None
    """Game days after which it ends by itself."""
    places: tuple[Place, ...] = ()
    """Places; a small default town when there are none. Homes that are not listed are added near the first place."""
    news: tuple[News, ...] = ()
    """What somebody knows at the start, and may go round."""
    occasions: tuple[Occasion, ...] = ()
    """What takes place, where and when."""
    bandwidth: Annotated[int, Field(ge=1, le=100)] = 8
    """Most events an agent perceives at once, the most recent (released code 3, its 25-agent town 8)."""
    out: Probability = 0.3
    """Probability that free time is spent at a public place, where no model is asked."""
