"""Files that are not what they should be: each is told with the file, the column, the code, and what to do."""

import csv
import io

import pytest

from simsoc.core.errors import ScenarioError
from simsoc.population.anes.files import anes
from simsoc.population.csv_people import csv_people
from tests.population.test_anes_files import FILES, raw

ROWS = raw(2020)
BOOK = "study: V\ncase: id\nweights: {final: w}\ntraits:\n  party: {column: Q1, levels: {red: 1, blue: 2}}\n"
SMALL = "id,w,Q1\na,1,1\nb,2,2\n"


def written(path, rows=ROWS, header=None, **how):
    with path.open("w", newline="", encoding=how.pop("encoding", "utf-8-sig")) as file:
        writer = csv.writer(file, **how)
        writer.writerow(header or rows[0])
        writer.writerows(row.values() for row in rows)
    return path


def changed(path, column, to):
    return written(path, [{**row, column: to(row[column], number)} for number, row in enumerate(ROWS)])


def refused(path, **keys):
    with pytest.raises(ScenarioError) as caught:
        anes(1, file=str(path), n=20, **keys)
    return str(caught.value)


def read(path, **keys):
    return anes(1, file=str(path), n=20, **keys)


def same(found):
    return [person["respondent"] for person in found.people] == [p["respondent"] for p in read(FILES[2020]).people]


# -- the studies -----------------------------------------------------------------------------------------------------


def test_other_ways_of_writing_the_same_are_read(tmp_path):
    assert same(read(written(tmp_path / "a.csv", encoding="utf-8")))
    assert same(read(written(tmp_path / "b.csv", quoting=csv.QUOTE_ALL)))
    floats = [{k: f"{v}.0" if k == "V201600" and v.isdigit() else v for k, v in row.items()} for row in ROWS]
    assert same(read(written(tmp_path / "c.csv", floats)))


@pytest.mark.parametrize(
    ("column", "to", "told"),
    [
        ("V201600", lambda cell, n: "7" if n == 4 else cell,
         "column V201600: '7' (1 rows, first row 5) not in the codebook of ANES 2020, which knows 1, 2; below 0 is "
         "missing. Take the file as it is handed out"),
        ("V201600", lambda cell, n: {"1": "Male", "2": "Female"}.get(cell, cell), "column V201600: 'Female' ("),
        ("V200010b", lambda cell, n: "-1.5", "weights: 'x.csv', column V200010b, row 1: '-1.5' is no weight"),
        ("V200010b", lambda cell, n: "1,5", "a decimal comma"),
        ("V200010b", lambda cell, n: "inf" if n == 2 else cell, "row 3: 'inf' is no weight"),
        ("V200010b", lambda cell, n: "1e300" if n == 2 else cell, "row 3: '1e300' is no weight"),
        ("V200010b", lambda cell, n: "0", "column V200010b: nobody has a weight above 0. Name another column"),
        ("V200010b", lambda cell, n: " ", "column V200010b: nobody has a weight above 0"),
    ],
)  # fmt: skip
def test_cells_that_cannot_be(tmp_path, column, to, told):
    assert told in refused(changed(tmp_path / "x.csv", column, to))


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({"delimiter": ";"}, "seems to be ANES 2020, saved otherwise: its cells stand between ';', not ','"),
        ({"delimiter": "\t"}, r"its cells stand between '\t'"),
        ({"header": [name.lower() for name in ROWS[0]]}, "saved otherwise: columns are in lower case"),
        ({"encoding": "utf-16"}, "is text in UTF-16: save it as `CSV UTF-8`"),
    ],
)  # fmt: skip
def test_a_file_that_was_saved_otherwise(tmp_path, how, told):
    assert told in refused(written(tmp_path / "x.csv", **how))


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("x.xlsx", b"PK\x03\x04\xff\xfe", "is a zip or an Excel file: unpack it, or save the sheet as `CSV UTF-8`"),
        ("x.sav", b"$FL2\xff\xfe", "is an SPSS file: take the CSV or the Stata file (.dta) of the study"),
        ("x.csv", "é".encode("latin-1"), "is no text in UTF-8"),
        ("x.dta", b"no stata", "cannot be read as a Stata file"),
        ("x.dta", b"", "cannot be read as a Stata file"),
        ("x.csv", b"", "holds no people"),
    ],
)
def test_files_of_another_kind(tmp_path, name, data, told):
    (tmp_path / name).write_bytes(data)
    assert told in refused(tmp_path / name)


