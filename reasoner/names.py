"""The namespaces and IRIs of the project, and the folder of its ontology and queries; the base IRI
stands only here.
"""

from pathlib import Path

BASE = "https://w3id.org/imaging-appropriateness/"
IA = BASE + "ns/"
DOCUMENTS = BASE + "ontology/"
CASE = BASE + "case/"

RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
DCTERMS = "http://purl.org/dc/terms/"
XSD = "http://www.w3.org/2001/XMLSchema#"

LABEL = RDFS + "label"
SOURCE = DCTERMS + "source"


def ia(name: str) -> str:
    """The IRI of a term of the vocabulary: `ia("Scenario")`."""
    return IA + name


def curie(iri: str) -> str:
    """The short form of an IRI: `ia:Scenario` for a term, `Condition/mass-1` for a fact.

    Any other IRI stays as it is.
    """
    if iri.startswith(IA):
        return "ia:" + iri[len(IA) :]
    return iri[len(CASE) :] if iri.startswith(CASE) else iri


def expand(name: str) -> str:
    """The IRI of a CURIE of this project; an IRI stays as it is. Inverse of `curie` for terms."""
    return IA + name[3:] if name.startswith("ia:") else name


def home() -> Path:
    """The folder of `ontology/` and `queries/`: in the installed package, or the checkout."""
    packaged = Path(__file__).parent / "data"
    return packaged if packaged.is_dir() else packaged.parent.parent
