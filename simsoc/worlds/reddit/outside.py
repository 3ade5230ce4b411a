"""What can be done to a community from outside: other rules, people who come and go, and what-ifs in a thread."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from simsoc.core.errors import ScenarioError
from simsoc.core.protocols import Said
from simsoc.core.shelf import Strict
from simsoc.core.words import Event, Turn
from simsoc.minds.records import Draft
from simsoc.population.who import members
from simsoc.worlds.setting import Setting

from . import happenings, process
from .items import Id, Thread, read_id, told_id
from .spec import Label, RedditSpec
from .state import Community


def _named(value: Any) -> Any:
    return told_id(read_id(value)) if value is not None else None


def _of_thread(value: Any) -> Any:
    return value if type(value) is int else _named(value)


Named = Annotated[str, BeforeValidator(_named)]
"""An item by its id, `12.3.0`."""
Where = Annotated[str | int, BeforeValidator(_of_thread)]
"""A thread by the id of its opening post, or by its number in the published process."""
Longest = Annotated[str, Field(min_length=1, max_length=40_000)]
Labels = Annotated[tuple[Label, ...], BeforeValidator(lambda value: tuple(value) if isinstance(value, list) else value)]
VERBS = ("say", "post", "speaks", "skip", "out", "swap", "edit", "remove", "pin", "vote", "warn", "ban", "unban")


class NewPost(Strict):
    """An opening post."""

    title: Annotated[str, Field(min_length=1, max_length=300)]
    """Its title."""
    text: Longest
    """Its text."""


class Item(Strict):
    """An item of `inject`: one thing that `who` does, or that happens to `who`; without `who`, no member does it."""

    say: Longest | None = None
    """A reply with this text, in `thread` or to the post `to`."""
    post: NewPost | None = None
    """A new thread."""
    speaks: bool = False
    """`who` replies next in `thread`, in words of its own, whether it would have gone on or not."""
    skip: bool = False
    """The next reply in `thread` is not written (published process)."""
    out: bool = False
    """`who` does not reply in `thread` any more."""
    swap: Annotated[int, Field(ge=0)] | None = None
    """`who` speaks in `thread` wherever this member would."""
    edit: Named | None = None
    """This post gets another `text`."""
    remove: Named | None = None
    """This post is removed; by its author where that is `who`."""
    pin: Named | None = None
    """The thread of this post is pinned."""
    vote: Named | None = None
    """`who` votes on this post, up or down as `down` says."""
    warn: Named | None = None
    """`who` warns the author of this post."""
    ban: bool = False
    """`who` are banned, to the end of step `until` or for good."""
    unban: bool = False
    """`who` are banned no more."""
    thread: Where | None = None
    """Where it happens: the id of the opening post, or the thread's number."""
    to: Named | None = None
    """What is replied to; the last post of the thread when not given."""
    instead: bool = False
    """Whether what is said takes the place of the thread's next reply, or a post that of a thread's own opening."""
    text: Longest | None = None
    """The new text of an edited post."""
    breaks: Labels = ()
    """Labels of what is said or posted."""
    why: Label | None = None
    """The rule that is named for a removal, a warning or a ban."""
    down: bool = False
    """Whether a vote is against the post."""
    until: Annotated[int, Field(ge=1)] | None = None
    """Last step of a ban."""

    @model_validator(mode="after")
    def _one_thing(self) -> Item:
        done = self._done()
        if len(done) != 1:
            raise ValueError(f"an item is one of {', '.join(VERBS)} (got {' and '.join(done) or 'none'})")
        verb = done[0]
        if verb in ("speaks", "skip", "out", "swap") and self.thread is None:
            raise ValueError(f"'{verb}' needs a thread")
        if verb == "say" and self.thread is None and self.to is None:
            raise ValueError("'say' needs a thread, or the post it replies to")
        if (verb == "edit") != (self.text is not None):
            raise ValueError("'edit' and 'text' belong together")
        if self.instead and verb != "say" and not (verb == "post" and type(self.thread) is int):
            raise ValueError("'instead' belongs to 'say', or to a 'post' with the number of a thread")
        return self

    @property
    def verb(self) -> str:
        """What is done."""
        return self._done()[0]

    def _done(self) -> list[str]:
        return [verb for verb in VERBS if (given := getattr(self, verb)) is not None and given is not False]


class Missing(LookupError):
    """What an item is about is not there (any more)."""


