"""Finds a term of the graph by any of its names, and suggests the nearest when there is none.

A term is called by its CURIE, IRI, local name or label, or by a code with or without the prefix of
its terminology. What could be two things is refused with both, and nothing is guessed.
"""

import re
from collections import defaultdict
from os.path import commonprefix

from reasoner.errors import InputError
from reasoner.graph.knowledge import Knowledge
from reasoner.graph.memoize import memoized
from reasoner.graph.terminology import CLASSIFIED, Codes, Mapping
from reasoner.messages.nearest import LONGEST, listed, nearest, remedy
from reasoner.names import IA, LABEL, OWL, RDF_TYPE, SKOS, curie, expand

MATCHES = ("exactMatch", "closeMatch", "narrowMatch", "broadMatch", "relatedMatch")  # best first
MOST = 3  # terms that a message offers
LIKE = 0.75  # the least likeness of a code or of a word of several, where little sets two apart
SIGNIFICANT = re.compile(r"[a-z0-9]+")


@memoized
def labeled(knowledge: Knowledge) -> dict[str, list[str]]:
    """The terms by label and other label, in lower case; properties only where nothing else is."""
    facts = knowledge.facts
    terms: dict[str, list[str]] = defaultdict(list)
    for predicate in (LABEL, SKOS + "altLabel"):
        for iri in filter(is_term, facts.having(predicate)):
            for label in facts.objects(iri, predicate):
                if iri not in terms[label.lower()]:
                    terms[label.lower()].append(iri)
    for label, iris in terms.items():
        things = [iri for iri in iris if not is_property(knowledge, iri)]
        terms[label] = things or iris
    return dict(terms)


@memoized
def coded(knowledge: Knowledge) -> dict[str, dict[str, list[Mapping]]]:
    """The mappings by code, in capitals, and then by the prefix of its terminology."""
    mappings: dict[str, dict[str, list[Mapping]]] = {}
    for subject in knowledge.codes.subjects():
        for mapping in knowledge.codes.of(subject):
            mappings.setdefault(mapping.code.upper(), {}).setdefault(mapping.prefix, []).append(
                mapping
            )
    return mappings


def is_term(iri: str) -> bool:
    """Whether an IRI is of this project's vocabulary."""
    return iri.startswith(IA)


def is_property(knowledge: Knowledge, iri: str) -> bool:
    """Whether a term is a property."""
    types = knowledge.facts.objects(iri, RDF_TYPE)
    return any(t.startswith(OWL) and t.endswith("Property") for t in types)


def find(knowledge: Knowledge, name: str) -> str:
    """The IRI of a term by CURIE, IRI, local name, label, or code with or without its prefix.

    Raises InputError where there is none, with the nearest, and where there are several, with all.
    """
    name = name.strip()
    for iri in (expand(name), IA + name):
        if knowledge.facts.value(iri, LABEL):
            return iri
    terms = labeled(knowledge).get(name.lower(), [])
    if len(terms) == 1:
        return terms[0]
    if terms:
        several = listed(map(curie, terms), "and")
        raise InputError(name, f"this is the label of {several}", "Name one of them.")
    return of_code(knowledge, name)


def of_code(knowledge: Knowledge, name: str) -> str:
    """The IRI of the term that a code stands for; the best match where it is mapped to several.

    Raises InputError where nothing has the code, and where it is a code of several terminologies,
    or means several terms equally.
    """
    prefix, code = split(knowledge.codes, name)
    known = coded(knowledge)
    by_prefix = known.get(code.upper(), {})
    if prefix is None and not by_prefix and CLASSIFIED in knowledge.codes.systems:
        by_prefix = known.get(pointed(knowledge.codes, CLASSIFIED, code), {})
    if prefix is None and len(by_prefix) > 1:
        codes = listed((shown(p, m) for p, m in by_prefix.items()), "and")
        raise InputError(name, f"this is a code of several terminologies: {codes}", "Name one.")
    if prefix is None and by_prefix:
        (mappings,) = by_prefix.values()
    elif prefix in by_prefix:
        mappings = by_prefix[prefix]
    else:
        if not name:
            raise InputError("term", "the name is empty", ways(knowledge.codes))
        raise InputError(name, "the graph has no such term", hint(knowledge, name))
    rank = min(MATCHES.index(m.predicate) for m in mappings)
    best = sorted({m.subject for m in mappings if MATCHES.index(m.predicate) == rank})
    if len(best) > 1:
        several = listed((called(knowledge, iri) for iri in best), "and")
        raise InputError(name, f"the code means {several}", "Name one of them.")
    return best[0]


def split(codes: Codes, name: str) -> tuple[str | None, str]:
    """The prefix and the code of what may be a code: `LOINC:24703-1`, `http://loinc.org|24703-1`,
    or its IRI; without a prefix that the tables declare, None and the name.

    Capitals of a prefix do not count, and an ICD-10-CM code gets its point.
    """
    system, bar, code = name.partition("|")
    if bar and system in codes.prefixes:
        return codes.prefixes[system], code.strip()
    prefix, _, code = name.partition(":")
    declared = {prefix.lower(): prefix for prefix in prefixes(codes)}
    if spelled := declared.get(prefix.strip().lower()):
        return spelled, pointed(codes, spelled, code.strip())
    for spelled in prefixes(codes):
        base = codes.systems[spelled].iri_base
        if base and name.startswith(base):
            return spelled, name.removeprefix(base)
    return None, name


