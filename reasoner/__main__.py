"""The command `nextstudy`: parses arguments, prints results, and turns errors into exit codes."""

import argparse
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

from reasoner.errors import named
from reasoner.terminal import command_line
from reasoner.terminal.command_line import EXAMPLES, FAILED, OK, Parser
from reasoner.terminal.console import complain, read_input, say, write

ONTOLOGY = (
    "the ontology folder, before or after the command; by default that of the checkout around the "
    "working folder, and for a command that only reads, else the one that comes with the program"
)


def main(arguments: list[str] | None = None) -> int:
    """Runs a command; 0 for an answer, 2 for input that cannot be read, 1 for anything else."""
    return command_line.run(parser(), arguments)


def parser() -> argparse.ArgumentParser:
    """The arguments of every command."""
    top = Parser(
        prog="nextstudy",
        description="The next imaging study for a patient, with the proof.",
        epilog="Decision support for professionals; not a medical device. "
        "Ratings: American College of Radiology, ACR Appropriateness Criteria; "
        "not endorsed by the ACR.",
    )
    top.add_argument(
        "--version", action="store_true", help="print the versions of program and graph"
    )
    top.add_argument("--ontology", type=Path, metavar="DIR", help=ONTOLOGY)
    top.set_defaults(run=version_or_help(top))
    commands = top.add_subparsers(title="commands", metavar="COMMAND")

    def command(name: str, run: Callable, summary: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=summary, description=summary)
        sub.epilog = f"Example: {EXAMPLES[name]}"
        sub.add_argument(
            "--ontology", type=Path, metavar="DIR", default=argparse.SUPPRESS, help=ONTOLOGY
        )
        sub.set_defaults(run=run, parser=sub)
        return sub

    sub = command("ask", ask, "answer for the patient in a FHIR record or a Turtle patient graph")
    sub.add_argument(
        "file",
        nargs="?",
        help="the record, such as examples/record.json of a checkout; - for standard input; "
        "a bundled example when not given",
    )
    sub.add_argument("--format", choices=("text", "json", "markdown", "turtle"), default="text")
    sub.add_argument(
        "--on",
        type=day,
        metavar="DATE",
        help="the day of asking, for the patient's age; by default the newest date of the record",
    )
    sub.add_argument(
        "--words", metavar="TEXT", help="also list the catalogued scenarios that match these words"
    )
    sub.add_argument(
        "--explain", action="store_true", help="print the proof, each step with its source"
    )
    sub = command("query", query, "run a question by name, or a query file")
    sub.add_argument(
        "name",
        nargs="?",
        help="a question, such as why-not-this-study, or a file; without it, the questions are listed",
    )
    sub.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="replace the default of a parameter",
    )
    sub.add_argument("--format", choices=("table", "csv", "json"), default="table")
    sub = command("show", show, "show all that the graph says of a term")
    sub.add_argument(
        "term", help="a CURIE such as ia:Schwannoma, a label, or a code such as LOINC:24703-1"
    )
    from reasoner.validation import command as validating

    validating.add_arguments(
        command(
            "validate",
            validating.run,
            "check a graph, a working copy or Turtle files with all shapes and checks",
        )
    )
    sub = command(
        "import",
        import_ratings,
        "bring a rating table that you are licensed to use into topic tables and scenario stubs",
    )
    sub.add_argument(
        "table",
        type=Path,
        help="a CSV file with topic, variant, procedure, category and radiation levels, such as "
        "examples/made-up-ratings-2026.csv",
    )
    sub.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="a new folder for the ontology and the report; without it, only the report is printed",
    )
    sub.add_argument(
        "--edition",
        metavar="YEAR",
        help="the edition of the ratings; by default the year in the file's name",
    )
    sub.add_argument(
        "--seen",
        metavar="DATE",
        help="the day on which the ratings were read; by default the edition",
    )
    sub.add_argument("--format", choices=("text", "markdown", "json"), default="text")
    from reasoner.serve import command as serving

    serving.add_arguments(
        command(
            "serve",
            serving.run,
            "serve the SPARQL endpoint, the explorer, CDS Hooks and the JSON API on this machine",
        )
    )
    from reasoner.cohort import command as populations

    populations.add_arguments(
        command(
            "cohort",
            populations.run,
            "answer for a whole population, and judge every imaging order in it",
        ),
        day,
    )
    from reasoner.synth import command as making

    making.add_arguments(
        command(
            "synth",
            making.run,
            "make a population of synthetic patients, and what must be answered for each",
        )
    )
    sub = command("build", build, "build generated/*.ttl from tables/*.csv")
    sub.add_argument(
        "folder", nargs="?", type=Path, help="the ontology folder; the same as --ontology"
    )
    sub = command(
        "diff",
        diff,
        "say what changed between two versions of the graph, and which test patients get a different answer",
    )
    sub.add_argument(
        "before",
        help="an ontology folder, a git revision of the working copy, or an edition such as ia:SoftTissueMasses2017",
    )
    sub.add_argument("after", help="the same, of the later version or edition")
    sub.add_argument("--format", choices=("text", "markdown", "json"), default="text")
    sub.add_argument(
        "--cases",
        type=Path,
        metavar="DIR",
        help="the test patients; by default tests/cases beside the ontology folder",
    )
    sub = command(
        "new",
        new,
        "make the stubs of a new scenario: definition, rating rows, exclusions, a case, and criteria that do not exist yet",
    )
    sub.add_argument("what", choices=("scenario",))
    sub.add_argument("name", help="the name of its class, such as MassAfterBiopsy")
    sub.add_argument("--topic", required=True, help="its topic, such as soft-tissue-masses")
    sub.add_argument("--edition", required=True, help="its edition, such as SoftTissueMasses2022")
    sub.add_argument(
        "--criteria",
        required=True,
        metavar="A,B",
        help="its criteria, an anchor among them; a name that does not exist yet becomes a criterion to fill in",
    )
    sub.add_argument("--label", required=True, help="its label, in words of your own")
    sub.add_argument(
        "--like",
        metavar="SCENARIO",
        help="a scenario whose exclusions and order of procedures it takes over",
    )
    sub.add_argument(
        "--refuted-by",
        action="append",
        default=[],
        metavar="A=B",
        help="the class B that refutes a new criterion A; by default ARefuted",
    )
    sub.add_argument(
        "--define",
        action="append",
        default=[],
        metavar="A=EXPRESSION",
        help="what a new class is equivalent to, as Protégé writes it: 'A=Presentation and hasStudy some (Study and hasResult some NormalResult)'",
    )
    sub.add_argument(
        "--seen",
        default="",
        metavar="DATE",
        help="the day on which you read the ratings, for every row",
    )
    sub.add_argument("--basis", default="", help="what you read them from, for every row")
    sub.add_argument(
        "--cases",
        type=Path,
        metavar="DIR",
        help="where cases are; by default tests/cases beside the ontology folder",
    )
    sub = command("docs", docs, "generate browsable documentation of the graph into a folder")
    sub.add_argument(
        "folder", type=Path, help="the folder to write; files of other names in it stay"
    )
    sub = command("fmt", fmt, "format Turtle files canonically")
    sub.add_argument(
        "paths",
        nargs="*",
        type=Path,
        help="files or folders; by default the ontology of this checkout",
    )
    sub.add_argument(
        "--check", action="store_true", help="change nothing; exit 1 when a file is not formatted"
    )
    return top


