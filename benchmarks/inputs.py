"""How the time to read an input grows with its size, door by door. Prints a Markdown table.

    python benchmarks/inputs.py [--only WORD]

Each input is read at a size n that takes well above the noise, and at 2 n, three times each; the
best counts. Exits 1 when the ratio t(2 n) / t(n) of one is 3 or more: then something is quadratic.
An input that is refused counts as well: it must be refused in linear time.
"""

import argparse
import csv
import gzip
import io
import json
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import hostile_doors as attacks  # noqa: E402

from reasoner.ask import Reasoner  # noqa: E402
from reasoner.curation.manchester import definition  # noqa: E402
from reasoner.errors import NextstudyError  # noqa: E402
from reasoner.importing import import_table  # noqa: E402
from reasoner.names import home, ia  # noqa: E402
from reasoner.sparql_reading import read as read_query  # noqa: E402
from reasoner.turtle import format_turtle  # noqa: E402

MOST, TIMES = 3.0, 3
LEAST = 0.05  # seconds below which a ratio is noise


def bundle(number: int, made: Callable[[int], dict]) -> bytes:
    """A record of one patient with so many resources."""
    entries = [{"resource": {"resourceType": "Patient", "id": "p1"}}]
    entries += [{"resource": {"id": f"r{n}", **made(n)}} for n in range(number)]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()


def coded(kind: str, code: str, system: str = "http://snomed.info/sct", **more) -> dict:
    """A resource with a code."""
    named = {"coding": [{"system": system, "code": code, "display": "something"}]}
    return {"resourceType": kind, "code": named, "subject": {"reference": "Patient/p1"}, **more}


def graph(number: int, made: Callable[[int], str]) -> bytes:
    """A Turtle patient graph with so many lines."""
    return attacks.patient_graph("\n".join(map(made, range(number))).encode())


