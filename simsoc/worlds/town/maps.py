"""Places as a graph with minutes, rooms and opening hours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import networkx as nx

from .spec import Place
from .times import DAY, minute

_NEAR = 5  # minutes from a home that is not listed to the first place
_DEFAULT = (
    Place(name="Market Square", ties={"Bakery": 2, "Library": 4, "Workshop": 6, "School": 5, "Park": 4, "Tavern": 3}),
    Place(name="Bakery", open="06:00", close="18:00"),
    Place(name="Library", open="09:00", close="19:00"),
    Place(name="Workshop", kind="work", open="07:00", close="19:00"),
    Place(name="School", kind="work", open="07:00", close="18:00"),
    Place(name="Park"),
    Place(name="Tavern", open="11:00", close="23:00"),
)


class Map:
    """Where one can be, and how long the ways are.

    places: as listed, or none for the default town; homes: names of homes; those not listed are put near the first
    place.
    """

    def __init__(self, places: Sequence[Place], homes: Iterable[str]) -> None:
        listed = list(places or _DEFAULT)
        known = {place.name for place in listed}
        first = listed[0].name
        for home in dict.fromkeys(room_of(home)[0] for home in homes):
            if home not in known:
                listed.append(Place(name=home, kind="home", ties={first: _NEAR}))
        self.places: Mapping[str, Place] = {place.name: place for place in listed}
        self.graph = nx.Graph()
        self.graph.add_nodes_from(self.places)
        for place in listed:
            for other, minutes in place.ties.items():
                self.graph.add_edge(place.name, other, minutes=minutes)
        self._ways: dict[str, dict[str, int]] = {}
        self._hours = {name: (minute(place.open), minute(place.close)) for name, place in self.places.items()}
        self.closing: dict[int, list[str]] = {}
        """Places that close at a minute of the day, sorted."""
        for name in sorted(self.places):
            if self._hours[name] != (0, DAY):
                self.closing.setdefault(self._hours[name][1] % DAY, []).append(name)
        self.public = [name for name, place in self.places.items() if place.kind not in ("home", "work")]
        """Where anybody may go in free time, as listed."""

    def settle(self, home: str) -> None:
        """A home that is not on the map yet is put near the first place."""
        place = room_of(home)[0]
        if place in self.places:
            return
        first = next(iter(self.places))
        self.places = {**self.places, place: Place(name=place, kind="home", ties={first: _NEAR})}
        self.graph.add_edge(place, first, minutes=_NEAR)
        self._hours[place] = (0, DAY)
        self._ways.clear()

    def apart(self) -> list[str]:
        """Places that cannot be reached from the first one."""
        first = next(iter(self.places))
        reached = nx.node_connected_component(self.graph, first)
        return [name for name in self.places if name not in reached]

    def spot(self, written: str) -> str:
        """A place with its room; where none is written, the first room there is."""
        place, room = room_of(written)
        rooms = self.places[place].rooms
        return f"{place}/{room or rooms[0]}" if rooms else place

    def minutes(self, here: str, there: str) -> int:
        """Of the shortest way between two spots; rooms of one place are next to each other."""
        a, b = room_of(here)[0], room_of(there)[0]
        if a == b:
            return 0
        if a not in self._ways:
            self._ways[a] = nx.single_source_dijkstra_path_length(self.graph, a, weight="minutes")
        return int(self._ways[a][b])

    def open(self, spot: str, now: float) -> bool:
        """Whether one can be there at a game minute."""
        opens, closes = self._hours[room_of(spot)[0]]
        return opens <= now % DAY < closes

    def opens(self, spot: str, now: float) -> float:
        """The game minute at which a closed place opens next."""
        opens, day = self._hours[room_of(spot)[0]][0], now // DAY * DAY
        return day + opens if now < day + opens else day + DAY + opens

    def fits(self, written: str) -> str | None:
        """Why somebody cannot be there, or None."""
        place, room = room_of(written)
        if place not in self.places:
            return f"no place '{place}'"
        rooms = self.places[place].rooms
        if room and room not in rooms:
            return f"'{place}' has no room '{room}'; it has: {', '.join(rooms) or 'none'}"
        return None


def room_of(written: str) -> tuple[str, str]:
    """The place and the room, empty where none is written, of a spot `PLACE/ROOM`."""
    place, _, room = written.partition("/")
    return place, room


def names(places: Sequence[Place]) -> list[str]:
    """The places that are listed, or those of the default town."""
    return [place.name for place in places or _DEFAULT]
