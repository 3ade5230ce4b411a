"""The YAML reader: scalars of YAML 1.2, lines, and one clear message for every fault."""

from __future__ import annotations

import math
import time

import pytest

from simsoc.core.errors import ScenarioError
from simsoc.scenario.yaml12 import DEEPEST, LARGEST, read_file, read_text


def refusal(text: str) -> str:
    with pytest.raises(ScenarioError) as caught:
        read_text(text, "s.yaml")
    said = str(caught.value)
    assert len(said.splitlines()) == len(caught.value.problems)
    return said


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"),
        ("No", "No"),
        ("on", "on"),
        ("off", "off"),
        ("y", "y"),
        ("17:30", "17:30"),
        ("190:20:30", "190:20:30"),
        ("2024-01-01", "2024-01-01"),
        ("1_000", "1_000"),
        ("0b11", "0b11"),
        ("<<", "<<"),
        ("=", "="),
        ("", None),
        ("~", None),
        ("null", None),
        ("NULL", None),
        ("nULL", "nULL"),
        ("true", True),
        ("FALSE", False),
        ("tRue", "tRue"),
        ("0", 0),
        ("-12", -12),
        ("+12", 12),
        ("010", 10),
        ("0o17", 15),
        ("0x1F", 31),
        ("-0x1F", "-0x1F"),
        ("9223372036854775807", 2**63 - 1),
        ("-9223372036854775808", -(2**63)),
        ("1.", 1.0),
        (".5", 0.5),
        ("-.5", -0.5),
        ("1e3", 1000.0),
        ("6.02e23", 6.02e23),
        ("1E-3", 0.001),
        (".inf", math.inf),
        ("+.INF", math.inf),
        ("-.Inf", -math.inf),
        ("inf", "inf"),
        (".", "."),
        ("1.2.3", "1.2.3"),
        ("1e", "1e"),
        ("'5'", "5"),
        ('"true"', "true"),
        ("!!str 5", "5"),
        ("!!int 5", 5),
        ("!!float 5", 5.0),
        ("[1, [a, b]]", (1, ("a", "b"))),
        ("٣", "٣"),
    ],
)
def test_scalars(text, value):
    got = read_text(f"a: {text}").data["a"]
    assert got == value
    assert type(got) is type(value)


def test_nan_is_a_number():
    assert math.isnan(read_text("a: .nan").data["a"])


def test_merge_is_an_ordinary_key():
    assert read_text("a: &x {b: 1}\nc: {<<: *x}").data["c"] == {"<<": {"b": 1}}


def test_lines_of_keys_and_items():
    document = read_text("# top\na:\n  b: 1\n\n  c:\n    - x\n    - d: 2\ne: [1,\n  2]\n", "s.yaml")
    assert document.lines == {
        (): 2,
        ("a",): 2,
        ("a", "b"): 3,
        ("a", "c"): 5,
        ("a", "c", 0): 6,
        ("a", "c", 1): 7,
        ("a", "c", 1, "d"): 7,
        ("e",): 8,
        ("e", 0): 8,
        ("e", 1): 9,
    }


def test_line_endings_and_byte_order_mark(tmp_path):
    path = tmp_path / "s.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: |\r\n  x\r\n  y\r\n")
    document = read_file(path)
    assert document.data == {"a": 1, "b": "x\ny\n"}
    assert document.lines["b",] == 2


def test_what_an_alias_repeats_has_the_line_of_its_anchor():
    assert read_text("a: &x\n  b: 1\nc: *x").lines["c", "b"] == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a:\n\t- b", "s.yaml:2  a tab in the indentation: use spaces"),
        ("a: b\n\tc: d", "s.yaml:2  a tab in the indentation: use spaces"),
        ("a:\tb", "s.yaml:1  a tab where a space is needed"),
        ("a: 1\nb: 2\na: 3", "s.yaml:3  a: this key is given twice, first in line 1"),
        ("a: x\n1: y", "s.yaml:2  the key 1 is not text: put it in quotes"),
        ("a: x\ntrue: y", "s.yaml:2  the key true is not text: put it in quotes"),
        ("b: {null: y}", "s.yaml:1  b: the key null is not text: put it in quotes"),
        ("? \n: y", "s.yaml:1  a key is missing"),
        ("a: {: y}", "s.yaml:1  something is missing before this ':'"),
        ("? [a]\n: y", "s.yaml:1  a key has to be text, not a list or a mapping"),
        ("a: !foo x", "s.yaml:1  a: unknown tag '!foo'; a scenario is plain data"),
        ("a: !foo {x: 1}", "s.yaml:1  a: unknown tag '!foo'; a scenario is plain data"),
        (
            "a:\n  - !!python/object/apply:os.system [ls]",
            "s.yaml:2  a.0: unknown tag '!!python/object/apply:os.system'; a scenario is plain data",
        ),
        ("a: !!timestamp 2024-01-01", "s.yaml:1  a: unknown tag '!!timestamp'; a scenario is plain data"),
        ("a: !!int x", "s.yaml:1  a: 'x' is not what its tag !!int says"),
        ("a: &x [*x]", "s.yaml:1  a.0 contains itself by an alias"),
        ("a: &x\n  b: *x", "s.yaml:2  a.b contains itself by an alias"),
        ("a: *x", "s.yaml:1  '*x' stands for nothing: there is no '&x' before it"),
        ("a: &x 1\nb: &x 2", "s.yaml:2  '&x' is used twice"),
        ("a: 1\n---\nb: 2", "s.yaml:2  a second document begins here ('---'); a file holds one"),
        pytest.param("a: 1" + "0" * 5000, "s.yaml:1  a: a whole number of 5001 digits is too large", id="digits"),
        pytest.param("a: 0x" + "f" * 5000, "s.yaml:1  a: a whole number of 5002 digits is too large", id="hex"),
        ("a: 9223372036854775808", "s.yaml:1  a: a whole number has to lie between -2**63 and 2**63 - 1"),
        ("a: 1e999", "s.yaml:1  a: '1e999' is too large for a number"),
        ('a: "\\ud800"', "s.yaml:1  a: an escape that is half a character (U+D800 to U+DFFF)"),
        ('a: "\\Uffffffff"', "s.yaml:1  an escape in quotes that is no character"),
        ('a: "\\q"', "s.yaml:1  a '\\' in double quotes that means nothing: use single quotes, or '\\\\'"),
        ("a: 1\nb: \x00", "s.yaml:2  a control character (U+0000) that does not belong into text"),
        ("a: \x1b[0m", "s.yaml:1  a control character (U+001B) that does not belong into text"),
        ("a: 'x\nb: 1\n", "s.yaml:3  a quote that is not closed (opened in line 1)"),
        ("a: {b: c\nd: 1", "s.yaml:2  a ',' or '}' is missing (opened in line 1)"),
        ("a: [b, c", "s.yaml:1  a ',' or ']' is missing"),
        ("a: b: c", "s.yaml:1  a ':' does not fit here: check the indentation, or put the text in quotes"),
        ("a: - x", "s.yaml:1  a '-' does not fit here: a list starts on the line after its key"),
        ("a: @x", "s.yaml:1  text cannot begin with '@': put it in quotes"),
        (
            "a:\n  b: 1\n c: 2",
            "s.yaml:3  this does not fit the lines above: check the indentation, quotes and brackets",
        ),
        pytest.param("[" * 5000, f"s.yaml:1  nested more than {DEEPEST} levels deep", id="brackets"),
        pytest.param("- " * 5000, f"s.yaml:1  nested more than {DEEPEST} levels deep", id="dashes"),
        ("%YAML 2.0\n---\na: b", "s.yaml:1  not YAML: found incompatible YAML document (version 1.* is required)"),
    ],
)
def test_faults(text, said):
    assert refusal(text) == said


