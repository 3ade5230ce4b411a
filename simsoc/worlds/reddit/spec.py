"""Keys of world `reddit` in a scenario file."""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, model_validator

from simsoc.core.shelf import Strict
from simsoc.scenario.short import Short
from simsoc.scenario.spec import Named, Part, Who

Probability = Annotated[float, Field(ge=0, le=1)]
Text = Annotated[str, Field(min_length=1, max_length=1000)]
Label = Annotated[str, Field(pattern=r"^[\w-]{1,60}$")]
Power = Literal["warn", "remove", "ban", "pin"]


def _as_text(value: Any) -> Any:
    return {"text": value} if isinstance(value, str) else value


def _as_name(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


class RuleSpec(Strict):
    """A rule of the community: a text, or a mapping with a name too."""

    text: Text
    """The rule as members are told it."""
    name: Label | None = None
    """What a breach of it is labelled with; made of the first words of the text when not given."""

    @property
    def label(self) -> str:
        """Its name."""
        return self.name or "-".join(re.findall(r"\w+", self.text.lower())[:4])[:60] or "rule"


Rule = Annotated[RuleSpec, BeforeValidator(_as_text)]


class RulesSpec(Strict):
    """What is expected of members, and what they must not do."""

    do: tuple[Rule, ...] = ()
    """What is expected."""
    dont: tuple[Rule, ...] = ()
    """What is not allowed."""

    @model_validator(mode="after")
    def _told_apart(self) -> RulesSpec:
        names = [rule.label for rule in (*self.do, *self.dont)]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two rules are called '{name}'; give them names that differ")
        return self


class TopicSpec(Strict):
    """Something that is talked about: a text, or a mapping with points too."""

    name: Annotated[str, Field(min_length=1, max_length=120)]
    """The topic, as it fits into a sentence: `student loans`."""
    points: tuple[Annotated[str, Field(min_length=1, max_length=120)], ...] = ()
    """What people bring up about it, as nouns: `refinancing`."""


class GoesOnSpec(Strict):
    """Whether a thread gets another reply: a probability p that each thread draws once from N(mean, sd), clipped."""

    mean: Annotated[float, Field(ge=-10, le=10)] = 0.65
    """Mean of p."""
    sd: Annotated[float, Field(ge=0, le=10)] = 0.15
    """Standard deviation of p; 0.18 in another re-implementation, 0 for the same p everywhere."""


class TrollSpec(Strict):
    """Who breaks rules again and again: a share of the members, and whoever has a trait `troll`."""

    share: Probability = 0.0
    """Share of the members, one addressed draw each."""
    rate: Probability = 0.7
    """Share of their posts with which they mean to break a rule, where the trait `troll` is not a number itself."""


class ModerationSpec(Strict):
    """Who looks after the rules."""

    who: Who
    """The moderators."""
    attention: Probability = 1.0
    """Share of new posts that a moderator looks at."""
    powers: Annotated[tuple[Power, ...], Field(min_length=1)] = ("warn", "remove", "ban", "pin")
    """What a moderator may do with a post, beside keeping it."""
    ban_steps: Annotated[int, Field(ge=1)] | None = None
    """Steps that a ban lasts; for good when null."""


class StartSpec(Short):
    """Threads that are there at the start: real ones, or those of another run; or the file alone."""

    short: ClassVar[str] = "file"

    file: str
    """In the JSON of Reddit (a page of a thread, a list of pages) or of its dumps; path relative to the scenario.
    `simsoc threads RUN --format json` writes such files."""
    first: Annotated[int, Field(ge=1)] | None = None
    """Only the first so many threads of it."""
    goes_on: bool = True
    """Whether the published process carries them on, from step 1; `cap` counts the replies they have already."""


class RedditSpec(Strict):
    """World `reddit`: members of a community write posts and reply to each other."""

    community: Annotated[str, Field(min_length=1, max_length=80)] = "r/community"
    """What it is called."""
    goal: Text
    """What it is for, as members are told."""
    description: Annotated[str, Field(max_length=4000)] = ""
    """More about it."""
    rules: RulesSpec = RulesSpec()
    """Rules, as what is expected and what is not allowed."""
    labels: tuple[Label, ...] = ()
    """Further names that a post may be labelled with although no such rule is in force."""
    topics: tuple[Annotated[TopicSpec, BeforeValidator(_as_name)], ...] = ()
    """What opening posts are about, one drawn for each; of their author's own choice when there are none."""
    process: Literal["published", "browse"] = "published"
    """How the community goes on: each thread by itself (Park et al. 2022), or by members who look at a ranked page."""
    start: StartSpec | None = None
    """Threads that are there at the start, written by people who are in no run: `start: threads.json`."""
    threads: Annotated[int, Field(ge=0, le=1_000_000)] = 10
    """Opening posts of the published process, beside those of `start`: in step 1, the k-th replies in step k + 1."""
    goes_on: GoesOnSpec = GoesOnSpec()
    """How long threads get (`published`)."""
    cap: Annotated[int, Field(ge=0, le=1000)] = 8
    """Most replies of a thread (`published`)."""
    newcomer: Probability = 0.5
    """Probability that a reply is by somebody who is not in the thread yet (`published`)."""
    attach: Literal["tree", "linear"] = "tree"
    """What is replied to: any post of the thread, each equally likely, or the last one, as published."""
    feed: Annotated[Part, Named("feeds")] = Field(default="hot", validate_default=True)
    """The page that members look at (`browse`), over opening posts: `hot`, `new`, `top`, `best`, or any other feed."""
    trolls: TrollSpec = TrollSpec()
    """Members who break rules."""
    moderation: ModerationSpec | None = None
    """Moderators; nobody looks when not given."""
    personas: bool = True
    """Whether members are told who they are."""
    longest: Annotated[int, Field(ge=100, le=40_000)] = 10_000
    """Most characters of a post or reply."""
    reads: Annotated[int, Field(ge=2, le=1000)] = 20
    """Most posts of a thread that a member reads: the opening, those above the one it comes to, then the newest."""
    tokens: Annotated[int, Field(ge=1000, le=1_000_000)] = 8000
    """Most tokens of a prompt, counted at four bytes each; long posts are cut in it, and early replies left out."""
    scorer: Annotated[Part, Named("scorers")] = Field(default="lexicon", validate_default=True)
    """What gives the measure `toxicity` its numbers: `simsoc list scorers`."""
    rule: Annotated[Part, Named("reddit_rules")] = Field(default="community", validate_default=True)
    """How members decide when no model is asked: `simsoc list reddit_rules`."""

    @model_validator(mode="after")
    def _something_to_begin_with(self) -> RedditSpec:
        if self.process == "published" and not self.threads and self.start is None:
            raise ValueError("nobody opens a thread: threads is 0, and there is no start")
        return self

    def stated(self) -> tuple[RuleSpec, ...]:
        """All rules."""
        return (*self.rules.do, *self.rules.dont)

    def names(self) -> tuple[str, ...]:
        """Every label a post may get, sorted: of what is not allowed and of `labels`; of all rules without these."""
        found = {rule.label for rule in self.rules.dont} | set(self.labels)
        return tuple(sorted(found or {rule.label for rule in self.rules.do}))