def day(text: str) -> date:
    """A date argument."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date; write it as 2026-11-22") from None


def version_or_help(top: argparse.ArgumentParser) -> Callable:
    """What to do without a command."""

    def run(options) -> int:
        if not options.version:
            top.print_help()
            return OK
        from importlib.metadata import version

        from reasoner.curation.working_copy import to_read
        from reasoner.graph.knowledge import load

        knowledge = load(to_read(options.ontology), unfinished=True)
        editions = ", ".join(map(knowledge.label, knowledge.editions))
        say(f"nextstudy {version('nextstudy')}, graph {knowledge.version}: {editions}")
        return OK

    return run


def ask(options) -> int:
    """Answers for one record."""
    from reasoner.answer import render
    from reasoner.api import Reasoner
    from reasoner.curation.working_copy import to_read
    from reasoner.intake.encoding import taken
    from reasoner.intake.opening import example

    reasoner, name = Reasoner(to_read(options.ontology)), options.file
    with named(name):
        data = example()
        if name is not None:
            with read_input() if name == "-" else Path(name).open("rb") as file:
                data = taken(file)
        reply = reasoner.reply(data, options.on, options.words)
    write(render.FORMATS[options.format](reply, options.explain))
    return OK


def query(options) -> int:
    """Runs a question."""
    from reasoner.answer import render
    from reasoner.api import Reasoner
    from reasoner.curation.working_copy import to_read
    from reasoner.graph import query_files as queries
    from reasoner.graph.parameters import asked_about

    if options.name is None:
        write(render.questions())
        return OK
    found, settings = queries.question(options.name), dict(map(queries.setting, options.set))
    reasoner = Reasoner(to_read(options.ontology), unfinished=True)
    rows = reasoner.rows(found, settings)
    told = asked_about(reasoner.knowledge, found, settings)
    for parameter in told:
        if parameter.remedy:
            complain(f"{parameter.sentence}: {parameter.remedy}")
    write(render.TABLES[options.format](*rows))
    if options.format == "table":
        say(*(parameter.sentence for parameter in told))
    return OK


def show(options) -> int:
    """Shows a term."""
    from reasoner.curation.working_copy import to_read
    from reasoner.graph.knowledge import load
    from reasoner.graph.terms import show as describe

    write(describe(load(to_read(options.ontology), unfinished=True), options.term))
    return OK


def import_ratings(options) -> int:
    """Imports a rating table and prints the report."""
    from reasoner.curation.importing import import_table
    from reasoner.curation.importing.report import FORMATS
    from reasoner.curation.working_copy import packaged, to_read

    base = to_read(options.ontology) or packaged()
    write(
        FORMATS[options.format](
            import_table(options.table, options.out, base, options.edition, options.seen)
        )
    )
    if options.out and options.format == "text":
        say(f"wrote {options.out}: use it with --ontology {options.out / 'ontology'}")
    return OK


def build(options) -> int:
    """Builds the generated documents."""
    from reasoner.curation.build import build as build_all
    from reasoner.curation.working_copy import to_write
    from reasoner.errors import InputError

    if options.folder and options.ontology:
        raise InputError("--ontology", f"{options.folder} is named too", "Name one folder.")
    ontology = to_write("nextstudy build", options.folder or options.ontology)
    changed = build_all(ontology)
    say(*([f"wrote {path}" for path in changed] or [f"nothing changed in {ontology}"]))
    return OK


def diff(options) -> int:
    """Says what changed between two versions or editions."""
    from reasoner.curation.working_copy import named, to_read
    from reasoner.diff import compare as differences
    from reasoner.diff.render import FORMATS

    ontology = options.ontology and named(options.ontology)
    if options.before.startswith("ia:") and options.after.startswith("ia:"):
        ontology = to_read(ontology)
    found = differences.diff(options.before, options.after, options.cases, ontology)
    write(FORMATS[options.format](found))
    return OK


def new(options) -> int:
    """Makes the stubs of a scenario."""
    from reasoner.curation.scenario.new import pairs, scenario
    from reasoner.curation.working_copy import to_write

    ontology = to_write("nextstudy new", options.ontology)
    complain("looking through the test patients for one to start from; this takes a while")
    changed, left = scenario(
        ontology,
        options.name,
        options.topic,
        options.edition,
        options.criteria.split(","),
        options.label,
        options.like,
        pairs("--refuted-by", options.refuted_by),
        pairs("--define", options.define),
        options.seen,
        options.basis,
        options.cases,
    )
    say(
        *(f"wrote {path}" for path in changed),
        "",
        "Left to do:",
        *(f"{n}. {text}" for n, text in enumerate(left, 1)),
    )
    return OK


def docs(options) -> int:
    """Writes the documentation."""
    from reasoner.curation.working_copy import to_read
    from reasoner.docs import left_out, write_docs

    changed = write_docs(options.folder, to_read(options.ontology))
    if lacking := left_out():
        complain(lacking)
    say(f"wrote {len(changed)} files; open {options.folder / 'index.html'}")
    return OK


def fmt(options) -> int:
    """Formats Turtle files."""
    from reasoner.curation.working_copy import refuse_installed, to_write
    from reasoner.errors import InputError
    from reasoner.graph.turtle.format import comments, format_file, turtle_files

    if options.paths and options.ontology:
        raise InputError("--ontology", "files or folders are named too", "Name one of them.")
    places, changed = options.paths or [to_write("nextstudy fmt", options.ontology)], []
    for place in places if not options.check else ():
        refuse_installed(place)
    for path in turtle_files(places):
        before = path.read_bytes() if path.is_file() else b""
        if format_file(path, check=options.check):
            changed.append(path)
            if lost := comments(before):
                place, first = lost[0]
                many = "1 comment" if len(lost) == 1 else f"{len(lost)} comments"
                done = "to drop" if options.check else "dropped"
                complain(
                    f"{path}:{place}: {many} {done}, the first is {first!r}. Write what is "
                    "worth keeping as skos:editorialNote or rdfs:comment."
                )
    if options.check and changed:
        complain("not formatted as nextstudy fmt does it; run it without --check")
    done = "would format" if options.check else "formatted"
    whole = "every file is formatted" + (f" in {places[0]}" if not options.paths else "")
    say(*([f"{done} {path}" for path in changed] or [whole]))
    return FAILED if options.check and changed else OK


if __name__ == "__main__":
    sys.exit(main())
