"""The reading of a query: it raises nothing, is linear, and sees each keyword that Oxigraph reads.

Whether Oxigraph reads a word as a keyword is found by misspelling it: in a text, a comment, an IRI
or a name the misspelt word is as good as the right one; where a keyword stood, nothing is parsed.
"""

import subprocess
import sys

import pyoxigraph as ox
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reasoner.graph.sparql import scan as sparql_reading
from reasoner.graph.sparql.scan import Refused, Scanner, read

LONGER = (
    3  # characters looked at for each character: a token, the end of a text or IRI, its escapes
)
CLOSED = "<http://127.0.0.1:1/>"  # nothing listens there
STORE = ox.Store()
QUOTES = ["'", '"', "'''", '"""', "''"]
ESCAPES = ["\\", "\\'", '\\"', "\\q", "\\u0027", "\\u0053", "\\U0000005C", "\\uD800", "\\U00110000"]
MARKS = [*"<>{}()[]|^!=?$@%&*/+-.,;:#_ \n\r", "<<", ">>", "<<(", ")>>", "||", "&&", "^^"]
TERMS = [
    "<a:b>",
    "<a:b#>",
    "<'>",
    "<1)",
    "#>",
    "<x",
    "a:b",
    "a:b.c.",
    "p:",
    "p:x",
    "_:b",
    "?x",
    "$y",
    "1",
    "1e5",
    "1.e-5",
    ".5",
    "true",
    "a",
    "@en",
    "%41",
    "'x'",
    "'''x'''",
    "'''x'",
    '"y"',
    "\ufffd",
    "\ufffd:x",
    "é",
    "\u017f",
]
WORDS = [
    "SERVICE",
    "service",
    "SERVICE" + CLOSED,
    "FROM",
    "NAMED",
    "SELECT",
    "ASK",
    "CONSTRUCT",
    "BASE",
    "PREFIX",
    "FILTER(",
    "EXISTS{",
    "VALUES",
    "UNION",
    "OPTIONAL",
    "BIND(",
    "AS",
    "SILENT",
    "LOAD",
    "INSERT",
]
TOKENS = st.sampled_from(QUOTES + ESCAPES + MARKS + TERMS + WORDS)
PROLOGUE = f"PREFIX a: <a:> PREFIX p: <http://x:80> PREFIX q: <http://x/> PREFIX \ufffd: {CLOSED} "
CALL = "SERVICE" + CLOSED + "{ ?x ?y ?z }"
# What comes before the keyword, and after it, so that a reading by tokens does not see it.
TRICKS = [
    ("SELECT * { ?c ?b ?a FILTER(?a<'>'||EXISTS{", "}||'1'='1') }"),
    ("SELECT * { ?c ?b ?a FILTER(1<a:b#>'''\n||EXISTS{", "}) #'''\n}"),
    ("SELECT * { ?c ?b ?a FILTER(?a<a:f(1)||EXISTS{", "}) }"),
    ("SELECT * { ?a ?b ('''x') . ", " # \\q '''\n}"),
    ('SELECT * { ?a ?b ("""x") . ', ' # \\uD800 """\n}'),
    ("SELECT * { ?a ?b ('''x') . ", " }"),
    ("SELECT * { ?a ?b a:b.c.", " }"),
    ("SELECT * { ?a ?b p:", " }"),
    ("SELECT * { <<a:b#>'''\n a:p 1>> a:q 2 . ", " #'''\n}"),
    ("SELECT * { #\r", " }"),
    ("SELECT * { ?a ?b true", " }"),
    ("SELECT * { ?a ?b 1e5", " }"),
    ("SELECT * { ?a ?b '\\'' ", "}"),
    ("SELECT * { ?a ?b _:b.", " }"),
]
PLACES = [
    *[(before, CALL + after) for before, after in TRICKS],
    ("SELECT * { ?a ?b q:", "SERVICE\ufffd:x{ ?x ?y ?z } }"),
    ("SELECT * { FILTER(1<2)", "SERVICE?v#>\n{} }"),
    ("SELECT * { FILTER(1e5<2)", "SERVICE?v#>\n{} }"),
    ("SELECT (1<a:b(1)AS?b)", "FROM a:b#>\n{ ?x ?y ?z }"),
    ("SELECT * ", "FROM NAMED<a:b>{ ?x ?y ?z }"),
    ("ASK", "FROMa:b{}"),
]


