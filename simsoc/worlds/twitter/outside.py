"""What can be done to a Twitter from outside: other keys, people who come, go or are suspended, items put in, notes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeGuard

from simsoc.core.protocols import Stored
from simsoc.core.words import Event
from simsoc.scenario.spec import Part
from simsoc.scorers import local
from simsoc.worlds.setting import Setting

from .spec import TwitterSpec

if TYPE_CHECKING:
    from simsoc.feeds import Items

    from .contacts import Contacts
    from .minding import Memories
    from .news import Pool
    from .seeing import Id

_ITEMS = "{post: TEXT, mark?: NAME}, {news: {headline: TEXT, ...}} or {note: TEXT, on: NAME}"
_NEWS = {"headline", "category", "description"}
_LATEST = 5  # posts that are told of somebody who is asked


class Approachable:
    """The side of `Twitter` that interventions see."""

    CHANGES: ClassVar[frozenset[str]] = frozenset(
        ("feed", "suggest", "unfollow", "show", "friction", "rule", "order", "nonpartisans")
    )
    """Keys that may change while the world goes on."""
    BEARS: ClassVar[frozenset[str]] = frozenset(("ties", "join", "leave", "traits", "suspend"))
    """What may be done to the society around it (kinds of interventions)."""

    spec: TwitterSpec
    setting: Setting
    n: int
    gone: set[int]
    suspended: set[int]
    hidden: set[int]
    party: list[int]
    partisan: list[float]
    weight: list[float]
    items: Items
    contacts: Contacts
    notes: dict[Id, str]
    marked: dict[str, list[Id]]
    news: Pool
    memories: Memories | None
    _bios: dict[int, str]

    # -- keys ---------------------------------------------------------------------------------------------------

    def change(self, spec: TwitterSpec, setting: Setting) -> None:
        """Other keys (of `CHANGES`), or another seed or way of choosing, from now on."""
        self.spec, self.setting = spec, setting
        self.equip()

    def equip(self) -> None:
        """Feed, recommender, decisions and facts, by the keys as they are now."""
        raise NotImplementedError

    def refuses(self, spec: TwitterSpec) -> Iterator[tuple[str, str]]:
        """What these keys ask for and the people have not: (key, message)."""
        trait = spec.news.outlets
        if trait is not None and not any(trait in person for person in self.setting.people):
            known = ", ".join(sorted({name for person in self.setting.people for name in person})) or "none"
            yield "news.outlets", f"nobody has '{trait}'. Known traits: {known}."

    def scores(self, spec: TwitterSpec) -> Any:
        """What measures toxicity. Raises ScenarioError for a scorer that would have to be asked."""
        return local(spec.scorer, "world.scorer")

    def recommender(self, spec: TwitterSpec) -> Any:
        """What suggests accounts; None where nothing does."""
        if spec.suggest is None:
            return None
        from simsoc.feeds import recommender

        return recommender(spec.suggest, self.setting.shelves, self.setting.seed)

    # -- people -------------------------------------------------------------------------------------------------

    def take_in(self, agent: int) -> None:
        """What is known of somebody's side and weight, in the columns by agent."""
        person = self.setting.people[agent]
        party = person.get("party")
        lean = person.get("partisan")
        if agent == len(self.party):
            self.party.append(-1)
            self.partisan.append(0.0)
            self.weight.append(1.0)
        self.party[agent] = self.spec.parties.index(party) if party in self.spec.parties else -1
        self.partisan[agent] = max(-1.0, min(1.0, float(lean))) if _number(lean) else self._usual_lean(party)
        self.weight[agent] = self.setting.weight(agent)

    def _usual_lean(self, party: Any) -> float:
        """Halfway to the end on a party's side, where only the party is known."""
        return 0.0 if party not in self.spec.parties else (-0.5, 0.5)[self.spec.parties.index(party)]

    def stored(self) -> tuple[list[Stored], list[tuple[int, int]]]:
        """Memories stored and recalled since the last time, for the log."""
        return ([], []) if self.memories is None else self.memories.stored()

    def newcomer(self, agent: int, step: int) -> list[Event]:
        """Somebody who has just joined has said nothing yet."""
        return []

    def suspend(self, step: int, agents: Sequence[int], on: bool, hide: bool) -> list[Event]:
        """These may do nothing from now on, or may again. hide: whether what they made is in no feed meanwhile."""
        kind = "suspend" if on else "restore"
        content = {"hide": True} if hide else {}
        wanted = [agent for agent in agents if (agent in self.suspended) != on and agent not in self.gone]
        return self._folded([Event(step, 0, -1, kind, {"who": agent, **content}) for agent in wanted])

    def standing(self, agent: int, about: str) -> dict[str, Any]:
        """What somebody has written and liked last, and what it remembers of it all, for whoever asks it."""
        if agent >= self.n:
            return {}
        items = self.items
        written = [items.texts[row] for row in items.by_author.get(agent, ()) if items.texts[row]][-_LATEST:]
        liked = [items.texts[row] for row in sorted(items.did("like", agent))[-_LATEST:]]
        remembered = [] if self.memories is None else self.memories.about(agent, about)
        told = {"latest_posts": written, "posts_liked_last": liked, "memories": remembered}
        return {name: texts for name, texts in told.items() if texts}

    # -- items --------------------------------------------------------------------------------------------------

    def refuses_item(self, item: Any, *, whose: bool) -> str | None:
        """Why an item cannot be put in, or None. whose: whether it is somebody's."""
        if not isinstance(item, Mapping) or len({"post", "news", "note"} & set(item)) != 1:
            return f"should be one of {_ITEMS}"
        if "post" in item:
            extra = set(item) - {"post", "mark"}
            texts = [item["post"], item.get("mark", "x")]
        elif "note" in item:
            extra, texts = set(item) - {"note", "on"}, [item["note"], item.get("on")]
        else:
            news = item["news"]
            if not isinstance(news, Mapping) or "headline" not in news:
                return "news needs a 'headline'"
            extra, texts = (set(item) - {"news"}) | (set(news) - _NEWS), list(news.values())
        if extra:
            return f"has '{sorted(map(str, extra))[0]}', which is not known; an item is one of {_ITEMS}"
        if not all(isinstance(text, str) and text.strip() for text in texts):
            return "texts and names must not be empty"
        if whose and "post" not in item:
            return "only a post is somebody's; leave `who` away"
        return None

    def inject(self, step: int, item: Mapping[str, Any], who: Sequence[int] | None) -> list[Event]:
        """A post by each of `who` (or by nobody), a headline, or a note under every post with a mark."""
        if "news" in item:
            return self._folded([Event(step, 0, -1, "news", {"headline": dict(item["news"])})])
        if "note" in item:
            under = [{"of": list(id), "text": item["note"]} for id in self.marked.get(item["on"], ())]
            return self._folded([Event(step, 0, -1, "note", content) for content in under])
        mark = {"mark": item["mark"]} if "mark" in item else {}
        events = []
        for agent in [-1] if who is None else [a for a in who if a not in self.gone]:
            content = {"n": self._number(agent, step), "text": item["post"], **mark}
            events += self._folded([Event(step, 0, agent, "post", content)])
        return events

    def _number(self, agent: int, step: int) -> int:
        raise NotImplementedError

    def fold(self, event: Event) -> None:
        """Change the state as an event says."""
        raise NotImplementedError

    def _folded(self, events: list[Event]) -> list[Event]:
        for event in events:
            self.fold(event)
        return events

    # -- the part of `fold` that is about all this --------------------------------------------------------------

    def fold_outside(self, event: Event) -> None:
        """What was done from outside."""
        kind, content = event.kind, event.content
        if kind == "news":
            self.news.add(content["headline"])
        elif kind == "note":
            author, step, n = content["of"]
            self.notes[author, step, n] = content["text"]
        elif kind in ("suspend", "restore"):
            self._fold_suspension(content["who"], kind == "suspend", "hide" in content)
        elif kind in ("society.tie", "society.untie"):
            self.contacts.add("follow", content["a"], content["b"], 1 if kind == "society.tie" else -1)
        elif kind == "society.join":
            self.take_in(content["who"])
            self.contacts.take_in()
            if self.memories is not None:
                self.memories.take_in()
            self.n = content["who"] + 1
        elif kind == "society.leave":
            self.gone.add(content["who"])
        elif kind == "society.traits":
            self.take_in(content["who"])
            self._bios.pop(content["who"], None)
            self.contacts.recount(list(self.setting.ties.graph.edges()))

    def _fold_suspension(self, agent: int, on: bool, hide: bool) -> None:
        (self.suspended.add if on else self.suspended.discard)(agent)
        (self.hidden.add if on and hide else self.hidden.discard)(agent)
        if hide:
            act = self.items.unlist if on else self.items.relist
            replies = self.items.kinds.index("reply") if "reply" in self.items.kinds else -1
            for row in self.items.by_author.get(agent, ()):
                if int(self.items.column("kind")[row]) != replies:  # replies are in no feed anyway
                    act(self.items.ids[row])


def slots(feed: Part) -> int:
    """Most items that a feed shows at once; a composition without a size of its own shows all of its parts."""
    keys: Any = feed.given
    if hasattr(keys, "size"):
        return int(keys.size)
    if hasattr(keys, "followed"):
        return int(keys.followed + keys.recommended)
    return sum(slots(part) for part in keys.of)


def _number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
