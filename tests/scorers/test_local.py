"""Local scorers: numbers in [0, 1] that depend on the text alone, with name and version, and none for no text."""

import subprocess
import sys
from math import nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simsoc.core.answers import PLACEHOLDER
from simsoc.core.errors import ScenarioError
from simsoc.scenario.spec import Part
from simsoc.scorers import SCORERS, Local, built, local

LOCAL = ("lexicon", "vader", "profanity-check")


def part(kind, **keys):
    listed = {name: tuple(value) if isinstance(value, list) else value for name, value in keys.items()}
    return Part(kind=kind, given=SCORERS.spec(kind).model_validate(listed))


@pytest.fixture(scope="module", params=LOCAL)
def scorer(request):
    return local(part(request.param))


@settings(max_examples=25)
@given(texts=st.lists(st.text(max_size=60), max_size=5), more=st.lists(st.text(max_size=60), max_size=3))
def test_a_number_depends_on_the_text_alone(scorer, texts, more):
    alone = [scorer([text])[0] for text in texts]
    fresh = Local(scorer.name, scorer.version, scorer.scale, scorer._of)
    assert fresh([*more, *texts, *texts])[len(more) :] == alone + alone
    for text, number in zip(texts, alone, strict=True):
        assert (number is None) == (not text.strip())
        assert number is None or 0.0 <= number <= 1.0


def test_it_tells_rude_from_kind(scorer):
    rude, kind = scorer(["Shut up, you stupid moron.", "Thank you, that is a lovely and helpful answer!"])
    assert abs(rude - kind) > 0.5
    assert (rude < kind) == (scorer.name == "vader")


def test_text_that_nobody_wrote_has_no_number(scorer):
    assert scorer([PLACEHOLDER, f" {PLACEHOLDER}\n\n{PLACEHOLDER}", " \n", ""]) == [None] * 4
    assert scorer([f"{PLACEHOLDER} fine words"]) == scorer(["fine words"])
    assert scorer.mean([PLACEHOLDER]) is None
    assert scorer.mean(["fine words", PLACEHOLDER]) == scorer(["fine words"])[0]


def test_it_says_what_it_is(scorer):
    assert scorer.name in LOCAL
    assert any(character.isdigit() for character in scorer.version)
    assert scorer.scale.startswith("0 ")
    assert " .. 1 " in scorer.scale


def test_a_scorer_that_leaves_the_scale_is_held_to_it():
    assert Local("x", "1", "0 .. 1", lambda texts: [7.0, -3.0])(["a", "b"]) == [1.0, 0.0]
    with pytest.raises(ValueError, match="zip"):
        Local("x", "1", "0 .. 1", lambda texts: [nan])(["a", "b"])


# -- the lexicon ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Buy my COURSE", 1.0),
        ("buy  my\ncourses", 1.0),
        ("\uff42\uff55\uff59 \uff4d\uff59 course", 1.0),
        ("rebuy my course", 0.0),
        ("buy mycourse", 0.0),
        ("promotion", 1.0),
        ("promoting", 0.0),
        ("promo*", 1.0),
        ("", None),
    ],
)
def test_words_are_whole_words_in_any_case(text, found):
    scorer = local(part("lexicon", words=["buy my", "promo", "promotion*"]))
    assert scorer([text])[0] == found


def test_a_share_counts_words():
    scorer = local(part("lexicon", words=["buy my", "bad*"], count="share"))
    assert scorer(["Buy my badly made course"])[0] == pytest.approx(3 / 5)
    assert scorer(["!!!"])[0] == 0.0


def test_another_list_is_another_version():
    one, other, again = (local(part("lexicon", words=words)) for words in (["a", "b"], ["a", "c"], ["B", "a", "a"]))
    assert one.version != other.version
    assert one.version == again.version


def test_no_pattern_of_somebodys_gets_in():
    scorer = local(part("lexicon", words=["a.c", "(x"]))
    assert scorer(["abc", "a.c", "(x", "x"]) == [0.0, 1.0, 1.0, 0.0]


@settings(max_examples=50)
@given(word=st.text(min_size=1, max_size=12), around=st.text(max_size=12))
def test_any_listed_word_is_found_where_it_stands_alone(word, around):
    if not any(character.isalnum() for character in word):
        with pytest.raises(ScenarioError, match="no word to look for"):
            local(part("lexicon", words=[word]))
        return
    scorer = local(part("lexicon", words=[word]))
    assert scorer([f"{around} {word.removesuffix('*')} {around}"]) == [1.0]


# -- what cannot be had ----------------------------------------------------------------------------------------------


def test_a_world_takes_no_scorer_that_has_to_be_asked():
    with pytest.raises(ScenarioError, match=r"world\.scorer: 'judge' has to be asked"):
        local(part("judge", backend="openai/x"), "world.scorer")


def test_a_missing_package_is_told_with_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "profanity_check", None)
    with pytest.raises(ScenarioError, match=r"pip install 'simsoc\[toxicity\]'"):
        built(part("profanity-check"))


def test_no_rule_is_a_judge():
    with pytest.raises(ScenarioError, match="no rule judges texts"):
        built(part("judge", backend="mechanistic"))


def test_nothing_heavy_is_imported_before_it_is_used():
    told = "import sys, simsoc.scorers; print([m for m in ('sklearn', 'vaderSentiment', 'openai') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", told], capture_output=True, text=True).stdout.strip() == "[]"
