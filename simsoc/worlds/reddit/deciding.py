"""Turns as generators: somebody writes, a moderator may look, and the author may mend it."""

from __future__ import annotations

import inspect
from collections.abc import Generator
from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec import Struct
from msgspec.structs import replace
from pydantic import BaseModel, Field, create_model

from simsoc.core.answers import Choice, Form, Record, Words
from simsoc.core.words import Action, Answer, Ask, Decision, NoAnswer, Reply, Rule, Thought, Turn
from simsoc.worlds.setting import Setting

from .items import Id, Post
from .sheet import Part, Sheet
from .spec import RedditSpec

if TYPE_CHECKING:
    from .state import Community

LONGEST_TITLE = 300
MEND = Choice(("stand", "edit", "delete"))
Judging = Generator[Ask, Reply, dict[str, Any]]


class View(Struct, frozen=True):
    """What the author of a turn and whoever judges it see."""

    at: Turn
    part: Part
    thread: Id | None
    """Where the reply goes; None for an opening post."""
    moderator: int | None
    """Who looks at it afterwards."""
    strikes: int
    """How often its author was warned before, or had a post removed."""
    nothing: bool = False
    """Whether there is no thread, because nobody opened it."""


def decisions(spec: RedditSpec, setting: Setting) -> dict[str, Decision]:
    """What members and moderators are asked, each with its rule."""
    family, parameters = setting.shelves["reddit_rules"].get(spec.rule.kind), spec.rule.parameters()
    forms: dict[str, Form] = {
        "visit": Choice(),
        "pick": Choice(),
        "vote": Choice(("up", "down")),
        "post": Record(_form("Post", spec, title=(Annotated[str, Field(min_length=1, max_length=LONGEST_TITLE)], ...))),
        "reply": Record(_form("Reply", spec)),
        "moderate": Choice(),
        "why": Choice(),
        "mend": MEND,
        "edit": Words(spec.longest),
    }
    made = {}
    for name, form in forms.items():
        function = getattr(family, name)
        wanted = inspect.signature(function).parameters
        rule = Rule(f"{spec.rule.kind}.{name}", function, {k: v for k, v in parameters.items() if k in wanted})
        made[name] = Decision(name, f"reddit/{name}", form, rule, setting.choice)
    return made


def _form(name: str, spec: RedditSpec, **fields: Any) -> type[BaseModel]:
    """A text, and the labels its author gives it, where there are any."""
    fields["text"] = (Annotated[str, Field(min_length=1, max_length=spec.longest)], ...)
    names = spec.names()
    if names:
        fields["breaks"] = (Annotated[list[Literal[names]], Field(max_length=len(names))], ...)  # type: ignore[valid-type]
    return create_model(name, **fields)


def publish(world: Community, view: View) -> Thought:
    """A turn of the published process."""
    if view.nothing:
        return Action(view.at, "rest", {})
    content = yield from written(world, view)
    return Action(view.at, "post" if view.thread is None else "reply", content)


def written(world: Community, view: View) -> Judging:
    """What somebody writes, and what comes of it."""
    opens = view.thread is None
    name = "post" if opens else "reply"
    sheet = Sheet(world, view.part)
    ask = sheet.ask(world.decision[name])
    wrote = yield ask
    content: dict[str, Any] = {"wrote": wrote, "thread": view.thread, "asked": ask.identity, "recalled": sheet.recalled}
    if not opens:
        content["to"] = view.part.posts[view.part.to]
    if isinstance(wrote, Answer) and view.moderator is not None and wrote.value["text"].strip():
        content["judged"] = yield from _judged(world, view, wrote.value)
    return content


def _judged(world: Community, view: View, wrote: dict[str, Any]) -> Judging:
    """What a moderator does about it, and what its author does about that."""
    assert view.moderator is not None
    assert world.spec.moderation is not None
    author, at = view.part.me, view.at
    there = world.me(view.moderator, Turn(at.seed, at.step, view.moderator, at.turn))
    post = Post((at.agent, at.step, at.turn), view.thread or (at.agent, at.step, at.turn), None, 0, wrote["text"])
    shown = {"author": author.name, "title": wrote.get("title", ""), "text": post.text}
    judge = Part(
        there.met_by(author), None, view.part.posts, view.part.to, view.part.left_out, view.part.topic, view.strikes
    )
    powers = ["keep", *world.spec.moderation.powers]
    did = yield Sheet(world, judge, options=powers, **shown).ask(world.decision["moderate"])
    judged: dict[str, Any] = {"by": view.moderator, "did": did}
    if isinstance(did, NoAnswer) or did.value == "keep":
        return judged
    rules = [rule.label for rule in world.spec.stated()]
    if rules and did.value != "pin":
        judged["why"] = yield Sheet(world, judge, options=rules, **shown).ask(world.decision["why"])
    if did.value == "warn":
        judged |= yield from _mended(world, view, shown["text"], judged.get("why"))
    return judged


def _mended(world: Community, view: View, text: str, why: Reply | None) -> Judging:
    """What somebody who is warned does about it."""
    part = replace(view.part, memory=None)
    told = str(why.value) if isinstance(why, Answer) else ""
    mends = yield Sheet(world, part, text=text, why=told).ask(world.decision["mend"])
    mended: dict[str, Any] = {"mends": mends}
    if isinstance(mends, Answer) and mends.value == "edit":
        mended["edited"] = yield Sheet(world, part, text=text, why=told).ask(world.decision["edit"])
    return mended
