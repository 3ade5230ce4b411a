"""From a point in a thread to a fork: which step the past ends with, and what is done then (methods.md 2.3).

In the published process the k-th reply of a thread is written in step k + 1, and in each step a thread gets one. So
whatever is to happen before a reply takes place between two steps, and nothing of the past is touched: other threads go
on as they did, draw by draw. Where members browse, what was written is edited or removed before the next step.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from simsoc.core.canonical import Digest, canonical
from simsoc.core.errors import ScenarioError
from simsoc.core.shelf import nearest
from simsoc.core.words import Event

from .items import Id, read_id, told_id
from .spec import RedditSpec

if TYPE_CHECKING:
    from simsoc.runlog.reader import Run


class Written(Struct, frozen=True):
    """An item as the log has it."""

    id: Id
    thread: Id
    to: Id | None
    number: int
    """Of the thread, in the published process."""


class Supposed(Struct, frozen=True, kw_only=True):
    """What is supposed to be otherwise, at a point in a thread."""

    after: str | None = None
    """After this item: something is inserted, or somebody is out or replaced from there on."""
    replace: str | None = None
    """This utterance is another one."""
    remove: str | None = None
    """This utterance is not made."""
    say: str | None = None
    """What is said; in words of the actor's own when not given."""
    title: str | None = None
    """Title of an opening post that replaces another one."""
    who: int | str | Mapping[str, Any] | None = None
    """Who says it: id or name of a member, or traits of somebody new, who is a guest and speaks only there."""
    out: int | str | None = None
    """Who does not speak in the thread any more."""
    instead_of: int | str | None = None
    """In whose place `who` speaks in the thread from there on."""
    settings: bool = False
    """Whether settings change there, too."""


Future = tuple[int, list[dict[str, Any]]]


def future(spec: RedditSpec, run: Run, supposed: Supposed) -> Future:
    """The last step of the shared past, and the interventions after it. Raises ScenarioError."""
    points = [(key, value) for key in ("after", "replace", "remove") if (value := getattr(supposed, key)) is not None]
    if len(points) != 1:
        raise ScenarioError("what if what? Say one of after, replace and remove, with the id of a post, such as 12.3.0")
    key, named = points[0]
    item = _found(run, named, key)
    published = spec.process == "published"
    before = published and key != "after"  # what is not to be written never is
    at = item.id[1] - 1 if before else item.id[1]
    if before and item.id[2] < 0:
        raise ScenarioError.at(key, f"{named} was put in by an intervention; change that instead")
    made: list[dict[str, Any]] = []
    who = _who(run, supposed, at, made)
    if key == "after":
        made += _after(supposed, item, who, at + 1, run)
    elif key == "replace":
        made += _replace(supposed, item, who, at + 1, published)
    else:
        made += _remove(item, at + 1, published)
    return at, made


def _after(supposed: Supposed, item: Written, who: int | None, step: int, run: Run) -> list[dict[str, Any]]:
    thread: dict[str, Any] = {"thread": told_id(item.thread)}
    if supposed.out is not None:
        return [_inject(step, {"out": True, **thread}, member(run, supposed.out, "out"))]
    if supposed.instead_of is not None:
        if who is None:
            raise ScenarioError.at("who", "who speaks in the place of somebody else?")
        other = member(run, supposed.instead_of, "instead_of")
        return [_inject(step, {"swap": other, **thread}, who)]
    if supposed.say is not None:
        return [_inject(step, {"say": supposed.say, **thread, "to": told_id(item.id)}, who)]
    if who is None and supposed.settings:
        return []
    if who is None:
        raise ScenarioError.at("say", "what is inserted? Say what is said, or who speaks, or who is out")
    return [_inject(step, {"speaks": True, **thread}, who)]


