"""Queries that are made to call out, to take the service's time or memory, or to overflow a stack;
PORT is that of a listener that nobody may call.
"""

import time

DEEP = 20_000
CROSS = " ".join(f"?a{n} ?b{n} ?c{n} ." for n in range(6))
PAIR, ANY = "?a ?b ?c . ?d ?e ?f .", "(<a:x>|!<a:y>)*"


def nested(opening, inner, closing, depth=DEEP):
    """Something within itself, over and over."""
    return opening * depth + inner + closing * depth


def chained(template, number, last):
    """Bindings of which each grows from the one before it."""
    return (
        "SELECT ?z { BIND('"
        + "x" * 1000
        + "' AS ?s0) "
        + " ".join(f"BIND({template.format(f'?s{n}')} AS ?s{n + 1})" for n in range(number))
        + f" BIND({last} AS ?z) }}"
    )


CALLING_OUT = {
    "service": "SELECT * { SERVICE <http://127.0.0.1:PORT/> { ?s ?p ?o } }",
    "service silent": "SELECT * { SERVICE SILENT <http://127.0.0.1:PORT/> { ?s ?p ?o } }",
    "service by variable": (
        "SELECT * { VALUES ?x { <http://127.0.0.1:PORT/> } SERVICE ?x { ?s ?p ?o } }"
    ),
    "service in a filter": (
        "ASK { ?s ?p ?o FILTER NOT EXISTS { SERVICE <http://127.0.0.1:PORT/> { ?s ?p ?o } } }"
    ),
    "service for each row": (
        f"SELECT * {{ {CROSS} SERVICE <http://127.0.0.1:PORT/> {{ ?a0 ?p ?o }} }}"
    ),
    "file": "SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }",
    "file, named": "SELECT * FROM NAMED <file:///etc/passwd> { GRAPH ?g { ?s ?p ?o } }",
    "from the canary": "SELECT * FROM <http://127.0.0.1:PORT/> { ?s ?p ?o }",
    "from many": "ASK " + "FROM <http://127.0.0.1:PORT/> " * 3000 + "{ ?s ?p ?o }",
    "load": "LOAD <http://127.0.0.1:PORT/>",
}
NESTING = {
    "braces": "SELECT * " + nested("{", "", "}"),
    "brackets": "ASK { FILTER(" + nested("(", "1", ")") + ") }",
    "negation": "ASK { FILTER(" + "!" * DEEP + "true) }",
    "minus": "ASK { FILTER(" + "- " * DEEP + "1 = 1) }",
    "inverse paths": "ASK { ?s " + "^" * DEEP + "<a:b> ?o }",
    "path brackets": "ASK { ?s " + nested("(", "<a:b>", ")*") + " ?o }",
    "unions": "ASK { {}" + " UNION {}" * DEEP + " }",
    "sums": "ASK { FILTER(1" + "+1" * DEEP + " > 0) }",
    "ands": "ASK { FILTER(true" + " && true" * DEEP + ") }",
    "optionals": "SELECT * { ?s ?p ?o " + "OPTIONAL { ?s ?p ?o } " * 3000 + "}",
    "optionals, nested": "SELECT * { ?s ?p ?o " + nested("OPTIONAL { ", "?s ?p ?o", " }") + " }",
    "lists": "ASK { ?s ?p " + nested("(", "", ")", 5000) + " }",
    "blank nodes": "ASK { " + nested("[ <a:b> ", "1", " ]") + " }",
    "exists, as deep as may be": "SELECT * { ?s ?p ?o FILTER"
    + " EXISTS { ?s ?p ?o FILTER" * 198
    + "(true)"
    + "}" * 199,
    "exists": "SELECT * { " + nested("FILTER EXISTS { ", "?s ?p ?o", " }", 10_000) + " }",
    "subqueries": nested("SELECT * { { ", "SELECT * { ?s ?p ?o }", " } }", 10_000),
    "calls": "SELECT (" + nested("STR(", "1", ")") + " AS ?x) {}",
    "conditions": "SELECT (" + nested("IF(true, ", "1", ", 2)") + " AS ?x) {}",
    "graphs": "SELECT * { " + nested("GRAPH ?g { ", "?s ?p ?o", " }") + " }",
    "minuses": "SELECT * { ?s ?p ?o " + nested("MINUS { ?s ?p ?o ", "", " }", 10_000) + " }",
    "less than": "ASK { FILTER(" + "<" * DEEP + " 1) }",
    "quoted triples": "ASK { "
    + nested("<<( ", "<a:a> <a:b> <a:c>", " )>> <a:b> <a:c>", 3000)
    + " <a:b> <a:c> }",
}
LENGTH = {
    "prefixes": "".join(f"PREFIX p{n}: <a:{n}> " for n in range(9000)) + "ASK {}",
    "alternatives": "ASK { ?s " + "|".join(["<a:b>"] * DEEP) + " ?o }",
    "sequence": "ASK { ?s " + "/".join(["<a:b>"] * DEEP) + " ?o }",
    "in": "SELECT (COUNT(*) AS ?n) { "
    + PAIR
    + " FILTER(?a IN ("
    + ", ".join(map(str, range(DEEP)))
    + ")) }",
    "patterns": "SELECT * { " + " ".join(f"?s{n} ?p{n} ?o{n} ." for n in range(3000)) + " }",
    "text without an end": "ASK { ?s ?p '''" + "x" * 200_000,
    "quotes": "ASK { ?s ?p " + "'" * 60_001 + " }",
    "comment": "#" * 250_000 + "\nASK {}",
    "backslashes": "ASK { ?s ?p '" + "\\" * 100_001 + "' }",
}
PATTERNS = {
    "regex": (
        f"SELECT (COUNT(*) AS ?n) {{ {PAIR} FILTER(REGEX(STR(?c), '^(([a-z])+.)+[A-Z]([a-z])+$') "
        f"&& REGEX(STR(?f), '(x+x+)+y')) }}"
    ),
    "regex, counted": (
        "ASK { ?s ?p ?o FILTER(REGEX(STR(?o), '((((a{1,100}){1,100}){1,100}){1,100}){1,100}')) }"
    ),
    "regex from the data": f"SELECT (COUNT(*) AS ?n) {{ {PAIR} FILTER(REGEX(STR(?c), STR(?f))) }}",
    "regex, never the same": (
        f"SELECT (COUNT(*) AS ?n) {{ {PAIR} FILTER(REGEX(STR(?c), CONCAT(STR(?f), "
        f"'(a|b|c)*d{{1,50}}'), 'i')) }}"
    ),
    "regex, nested": "ASK { ?s ?p ?o FILTER(REGEX(STR(?o), '"
    + nested("(", "a", ")*", 4000)
    + "')) }",
    "path star": f"SELECT (COUNT(*) AS ?n) {{ ?a {ANY} ?b . ?b {ANY} ?c . ?c (!<a:x>)* ?d }}",
    "path long": "SELECT (COUNT(*) AS ?n) { ?a " + "/".join(["(!<a:x>)*"] * 6) + " ?b }",
    "path both ways": (
        "SELECT (COUNT(*) AS ?n) { ?a (!<a:x>|^!<a:x>)+ ?b . ?b (!<a:x>|!^<a:x>)+ ?c }"
    ),
    "path, maybe": "SELECT (COUNT(*) AS ?n) { ?a " + "/".join(["(!<a:x>)?"] * 40) + " ?b }",
    "path of paths": f"SELECT (COUNT(*) AS ?n) {{ ?a (({ANY})*/({ANY})+)* ?b }}",
}
JOINS = {
    "count": f"SELECT (COUNT(*) AS ?n) {{ {CROSS} }}",
    "order": f"SELECT * {{ {CROSS} }} ORDER BY ?a0 ?c5 LIMIT 5",
    "distinct": f"SELECT DISTINCT ?a0 ?a1 ?a2 {{ {CROSS} }}",
    "minus join": f"SELECT (COUNT(*) AS ?n) {{ {CROSS} MINUS {{ ?a0 ?x ?y . ?p ?q ?r }} }}",
    "exists join": (
        f"SELECT (COUNT(*) AS ?n) {{ {PAIR} FILTER NOT EXISTS {{ ?a ?e ?x . ?x ?y ?z . ?z ?q ?c "
        f"}} }}"
    ),
    "subqueries join": "SELECT * { "
    + " ".join(f"{{ SELECT * {{ ?s{n} ?p{n} ?o{n} }} }}" for n in range(8))
    + " }",
    "values": "SELECT * { "
    + " ".join(f"VALUES ?v{n} {{ {' '.join(map(str, range(50)))} }}" for n in range(8))
    + " }",
    "ask": f"ASK {{ {CROSS} FILTER(CONCAT(STR(?a0), STR(?c5)) = 'none') }}",
    "offset": f"SELECT * {{ {CROSS} }} OFFSET 900000000000 LIMIT 1",
    "optional join": "SELECT (COUNT(*) AS ?n) { "
    + " ".join(f"OPTIONAL {{ ?a{n} ?b{n} ?c{n} }}" for n in range(6))
    + " }",
    "union join": f"SELECT (COUNT(*) AS ?n) {{ {{ {CROSS} }} UNION {{ {CROSS} }} }}",
    "having": f"SELECT ?a0 {{ {CROSS} }} GROUP BY ?a0 HAVING(SUM(STRLEN(STR(?c5))) < 0)",
    "describe": f"DESCRIBE ?a0 ?c5 {{ {CROSS} }}",
    "hashes": f"SELECT (MAX(SHA512(CONCAT(STR(?a0), STR(?c5)))) AS ?m) {{ {CROSS} }}",
    "random": f"SELECT (SUM(RAND()) AS ?s) {{ {CROSS} }}",
}
BOMBS = {
    "rows": f"SELECT * {{ {PAIR} }}",
    "rows of a graph": f"CONSTRUCT {{ ?a ?e ?f }} WHERE {{ {PAIR} }}",
    "new nodes": f"CONSTRUCT {{ [] ?b [ ?e ?f ] }} WHERE {{ {PAIR} }}",
    "group": f"SELECT ?a0 ?a1 (GROUP_CONCAT(?c2) AS ?g) {{ {CROSS} }} GROUP BY ?a0 ?a1",
    "one text": f"SELECT (GROUP_CONCAT(CONCAT(STR(?c), STR(?f))) AS ?g) {{ {PAIR} }}",
    "concat": chained("CONCAT({0}, {0})", 30, "?s30"),
    "concat, unseen": chained("CONCAT({0}, {0})", 30, "STRLEN(?s30)"),
    "replace": chained("REPLACE({0}, 'x', 'xxxxxxxxxx')", 9, "?s9"),
    "encode": chained("ENCODE_FOR_URI(CONCAT({0}, '%', {0}))", 30, "?s30"),
    "long rows": f"SELECT (CONCAT('{'y' * 100_000}', STR(?a)) AS ?x) {{ {PAIR} }}",
}
HOSTILE = {
    name: text
    for kind in (CALLING_OUT, NESTING, LENGTH, PATTERNS, JOINS, BOMBS)
    for name, text in kind.items()
}


def timed(served, text):
    """The status, the whole time and the kind of a response."""
    began = time.monotonic()
    response = served.query(text, "application/sparql-results+json, text/turtle")
    if response.status_code == 200 and "json" in response.headers["content-type"]:
        response.json()  # nothing that gets 200 is cut
    return response.status_code, time.monotonic() - began, response.headers["content-type"]
