"""Renders the answer to a record or to the patient form as a page, in a worker process."""

from collections.abc import Callable
from urllib.parse import parse_qsl

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import FormParser, parse_options_header
from starlette.responses import Response

from reasoner.answer.radiation_legend import legend
from reasoner.answer.record_wording import record_words
from reasoner.answer.render import FORMATS, title_of
from reasoner.answer.reply import Reply
from reasoner.answer.what_if import Parts, what_if
from reasoner.errors import InputError, NextstudyError
from reasoner.inference.proof import resource
from reasoner.names import expand
from reasoner.serve.explorer import patient_form
from reasoner.serve.explorer.asked_fields import asked_fields
from reasoner.serve.explorer.pages import HEADERS, page
from reasoner.serve.explorer.patient_form import Form, parse
from reasoner.serve.explorer.proof_drawing import drawings
from reasoner.serve.problems import Problem
from reasoner.serve.settings import Settings
from reasoner.serve.snapshot import Snapshot

MEDIA = {"markdown": "text/markdown", "json": "application/json", "turtle": "text/turtle"}
FIELDS = 100  # parts that a form may have
CHANGING = 8  # presentations with a drawing of the proof and with what would change the answer


def record_page(snapshot: Snapshot, settings: Settings, head: dict, body: bytes) -> Response:
    """The page, or the part of a page, with the answer to a record; none of it is stored.

    The record is the body, or the first file or field of a form, as the media type in the head
    says.
    """
    part = head.get("part", False)
    try:
        values = template_values(snapshot, snapshot.reasoner.reply(uploaded(body, head["type"])))
    except NextstudyError as error:
        values = template_values(None, error=str(error))
    status = 400 if values["error"] and not part else 200
    return page("answer.html" if part else "drop.html", status, snapshot=snapshot, **values)


def form_page(snapshot: Snapshot, settings: Settings, head: dict, body: bytes) -> Response:
    """The patient form, with the answer to what is chosen in a query string, the body."""
    form = form_of(body)
    values = answered(snapshot, form)
    status = 400 if values["error"] else 200
    return page("patient.html", status, snapshot=snapshot, **values)


def form_answer(snapshot: Snapshot, settings: Settings, head: dict, body: bytes) -> Response:
    """The answer to a patient form alone: a part of the page, or a copy in a format."""
    form, media = form_of(body), MEDIA.get(head["format"] or "")
    if media is None:
        return page("form_answer.html", snapshot=snapshot, **answered(snapshot, form))
    try:
        written = FORMATS[head["format"]](reply(snapshot, form), True)
    except NextstudyError as error:
        return Response(str(error), 400, HEADERS, "text/plain")
    headers = HEADERS | snapshot.header | {"Cache-Control": "no-store"}
    return Response(written, 200, headers, media)


def form_of(query: bytes) -> Form:
    """The form in a query string. Raises InputError for one with too many parts."""
    try:
        pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True, max_num_fields=FIELDS)
    except ValueError:
        raise Problem(400, "malformed-request", f"A form has at most {FIELDS} fields.") from None
    return parse(pairs)


def reply(snapshot: Snapshot, form: Form) -> Reply:
    """The reply to a form. Raises InputError for a value that the form does not offer."""
    reasoner = snapshot.reasoner
    record = patient_form.record(reasoner.knowledge, form)
    return Reply(reasoner.knowledge, record, reasoner.memory.answer(record))


def answered(snapshot: Snapshot, form: Form) -> dict:
    """What the page shows of a form and of the answer to it."""
    knowledge = snapshot.reasoner.knowledge
    shown = {"form": form, "options": patient_form.options(knowledge)}
    if form.empty:
        return shown | template_values(None) | asked_fields(knowledge, form, None)
    try:
        replied = reply(snapshot, form)
        values = template_values(snapshot, replied, form.query())
        return shown | values | asked_fields(knowledge, form, replied)
    except NextstudyError as error:
        values = template_values(None, error=str(error))
        return shown | values | asked_fields(knowledge, form, None)