def prefixes(codes: Codes) -> list[str]:
    """The prefixes of terminologies, sorted; the project's own is no terminology."""
    return sorted((p for p, s in codes.systems.items() if s.iri_base != IA), key=str.lower)


def pointed(codes: Codes, prefix: str, code: str) -> str:
    """A code as its tables write it: of ICD-10-CM with its point."""
    systems = codes.systems[prefix].systems
    near = codes.near(systems[0], code) if systems else []
    bare = code.replace(".", "").upper()
    return near[0].code if near and near[0].code.replace(".", "") == bare else code


def hint(knowledge: Knowledge, name: str) -> str:
    """The sentence that helps whoever named what the graph does not have: what was meant, or how
    a term is named.
    """
    name = name.strip()[:LONGEST]
    prefix, code = split(knowledge.codes, name)
    if prefix and (within := wider(knowledge.codes, prefix, code)):
        return f"The code that contains it is {within}."
    known = coded(knowledge)
    if prefix:
        of_system = {c: {prefix: m[prefix]} for c, m in known.items() if prefix in m}
        return remedy(codes_like(code, of_system), f"No code of {prefix} here is like it.")
    given, colon, rest = name.partition(":")
    if colon and given.lower() not in ("ia", "http", "https"):
        return of_prefix(knowledge, given, rest)
    near = codes_like(name, known) if re.fullmatch(r"\S*\d\S*", name) and not colon else []
    near = near or [called(knowledge, iri) for iri in alike(knowledge, name)]
    return remedy(near, ways(knowledge.codes))


def codes_like(code: str, known: dict[str, dict[str, list[Mapping]]]) -> list[str]:
    """The codes that are most like one, with label: those that begin as it does come first."""
    near = nearest(code, known, 4 * MOST, LIKE)
    near.sort(key=lambda other: -len(commonprefix([code.upper(), other])))
    return [shown(p, m) for other in near for p, m in known[other].items()][:MOST]


def shown(prefix: str, mappings: list[Mapping]) -> str:
    """A code as a message names it: `LOINC:24703-1 (MR Thigh WO and W contrast IV)`."""
    return f"{prefix}:{mappings[0].code} ({mappings[0].label})"


def wider(codes: Codes, prefix: str, code: str) -> str:
    """The mapped code that contains a code, with its label; empty when there is none."""
    systems = codes.systems[prefix].systems
    near = codes.near(systems[0], code) if systems else []
    return f"{prefix}:{near[0].code} ({near[0].label})" if near else ""


def of_prefix(knowledge: Knowledge, given: str, code: str) -> str:
    """The sentence about a prefix that no terminology has: whose code it is, or the nearest."""
    codes, every = knowledge.codes, f"Prefixes are ia, {listed(prefixes(knowledge.codes), 'and')}."
    meant = prefix_like(codes, given)
    if knowledge.facts.value(IA + code, LABEL):
        instead = f"Write ia:{code}."
    elif owners := coded(knowledge).get(code.strip().upper()):
        instead = f"Write {listed(shown(p, m) for p, m in owners.items())}."
    elif meant:
        title = codes.systems[meant].title if meant in codes.systems else "this graph"
        instead = f"The nearest is {meant} ({title})."
    else:
        instead = ""
    return " ".join(filter(None, (f"No terminology here has the prefix {given}.", instead, every)))


def prefix_like(codes: Codes, given: str) -> str:
    """The prefix that was meant by its like, or by the title of its terminology; else empty."""
    names = {"ia": "ia"} | {p.lower(): p for p in prefixes(codes)}
    for prefix in prefixes(codes):
        system = codes.systems[prefix]
        title = "".join(SIGNIFICANT.findall(system.title.lower()))
        names.setdefault(title, prefix)
    plain = "".join(SIGNIFICANT.findall(given.lower()))
    begun = {prefix for name, prefix in names.items() if plain and name.startswith(plain)}
    if len(begun) == 1:
        return begun.pop()
    near = [] if begun else nearest(plain, names)
    return names[near[0]] if near else ""


def alike(knowledge: Knowledge, name: str) -> list[str]:
    """The terms that a name may have meant: the one whose name is most like it, else those whose
    label has all of its words, each of which may be a little misspelt.
    """
    labels = labeled(knowledge)
    whole = name[3:] if name.lower().startswith("ia:") else name
    locals_ = {iri.removeprefix(IA): iri for iris in labels.values() for iri in iris}
    words = whole.lower().split()
    if len(words) < 2 and (near := nearest(whole, [*locals_, *labels])):
        return [locals_.get(near[0]) or labels[near[0]][0]]
    vocabulary = {word for label in labels for word in label.split()}

    def spelled(word: str) -> str:
        known = any(other.startswith(word) for other in vocabulary)
        return word if known else next(iter(nearest(word, vocabulary, 1, LIKE)), word)

    sought = [spelled(word) for word in words]
    having = [
        label
        for label in labels
        if sought and all(any(word.startswith(one) for word in label.split()) for one in sought)
    ]
    having = sorted(having, key=lambda label: (len(label), label)) or nearest(whole, labels)
    return list(dict.fromkeys(labels[label][0] for label in having))[:MOST]


def called(knowledge: Knowledge, iri: str) -> str:
    """A term as a message names it: `ia:Schwannoma (schwannoma)`."""
    return f"{curie(iri)} ({knowledge.label(iri)})"


def ways(codes: Codes) -> str:
    """How a term may be named."""
    return (
        "Name a term as ia:Thigh, by its label, or by a code with its prefix as LOINC:24703-1. "
        f"Prefixes are ia, {listed(prefixes(codes), 'and')}."
    )