def parses(query):
    """Whether Oxigraph parses a query; what happens when it runs does not matter."""
    try:
        STORE.query(query)
    except (SyntaxError, UnicodeEncodeError):
        return False
    except (OSError, RuntimeError):
        return True
    return True


def keyword(query, word, other):
    """Whether Oxigraph reads a keyword in a query."""
    misspelt = query.replace(word, other).replace(word.lower(), other.lower())
    return misspelt != query and parses(query) and not parses(misspelt)


def overlooked(query, found):
    """The keywords that Oxigraph reads, and a reading neither tells nor refuses."""
    told = {"SERVICE": found.service, "FROM": bool(found.graphs)}
    return [
        word
        for word, other in (("SERVICE", "SERVICX"), ("FROM", "FROX"))
        if not found.fault and not told[word] and keyword(query, word, other)
    ]


def agrees(query):
    """Asserts all that holds for the reading of any text."""
    found = read.__wrapped__(query)
    assert found.steps <= LONGER * len(query) and found.depth <= sparql_reading.DEEPEST
    if fault := found.fault:
        assert fault.message and fault.remedy and fault.line >= 1 and fault.column >= 1
    assert not (parses(query) and found.updates)
    assert overlooked(query, found) == []


@settings(max_examples=300, deadline=None)
@given(st.lists(TOKENS | st.text(max_size=3), max_size=40))
def test_any_tokens_are_read(parts):
    agrees("".join(parts))


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(PLACES),
    st.lists(TOKENS, max_size=3),
    st.lists(TOKENS, max_size=3),
    st.sampled_from(["", "'''", "#'''\n", "#>\n", "\\q'''"]),
)
def test_no_keyword_that_oxigraph_reads_is_overlooked(place, before, after, last):
    agrees(PROLOGUE + place[0] + "".join(before) + place[1] + "".join(after) + last)


@settings(max_examples=100, deadline=None)
@given(st.lists(TOKENS, min_size=1, max_size=4), st.integers(1, 4000), st.lists(TOKENS, max_size=4))
@example(["\\'"], 4000, [])
@example(["'''a''"], 4000, [])
@example(["a.a-"], 4000, [])
@example(["<a "], 4000, [])
def test_repeated_tokens_are_read_in_linear_work(parts, times, after):
    query = "ASK { " + "".join(parts) * times + "".join(after)
    assert read.__wrapped__(query).steps <= LONGER * len(query)


class GoesOn(Scanner):
    """A scanner that goes on after a text without an end, and after an escape outside of a text."""

    def text(self, mark, end):
        """Takes the mark for a character."""
        try:
            return super().text(mark, end)
        except Refused:
            return end

    def sign(self, sign, end):
        """Takes an escape for a character."""
        return end if sign == "\\" else super().sign(sign, end)


def test_a_scanner_that_goes_on_is_not_linear():
    query = "SELECT * {} '" + "\\'" * 4000
    scanner = GoesOn(query)
    scanner.run()
    assert scanner.steps > 100 * len(query) and read(query).steps <= LONGER * len(query)


@pytest.mark.parametrize("place", PLACES, ids=range(len(PLACES)))
def test_what_can_be_read_in_two_ways_is_refused(place):
    """Oxigraph reads a keyword in each but two of the places: there it has cut nothing off."""
    query = PROLOGUE + "".join(place)
    found = read(query)
    assert found.fault or found.outside
    assert keyword(query, "SERVICE", "SERVICX") or keyword(query, "FROM", "FROX") or "_:b." in query


class Guesses(Scanner):
    """A scanner that takes every IRI for an IRI, and every name for one name."""

    def iri(self, iri, end):
        """Takes it for an IRI."""
        self.before = ""
        return super().iri(iri, end)

    def is_one_name(self, head, local):
        """Takes it for one name."""
        return True