class Moved(Community):
    """The side of a community that interventions see."""

    CHANGES: ClassVar[frozenset[str]] = frozenset(
        ("community", "goal", "description", "rules", "labels", "topics", "moderation", "personas", "tokens", "rule")
    ) | {"goes_on", "cap", "newcomer", "attach"}
    """Keys that may change while the world goes on."""
    BEARS: ClassVar[frozenset[str]] = frozenset(("ties", "join", "leave", "traits"))
    """What may be done to the society around it."""

    def change(self, spec: RedditSpec, setting: Setting) -> None:
        """Other keys (of `CHANGES`), or another seed or way of choosing, from the next step on."""
        self.set(spec, setting)
        self.replan(self.clock + 1)

    def refuses(self, spec: RedditSpec) -> Iterable[tuple[str, str]]:
        """Moderators who are nobody."""
        if spec.moderation is not None:
            try:
                members(
                    spec.moderation.who, self.setting.people, self.setting.seed, path="moderation.who",
                    ties=self.setting.ties,
                )  # fmt: skip
            except ScenarioError as error:
                yield from ((problem.path, problem.message) for problem in error.problems)

    # -- people -------------------------------------------------------------------------------------------------

    def newcomer(self, agent: int, step: int) -> list[Event]:
        """Somebody who has joined is a member."""
        return self._happen(happenings.arrival(self, agent, step))

    def refuses_person(self, traits: Mapping[str, Any]) -> str | None:
        """Nobody is refused."""
        return None

    def standing(self, agent: int, about: str) -> dict[str, Any]:
        """What somebody wrote last, and what it remembers, for whoever asks it."""
        if agent >= len(self.written):
            return {}
        mine = [post.text for thread in self.threads.values() for post in thread.posts if post.author == agent]
        told: dict[str, Any] = {"community": self.spec.community, **({"posts": mine[-5:]} if mine else {})}
        if self.mind is not None and agent < len(self.memories):
            me = self.me(agent, Turn(self.setting.seed, self.clock, agent, 0))
            found = self.mind.recall(self.memories[agent].view(), [about], self.mind.page(me), top=20)
            told["memories"] = [record.text for record in found.records]
        return told

    def remember(self, step: int, agent: int, heard: Sequence[Said]) -> list[Event]:
        """Somebody was asked this and answered that, and keeps it."""
        if not self.memories:
            return []
        told = [f"I was asked: {one.ask} I said: {'nothing' if one.answer is None else one.answer}" for one in heard]
        drafts = [Draft("event", text, ask=one.by).plain() for text, one in zip(told, heard, strict=True)]
        return self._happen(iter([Event(step, 0, agent, "asked", {"memory": drafts})]))

    # -- items --------------------------------------------------------------------------------------------------

    def refuses_item(self, item: Any, *, whose: bool) -> str | None:
        """Why this is no item of a community, or None."""
        try:
            read = Item.model_validate(item)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            told = first["msg"].removeprefix("Value error, ")
            return f"{where}: {told}" if where else told
        if not whose and read.verb in ("speaks", "out", "swap", "vote", "ban", "unban"):
            return f"'{read.verb}' needs a `who`"
        if self.spec.process != "published" and read.verb in ("speaks", "skip", "out", "swap"):
            return f"'{read.verb}' is about the published process: where members browse, nobody is to reply next"
        return None

    def inject(self, step: int, item: Any, who: Sequence[int] | None) -> list[Event]:
        """Let it happen; what it is about and cannot be found is told by an event `missed`."""
        read = Item.model_validate(item)
        try:
            return self._happen(_DONE[read.verb](self, step, read, [-1] if who is None else who))
        except Missing as error:
            return self._happen(iter([Event(step, 0, -1, "missed", {"of": read.verb, "why": str(error)})]))


def _thread(world: Community, item: Item) -> Thread:
    if item.thread is None:
        assert item.to is not None
        return world.threads[world.places[_post(world, item.to)][0]]
    found = world.numbers.get(item.thread) if isinstance(item.thread, int) else read_id(item.thread)
    if found is None or found not in world.threads:
        raise Missing(f"no thread {item.thread}")
    return world.threads[found]


def _post(world: Community, named: str | None) -> Id:
    found = read_id(named)
    if found not in world.places:
        raise Missing(f"no post {named}")
    return found


def _free(world: Community, agent: int, step: int) -> int:
    """A number for what somebody is made to write: -1, -2, ..."""
    n = -1
    while (agent, step, n) in world.places:
        n -= 1
    return n