def numbers(rows=ROWS):
    import pandas as pd

    frame = pd.DataFrame(rows)
    made = frame.apply(lambda column: pd.to_numeric(column.str.strip(), errors="coerce"))
    return made.assign(V203001=frame["V203001"], version=frame["version"])


def test_stata_files_with_categories_are_read_by_the_codes_in_their_labels(tmp_path):
    frame = numbers()
    frame["V201600"] = frame["V201600"].map({1: "1. Male", 2: "2. Female", -9: "-9. Refused"}).astype("category")
    frame.to_stata(tmp_path / "x.dta", write_index=False)  # the categories are numbered from 0, in the order of letters
    assert [p.get("gender") for p in read(tmp_path / "x.dta").people] == [
        p.get("gender") for p in read(FILES[2020]).people
    ]


def test_stata_files_without_rows_or_cut_short(tmp_path):
    numbers().iloc[:0].to_stata(tmp_path / "none.dta", write_index=False)
    assert "holds no people: it has columns and no row" in refused(tmp_path / "none.dta")
    numbers().to_stata(tmp_path / "whole.dta", write_index=False)
    (tmp_path / "cut.dta").write_bytes((tmp_path / "whole.dta").read_bytes()[:30_000])
    assert "Is it whole, and a .dta?" in refused(tmp_path / "cut.dta")


# -- files of one's own ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "keys", "told"),
    [
        (SMALL.replace(",", ";"), {},
         "delimiter: 'x.csv' would be one column, 'id;w;Q1': its cells stand between ';'; say delimiter: \";\""),
        (SMALL.replace(",", "\t"), {"codebook": True}, 'say delimiter: "\\t"'),
        (SMALL.replace("b,2,2", "b,2,9"), {"codebook": True},
         "column Q1: '9' (1 rows, first row 2) not in the codebook of V, which knows 1, 2. Add them to `levels`"),
        (SMALL.replace("a,1", "a,-1"), {"weights": "w"}, "column w, row 1: '-1' is no weight"),
        ("id,w\na,0\nb,0\n", {"weights": "w", "mode": "weighted"}, "column w: nobody has a weight above 0"),
        ("a,a\n1,2\n", {}, "every column needs a name of its own (see ['a'])"),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be(tmp_path, text, keys, told):
    (tmp_path / "x.csv").write_text(text)
    (tmp_path / "book.yaml").write_text(BOOK)
    keys = {**keys, **({"codebook": str(tmp_path / "book.yaml")} if "codebook" in keys else {})}
    with pytest.raises(ScenarioError) as caught:
        csv_people(1, file=str(tmp_path / "x.csv"), **keys)
    assert told in str(caught.value)


def test_tables_that_only_look_odd_are_read(tmp_path):
    def people(text, encoding="utf-8", **keys):
        (tmp_path / "x.csv").write_bytes(text.encode(encoding))
        made = csv_people(1, file=str(tmp_path / "x.csv"), **keys)
        return made if isinstance(made, list) else made.people

    plainly = people(SMALL)
    assert people(SMALL, "utf-8-sig") == plainly
    quoted = io.StringIO()
    csv.writer(quoted, quoting=csv.QUOTE_ALL).writerows(csv.reader(io.StringIO(SMALL)))
    assert people(quoted.getvalue()) == plainly
    assert people(SMALL.replace(",", ";"), delimiter=";") == plainly
    assert people("name\nAnn\nBob\n") == [{"name": "Ann"}, {"name": "Bob"}]
