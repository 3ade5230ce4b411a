"""What happens in a town, as events: each is folded before the next one is made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from simsoc.core.protocols import Said
from simsoc.core.words import Action, Event
from simsoc.minds.asking import Counts
from simsoc.minds.mind import Outcome
from simsoc.minds.plan import Plan
from simsoc.minds.records import IDLE_WEIGHS, Draft

from .deciding import Deed
from .items import told
from .times import DAY

if TYPE_CHECKING:
    from .state import Town

_KEPT = 300  # characters of a question and of an answer that are remembered


def first(
    world: Town, weigh: Callable[[str, Any], int], seeds: Callable[[tuple[str, ...], Any], list[Draft]]
) -> Iterator[Event]:
    """The start: acquaintances, seed memories, and who knows what."""
    for agent in range(len(world.dwellers)):
        yield from _acquainted(world, 0, agent)
    for agent, dweller in enumerate(world.dwellers):
        drafts = seeds(dweller.memories, weigh)
        drafts += [_news(item) for item in world.items.values() if item.holder == dweller.name]
        if drafts and world.memories:
            yield Event(0, 0, agent, "remember", {"memories": [draft.plain() for draft in drafts]})
        for item in world.items.values():
            if item.holder == dweller.name:
                yield Event(0, 0, agent, "learn", {"item": item.name})


def _acquainted(world: Town, step: int, agent: int) -> Iterator[Event]:
    named = [world.names[other] for other in world.dwellers[agent].knows]
    others = sorted({*named, *world.setting.ties.neighbours(agent)} - {agent, *world.gone})
    if others:
        yield Event(step, 0, agent, "knows", {"whom": others})


def arrived(
    world: Town,
    step: int,
    agent: int,
    weigh: Callable[[str, Any], int],
    seeds: Callable[[tuple[str, ...], Any], list[Draft]],
) -> Iterator[Event]:
    """Somebody has come to live here: whom it knows, and seed memories."""
    yield from _acquainted(world, step, agent)
    drafts = seeds(world.dwellers[agent].memories, weigh)
    if drafts and world.memories:
        yield Event(step, 0, agent, "remember", {"memories": [draft.plain() for draft in drafts]})


def _news(item: Any) -> Draft:
    return Draft("seed", item.text, item.importance, keywords=(item.name,))


def injected(world: Town, step: int, name: str, agents: Iterable[int]) -> Iterator[Event]:
    """An item is told from outside."""
    for agent in agents:
        if world.memories:
            yield Event(step, 0, agent, "remember", {"memories": [_news(world.items[name]).plain()]})
        if agent not in world.knows[name]:
            yield Event(step, 0, agent, "learn", {"item": name})


def asked(world: Town, step: int, agent: int, heard: Sequence[Said]) -> Iterator[Event]:
    """Questions of a survey that are kept in mind."""
    name = world.dwellers[agent].name
    drafts = []
    for said in heard:
        text = f"{name} was asked: {_short(said.ask)} Answer: {_short(said.answer)}"
        drafts.append(Draft("event", text, IDLE_WEIGHS, (name, "was asked", text), ask=said.by))
    yield Event(step, 0, agent, "remember", {"memories": [draft.plain() for draft in drafts]})


def _short(said: Any) -> str:
    """A question or an answer as it is remembered."""
    told = "none" if said is None else f"{said:.6g}" if isinstance(said, float) else str(said)
    return told if len(told) <= _KEPT else f"{told[:_KEPT].rstrip()}..."


# -- what the town does by itself --------------------------------------------------------------------------------------


def opening(world: Town, step: int) -> Iterator[Event]:
    """Before the turns of a step."""
    now, before = world.now(step), world.now(step - 1)
    for agent in sorted(agent for agent, arrives in world.ways.items() if arrives <= now):
        yield Event(step, 0, agent, "arrive", {"at": world.beings[agent].way[0]})  # type: ignore[index]
    for agent, being in enumerate(world.beings):
        talk = being.talk
        if talk is not None and talk.begins and talk.until is not None and talk.until <= now:
            yield Event(step, 0, agent, "part", {"with": talk.partner})
    for minute, places in world.map.closing.items():
        if (before - minute) // DAY < (now - minute) // DAY:
            yield from (Event(step, 0, -1, "close", {"at": place}) for place in places if _anybody(world, place))
    for number, held in enumerate(world.held):
        if before < held.begins <= now or (held.on(now) and step == 1):
            yield Event(
                step,
                0,
                -1,
                "occasion",
                {"number": number, **held.plain(), "there": sorted(world.here.get(held.spot, ()))},
            )


def _anybody(world: Town, place: str) -> bool:
    return any(there for spot, there in world.here.items() if spot.partition("/")[0] == place)


# -- turns -------------------------------------------------------------------------------------------------------------


def of_turn(world: Town, action: Action) -> Iterator[Event]:
    """What becomes of a turn."""
    at, deed = action.at, action.content["deed"]
    step, agent = at.step, at.agent
    if deed.talked is not None:
        yield from _talked(world, action, deed)
        return
    if action.verb == "talk":
        return
    yield from _remembered(step, at.turn, agent, deed.own, deed.reflected)
    yield from _changed(world, step, at.turn, agent, deed)
    if deed.talk is not None:
        if _may_meet(world, agent, deed.talk):
            yield Event(step, at.turn, agent, "meet", {"with": deed.talk})
        else:
            yield Event(step, at.turn, agent, "miss", {"with": deed.talk})
    if deed.do is not None and world.beings[agent].talk is None:
        yield _done(world, step, at.turn, agent, deed.do)


def _changed(world: Town, step: int, turn: int, agent: int, deed: Deed) -> Iterator[Event]:
    """Plan, status and tasks."""
    if deed.plan is not None:
        yield _planned(world, step, turn, agent, deed.plan)
    if deed.thought_of:
        yield Event(step, turn, agent, "heard", {"of": list(deed.thought_of)})
    if deed.status is not None:
        yield Event(step, turn, agent, "status", {"to": deed.status})
    if deed.tasks is not None:
        yield Event(step, turn, agent, "tasks", {"tasks": deed.tasks.plain()})


def _remembered(
    step: int, turn: int, agent: int, outcomes: Sequence[Outcome], reflected: bool = False
) -> Iterator[Event]:
    """Everything that goes into one memory, in one event; none where there is nothing."""
    drafts: list[dict[str, Any]] = []
    counts = Counts()
    recalled: dict[int, None] = {}
    vectors: dict[str, str] = {}
    for outcome in outcomes:
        vectors |= {str(n): vector for n, vector in outcome.vectors.items()}
        drafts += [draft.plain() for draft in outcome.drafts]  # evidence is counted back: merging changes nothing
        recalled.update(dict.fromkeys(outcome.recalled))
        counts.join(outcome.counts)
    content: dict[str, Any] = {"memories": drafts} if drafts else {}
    if vectors:
        content["vectors"] = vectors
    if recalled:
        content["recalled"] = list(recalled)
    if counts:
        content["counts"] = dict(sorted(counts.items()))
    if reflected:
        content["reflected"] = True
    if content:
        yield Event(step, turn, agent, "remember", content)


def _planned(world: Town, step: int, turn: int, agent: int, plan: Plan) -> Event:
    """A new plan whole; of one that is changed, the blocks that are."""
    was = world.beings[agent].plan
    if was is None or was.day != plan.day or len(was.blocks) != len(plan.blocks):
        return Event(step, turn, agent, "plan", plan.plain())
    blocks = plan.plain()["blocks"]
    changed = {str(i): blocks[i] for i in range(len(blocks)) if was.blocks[i] != plan.blocks[i]}
    return Event(step, turn, agent, "replan", {"blocks": changed})


def _done(world: Town, step: int, turn: int, agent: int, do: tuple[str | None, str, float]) -> Event:
    activity, spot, until = do
    content: dict[str, Any] = {"activity": activity, "until": until}
    being = world.beings[agent]
    if spot != being.at:
        content |= {"to": spot, "arrives": world.now(step) + world.map.minutes(being.at, spot)}
    return Event(step, turn, agent, "do", content)


def _may_meet(world: Town, agent: int, other: int) -> bool:
    """Whether both are still here and free, now that turns before this one were applied."""
    one, two = world.beings[agent], world.beings[other]
    free = one.talk is None and two.talk is None
    return free and one.way is None and two.way is None and one.at == two.at


def _talked(world: Town, action: Action, deed: Deed) -> Iterator[Event]:
    """A talk: what was said and told, and what both keep of it."""
    at, talked = action.at, deed.talked
    assert talked is not None
    agent = at.agent
    other = world.beings[agent].talk.partner  # type: ignore[union-attr]
    said = [(world.names[who], words) for who, words in talked.said]
    content: dict[str, Any] = {"with": other, "minutes": talked.minutes, "said": [list(one) for one in said]}
    content["told"] = [[name, who] for name, who in told(world.spec.news, said)]
    yield Event(at.step, at.turn, agent, "talk", content)
    yield from _remembered(at.step, at.turn, agent, deed.own)
    yield from _remembered(at.step, at.turn, other, deed.partner)
    for who, plan in ((agent, deed.plan), (other, deed.partners_plan)):
        if plan is not None:
            yield _planned(world, at.step, at.turn, who, plan)