def _replace(supposed: Supposed, item: Written, who: int | None, step: int, published: bool) -> list[dict[str, Any]]:
    author = item.id[0] if who is None else who
    author_of = author if author >= 0 else None
    if not published:
        if who is not None or supposed.say is None:
            raise ScenarioError.at("replace", "where members browse, an utterance gets another text: give `say` alone")
        return [_inject(step, {"edit": told_id(item.id), "text": supposed.say}, author_of)]
    if item.to is None:
        if supposed.say is None:
            raise ScenarioError.at("say", "what does the opening post say instead?")
        post = {"title": supposed.title or supposed.say[:80], "text": supposed.say}
        return [_inject(step, {"post": post, "thread": item.number, "instead": True}, author_of)]
    thread = {"thread": told_id(item.thread)}
    if supposed.say is None:
        if who is None:
            raise ScenarioError.at("say", "with what? Say what is said, or who speaks instead")
        return [_inject(step, {"speaks": True, **thread}, who)]
    said = {"say": supposed.say, **thread, "to": told_id(item.to), "instead": True}
    return [_inject(step, said, author_of)]


def _remove(item: Written, step: int, published: bool) -> list[dict[str, Any]]:
    if not published:
        return [_inject(step, {"remove": told_id(item.id)}, None)]
    thread = item.number if item.to is None else told_id(item.thread)
    return [_inject(step, {"skip": True, "thread": thread}, None)]


def _inject(step: int, item: Mapping[str, Any], who: int | None) -> dict[str, Any]:
    whom = {} if who is None else {"who": {"ids": [who]}}
    return {"at": step, **whom, "do": {"kind": "inject", "world": "reddit", "item": dict(item)}}


# -- who and where -----------------------------------------------------------------------------------------------------


def _who(run: Run, supposed: Supposed, at: int, made: list[dict[str, Any]]) -> int | None:
    """The id of whoever acts; somebody new joins first, as a guest."""
    who = supposed.who
    if isinstance(who, Mapping):
        people = run.agents
        made.append({"at": at + 1, "do": {"kind": "join", "traits": {"guest": True, **who}}})
        return int((people["born_step"] <= at).sum())
    return None if who is None else member(run, who, "who")


def member(run: Run, who: int | str, key: str) -> int:
    """The id of a member, by id or name. Raises ScenarioError."""
    people = run.agents
    if isinstance(who, int) or who.isdigit():
        if int(who) not in set(people["agent"]):
            raise ScenarioError.at(key, f"there is no agent {who}; there are {len(people)}, counted from 0")
        return int(who)
    names = [] if "name" not in people else [str(name) for name in people["name"]]
    if names.count(who) != 1:
        told = f"{names.count(who)} members are called '{who}'.{nearest(who, names)}"
        raise ScenarioError.at(key, told)
    return int(people["agent"].iloc[names.index(who)])


def _found(run: Run, named: str, key: str) -> Written:
    try:
        wanted = read_id(named)
    except ValueError as error:
        raise ScenarioError.at(key, str(error)) from None
    written = items(run.stored_events())
    if wanted not in written:
        near = nearest(told_id(wanted), [told_id(item) for item in written][:2000])
        raise ScenarioError.at(key, f"there is no post {told_id(wanted)} in {run.path}.{near}")
    return written[wanted]


# -- what became of it -------------------------------------------------------------------------------------------------


class Exposure(Struct, frozen=True):
    """The first time somebody saw something else than in the parent."""

    step: int
    viewer: int
    thread: Id | None = None
    """The thread that was read and was another one; None where the page was."""
    was: tuple[Id, ...] = ()
    """What the parent's page showed, from the top down; nothing where it had no such visit."""
    now: tuple[Id, ...] = ()


class Parted(Struct, frozen=True):
    """A run and a fork of it, thread by thread."""

    at: int
    """Last step of the shared past."""
    past: str
    """Digest of the events up to then, of both."""
    same: bool
    """Whether these digests are equal."""
    changed: tuple[Id, ...]
    """Threads in which something else happened after it, in order of opening; those of one run alone included."""
    untouched: int
    """Threads in which all is as it was."""
    exposure: Exposure | None
    """Who was the first to see something else, where members look at a page."""


