"""How the state of a town changes, event by event: the only writer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from simsoc.core.protocols import Stored
from simsoc.core.words import Event
from simsoc.minds import reflection
from simsoc.minds.embedding import vector_of
from simsoc.minds.plan import Block, Plan, asleep
from simsoc.minds.records import Draft
from simsoc.minds.tasks import Tasks
from simsoc.worlds.setting import SOCIETY

from . import people as folk
from .being import Being, Talk
from .items import Source

if TYPE_CHECKING:
    from .state import Town


def fold(world: Town, event: Event) -> None:
    """Change the state as an event says; those of the society tell of people and ties."""
    change = _CHANGES.get(event.kind)
    if change is not None:
        change(world, event, event.content)


def _knows(world: Town, event: Event, content: dict[str, Any]) -> None:
    for other in content["whom"]:
        _acquaint(world, event.agent, other)


def _acquaint(world: Town, agent: int, other: int) -> None:
    """The one knows the other; who know each other are tied."""
    ties = world.setting.ties
    if other in world.known[agent]:
        return
    world.known[agent][other] = None
    mutual = agent in world.known[other]
    world.mutual += mutual
    if (ties.directed or mutual) and not ties.has(agent, other):
        ties.add(agent, other)


def _tie(world: Town, event: Event, content: dict[str, Any]) -> None:
    """Two are made known to each other from outside; one to the other where ties have a direction."""
    _acquaint(world, content["a"], content["b"])
    if not world.setting.ties.directed:
        _acquaint(world, content["b"], content["a"])


def _untie(world: Town, event: Event, content: dict[str, Any]) -> None:
    """They know each other no more."""
    a, b = content["a"], content["b"]
    world.mutual -= b in world.known[a] and a in world.known[b]
    world.known[a].pop(b, None)
    if not world.setting.ties.directed:
        world.known[b].pop(a, None)


def _join(world: Town, event: Event, content: dict[str, Any]) -> None:
    """Somebody new is at home; whoever is called like somebody else is told apart by its id."""
    agent, people = content["who"], world.setting.people
    assert agent == len(world.beings), "ids append"
    world.map.settle(folk.home_of(people[agent], agent))
    name = folk.name_of(people[agent], agent)
    name = name if name not in world.names else f"{name} ({agent})"
    dweller = folk.dweller(people[agent], agent, world.map, world.setting.seed, world.setting.tell, name)
    world.dwellers.append(dweller)
    world.names[name] = agent
    world.beings.append(Being(dweller.home))
    world.known.append({})
    if world.mind is not None:
        world.memories.append(world.mind.memory())
    world.here.setdefault(dweller.home, {})[agent] = None
    _seen(world, event, agent, dweller.home, early=True)


def _leave(world: Town, event: Event, content: dict[str, Any]) -> None:
    """Somebody is not there any more; a talk it was in is over."""
    agent = content["who"]
    being = world.beings[agent]
    world.gone[agent] = None
    if being.talk is not None:
        if being.talk.until is not None:
            _talked(world, agent, being.talk.partner, world.now(event.step))
        _free(world, event, being.talk.partner)
        being.talk = None
    if being.way is not None:
        del world.ways[agent]
    else:
        world.here[being.at].pop(agent)
        _seen(world, event, agent, being.at, early=True)


def _traits(world: Town, event: Event, content: dict[str, Any]) -> None:
    """Who somebody is, is told otherwise; name, home and routine stay as they are."""
    agent = content["who"]
    dweller = world.dwellers[agent]
    words = folk.spoken(world.setting.people[agent], agent, dweller.name, world.setting.tell)
    world.dwellers[agent] = replace(dweller, persona=words)


def _remember(world: Town, event: Event, content: dict[str, Any]) -> None:
    memory, now = world.memories[event.agent], world.now(event.step)
    drafts = [Draft.of(one) for one in content.get("memories", ())]
    if "vectors" in content:
        memory.fill({int(n): vector_of(text, memory.dim) for n, text in content["vectors"].items()})
    memory.touch(content.get("recalled", ()), now)
    if content.get("reflected"):
        memory.reflected()
    made = memory.store(drafts, now, event=(event.step, event.turn, event.agent))
    world.fresh += [
        Stored(event.agent, one, event, None if one.expires is None else world.step_at(one.expires)) for one in made
    ]
    world.touched += [(event.agent, n) for n in content.get("recalled", ())]
    if world.mind is not None:
        world.beings[event.agent].ponders = reflection.due(world.mind, memory.view())


def _learn(world: Town, event: Event, content: dict[str, Any]) -> None:
    _informed(world, event, content["item"], event.agent, None)


def _informed(world: Town, event: Event, item: str, agent: int, source: int | None) -> None:
    if agent in world.knows[item]:
        return
    world.knows[item][agent] = Source(event.step, event.turn, source)
    if world.mind is None or world.mind.day is None or not world.mind.spec.memory:
        return  # nobody would think about going
    now, being = world.now(event.step), world.beings[agent]
    for number, held in enumerate(world.held):
        if held.spec.news == item and being.plan is not None and held.spec.day == being.plan.day and now < held.ends:
            being.hears = (*being.hears, number)


def _plan(world: Town, event: Event, content: dict[str, Any]) -> None:
    world.beings[event.agent].plan = Plan.of(content)
    world.beings[event.agent].hears = ()


def _replan(world: Town, event: Event, content: dict[str, Any]) -> None:
    being = world.beings[event.agent]
    assert being.plan is not None
    changed = Plan.of({"day": 0, "broad": [], "blocks": list(content["blocks"].values())}).blocks
    blocks: list[Block] = list(being.plan.blocks)
    for index, block in zip(content["blocks"], changed, strict=True):
        blocks[int(index)] = block
    being.plan = Plan(being.plan.day, being.plan.broad, tuple(blocks))


def _heard(world: Town, event: Event, content: dict[str, Any]) -> None:
    being = world.beings[event.agent]
    being.hears = tuple(number for number in being.hears if number not in content["of"])


def _status(world: Town, event: Event, content: dict[str, Any]) -> None:
    world.beings[event.agent].status = content["to"]


def _tasks(world: Town, event: Event, content: dict[str, Any]) -> None:
    world.beings[event.agent].tasks = Tasks.of(content["tasks"])


# -- where everybody is ------------------------------------------------------------------------------------------------


def _do(world: Town, event: Event, content: dict[str, Any]) -> None:
    agent, being = event.agent, world.beings[event.agent]
    being.activity, being.until, being.since = content["activity"], content["until"], world.now(event.step)
    _seen(world, event, agent, being.at)
    if "to" in content:
        being.way = (content["to"], content["arrives"])
        world.ways[agent] = content["arrives"]
        world.here[being.at].pop(agent)


def _arrive(world: Town, event: Event, content: dict[str, Any]) -> None:
    agent, being = event.agent, world.beings[event.agent]
    del world.ways[agent]
    being.at, being.way, being.heeds = content["at"], None, event.step
    world.here.setdefault(being.at, {})[agent] = None
    _seen(world, event, agent, being.at, early=True)
    for held in world.held:
        if held.spot == being.at and held.on(world.now(event.step)):
            _came(world, held, agent)


def _came(world: Town, held: Any, agent: int) -> None:
    if agent != held.host and agent in world.knows[held.spec.news]:
        held.came.setdefault(agent, None)


def _seen(world: Town, event: Event, agent: int, spot: str, *, early: bool = False) -> None:
    """Something changed at a spot: those who are awake there look up, in this step if its turns are still to come."""
    world.beings[agent].changed = event.step
    for other in world.here[spot]:
        if other != agent and not asleep(world.beings[other].activity):
            world.beings[other].heeds = event.step + (not early)


def _close(world: Town, event: Event, content: dict[str, Any]) -> None:
    now = world.now(event.step)
    for spot, there in world.here.items():
        if spot.partition("/")[0] == content["at"]:
            for agent in there:
                world.beings[agent].until = now


def _occasion(world: Town, event: Event, content: dict[str, Any]) -> None:
    for agent in content["there"]:
        _came(world, world.held[content["number"]], agent)


# -- talks -------------------------------------------------------------------------------------------------------------


def _meet(world: Town, event: Event, content: dict[str, Any]) -> None:
    agent, other = event.agent, content["with"]
    world.beings[agent].talk, world.beings[other].talk = Talk(other, True), Talk(agent, False)
    for one in (agent, other):
        _seen(world, event, one, world.beings[one].at)


def _miss(world: Town, event: Event, content: dict[str, Any]) -> None:
    world.missed += 1


def _talk(world: Town, event: Event, content: dict[str, Any]) -> None:
    agent, other = event.agent, content["with"]
    until = world.now(event.step) + max(1, content["minutes"])
    world.beings[agent].talk, world.beings[other].talk = Talk(other, True, until), Talk(agent, False, until)
    step, so_far = world.chats_of
    world.chats += 1
    world.chats_of = (event.step, so_far + 1 if step == event.step else 1)
    if not content["said"]:
        return
    _acquaint(world, agent, other)
    _acquaint(world, other, agent)
    for item, who in content["told"]:
        if who in world.knows[item]:
            _informed(world, event, item, other if who == agent else agent, who)


def _part(world: Town, event: Event, content: dict[str, Any]) -> None:
    agent, other = event.agent, content["with"]
    _talked(world, agent, other, world.now(event.step))
    for one in (agent, other):
        _free(world, event, one)


def _talked(world: Town, agent: int, other: int, now: float) -> None:
    world.last[min(agent, other), max(agent, other)] = now


def _free(world: Town, event: Event, agent: int) -> None:
    """Its talk is over, and so is what it was doing."""
    being = world.beings[agent]
    being.talk, being.until = None, min(being.until, world.now(event.step))
    _seen(world, event, agent, being.at, early=True)


_CHANGES = {
    "knows": _knows,
    "remember": _remember,
    "learn": _learn,
    "plan": _plan,
    "replan": _replan,
    "heard": _heard,
    "status": _status,
    "tasks": _tasks,
    "do": _do,
    "arrive": _arrive,
    "close": _close,
    "occasion": _occasion,
    "meet": _meet,
    "miss": _miss,
    "talk": _talk,
    "part": _part,
    f"{SOCIETY}tie": _tie,
    f"{SOCIETY}untie": _untie,
    f"{SOCIETY}join": _join,
    f"{SOCIETY}leave": _leave,
    f"{SOCIETY}traits": _traits,
}