def _say(world: Community, step: int, item: Item, who: Sequence[int]) -> Iterator[Event]:
    thread = _thread(world, item)
    there = thread.there()
    if item.to is None and not there:
        raise Missing("nothing is left in the thread to reply to")
    to = thread.posts[there[-1]].id if item.to is None else _post(world, item.to)
    for agent in who:
        told = {"n": _free(world, agent, step), "thread": list(thread.id), "to": list(to), "text": item.say}
        more: dict[str, Any] = {"breaks": list(item.breaks)} if item.breaks else {}
        if item.instead:
            more["instead"] = True
        if world.memories and agent >= 0:
            more["memory"] = [Draft("event", f"I wrote: {item.say}"[:300]).plain()]
        yield Event(step, 0, agent, "reply", {**told, **more})


def _opens(world: Community, step: int, item: Item, who: Sequence[int]) -> Iterator[Event]:
    assert item.post is not None
    for agent in who:
        told: dict[str, Any] = {"n": _free(world, agent, step), "title": item.post.title, "text": item.post.text}
        if world.spec.process == "published":
            goes_on, number = world.spec.goes_on, world.free_number()
            if item.instead and isinstance(item.thread, int) and item.thread not in world.numbers:
                told["number"] = number = item.thread
            told["p"] = process.probability(world.setting.seed, number, goes_on.mean, goes_on.sd)
        if item.breaks:
            told["breaks"] = list(item.breaks)
        if world.memories and agent >= 0:
            told["memory"] = [Draft("event", f"I opened '{item.post.title}': {item.post.text}"[:300]).plain()]
        yield Event(step, 0, agent, "post", told)


def _cast(world: Community, step: int, item: Item, who: Sequence[int]) -> Iterator[Event]:
    if item.skip and isinstance(item.thread, int) and item.thread in world.plans and item.thread not in world.numbers:
        yield Event(step, 0, -1, "cast", {"number": item.thread, "skip": True})
        return
    told: dict[str, Any] = {"thread": list(_thread(world, item).id)}
    if item.skip:
        told["skip"] = True
    elif item.out:
        told["out"] = list(who)
    elif item.swap is not None:
        told["swap"] = [[item.swap, who[0]]]
    else:
        told["next"] = who[0]
    yield Event(step, 0, -1, "cast", told)


def _edit(world: Community, step: int, item: Item, who: Sequence[int]) -> Iterator[Event]:
    yield Event(step, 0, who[0], "edit", {"item": list(_post(world, item.edit)), "text": item.text})


def _remove(world: Community, step: int, item: Item, who: Sequence[int]) -> Iterator[Event]:
    yield Event(step, 0, who[0], "remove", {"item": list(_post(world, item.remove)), **_why(item)})


def _pin(world: Community, step: int, item: Item, who: Sequence[int]) -> Iterator[Event]:
    yield Event(step, 0, who[0], "pin", {"item": list(_post(world, item.pin)), "to": True})


def _vote(world: Community, step: int, item: Item, who: Sequence[int]) -> Iterator[Event]:
    post = _post(world, item.vote)
    for agent in who:
        yield Event(step, 0, agent, "vote", {"item": list(post), "to": -1 if item.down else 1})


def _warn(world: Community, step: int, item: Item, who: Sequence[int]) -> Iterator[Event]:
    post = _post(world, item.warn)
    if post[0] < 0:
        raise Missing("nobody wrote it who could be warned")
    yield Event(step, 0, who[0], "warn", {"who": post[0], "item": list(post), **_why(item)})


def _ban(world: Community, step: int, item: Item, who: Sequence[int]) -> Iterator[Event]:
    until = {} if item.until is None else {"until": item.until}
    for agent in who:
        yield Event(step, 0, -1, "ban", {"who": agent, **_why(item), **until})


def _unban(world: Community, step: int, item: Item, who: Sequence[int]) -> Iterator[Event]:
    for agent in who:
        if agent in world.banned:
            yield Event(step, 0, -1, "unban", {"who": agent})


def _why(item: Item) -> dict[str, str]:
    return {} if item.why is None else {"why": item.why}


_DONE = {
    "say": _say,
    "post": _opens,
    "speaks": _cast,
    "skip": _cast,
    "out": _cast,
    "swap": _cast,
    "edit": _edit,
    "remove": _remove,
    "pin": _pin,
    "vote": _vote,
    "warn": _warn,
    "ban": _ban,
    "unban": _unban,
}