def table(number: int) -> bytes:
    """A rating table with so many rows."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["topic", "variant", "procedure", "category", "adult rrl", "peds rrl"])
    for n in range(number):
        rows.writerow([f"T{n % 50}", f"variant {n}", "MRI thigh", "Usually Appropriate", "O", "O"])
    return out.getvalue().encode()


RECORDS: dict[str, tuple[int, Callable[[int], bytes]]] = {
    "FHIR: masses": (300, attacks.conditions),
    "FHIR: unknown problems": (2000, lambda n: bundle(n, lambda i: coded("Condition", f"9{i}"))),
    "FHIR: measurements": (2000, lambda n: bundle(n, lambda i: coded(
        "Observation", "33914-3", "http://loinc.org", effectiveDateTime="2026-01-01",
        valueQuantity={"value": i, "unit": "mL/min", "code": "mL/min"}))),
    "FHIR: devices": (1000, lambda n: bundle(n, lambda i: {
        "resourceType": "Device", "type": {"coding": [{"code": "14106009"}]},
        "patient": {"reference": "Patient/p1"}})),
    "FHIR: orders for one mass": (300, lambda n: bundle(n, lambda i: coded(
        "ServiceRequest", "241646009", status="active", intent="order",
        reasonReference=[{"reference": "Condition/r0"}]) if i else coded("Condition", "444905003"))),
    "FHIR: reports": (1000, lambda n: bundle(n, lambda i: coded(
        "DiagnosticReport", "241646009", status="final", conclusion="no fracture " * 5))),
    "FHIR: one long text": (200_000, lambda n: bundle(1, lambda i: coded(
        "Condition", "95", note=[{"text": "no pacemaker, " * n}]))),
    "FHIR: nested contained": (2000, lambda n: bundle(1, lambda i: coded(
        "Condition", "95", contained=[coded("Device", f"{c}", id=f"d{c}") for c in range(n)]))),
    "FHIR: references in a circle": (3000, lambda n: bundle(n, lambda i: coded(
        "ServiceRequest", "95", reasonReference=[{"reference": f"ServiceRequest/r{(i + 1) % n}"}]))),
    "FHIR: lines": (2000, lambda n: b"\n".join(
        json.dumps({"id": f"c{i}", **coded("Condition", f"{i}")}).encode() for i in range(n))),
    "FHIR: keys twice": (300_000, lambda n: b'{"a":1,' + b'"a":1,' * n + b'"a":1}'),
    "FHIR: escapes": (1_000_000, lambda n: b'{"a":"' + b"\\\\" * n + b'"}'),
    "FHIR: compressed": (3_000_000, lambda n: gzip.compress(b'{"a":"' + b"b" * n + b'"}')),
    "Turtle: blank nodes": (1500, lambda n: graph(n, lambda i: "<urn:m> ia:hasStudy [ a ia:Study ] .")),
    "Turtle: studies": (1000, lambda n: graph(
        n, lambda i: f"<urn:m> ia:hasStudy <urn:s{i}> . <urn:s{i}> a ia:Study .")),
    "Turtle: presentations": (300, lambda n: graph(
        n, lambda i: f"<urn:m{i}> a ia:Presentation ; ia:hasPatient <urn:p> .")),
    "Turtle: labels": (20_000, lambda n: graph(n, lambda i: f"<urn:m> <urn:l> 'label {i}' .")),
    "Turtle: a list": (20_000, lambda n: attacks.patient_graph(
        b"<urn:m> ia:hasStudy (" + b" <urn:s>" * n + b" ) .")),
    "Turtle: nested": (40_000, lambda n: attacks.nested(b"[ <a:b> ", b" ]", n)),
    "Turtle: quotes": (300_000, lambda n: attacks.patient_graph(b'<a:a> <a:b> ' + b'\\"' * n)),
    "Turtle: long texts that do not end": (100_000, lambda n: attacks.patient_graph(
        b'<a:a> <a:b> ' + b'""" ' * n + b'"')),
    "Turtle: triple terms": (100_000, lambda n: attacks.nested(b"<<( <a:a> <a:b> ", b" )>>", n)),
}
QUERIES: dict[str, tuple[int, Callable[[int], str]]] = {
    "SPARQL: texts": (25_000, lambda n: "ASK { " + "?a ?b 'x' " * n + "}"),
    "SPARQL: variables without a name": (125_000, lambda n: "$ " * n),
    "SPARQL: percent signs": (60_000, lambda n: "a:%4" * n),
    "SPARQL: a long text that does not end": (250_000, lambda n: "ASK { ?s ?p '''" + "x" * n),
    "SPARQL: escapes": (125_000, lambda n: "SELECT * {} '" + "\\'" * n),
    "SPARQL: dots": (65_000, lambda n: "a.a-" * n),
    "SPARQL: quotes in a text": (125_000, lambda n: "ASK { '''" + "''" * n),
}
FILES: dict[str, tuple[int, Callable[[int], bytes]]] = {
    "fmt: statements": (20_000, lambda n: b"".join(b"<a:%d> <a:b> <a:c> .\n" % i for i in range(n))),
    "fmt: blank nodes": (10_000, lambda n: b"<a:a> <a:b> [ <a:c> 1 ] .\n" * n),
    "fmt: a list": (10_000, lambda n: b"<a:a> <a:b> (" + b" 1" * n + b") ."),
    "fmt: comments": (200_000, lambda n: b"# a\n" * n + b"<a:a> <a:b> 1 ."),
}
EXPRESSIONS: dict[str, tuple[int, Callable[[int], str]]] = {
    "Manchester: and": (3000, lambda n: " and ".join(["Presentation"] * n)),
    "Manchester: brackets": (3000, lambda n: "(" * n + "Presentation" + ")" * n),
}


def main() -> int:
    """Prints the table; 1 when something grows faster than it may."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--only", default="", metavar="WORD")
    given, reasoner, slow = options.parse_args(), Reasoner(memory=1), []
    doors = [(RECORDS, reasoner.ask), (QUERIES, read_query.__wrapped__), (FILES, format_turtle),
             (EXPRESSIONS, partial(expression, reasoner)), ({"import: rows": (300, table)}, imported)]
    print("| input | n | t(n), s | t(2 n), s | ratio |\n|---|---|---|---|---|")
    for inputs, reading in doors:
        for name, (size, made) in inputs.items():
            if given.only in name:
                first, second = (best(reading, made(size * k)) for k in (1, 2))
                ratio = second / max(first, LEAST)
                print(f"| {name} | {size} | {first:.3f} | {second:.3f} | {ratio:.2f} |", flush=True)
                slow += [f"{name}: t(2 n) / t(n) = {ratio:.2f}"] if ratio >= MOST else []
    print(*slow, sep="\n")
    return 1 if slow else 0


def best(reading: Callable, given) -> float:
    """The shortest time in which an input was read or refused."""
    times = []
    for _ in range(TIMES):
        began = time.perf_counter()
        try:
            reading(given)
        except NextstudyError:
            pass
        times.append(time.perf_counter() - began)
    return min(times)


def expression(reasoner: Reasoner, text: str) -> None:
    """Reads a class expression."""
    definition(ia("X"), text, reasoner.knowledge.facts, set(), "x")


def imported(data: bytes) -> None:
    """Surveys a rating table."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "ratings-2026.csv")
        path.write_bytes(data)
        import_table(path, None, home() / "ontology")


if __name__ == "__main__":
    sys.exit(main())
