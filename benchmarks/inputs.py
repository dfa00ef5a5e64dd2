"""How the time to read an input grows with its size, door by door. Prints a Markdown table.

    python benchmarks/inputs.py [--only WORD]

Each input is read at a size n that takes well above the noise, and at 2 n, three times each; the
least processor time counts. Exits 1 when the ratio t(2 n) / t(n) of one is 3 or more: then
something is quadratic. An input that is refused counts as well: it must be refused in linear time.
"""

import argparse
import gzip
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT)]

import growing_records as records  # noqa: E402

from reasoner.answer.cache.answer_cache import Memory  # noqa: E402
from reasoner.api import Reasoner  # noqa: E402
from reasoner.curation.definitions.manchester import definition  # noqa: E402
from reasoner.curation.importing import import_table  # noqa: E402
from reasoner.errors import NextstudyError  # noqa: E402
from reasoner.graph.sparql.scan import read as read_query  # noqa: E402
from reasoner.graph.turtle.format import format_turtle  # noqa: E402
from reasoner.graph.turtle.scan import refuse_unreadable  # noqa: E402
from reasoner.intake.encoding import parse, plain  # noqa: E402
from reasoner.messages import escaping as shown  # noqa: E402
from reasoner.names import home, ia  # noqa: E402
from reasoner.serve.explorer.record_pages import uploaded  # noqa: E402

MOST, TIMES = 3.0, 3
LEAST = 0.1  # seconds below which a ratio is noise
ROW = b"T%d,1,variant %d,US %d,Usually appropriate,O\n"
TITLES = b"topic,variant_no,variant_text,procedure,category,adult_rrl\n"
FORM = b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n"
Inputs = dict[str, tuple[int, Callable[[int], bytes]]]

QUERIES: Inputs = {
    "texts": (25_000, lambda n: b"ASK { " + b"?a ?b 'x' " * n + b"}"),
    "variables without a name": (125_000, lambda n: b"$ " * n),
    "percent signs": (60_000, lambda n: b"a:%4" * n),
    "a long text that does not end": (250_000, lambda n: b"ASK { ?s ?p '''" + b"x" * n),
    "escapes": (125_000, lambda n: b"SELECT * {} '" + b"\\'" * n),
    "dots": (65_000, lambda n: b"a.a-" * n),
    "quotes in a text": (125_000, lambda n: b"ASK { '''" + b"''" * n),
}
FILES: Inputs = {
    "statements": (20_000, lambda n: b"".join(b"<a:%d> <a:b> <a:c> .\n" % i for i in range(n))),
    "blank nodes": (10_000, lambda n: b"<a:a> <a:b> [ <a:c> 1 ] .\n" * n),
    "a list": (10_000, lambda n: b"<a:a> <a:b> (" + b" 1" * n + b") ."),
    "comments": (200_000, lambda n: b"# a\n" * n + b"<a:a> <a:b> 1 ."),
}
PARSED: Inputs = {
    "repeated keys": (100_000, lambda n: b"[" + b",".join([b'{"a":1,"b":2}'] * n) + b"]"),
    "keys twice": (500_000, lambda n: b'{"a":1,' + b'"a":1,' * n + b'"a":1}'),
    "a wide object": (
        200_000,
        lambda n: b"{" + b",".join(b'"k%d":"\\u0022"' % i for i in range(n)) + b"}",
    ),
    "lines": (100_000, lambda n: b'{"resourceType":"Patient"}\n' * n),
    "blank lines": (1_000_000, lambda n: b"\n" * n + b"{}\n{}"),
    "brackets": (500_000, lambda n: b"{\n" * n),
    "compressed": (20_000_000, lambda n: gzip.compress(b'{"a":"' + b"b" * n + b'"}', 1)),
    "compressed members": (100_000, lambda n: gzip.compress(b"{}\n") * n),
}
SHOWN: Inputs = {
    "escapes": (400_000, lambda n: b"\x1b" * n),
    "markup": (400_000, lambda n: b"[_*`" * n),
    "digits": (4_000_000, lambda n: b"+" + b"1" * n + b"x"),
}
FORMS: Inputs = {
    "parts": (50, lambda n: (FORM + b"v" * 100_000 + b"\r\n") * n + b"--x--\r\n"),
    "headers of a part": (500_000, lambda n: b"--x\r\n" + b"a: b\r\n" * n + b"\r\nv\r\n--x--\r\n"),
    "a long header": (5_000_000, lambda n: b"--x\r\na: " + b"b" * n),
    "almost boundaries": (1_000_000, lambda n: FORM + b"\r\n--" * n),
}
TABLES: Inputs = {
    "rows": (2000, lambda n: TITLES + b"".join(ROW % (1, 1, i) for i in range(n))),
    "scenarios": (2000, lambda n: TITLES + b"".join(ROW % (1, i, 1) for i in range(n))),
    "topics": (1000, lambda n: TITLES + b"".join(ROW % (i, 1, 1) for i in range(n))),
    "a long name": (20_000, lambda n: TITLES + b"T,1,same," + b"mri " * n + b",O,O\n"),
}