def template_values(
    snapshot: Snapshot | None,
    reply: Reply | None = None,
    link: str | None = None,
    error: str | None = None,
) -> dict:
    """What an answer's template needs.

    With a link, copies are fetched; without one they are in the page. What would change the answer
    is worked out for the first `CHANGING` presentations, and is None for the others, whose proof is
    listed and not drawn.
    """
    shown, answered = [], reply.answer["presentations"] if reply else []
    parts = Parts(reply.record) if reply else None
    titles = [title_of(p) for p in answered]
    iris = {resource(p): p for p in reply.record.presentations} if reply else {}
    for place, presentation in enumerate(answered):
        iri, changes = iris[presentation["id"]], None
        if place < CHANGING:
            changes = what_if(snapshot.reasoner.memory, parts, iri, presentation)
        explained = reply.proofs[place].named(presentation)
        shown.append(
            {
                **explained,
                "title": title_of(presentation),
                "reference": presentation["id"] if titles.count(title_of(presentation)) > 1 else "",
                "contraindicated": contraindicated(presentation),
                "quotes": quotes(presentation),
                "legend": legend(reply.knowledge, rated_rows(presentation)),
                "drawings": drawings(explained, f"proof-{place + 1}") if place < CHANGING else {},
                "what_if": changes,
            }
        )
    copied = MEDIA if reply and not link else ()
    return {
        "presentations": shown,
        "answer": reply.answer if reply else None,
        "link": link,
        "error": error,
        "copies": {name: as_text(FORMATS[name](reply, True)) for name in copied},
        "label_of": label_of(snapshot),
        "words_of": words_of(reply),
    }


def rated_rows(presentation: dict) -> list[dict]:
    """The rated studies that the page shows of a presentation."""
    return presentation["recommendations"] or presentation.get("agreed", [])


def contraindicated(presentation: dict) -> list[tuple[str, list[str]]]:
    """The advice of contraindications, each once, with the studies that it sets aside."""
    procedures: dict[str, list[str]] = {}
    for row in rated_rows(presentation):
        for flag in row["safety"]:
            if flag["severity"] == "contraindicated":
                procedures.setdefault(flag["advice"], []).append(row["procedure"]["label"])
    return list(procedures.items())


def quotes(presentation: dict) -> list[dict]:
    """What could not be read, each quote of a resource once, with its kinds and places."""
    rows: dict[tuple, dict] = {}
    for u in presentation["unread"]:
        row = rows.setdefault(
            (u["resource"], u["quote"], *u["blocks"]), {**u, "kinds": [], "places": []}
        )
        row["kinds"] += [u["kind"]] if u["kind"] not in row["kinds"] else []
        row["places"] += [u["place"]] if u["place"] and u["place"] not in row["places"] else []
    return list(rows.values())


def words_of(reply: Reply | None) -> Callable[[str], str]:
    """A function that gives the words for a resource of the record; its name where it has none."""
    if reply is None:
        return str
    words = record_words(reply.knowledge, reply.record.statements, reply.record.days)
    return lambda name: words.get(name, name)


def label_of(snapshot: Snapshot | None) -> Callable[[str], str]:
    """A function that gives the label of a term."""
    if snapshot is None:
        return str
    return lambda name: snapshot.reasoner.knowledge.label(expand(name))


def as_text(written: str | bytes) -> str:
    """A rendering as text."""
    return written.decode() if isinstance(written, bytes) else written


def uploaded(body: bytes, kind: str) -> bytes:
    """The record in a request: the first file or field of a form, or the whole body.

    Raises InputError for a form that is damaged or has too many parts.
    """
    media, options = parse_options_header(kind)
    if media != b"multipart/form-data":
        return body
    parts: list[bytes] = []

    def take(part) -> None:
        if len(parts) == FIELDS:
            raise InputError("form", f"it has more than {FIELDS} parts", "Send one file.")
        if hasattr(part, "file_object"):
            part.file_object.seek(0)
            parts.append(part.file_object.read())
        else:
            parts.append(part.value or b"")

    try:
        parser = FormParser(
            "multipart/form-data",
            take,
            take,
            boundary=options.get(b"boundary", b""),
            config={"MAX_MEMORY_FILE_SIZE": len(body) + 1},
        )
        parser.write(body)
        parser.finalize()
    except FormParserError:
        raise InputError(
            "form", "it is no multipart form", "Send one file, or the record itself."
        ) from None
    return next((data for data in parts if data.strip()), b"")
