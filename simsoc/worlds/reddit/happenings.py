"""What becomes of things: events of a community, each made after the one before is folded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from simsoc.core.stream import draw
from simsoc.core.words import Action, Answer, Event, NoAnswer, Reply, Turn
from simsoc.minds.records import Draft

from . import process
from .items import Id, Post

if TYPE_CHECKING:
    from .state import Community

_REMEMBERED = 240  # characters of a text that stay in mind


def first(world: Community) -> Iterator[Event]:
    """Who breaks rules, and who looks after them."""
    trolls = {str(agent): rate for agent in range(world.n) if (rate := troll_rate(world, agent)) is not None}
    yield Event(0, 0, -1, "open", {"trolls": trolls, "moderators": list(world.moderators)})
    yield from started(world)


def started(world: Community) -> Iterator[Event]:
    """Threads from a file: by nobody in the run, in order of writing, each with the score it came with."""
    renamed: dict[Id, Id] = {}
    published = world.spec.process == "published"
    for place, post in enumerate(world.started, start=1):
        renamed[post.id] = item = (-1, 0, -place)
        by = post.by or (f"user{post.author}" if post.author >= 0 else "[deleted]")
        told: dict[str, Any] = {"n": -place, "by": by, "score": post.score}
        if post.parent is not None:
            told |= {"thread": list(renamed[post.thread]), "to": list(renamed[post.parent]), "text": post.text}
            yield Event(0, 0, -1, "reply", told)
        else:
            number, goes_on = world.free_number(), world.spec.goes_on
            told |= {"title": post.title or "...", "text": post.text}
            if published:
                carried = world.spec.start is not None and world.spec.start.goes_on
                p = process.probability(world.setting.seed, number, goes_on.mean, goes_on.sd) if carried else 0.0
                told |= {"number": number, "p": p}
            yield Event(0, 0, -1, "post", told)
        if post.gone is not None:
            yield Event(0, 0, -1, "remove", {"item": list(item)})


def troll_rate(world: Community, agent: int) -> float | None:
    """How often somebody means to break a rule; None for whoever does not."""
    spec, given = world.spec.trolls, world.setting.people[agent].get("troll")
    if isinstance(given, bool):
        return spec.rate if given else None
    if isinstance(given, int | float):
        return min(1.0, max(0.0, float(given)))
    return spec.rate if draw(world.setting.seed, "reddit troll", agent) < spec.share else None


def arrival(world: Community, agent: int, step: int) -> Iterator[Event]:
    """Somebody who has joined is a member."""
    rate = troll_rate(world, agent)
    yield Event(step, 0, agent, "arrive", {} if rate is None else {"troll": rate})


def opening(world: Community, step: int) -> Iterator[Event]:
    """Bans that are over."""
    for agent in sorted(a for a, until in world.banned.items() if until is not None and until < step):
        yield Event(step, 0, -1, "unban", {"who": agent})


def of_turn(world: Community, action: Action) -> Iterator[Event]:
    """What was written, or that nothing was, and what a moderator did about it."""
    at, content = action.at, action.content
    if action.verb == "rest":
        return
    if action.verb == "lurk":
        yield Event(at.step, at.turn, at.agent, "lurk", {})
        return
    if "silent" in content:
        yield Event(at.step, at.turn, at.agent, "silent", {"of": action.verb, "reason": content["silent"].reason})
        return
    if action.verb == "vote":
        yield _voted(at, content)
        return
    wrote: Reply = content["wrote"]
    if isinstance(wrote, NoAnswer):
        where = {} if content["thread"] is None else {"thread": list(content["thread"])}
        yield Event(at.step, at.turn, at.agent, "silent", {"of": action.verb, **where, "reason": wrote.reason})
        return
    made = _written(world, at, action.verb, content, wrote)
    yield made
    if "judged" in content:
        yield from _judged(world, at, (at.agent, at.step, at.turn), content["judged"])


def _voted(at: Turn, content: Mapping[str, Any]) -> Event:
    vote: Reply = content["vote"]
    if isinstance(vote, NoAnswer):
        return Event(at.step, at.turn, at.agent, "silent", {"of": "vote", "reason": vote.reason})
    to = 1 if vote.value == "up" else -1
    return Event(at.step, at.turn, at.agent, "vote", {"item": list(content["to"]), "to": to})


def _written(world: Community, at: Turn, verb: str, content: Mapping[str, Any], wrote: Answer) -> Event:
    value = wrote.value
    told: dict[str, Any] = {"n": at.turn}
    if verb == "reply":
        told |= {"thread": list(content["thread"]), "to": list(content["to"].id)}
    else:
        goes_on = world.spec.goes_on
        told["title"] = value["title"] or "..."
        if world.spec.process == "published":
            told["p"] = process.probability(at.seed, at.turn, goes_on.mean, goes_on.sd)
    told["text"] = value["text"]
    breaks = list(dict.fromkeys(value.get("breaks", ())))
    if breaks:
        told["breaks"] = breaks
    if world.decision[verb].by_rule(wrote):
        told["synthetic"] = True
    if world.mind is not None:
        told |= _kept(world, content, told)
    return Event(at.step, at.turn, at.agent, verb, told)


def _kept(world: Community, content: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    """What the author keeps in mind: who said what, and what it said itself."""
    drafts = []
    text, asked = told["text"][:_REMEMBERED], content["asked"]
    if "to" in content:
        to: Post = content["to"]
        name, title = world.author_of(to), world.threads[to.thread].posts[0].title
        triple = (name, "wrote in", title)
        drafts.append(Draft("event", f"{name} wrote in '{title}': {to.text[:_REMEMBERED]}", None, triple, ask=asked))
        drafts.append(Draft("event", f"I replied to {name}: {text}", ask=asked))
    else:
        drafts.append(Draft("event", f"I opened '{told['title']}': {text}", ask=asked))
    kept: dict[str, Any] = {"memory": [draft.plain() for draft in drafts]}
    return kept | ({"recalled": list(content["recalled"])} if content["recalled"] else {})


def _judged(world: Community, at: Turn, item: Id, judged: Mapping[str, Any]) -> Iterator[Event]:
    by, did, why = judged["by"], judged["did"], judged.get("why")
    if isinstance(did, NoAnswer):
        yield Event(at.step, at.turn, by, "silent", {"of": "moderate", "reason": did.reason})
        return
    named = {"why": why.value} if isinstance(why, Answer) else {}
    if isinstance(why, NoAnswer):
        yield Event(at.step, at.turn, by, "silent", {"of": "why", "reason": why.reason})
    if did.value == "pin":
        yield Event(at.step, at.turn, by, "pin", {"item": list(item), "to": True})
    elif did.value == "remove":
        yield Event(at.step, at.turn, by, "remove", {"item": list(item), **named})
    elif did.value == "warn":
        yield Event(at.step, at.turn, by, "warn", {"who": at.agent, "item": list(item), **named})
        yield from _mended(world, at, item, judged)
    elif did.value == "ban":
        yield Event(at.step, at.turn, by, "remove", {"item": list(item), **named})
        if at.agent not in world.banned:
            yield Event(
                at.step, at.turn, by, "ban", {"who": at.agent, "item": list(item), **named, **_until(world, at)}
            )


def _until(world: Community, at: Turn) -> dict[str, int]:
    moderation = world.spec.moderation
    steps = None if moderation is None else moderation.ban_steps
    return {} if steps is None else {"until": at.step + steps}


def _mended(world: Community, at: Turn, item: Id, judged: Mapping[str, Any]) -> Iterator[Event]:
    for of in ("mends", "edited"):
        if isinstance(judged.get(of), NoAnswer):
            purpose = {"mends": "mend", "edited": "edit"}[of]
            yield Event(at.step, at.turn, at.agent, "silent", {"of": purpose, "reason": judged[of].reason})
            return
    if judged["mends"].value == "delete":
        yield Event(at.step, at.turn, at.agent, "remove", {"item": list(item)})
    elif judged["mends"].value == "edit":
        text = judged["edited"].value
        yield Event(at.step, at.turn, at.agent, "edit", {"item": list(item), "text": text})
