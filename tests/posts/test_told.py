"""Threads as people read them: in a terminal, and as Markdown that no text can break out of."""

import re

import pytest
from hypothesis import given
from markdown_it import MarkdownIt

from simsoc.core.answers import PLACEHOLDER
from simsoc.core.words import Event
from simsoc.posts import gather, in_tree, whole_threads
from simsoc.posts.markdown import as_markdown, escaped
from simsoc.posts.told import as_text, names, shown

from .making import EVENTS, HOSTILE, chain, named, posts, texts

OBEYED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029\ud800-\udfff]")
PARSED = MarkdownIt("gfm-like", {"linkify": False, "maxNesting": 400})


def threads(made):
    return list(whole_threads(made).values())


# -- as text ----------------------------------------------------------------------------------------------------------


def test_a_thread_reads_like_this():
    told = as_text(threads(gather(EVENTS)), names({3: {"name": "Mia"}, 4: {"label": "Ben"}, 5: {}, 9: {}}))
    assert told == (
        "Loans\n"
        "Mia · step 1 · 1 point · 3.1.0\n"
        "How?\n"
        "│\n"
        "│ Ben · step 2 · 2 points · breaks ads · 4.2.0\n"
        "│ [removed]\n"
        "│ │\n"
        "│ │ [deleted] · step 3 · 1 point · 3.3.0\n"
        "│ │ [deleted]\n"
        "\n" + "─" * 60 + "\n\n"
        "Hello\n"
        "user5 · step 1 · 1 point · pinned · edited · synthetic text · 5.1.1\n"
        "All of you"
    )
    assert "[removed] So" in as_text(threads(gather(EVENTS)), named, gone=True)


@given(posts())
def test_no_text_reaches_the_terminal_as_more_than_text(made):
    told = as_text(threads(made), named)
    assert not OBEYED.search(told)
    assert max(map(len, told.split("\n"))) <= 100 or any(
        len(line.split()[-1]) > 20 for line in told.split("\n") if line
    )
    heads = [line for line in told.split("\n") if re.search(r" · -?\d+\.\d+\.-?\d+$", line)]
    assert len(heads) >= len(made)


@given(texts)
def test_what_is_seen_stays_and_what_is_obeyed_is_told(text):
    made = shown(text)
    assert not OBEYED.search(made)
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ")
    if not OBEYED.search(plain):
        assert len(made) >= len(plain)


def test_a_post_of_a_feed_has_no_title():
    made = gather([Event(1, 0, 2, "post", {"n": 0, "text": "short"})])
    assert as_text([made], named) == "user2 · step 1 · 0 points · 2.1.0\nshort"


def test_a_deep_thread_stays_on_the_page():
    told = as_text([chain(60)], named)
    assert max(map(len, told.split("\n"))) < 100
    assert "user1 to user0 · step 12" not in told
    assert " to user" in told
    assert len(re.findall(r"reply \d+", told)) == 59


def test_two_of_one_name_are_told_apart():
    one, other = gather(EVENTS)[:2]
    called = names({3: {"name": "Mia"}, 5: {"name": "Mia"}, 6: {"name": PLACEHOLDER}})
    assert (called(one), called(other)) == ("Mia (3)", "Mia (5)")
    assert names({})(one) == "user3"


# -- as Markdown ------------------------------------------------------------------------------------------------------


def inlines(text):
    """(level of quotation, kind of block, text) of each block that holds text; None for anything but plain text."""
    level, kind, made = 0, "", []
    for token in PARSED.parse(text):
        if token.type.startswith("blockquote"):
            level += 1 if token.nesting > 0 else -1
        elif token.type == "inline":
            made.append((level, kind, said(token)))
        elif token.type in ("heading_open", "paragraph_open"):
            kind = token.type
        elif not token.type.endswith("_close"):
            made.append((level, token.type, None))
    return made


def said(token):
    told = []
    for child in token.children:
        if child.type not in ("text", "text_special", "softbreak", "hardbreak", "strong_open", "strong_close"):
            return None
        told.append("\n" if child.type.endswith("break") else child.content)
    return "".join(told)


def paragraphs(text):
    """What ought to be read: paragraphs, with leading blanks kept and trailing ones not."""
    lines = [
        re.sub("^ +", lambda blank: "\u00a0" * len(blank[0]), line).rstrip(" ") for line in shown(text).split("\n")
    ]
    found = "\n".join(line if line.strip() else "" for line in lines).split("\n\n")
    return [part for part in found if part.strip()]


@given(posts())
def test_markdown_holds_the_texts_and_nothing_else(made):
    for thread in threads(made):
        blocks = inlines(as_markdown([thread], named))
        assert None not in [text for _, _, text in blocks]
        assert [kind for _, kind, _ in blocks].count("heading_open") == 1
        assert blocks[0][1] == "heading_open"
        title = f"[{thread[0].gone}]" if thread[0].gone else shown(" ".join(thread[0].title.split()))
        assert "".join(blocks[0][2].split()) == "".join((title or "(no title)").split())
        at = 1
        for post in in_tree(thread):
            level = min(post.depth, 8)
            head = blocks[at]
            assert head[0] == level
            assert f"step {post.step}" in head[2]
            words = f"[{post.gone}]" if post.gone else post.text
            if words == PLACEHOLDER:
                words = "(no text: the null mind wrote this)"
            expected = paragraphs(words) or ["(empty)"]
            body = blocks[at + 1 : at + 1 + len(expected)]
            assert [(deep, kind) for deep, kind, _ in body] == [(level, "paragraph_open")] * len(expected)
            assert ["".join(text.split()) for _, _, text in body] == ["".join(part.split()) for part in expected]
            at += 1 + len(expected)
        assert at == len(blocks)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_make_no_html(text):
    page = PARSED.render(escaped(text))
    assert set(re.findall(r"</?(\w+)", page)) <= {"p", "br"}


def test_a_heading_of_its_own():
    told = as_markdown(threads(gather(EVENTS)), named, heading="r/<b>\nmoney")
    assert told.startswith("# r/\\<b\\> money\n\n## Loans\n")
