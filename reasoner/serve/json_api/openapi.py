"""OpenAPI models of what the JSON API sends, and parts of OpenAPI that CDS Hooks shares."""

from functools import cache
from pathlib import Path

import orjson
from pydantic import BaseModel, ConfigDict


class Open(BaseModel):
    """An object that may have more members than its model names."""

    model_config = ConfigDict(extra="allow")


class Problem(Open):
    """Why a request was not answered."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str


class Coding(Open):
    """A code of a terminology."""

    system: str
    code: str
    display: str = ""


class Term(BaseModel):
    """A term of the graph."""

    id: str
    label: str
    kind: str
    definition: str
    codes: list[Coding]


class Terms(BaseModel):
    """The terms that a search found, the best first; `hint` helps where it found none."""

    search: str
    total: int
    terms: list[Term]
    hint: str | None = None


class Named(BaseModel):
    """A term by its label."""

    id: str
    label: str


class ScenarioEntry(BaseModel):
    """A scenario in a list."""

    id: str
    label: str
    definition: str
    variant: str
    edition: Named
    current: bool


class Scenarios(BaseModel):
    """The scenarios of all editions, or of one."""

    scenarios: list[ScenarioEntry]


class RatedProcedure(BaseModel):
    """A procedure as a scenario rates it."""

    procedure: Named
    category: str
    adultRadiation: str | None
    pediatricRadiation: str | None
    rationale: str | None
    source: str


class Exclusion(BaseModel):
    """What takes a presentation out of a scenario, and where it leads."""

    when: Named
    leadsTo: Named | None


class Scenario(ScenarioEntry):
    """A scenario with its criteria, exclusions, differential and ratings."""

    criteria: list[Named]
    exclusions: list[Exclusion]
    differential: list[Named]
    ratings: list[RatedProcedure]
    sources: list[str]


class Health(BaseModel):
    """That the service answers, and with which snapshot of the graph."""

    status: str
    snapshot: int


class About(BaseModel):
    """What this is, in which versions, and what it is not."""

    name: str
    version: str
    graph: str
    snapshot: int
    editions: list[Named]
    engines: dict[str, str]
    notes: list[str]


PROBLEMS = {
    status: {
        "model": Problem,
        "description": words,
        "content": {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
        },
    }
    for status, words in (
        (400, "The input cannot be read"),
        (401, "The token is not accepted"),
        (404, "There is no such thing"),
    )
}


def openapi_body(model: type[BaseModel], *media: str) -> dict:
    """The OpenAPI of a request body that is read leniently."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    for part in schema.pop("$defs", {}).values():
        schema["properties"] = {k: inlined(v, part) for k, v in schema["properties"].items()}
    return {"requestBody": {"required": True, "content": {m: {"schema": schema} for m in media}}}


def inlined(schema, part: dict):
    """A schema with references to a part replaced by the part."""
    if isinstance(schema, dict):
        return (
            part
            if str(schema.get("$ref", "")).endswith("/" + part["title"])
            else {k: inlined(v, part) for k, v in schema.items()}
        )
    return [inlined(s, part) for s in schema] if isinstance(schema, list) else schema


@cache
def answer_schema() -> dict:
    """The JSON Schema of an answer, the contract of every door."""
    schema = orjson.loads(
        (Path(__file__).parents[2] / "answer" / "answer.schema.json").read_bytes()
    )
    return {k: v for k, v in schema.items() if not k.startswith("$")}
