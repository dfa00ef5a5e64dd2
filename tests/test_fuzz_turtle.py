"""The doors that take Turtle, with documents grown over its tokens: an answer, or an error with its
place and remedy; never a crash.
"""

import re
from datetime import date

import pyoxigraph as ox
import pytest
from counted import lines_run, with_examples
from hypothesis import given, settings
from hypothesis import strategies as st

from reasoner.__main__ import main
from reasoner.errors import (
    ConfigurationError,
    ContradictionError,
    InputError,
    NextstudyError,
    TurtleError,
)
from reasoner.graph import store
from reasoner.graph.turtle import scan as turtle_scan
from reasoner.graph.turtle.format import comments, format_turtle
from reasoner.intake import patient_graph as turtle_graph
from reasoner.validation import inputs as gather
from reasoner.validation import shacl
from reasoner.validation.graph_under_test import Material

HEAD = (
    "@prefix ia: <https://w3id.org/imaging-appropriateness/ns/> . "
    "@prefix c: <https://w3id.org/imaging-appropriateness/case/> .\n"
)
PATIENT = HEAD + "c:p a ia:Patient . c:m a ia:Presentation ; ia:hasPatient c:p .\n"
SIGNS = [
    "<<",
    ">>",
    "<<(",
    ")>>",
    "{|",
    "|}",
    "~",
    "[",
    "]",
    "(",
    ")",
    "{",
    "}",
    ".",
    ";",
    ",",
    "^^",
    "@en",
    "@en--ltr",
    "@prefix",
    "@base",
    "PREFIX",
    "a",
    "true",
    "1",
    "1.5",
    "-1e9",
    "#",
    "# note\n",
    "\n",
    "\r",
    " ",
    "\t",
    "\\",
    "\\u0022",
    "\\U0001F600",
    "\\~",
    "\0",
    "\ufeff",
    "é",
    "\U0001f600",
]
QUOTES = [
    '"',
    "'",
    '"""',
    "'''",
    '""',
    '\\"',
    '"x"',
    "'x'",
    '"""x\n"""',
    '"a\\"b"',
    '"\\',
    '"<<"',
    "'#'",
]
NAMES = [
    "ia:Patient",
    "ia:Presentation",
    "ia:hasPatient",
    "ia:hasFinding",
    "ia:SoftTissueMass",
    "ia:hasSite",
    "ia:Thigh",
    "ia:hasStudy",
    "ia:hasDevice",
    "ia:hasOrder",
    "ia:value",
    "ia:birthDate",
    "ia:Thigg",
    "c:p",
    "c:m",
    "c:f",
    "_:a",
    "_:b",
    "ia:",
    "nope:x",
    "<http://x/a>",
    "<http://x/a#b>",
    "<a>",
    "<",
    ">",
    "<http://x/a b>",
    '<http://x/"<<>',
    "rdf:nil",
]
TRIPLES = [
    "c:m ia:hasFinding c:f .",
    "c:f a ia:SoftTissueMass ; ia:hasSite ia:Thigh .",
    "_:a ia:hasStudy _:b .",
    "_:b ia:hasStudy _:a .",
    "c:m ia:hasStudy [ a ia:Study ; ia:ofProcedure ia:Radiography ] .",
    "c:p ia:hasDevice [] .",
    "[] <http://x/p> 1 .",
    'c:p ia:birthDate "1980-01-01"^^<http://www.w3.org/2001/XMLSchema#date> .',
    "<http://x/s> <http://x/p> ( 1 [ ] ( 2 ) ) .",
    "<http://x/s> <http://x/p> <<( <http://x/s> <http://x/p> 1 )>> .",
    "<http://x/s> <http://x/p> 1 {| <http://x/q> 2 |} .",
    "<http://x/s> <http://x/p> 1 ~ <http://x/r> .",
    "<< <http://x/s> <http://x/p> 1 >> <http://x/q> 2 .",
]
TOKENS = st.sampled_from([*SIGNS, *QUOTES, *NAMES, *TRIPLES])
REPEATED = st.builds(lambda token, times: token * times, TOKENS, st.sampled_from([2, 3, 70, 700]))
BODIES = st.lists(st.one_of(TOKENS, TOKENS, st.sampled_from(TRIPLES), REPEATED), max_size=12)
TEXTS = st.builds(
    lambda head, parts, joint: head + joint.join(parts),
    st.sampled_from(["", HEAD, PATIENT, PATIENT]),
    BODIES,
    st.sampled_from(["", " ", " ", "\n"]),
)
ODD = st.sampled_from(["utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "latin-1"])
DOCUMENTS = st.one_of(
    st.builds(lambda text, code: text.encode(code, "replace"), TEXTS, ODD),
    st.builds(lambda text, share: text.encode()[: int(len(text) * share)], TEXTS, st.floats(0, 1)),
    st.builds(lambda text, junk: text.encode() + junk, TEXTS, st.binary(max_size=8)),
)
DEEP = {  # what was sent, or could be, to overflow a stack or to take for ever
    "one triple term": b"<http://x/s> <http://x/p> <<( <http://x/s> <http://x/p> 1 )>> .",
    "nested triple terms": b"<a:s> <a:p> " + b"<<(<a:s> <a:p> " * 300 + b"1" + b")>>" * 300 + b" .",
    "an annotation": b"<a:s> <a:p> 1 {| <a:q> 2 |} .",
    "a reifier": b"<a:s> <a:p> 1 ~ <a:r> .",
    "a direction": b'<a:s> <a:p> "x"@en--rtl .',
    "nested brackets": HEAD.encode() + b"c:m " + b"<a:p> [" * 300 + b"]" * 300 + b" .",
    "nested lists": HEAD.encode() + b"c:m <a:p> " + b"(" * 300 + b")" * 300 + b" .",
    "a long prefix": b"@prefix p: # <\n <a:" + b"s" * 3000 + b"> . p:a p:b p:c .",
    "a long base": b"BASE<http://x/" + b"s" * 3000 + b"> <a> <b> <c> .",
}


def told(error: NextstudyError) -> bool:
    """Whether an error names a place and a remedy."""
    if isinstance(error, ContradictionError):
        return bool(error.thing)
    if isinstance(error, TurtleError):
        return bool(error.hint) and (
            error.line > 0 or " is " in error.message or "below" in error.message
        )
    return isinstance(error, InputError) and bool(error.place and error.hint)


def refused(reader, *given) -> NextstudyError | None:
    """The error of a reader, which must be told; none when it reads."""
    try:
        reader(*given)
    except NextstudyError as error:
        assert told(error), error
        return error
    return None


@with_examples(DEEP.values())
@given(DOCUMENTS)
@settings(max_examples=400)
def test_a_patient_graph_is_answered_or_refused(reasoner, data):
    def read(data):
        answer = reasoner.memory.answer(
            turtle_graph.read_graph(reasoner.knowledge, data, date(2026, 11, 29))
        )
        assert answer["patient"] and isinstance(answer["presentations"], list)

    refused(read, data)


@with_examples(DEEP.values())
@given(DOCUMENTS)
@settings(max_examples=400)
def test_what_is_formatted_is_formatted_for_good(data):
    if refused(format_turtle, data) is None:
        once = format_turtle(data)
        assert format_turtle(once) == once and not comments(once)


@with_examples(DEEP.values())
@given(DOCUMENTS)
@settings(max_examples=300)
def test_what_passes_the_scan_has_no_term_of_rdf_1_2(data):
    """The scan sees the tokens that the parser sees: nothing hides a triple term from it."""
    if refused(turtle_scan.refuse_unreadable, data):
        return
    try:
        objects = [t.object for t in ox.parse(data, format=ox.RdfFormat.TURTLE)]
    except SyntaxError:
        return
    assert not any(isinstance(o, ox.Triple) or getattr(o, "direction", None) for o in objects)


@given(
    st.lists(
        st.sampled_from([*QUOTES, "<<(", "#", "\n", "<", ">", "\\", "x", "<a:a>", "[", "]"]),
        max_size=14,
    ).map("".join)
)
@settings(max_examples=600)
def test_no_quotation_hides_a_triple_term(text):
    document = f"<a:s> <a:p> 1 . {text} <a:s> <a:p> <<( <a:s> <a:p> 1 )>> ."
    try:
        objects = [t.object for t in ox.parse(document.encode(), format=ox.RdfFormat.TURTLE)]
    except SyntaxError:
        return
    if any(isinstance(o, ox.Triple) for o in objects):
        with pytest.raises(TurtleError):
            turtle_scan.refuse_unreadable(document.encode())


@given(DOCUMENTS)
@settings(max_examples=15)
def test_a_file_is_validated_or_refused(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("fuzz") / "grown.ttl"
    path.write_bytes(data)

    def read(path):
        material = gather.gather([path])[0]
        assert isinstance(material, Material) and material.rows is not None and material.definitions
        assert all(material.owner(s) for s, _, _ in material.rows)

    refused(read, path)


@pytest.mark.parametrize("name", DEEP)
def test_each_document_is_refused_where_it_stands(reasoner, tmp_path, name):
    path = tmp_path / "deep.ttl"
    path.write_bytes(DEEP[name])
    found = refused(turtle_graph.read_graph, reasoner.knowledge, DEEP[name])
    assert "line " in found.place and "column " in found.place
    for reader, given_ in (
        (format_turtle, DEEP[name]),
        (store.read_turtle, path),
        (gather.gather, [path]),
    ):
        assert refused(reader, given_).line > 0


@pytest.mark.parametrize(
    "name", ["one triple term", "an annotation", "a direction", "nested brackets"]
)
def test_without_the_scan_a_document_is_not_refused_where_it_stands(reasoner, monkeypatch, name):
    """The broken twin: nothing else stands before the parser."""
    monkeypatch.setattr(store, "refuse_unreadable", bytes)
    with pytest.raises((AttributeError, AssertionError, KeyError)):
        found = refused(turtle_graph.read_graph, reasoner.knowledge, DEEP[name])
        assert "column " in found.place


def test_a_scan_that_takes_part_of_an_iri_for_a_comment_is_found(monkeypatch):
    """The broken twin of the tokens: a scan that is led astray lets a triple term pass."""
    document = b"<a:s#s> <a:p> <<( <a:s> <a:p> 1 )>> ."
    assert refused(turtle_scan.refuse_unreadable, document)
    monkeypatch.setattr(turtle_scan, "PLAIN", re.compile(rb"(?:[^#<]++|#[^\n]*+|<(?!<))*+"))
    assert not refused(turtle_scan.refuse_unreadable, document)


@pytest.mark.parametrize("name", DEEP)
def test_shapes_are_looked_over_too(tmp_path, name):
    (tmp_path / "deep.ttl").write_bytes(DEEP[name])
    with pytest.raises(ConfigurationError) as found:
        shacl.read(tmp_path)
    assert re.search(r"deep\.ttl:\d+:\d+$", found.value.place) and found.value.hint


@pytest.mark.parametrize("words", [["ask"], ["fmt"], ["fmt", "--check"], ["validate"]])
@pytest.mark.parametrize("name", ["one triple term", "nested brackets"])
def test_the_command_line_says_where(tmp_path, capsys, words, name):
    path = tmp_path / "deep.ttl"
    path.write_bytes(DEEP[name])
    assert main([*words, str(path)]) == 2
    said = capsys.readouterr().err
    assert "Traceback" not in said and ("column" in said or "deep.ttl:" in said)


def test_an_error_quotes_no_more_than_a_line(reasoner):
    error = refused(
        turtle_graph.read_graph, reasoner.knowledge, b"<a:a> <a:b> " + b'"x" ' * 2 + b'"y"' * 99_999
    )
    assert len(error.message) < 500
    error = refused(format_turtle, b'<a:a> <a:b> 1 . """' + b"x" * 99_999 + b'""" <a:b> 1 .')
    assert len(error.message) < 500


@pytest.mark.parametrize("steps", [70, 400, 3000])
def test_blank_nodes_too_deep_to_be_written_are_refused_below_their_top(steps):
    chain = "".join(f"_:a{i} ia:hasStudy _:a{i + 1} . " for i in range(steps))
    error = refused(format_turtle, f"{HEAD}c:top ia:hasStudy _:a0 . {chain}".encode())
    assert "nested too deeply below" in error.message and "case/top" in error.message


def test_a_long_name_is_no_long_prefix(reasoner):
    """What is written once may be long: the record of a long name has a graph of its own."""
    name = f"<http://x/{'m' * 3000}>"
    text = f"{HEAD}c:p a ia:Patient . {name} a ia:Presentation ; ia:hasPatient c:p ."
    reply = reasoner.reply(text.encode())
    assert name.encode() in reply.turtle() and reply.answer["presentations"][0]["id"] == name[1:-1]


# Work is counted in lines of Python that run, at a size and at twice that size.

SHAPES = {
    "blank nodes": lambda n: "[] <http://x/p> 1 . " * n,
    "blank nodes of one": lambda n: (
        "c:m ia:hasStudy [ a ia:Study ; ia:ofProcedure ia:Radiography ] . " * n
    ),
    "blank nodes in pairs": lambda n: "".join(f"_:a{i} ia:hasStudy _:b{i} . " for i in range(n)),
    "a circle of two, again and again": lambda n: "".join(
        f"_:a{i} ia:hasStudy _:b{i} . _:b{i} ia:hasStudy _:a{i} . " for i in range(n)
    ),
    "measurements": lambda n: (
        "c:p ia:hasMeasurement [ ia:ofObservable ia:EstimatedGfr ; ia:value 20 ] . " * n
    ),
    "devices": lambda n: "c:p ia:hasDevice [ a ia:CardiacPacemaker ] . " * n,
    "presentations": lambda n: "".join(
        f"c:m{i} a ia:Presentation ; ia:hasPatient c:p . " for i in range(n)
    ),
    "brackets": lambda n: "c:m <http://x/p> [ ] . " * n,
}


def growth(work, knowledge, shape, n: int = 150) -> float:
    """How many times as many lines run for twice as many things."""
    counts = [
        lines_run(work, knowledge, (PATIENT + SHAPES[shape](size)).encode())
        for size in (0, n, 2 * n)
    ]
    return (counts[2] - counts[0]) / (counts[1] - counts[0])


@pytest.mark.parametrize("shape", SHAPES)
def test_twice_as_many_things_take_twice_the_work(reasoner, shape):
    turtle_graph.read_graph(reasoner.knowledge, (PATIENT + SHAPES[shape](2)).encode())
    assert growth(turtle_graph.read_graph, reasoner.knowledge, shape) < 2.5


def test_names_that_are_searched_for_take_more(reasoner, monkeypatch):
    """The broken twin: each name looked for among all names that were given."""

    def named(triples):
        names = {}
        for t in triples:
            for x in (t.subject, t.object):
                if isinstance(x, ox.BlankNode) and str(x) not in names:
                    number = 0
                    while any(name == f"urn:x{number}" for name in names.values()):
                        number += 1
                    names[str(x)] = f"urn:x{number}"
        return names

    monkeypatch.setattr(turtle_graph, "named", named)
    assert growth(turtle_graph.read_graph, reasoner.knowledge, "blank nodes", 20) > 2.5


@pytest.mark.parametrize(
    "document",
    [
        "".join(f"_:a{i} ia:hasStudy _:a{i + 1} . " for i in range(2000)),
        "".join(f"_:a{i} ia:hasStudy _:a{(i + 1) % 2000} . " for i in range(2000)),
        f"c:m <http://x/p> ({' 1' * 2000}) .",
    ],
    ids=["chain", "circle", "list"],
)
def test_blank_nodes_too_deep_to_be_named_are_refused(reasoner, document):
    error = refused(turtle_graph.read_graph, reasoner.knowledge, (PATIENT + document).encode())
    assert "too deep" in error.message and "IRI" in error.hint


NODES = [
    ox.BlankNode("a"),
    ox.BlankNode("b"),
    ox.BlankNode("c"),
    ox.NamedNode("http://x/a"),
    ox.NamedNode("http://x/a#b"),
]
PREDICATES = [ox.NamedNode(turtle_graph.IA + name) for name in ("p", "p1", "q")] + [
    ox.NamedNode("http://x/p#")
]


@given(
    st.lists(
        st.builds(
            ox.Triple, st.sampled_from(NODES), st.sampled_from(PREDICATES), st.sampled_from(NODES)
        ),
        max_size=12,
    )
)
@settings(max_examples=300)
def test_names_are_those_of_the_way_to_a_node(triples):
    """What `named` gives, by the rule as it reads: the first that points to a node names it, and a
    number tells equals apart.
    """
    above = {}
    for t in triples:
        if isinstance(t.object, ox.BlankNode):
            above.setdefault(t.object, (t.subject, t.predicate.value.removeprefix(turtle_graph.IA)))
    expected = {}
    for node in dict.fromkeys(
        x for t in triples for x in (t.subject, t.object) if isinstance(x, ox.BlankNode)
    ):
        path, step = [], node
        while step in above and step not in path:
            path.append(step)
            step = above[step][0]
        root = turtle_graph.CASE + "patient-graph" if isinstance(step, ox.BlankNode) else step.value
        name = root + ("-" if "#" in root else "#") + "-".join(above[s][1] for s in reversed(path))
        expected[str(node)] = next(
            n for i in range(99) if (n := f"{name}{i or ''}") not in expected.values()
        )
    assert turtle_graph.named(triples) == expected


def test_a_chain_of_terms_is_refused_before_checks_follow_it(tmp_path):
    line = "<http://x/c{}> <http://www.w3.org/2000/01/rdf-schema#subClassOf> <http://x/c{}> .\n"
    path = tmp_path / "chain.ttl"
    for steps, circle in ((101, False), (101, True)):
        path.write_text(
            "".join(line.format(i, (i + 1) % steps if circle else i + 1) for i in range(steps))
        )
        error = refused(gather.gather, [path])
        assert "subClassOf" in error.message and "http://x/c" in error.place
    path.write_text("".join(line.format(i, i + 1) for i in range(100)))
    assert not refused(gather.gather, [path])