@pytest.mark.parametrize("number", [1, 6, 7, 14])
def test_a_scanner_that_guesses_overlooks_keywords(number):
    query = PROLOGUE + "".join(PLACES[number])
    scanner = Guesses(query)
    scanner.run()
    assert "SERVICE" not in scanner.outside and keyword(query, "SERVICE", "SERVICX")


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?s ?p 'SERVICE <x> FROM' } # SERVICE",
        "PREFIX f: <http://f/> ASK { ?s a f:ServiceRequest ; f:ServiceRequest.code ?from }",
        "ASK { VALUES (?a ?b) { (<http://a/b#c> <http://d'e(f)#g>) } }",
        "ASK { ?a ?b ?c FILTER(?c<5&&?c>3) }",
        'ASK { ?s ?p \'\\u00e9\\n\', """a"b""" }',
        "ASK { VALUES ?x { " + "1.5 " * 5000 + "} }",
        "ASK { ?s ?p ?o FILTER(?o IN (" + "1," * 5000 + "1)) }",
        "PREFIX : <#> BASE <http://x/> SELECT * { ?a :b ?c }",
    ],
)
def test_what_can_be_read_in_one_way_is_admitted(query):
    found = read(query)
    assert (found.fault, found.outside) == (None, None)


@pytest.mark.parametrize(
    "query, line, column, message",
    [
        ("ASK {\n  ?s ?p '''x }", 2, 9, "no end"),
        ("ASK {\n ?s ?p 'x\n' }", 2, 8, "no end"),
        ("ASK { ?s ?p '\\q' }", 1, 14, "no escape"),
        ("ASK { ?s ?p '\\u0027' }", 1, 14, "stands for"),
        ("\\u0041SK {}", 1, 1, "escape"),
        ("ASK " + "{" * 201, 1, 205, "200 deep"),
        ("ASK { FILTER(\n" + "!" * 1001 + "1) }", 2, 1001, "1000 operators"),
        ("ASK { ?s a true\n FILTER(1<a:b#>\n) }", 2, 10, "comparison"),
    ],
)
def test_a_fault_has_its_place(query, line, column, message):
    fault = read(query).fault
    assert (fault.line, fault.column) == (line, column)
    assert message in fault.message and fault.remedy.endswith(".")


# Stacks

HIGH = {
    "negation": "ASK {{ FILTER({0}true) }}",
    "sum": "ASK {{ FILTER(1{0} > 0) }}",
    "union": "ASK {{ {{}}{0} }}",
    "bind": "SELECT * {{ {0} }}",
    "minus": "SELECT * {{ ?s ?p ?o {0} }}",
    "calls": "SELECT ({0}1{1} AS ?x) {{}}",
    "exists": "SELECT * {{ {0} ?s ?p ?o {1} }}",
    "filter": "SELECT * {{ ?s ?p ?o {0} }}",
    "alternative": "ASK {{ ?s <a:b>{0} ?o }}",
    "select": "SELECT {0} {{}}",
    "reified": "ASK {{ {0}<a:a>{1} <a:p> ?o }}",
}
PART = {
    "negation": "!",
    "sum": "+1",
    "union": " UNION {}",
    "bind": "BIND(1 AS ?x#)",
    "minus": "MINUS { ?s ?p ?o }",
    "calls": "STR(",
    "exists": "FILTER EXISTS { ",
    "filter": "FILTER(1=1) ",
    "alternative": "|<a:b>",
    "select": "(1 AS ?x#)",
    "reified": "<< ",
}
CLOSE = {"calls": ")", "exists": " }", "reified": " <a:b> 1 >>"}
RUN = """
import sys
import pyoxigraph as ox
for query in sys.stdin.read().split("\\0"):
    ox.Store().query(query)
print("alive")
"""


def high(name, times):
    """A query that grows high."""
    parts = "".join(PART[name].replace("#", str(n)) for n in range(times))
    return HIGH[name].format(parts, CLOSE.get(name, "") * times)


def survives(queries):
    """Whether a process with 8 MB of stack outlives some queries."""
    command = f'ulimit -s 8192; ulimit -v 8000000; exec {sys.executable} -c "$0"'
    told = subprocess.run(
        ["sh", "-c", command, RUN],
        input="\0".join(queries),
        capture_output=True,
        text=True,
        timeout=120,
    )
    return told.stdout == "alive\n"


def test_what_is_admitted_does_not_overflow_the_stack_of_the_parser():
    highest = {
        name: max(n for n in range(150, 1001, 50) if not read(high(name, n)).fault) for name in HIGH
    }
    assert all(read(high(name, 30_000)).fault.code == "too-nested" for name in HIGH)
    assert survives([high(name, n) for name, n in highest.items()])


@pytest.mark.parametrize("name", ["negation", "calls"])
def test_what_is_not_admitted_would(name):
    assert not survives([high(name, 30_000)])
