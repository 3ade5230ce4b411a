"""Scorers of well-kept packages whose weights come with them: nothing is downloaded, the same text, the same number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.metadata import version

from simsoc.core.shelf import needs

from .scorer import Local


@needs("vaderSentiment")
def vader() -> Local:
    """Sentiment by VADER, a lexicon with rules for negation, emphasis and emoji: 0 negative, 0.5 neutral, 1 positive.

    The compound score c in -1..1 as (c + 1) / 2. Made for short English posts; it knows nothing of irony, and says how
    a text is put rather than whom it hurts.

    Source: Hutto and Gilbert 2014, ICWSM; package vaderSentiment (MIT).
    """
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyser = SentimentIntensityAnalyzer()

    def of(texts: Sequence[str]) -> Iterable[float]:
        return [(analyser.polarity_scores(text)["compound"] + 1.0) / 2.0 for text in texts]

    return Local("vader", f"vaderSentiment {version('vaderSentiment')}", "0 negative .. 1 positive", of)


@needs("alt-profanity-check", "scikit-learn")
def profanity_check() -> Local:
    """Probability of offensive language: a linear classifier over words, trained on 200,000 labelled posts.

    Training data are tweets and Wikipedia comments that people had labelled. English. It reacts to coarse words also
    where they praise, and to some names of groups of people, a known fault of such data: hold it against another one.
    Needs the extra `toxicity`; the package fixes its own version of scikit-learn.

    Source: package alt-profanity-check (MIT), the maintained form of profanity-check.
    """
    try:
        from profanity_check import predict_prob
    except ImportError as error:
        told = "the scorer profanity-check needs a package: pip install 'simsoc[toxicity]'"
        raise ValueError(f"{told} ({error})") from error

    def of(texts: Sequence[str]) -> Iterable[float]:
        return [float(number) for number in predict_prob(list(texts))]

    name = "alt-profanity-check"
    return Local("profanity-check", f"{name} {version(name)}", "0 harmless .. 1 offensive", of)