def of(inputs: dict[str, Callable[[int], bytes]], kind: str) -> Inputs:
    """Growing records with their size."""
    return {name: (records.SIZES[kind], make) for name, make in inputs.items()}


def main() -> int:
    """Prints the table; 1 when something grows faster than it may."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--only", default="", metavar="WORD")
    given, reasoner, slow = options.parse_args(), Reasoner(), []
    doors = {
        "FHIR": (of(records.FHIR, "FHIR"), partial(ask, reasoner)),
        "Turtle": (of(records.TURTLE, "TURTLE"), partial(ask, reasoner)),
        "Turtle, looked over": (of(records.DOCUMENTS, "DOCUMENTS"), refuse_unreadable),
        "Turtle, formatted": (FILES, format_turtle),
        "Manchester": (of(records.EXPRESSIONS, "EXPRESSIONS"), partial(expression, reasoner)),
        "JSON": (PARSED, lambda data: parse(plain(data))),
        "SPARQL": (QUERIES, lambda data: read_query.__wrapped__(data.decode())),
        "form": (FORMS, lambda data: uploaded(data, "multipart/form-data; boundary=x")),
        "table": (TABLES, imported),
        "shown": (SHOWN, lambda data: shown.markdown(data.decode())),
    }
    print("| input | n | t(n), s | t(2 n), s | ratio |\n|---|---|---|---|---|")
    for door, (inputs, reading) in doors.items():
        for name, (size, make) in inputs.items():
            if given.only in f"{door}: {name}":
                first, second = (best(reading, make(size * k)) for k in (1, 2))
                ratio = second / max(first, LEAST)
                print(
                    f"| {door}: {name} | {size} | {first:.3f} | {second:.3f} | {ratio:.2f} |",
                    flush=True,
                )
                sentence = f"{door}: {name}: t(2 n) / t(n) = {ratio:.2f}"
                slow += [sentence] if ratio >= MOST else []
    print(*slow, sep="\n")
    return 1 if slow else 0


def best(reading: Callable, given: bytes) -> float:
    """The least processor time in which an input was read or refused."""
    times = []
    for _ in range(TIMES):
        began = time.process_time()
        try:
            reading(given)
        except NextstudyError:
            pass
        times.append(time.process_time() - began)
        if times[-1] > 2:
            break
    return min(times)


def ask(reasoner: Reasoner, data: bytes) -> None:
    """Answers a record, with nothing remembered."""
    reasoner.memory = Memory(reasoner.knowledge)
    reasoner.ask(data)


def expression(reasoner: Reasoner, data: bytes) -> None:
    """Reads a class expression."""
    definition(ia("X"), data.decode(), reasoner.knowledge.facts, set(), "x")


def imported(data: bytes) -> None:
    """Surveys a rating table."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "ratings-2026.csv")
        path.write_bytes(data)
        import_table(path, None, home() / "ontology")


if __name__ == "__main__":
    sys.exit(main())
