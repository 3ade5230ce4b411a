"""Events fold back into a community: one function for each kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from simsoc.core.protocols import Stored
from simsoc.core.words import Event
from simsoc.minds.records import Draft

from .items import Id, Post, Thread

if TYPE_CHECKING:
    from .state import Community


def fold(world: Community, event: Event) -> None:
    """Change the state as an event says."""
    kind, content = event.kind, event.content
    if kind in _OF_TURNS and content.get("n", 0) >= 0:
        world.clock = max(world.clock, event.step)
    folded = _FOLDS.get(kind)
    if folded is not None:
        folded(world, event, content)


def _id(given: Any) -> Id:
    return tuple(given)


def _open(world: Community, event: Event, content: Mapping[str, Any]) -> None:
    world.trolls = {int(agent): rate for agent, rate in content["trolls"].items()}
    if world.mind is not None:
        world.memories = [world.mind.memory() for _ in range(world.n)]


def _arrive(world: Community, event: Event, content: Mapping[str, Any]) -> None:
    if "troll" in content:
        world.trolls[event.agent] = content["troll"]


def _post(world: Community, event: Event, content: Mapping[str, Any]) -> None:
    n = content["n"]
    item = (event.agent, event.step, n)
    post = _made(item, item, None, 0, content)
    published = world.spec.process == "published"
    number = n if n >= 0 else content.get("number", world.free_number())
    address = (number,) if published else item
    thread = Thread(post, number, content.get("p", 0.0), world.topic_of(address, f"{post.title} {post.text}"))
    world.threads[item] = thread
    world.places[item] = (item, 0)
    _count(world, event, post)
    if not published:
        world.items.add(item, kind="post", ups=post.up, downs=post.down)
    if published:
        world.numbers[number] = item
        if n < 0:
            world.plan(thread, event.step + 1)
    _remember(world, event, content)


def _reply(world: Community, event: Event, content: Mapping[str, Any]) -> None:
    thread = world.threads[_id(content["thread"])]
    item, to = (event.agent, event.step, content["n"]), _id(content["to"])
    post = _made(item, thread.id, to, world.find(to).depth + 1, content)
    world.places[item] = (thread.id, len(thread.posts))
    thread.posts.append(post)
    thread.slots += 1
    if event.step == 0:
        pass  # written before anybody was here
    elif event.agent < 0 or event.agent in thread.cast:
        _bump(world, "by insiders")
    else:
        thread.cast.append(event.agent)
        _bump(world, "by newcomers")
    _answered(world, event, to)
    _count(world, event, post)
    if world.spec.process == "browse":
        world.items.add(item, kind="reply", to=to, listed=False, ups=post.up, downs=post.down)
    if content["n"] < 0:
        _rebase(world, thread, max(event.step, 1) + bool(content.get("instead")))
    elif thread.next is not None:
        thread.next = None
    _remember(world, event, content)


def _answered(world: Community, event: Event, to: Id) -> None:
    """Somebody has an answer, perhaps the first."""
    if event.step:
        _bump(world, "answers")
        _bump(world, "waited", event.step - to[1])
    if to not in world.answered:
        world.answered.add(to)
        _bump(world, "answered")


def _made(item: Id, thread: Id, parent: Id | None, depth: int, content: Mapping[str, Any]) -> Post:
    return Post(
        item,
        thread,
        parent,
        depth,
        content["text"],
        content.get("title", ""),
        breaks=tuple(content.get("breaks", ())),
        synthetic=content.get("synthetic", False),
        by=content.get("by", ""),
        up=max(content.get("score", 1) - 1, 0),
        down=max(1 - content.get("score", 1), 0),
    )


def _count(world: Community, event: Event, post: Post) -> None:
    _bump(world, "posts" if post.parent is None else "replies")
    if post.parent is not None:
        world.counts["depth"] = max(world.counts.get("depth", 0), post.depth)
    if event.agent >= 0:
        world.written[event.agent] += 1
    if world.said(post):
        world.texts.add(event.agent, f"{post.title}\n\n{post.text}" if post.title else post.text)
        _bump(world, "worded")
        if world.breaks(post):
            _bump(world, "breaking")


def _bump(world: Community, what: str, more: int = 1) -> None:
    world.counts[what] = world.counts.get(what, 0) + more


def _rebase(world: Community, thread: Thread, step: int) -> None:
    if world.spec.process == "published":
        world.plan(thread, step)


def _silent(world: Community, event: Event, content: Mapping[str, Any]) -> None:
    if "thread" in content and content["of"] == "reply":
        thread = world.threads[_id(content["thread"])]
        thread.slots += 1
        thread.next = None


def _cast(world: Community, event: Event, content: Mapping[str, Any]) -> None:
    if "number" in content:
        world.skipped.add(content["number"])
        world.plans.pop(content["number"], None)
        world.openers = [one for one in world.openers if one[1] != content["number"]]
        return
    thread = world.threads[_id(content["thread"])]
    thread.out = tuple(dict.fromkeys((*thread.out, *content.get("out", ()))))
    thread.swap = {**thread.swap, **dict(map(tuple, content.get("swap", ())))}
    thread.next = content.get("next", thread.next)
    skips = bool(content.get("skip"))
    thread.slots += skips
    _rebase(world, thread, event.step + skips)


def _vote(world: Community, event: Event, content: Mapping[str, Any]) -> None:
    item, to = _id(content["item"]), content["to"]
    votes = world.votes.setdefault(item, {})
    was = votes.pop(event.agent, 0)
    if to:
        votes[event.agent] = to
    if world.spec.process == "browse":
        for value, by in ((was, -1), (to, 1)):
            if value:
                world.items.act("up" if value > 0 else "down", event.agent, item, by=by)
    post = world.find(item)
    up, down = (to > 0) - (was > 0), (to < 0) - (was < 0)
    _replace(world, post, up=post.up + up, down=post.down + down)
    _bump(world, "votes")
    if post.author >= 0:
        world.karma[post.author] += up - down


def _replace(world: Community, post: Post, **other: Any) -> None:
    thread, place = world.places[post.id]
    world.threads[thread].posts[place] = replace(post, **other)


def _edit(world: Community, event: Event, content: Mapping[str, Any]) -> None:
    post = world.find(_id(content["item"]))
    _replace(world, post, text=content["text"], title=content.get("title", post.title), edited=True)
    _bump(world, "edited")


def _remove(world: Community, event: Event, content: Mapping[str, Any]) -> None:
    post = world.find(_id(content["item"]))
    if post.gone is None:
        _replace(world, post, gone="deleted" if event.agent == post.author else "removed")
        world.threads[post.thread].lost += 1
        _bump(world, "removed" if event.agent != post.author else "deleted")
        if event.agent != post.author:
            world.strikes[post.author] = world.strikes.get(post.author, 0) + 1
        if world.spec.process == "browse":
            world.items.unlist(post.id)


def _warn(world: Community, event: Event, content: Mapping[str, Any]) -> None:
    world.strikes[content["who"]] = world.strikes.get(content["who"], 0) + 1
    _bump(world, "warned")


def _ban(world: Community, event: Event, content: Mapping[str, Any]) -> None:
    world.banned[content["who"]] = content.get("until")
    _bump(world, "banned")
    world.replan(world.coming(event))


def _unban(world: Community, event: Event, content: Mapping[str, Any]) -> None:
    world.banned.pop(content["who"], None)
    world.replan(world.coming(event))


def _pin(world: Community, event: Event, content: Mapping[str, Any]) -> None:
    thread = world.threads[world.places[_id(content["item"])][0]]
    thread.pinned = content["to"]
    world.pinned.pop(thread.id, None)
    if thread.pinned:
        world.pinned[thread.id] = None


def _lurk(world: Community, event: Event, content: Mapping[str, Any]) -> None:
    _bump(world, "lurked")


def _join(world: Community, event: Event, content: Mapping[str, Any]) -> None:
    world.n = content["who"] + 1
    world.invite(content["who"])
    world.karma.append(0)
    world.written.append(0)
    if world.mind is not None:
        world.memories.append(world.mind.memory())
    world.replan(world.coming(event))


def _leave(world: Community, event: Event, content: Mapping[str, Any]) -> None:
    world.gone.add(content["who"])
    world.replan(world.coming(event))


def _traits(world: Community, event: Event, content: Mapping[str, Any]) -> None:
    who = content["who"]
    world.forget_persona(who)
    if "name" in content["to"]:
        world.rename()
    if "troll" in content["to"]:
        rate = world.troll_rate(who)
        world.trolls.pop(who, None)
        if rate is not None:
            world.trolls[who] = rate


def _remember(world: Community, event: Event, content: Mapping[str, Any]) -> None:
    if not world.memories or event.agent < 0:
        return
    memory, now = world.memories[event.agent], float(event.step)
    recalled = content.get("recalled", ())
    if recalled:
        memory.touch(recalled, now)
        world.touched += [(event.agent, number) for number in recalled]
    drafts = [Draft.of(draft) for draft in content.get("memory", ())]
    made = memory.store(drafts, now, event=(event.step, event.turn, event.agent))
    world.fresh += [Stored(event.agent, record, event) for record in made]


_OF_TURNS = ("post", "reply", "silent", "lurk")
"""What happens in turns: by these it is told which step has begun."""
_FOLDS: dict[str, Callable[[Community, Event, Mapping[str, Any]], None]] = {
    "open": _open,
    "arrive": _arrive,
    "post": _post,
    "reply": _reply,
    "silent": _silent,
    "cast": _cast,
    "vote": _vote,
    "edit": _edit,
    "remove": _remove,
    "warn": _warn,
    "ban": _ban,
    "unban": _unban,
    "pin": _pin,
    "lurk": _lurk,
    "asked": _remember,
    "society.join": _join,
    "society.leave": _leave,
    "society.traits": _traits,
}