def test_several_faults_at_once():
    said = refusal("a: 1\na: 2\nb:\n  c: 1\n  c: 2\n3: x\nd: !foo x\n")
    assert said.splitlines() == [
        "s.yaml:2  a: this key is given twice, first in line 1",
        "s.yaml:5  b.c: this key is given twice, first in line 4",
        "s.yaml:6  the key 3 is not text: put it in quotes",
        "s.yaml:7  d: unknown tag '!foo'; a scenario is plain data",
    ]


def test_keys_that_look_like_words_are_text():
    assert read_text("yes: 1\non: 2\n'3': 4").data == {"yes": 1, "on": 2, "3": 4}


def test_anchor_bomb_is_stopped_early():
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    started = time.perf_counter()
    assert refusal("\n".join(lines)) == "s.yaml  more than 200,000 values, counting what aliases repeat"
    assert time.perf_counter() - started < 5


def test_nesting_by_aliases_is_limited():
    def nest(inner: str) -> str:
        return "[" * 50 + inner + "]" * 50

    text = f"a: &a {nest('x')}\nb: &b {nest('*a')}\nc: {nest('*b')}"
    assert refusal(text) == f"s.yaml:1  nested more than {DEEPEST} levels deep"


def test_missing_file(tmp_path):
    with pytest.raises(ScenarioError) as caught:
        read_file(tmp_path / "none.yaml")
    assert str(caught.value) == f"{tmp_path / 'none.yaml'}  no such file"


@pytest.mark.parametrize("name", ["", "x" * 5000, "a\x00b", "a/b\nc: d"], ids=["empty", "long", "nul", "text"])
def test_names_that_are_no_file(name):
    with pytest.raises(ScenarioError) as caught:
        read_file(name)
    assert len(str(caught.value).splitlines()) == 1


def test_yaml_text_instead_of_a_file():
    with pytest.raises(ScenarioError, match="this is YAML text where the name of a file is expected"):
        read_file("name: x\nsteps: 3\n")


def test_folder(tmp_path):
    with pytest.raises(ScenarioError) as caught:
        read_file(tmp_path)
    assert str(caught.value) == f"{tmp_path}  this is a folder, not a YAML file"


def test_unreadable(tmp_path, monkeypatch):
    def no(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", no)
    with pytest.raises(ScenarioError) as caught:
        read_file(tmp_path / "s.yaml")
    assert str(caught.value) == f"{tmp_path / 's.yaml'}  cannot be read: permission denied"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a: 1\nb: \xff\n", ":2  not UTF-8 text (byte 0xff); save the file as UTF-8"),
        ("a: 1".encode("utf-16"), "  this is UTF-16 text; save the file as UTF-8"),
        (b"a: " + b"x" * 10_000_000, "  larger than 1 MB; a scenario is a few hundred lines"),
        (b"#" * (LARGEST + 1), "  larger than 1 MB; a scenario is a few hundred lines"),
    ],
)
def test_bytes_that_are_no_scenario(tmp_path, content, said):
    path = tmp_path / "s.yaml"
    path.write_bytes(content)
    with pytest.raises(ScenarioError) as caught:
        read_file(path)
    assert str(caught.value) == f"{path}{said}"


def test_endless_file_is_not_read_to_its_end():
    with pytest.raises(ScenarioError, match="larger than 1 MB"):
        read_file("/dev/zero")