def parted(before: Run, after: Run, at: int) -> Parted:
    """What a fork changed: nothing before its point, and after it in which threads."""
    digests = [_past(run, at) for run in (before, after)]
    was, now = _threads(before), _threads(after)
    changed = tuple(thread for thread in dict.fromkeys((*was, *now)) if was.get(thread) != now.get(thread))
    untouched = len(set(was) | set(now)) - len(changed)
    return Parted(at, digests[1], digests[0] == digests[1], changed, untouched, _first_exposure(before, after, at))


def _first_exposure(before: Run, after: Run, at: int) -> Exposure | None:
    """By page or by a thread that was replied to or voted in, whichever came first; of one step, the page."""
    was, now = _pages(before, at), _pages(after, at)
    if not was and not now:
        return None
    turns = (turn for turn in sorted(set(was) | set(now)) if was.get(turn) != now.get(turn))
    page = next((Exposure(t[0], t[2], None, tuple(was.get(t, ())), tuple(now.get(t, ()))) for t in turns), None)
    read = _first_reading(before, after, at)
    found = [one for one in (page, read) if one is not None]
    return min(found, key=lambda one: one.step, default=None)


def _first_reading(before: Run, after: Run, at: int) -> Exposure | None:
    """The first turn after a step in which somebody did something in a thread that was not the parent's."""
    was, seen = _by_thread(before), list[tuple[int, int, Id]]()
    now = _by_thread(after)
    for thread, events in now.items():
        seen += [(step, agent, thread) for step, agent, kind, _ in events if step > at and kind in ("reply", "vote")]
    for step, agent, thread in sorted(seen):
        if [e for e in now[thread] if e[0] < step] != [e for e in was.get(thread, ()) if e[0] < step]:
            return Exposure(step, agent, thread)
    return None


def _pages(run: Run, at: int) -> dict[tuple[int, int, int], list[Id]]:
    """What was shown after a step, by step, turn and viewer."""
    found: dict[tuple[int, int, int], list[Id]] = {}
    rows = run.exposures
    columns = ("step", "turn", "viewer", "author", "made_step", "n")
    for step, turn, viewer, *item in zip(*(rows[name] for name in columns), strict=True):
        if step > at:
            found.setdefault((int(step), int(turn), int(viewer)), []).append(tuple(map(int, item)))  # type: ignore[arg-type]
    return found


def _past(run: Run, at: int) -> str:
    digest = Digest()
    for event in run.stored_events(at):
        digest.add(event)
    return digest.hex()


def _threads(run: Run) -> dict[Id, list[str]]:
    """All that happened in each thread."""
    return {thread: [" ".join(map(str, event)) for event in events] for thread, events in _by_thread(run).items()}


def _by_thread(run: Run) -> dict[Id, list[tuple[int, int, str, str]]]:
    """Step, agent, kind and content of every event of a thread, in order."""
    found: dict[Id, list[tuple[int, int, str, str]]] = {}
    of: dict[Id, Id] = {}
    for event in run.stored_events():
        kind, content = event.kind.removeprefix("reddit."), event.content
        if kind == "post" or "thread" in content:
            thread: Id = (event.agent, event.step, content["n"]) if kind == "post" else tuple(content["thread"])
            if "n" in content:
                of[event.agent, event.step, content["n"]] = thread
        elif content.get("item") is not None:
            thread = of[tuple(content["item"])]
        else:
            continue
        found.setdefault(thread, []).append((event.step, event.agent, kind, canonical(content)))
    return found


def items(events: Iterable[Event]) -> dict[Id, Written]:
    """Every post and reply, by id."""
    found: dict[Id, Written] = {}
    for event in events:
        kind, content = event.kind.removeprefix("reddit."), event.content
        if kind == "post" and "title" in content:
            item = (event.agent, event.step, content["n"])
            found[item] = Written(item, item, None, content.get("number", content["n"]))
        elif kind == "reply" and "thread" in content:
            item = (event.agent, event.step, content["n"])
            thread = found[tuple(content["thread"])]
            found[item] = Written(item, thread.id, tuple(content["to"]), thread.number)
    return found
