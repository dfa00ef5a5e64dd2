"""The commands of a curator: `nextstudy build`, `fmt`, `import`, `ratings` and `new`.

The graph is loaded only where a command runs, so that the help of all commands is shown at once.
"""

import argparse
from pathlib import Path

from reasoner.curation.working_copy import packaged, refuse_installed, to_read, to_write
from reasoner.errors import InputError
from reasoner.terminal.command_line import FAILED, OK
from reasoner.terminal.console import complain, print_lines, write


def add_build_arguments(command: argparse.ArgumentParser) -> None:
    """Adds the arguments of `nextstudy build`."""
    command.add_argument(
        "folder", nargs="?", type=Path, help="the ontology folder; the same as --ontology"
    )


def build(options: argparse.Namespace) -> int:
    """Builds the generated documents, and prints which files changed.

    Raises TableError for a cell that does not fit, and InputError where no folder may be written.
    """
    from reasoner.curation.build import build as build_documents

    if options.folder and options.ontology:
        raise InputError("--ontology", f"{options.folder} is named too", "Name one folder.")
    ontology = to_write("nextstudy build", options.folder or options.ontology)
    changed = build_documents(ontology)
    print_lines(*([f"wrote {path}" for path in changed] or [f"nothing changed in {ontology}"]))
    return OK


def add_fmt_arguments(command: argparse.ArgumentParser) -> None:
    """Adds the arguments of `nextstudy fmt`."""
    command.add_argument(
        "paths",
        nargs="*",
        type=Path,
        help="files or folders; by default the ontology of this checkout",
    )
    command.add_argument(
        "--check", action="store_true", help="change nothing; exit 1 when a file is not formatted"
    )


def fmt(options: argparse.Namespace) -> int:
    """Formats Turtle files; with `--check` it only lists them, and gives 1 when there are any.

    Raises TurtleError for a file that cannot be read.
    """
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
    print_lines(*([f"{done} {path}" for path in changed] or [whole]))
    return FAILED if options.check and changed else OK


def add_import_arguments(command: argparse.ArgumentParser) -> None:
    """Adds the arguments of `nextstudy import`."""
    command.add_argument(
        "table",
        type=Path,
        help="a CSV file with topic, variant, procedure, category and radiation levels, such as "
        "examples/made-up-ratings-2026.csv",
    )
    command.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="a new folder for a whole ontology with every scenario of the table as a stub; "
        "without it, the ratings of the scenarios that can be computed go into the user's own "
        "data folder, in place of those that were imported before",
    )
    command.add_argument(
        "--dry-run", action="store_true", help="write nothing; only print the report"
    )
    command.add_argument(
        "--edition",
        metavar="YEAR",
        help="the edition of the ratings; by default the year in the file's name",
    )
    command.add_argument(
        "--seen",
        metavar="DATE",
        help="the day on which the ratings were read; by default the edition",
    )
    command.add_argument("--format", choices=("text", "markdown", "json"), default="text")


def import_ratings(options: argparse.Namespace) -> int:
    """Imports a rating table and prints the report.

    Raises TableError and InputError for a table that cannot be read, or a folder that is in use.
    """
    from reasoner.curation.importing import import_ratings as into_user_folder
    from reasoner.curation.importing import import_table
    from reasoner.curation.importing.report import FORMATS, JOIN_FORMATS

    base = to_read(options.ontology) or packaged()
    if not options.out:
        folder = None if options.dry_run else options.ratings
        given = (options.table, base, options.edition, options.seen, folder)
        report, path = into_user_folder(*given)
        write(JOIN_FORMATS[options.format](report))
        if path and options.format == "text":
            print_lines(f"wrote {path}: every command answers with it; --no-ratings leaves it out")
        return OK
    out = None if options.dry_run else options.out
    report = import_table(options.table, out, base, options.edition, options.seen)
    write(FORMATS[options.format](report))
    if out and options.format == "text":
        print_lines(f"wrote {options.out}: use it with --ontology {options.out / 'ontology'}")
    return OK


def add_ratings_arguments(command: argparse.ArgumentParser) -> None:
    """Adds the arguments of `nextstudy ratings`."""
    command.add_argument(
        "--join",
        action="store_true",
        help="print the join as CSV, one line a row of the listing: scenario, topic, number and "
        "body area",
    )
    command.add_argument("--format", choices=("text", "json"), default="text")


def ratings(options: argparse.Namespace) -> int:
    """Prints which imported ratings are loaded, or how the rows of their listing were joined."""
    from reasoner.curation.importing import loaded
    from reasoner.graph.knowledge import load

    knowledge = load(to_read(options.ontology), True, options.ratings)
    if options.join:
        write(loaded.join_csv(knowledge))
        if not loaded.table(knowledge):
            complain(loaded.NOTHING)
        return OK
    write(loaded.FORMATS[options.format](loaded.as_dict(knowledge)))
    return OK


def add_new_arguments(command: argparse.ArgumentParser) -> None:
    """Adds the arguments of `nextstudy new`."""
    command.add_argument("what", choices=("scenario", "topic"))
    command.add_argument(
        "name", help="the name of its class, such as MassAfterBiopsy, or of the topic"
    )
    command.add_argument("--label", required=True, help="its label, in words of your own")
    command.add_argument(
        "--edition",
        required=True,
        help="its edition, such as SoftTissueMasses2022; of a topic, the year of the first one",
    )
    topic = command.add_argument_group("of a topic")
    topic.add_argument(
        "--finding", metavar="CLASS", help="the finding that it is about, such as AcuteInjury"
    )
    topic.add_argument("--region", help="the body region of the finding, such as Knee")
    topic.add_argument("--source", help="the publication that it rests on, declared or new")
    topic.add_argument("--panel", help="its panel; by default the only one of the graph")
    one = command.add_argument_group("of a scenario")
    one.add_argument("--topic", help="its topic, such as soft-tissue-masses")
    one.add_argument(
        "--criteria",
        metavar="A,B",
        help="its criteria, an anchor among them; a name that does not exist yet becomes a "
        "criterion to fill in",
    )
    one.add_argument(
        "--like",
        metavar="SCENARIO",
        help="a scenario whose exclusions and order of procedures it takes over",
    )
    one.add_argument(
        "--define",
        action="append",
        default=[],
        metavar="A=EXPRESSION",
        help="what a new criterion is met by, as its table has it: 'A=Shows(Ultrasonography, "
        "NormalResult)', or a line as Protégé writes it after `Presentation and`",
    )
    one.add_argument(
        "--refuted-when",
        action="append",
        default=[],
        metavar="A=EXPRESSION",
        help="what refutes a new criterion, where its pattern does not say so: a class, or as for "
        "--define",
    )
    one.add_argument(
        "--seen",
        default="",
        metavar="DATE",
        help="the day on which you read the ratings, for every row",
    )
    one.add_argument("--basis", default="", help="what you read them from, for every row")
    one.add_argument(
        "--cases",
        type=Path,
        metavar="DIR",
        help="where cases are; by default tests/cases beside the ontology folder",
    )


def new(options: argparse.Namespace) -> int:
    """Writes the stubs of a scenario or a topic, and prints what is left to do.

    Raises InputError for a name that does not fit.
    """
    ontology = to_write("nextstudy new", options.ontology)
    make = make_topic if options.what == "topic" else make_scenario
    changed, tasks = make(ontology, options)
    print_lines(
        *(f"wrote {path}" for path in changed),
        "",
        "Left to do:",
        *(f"{n}. {text}" for n, text in enumerate(tasks, 1)),
    )
    return OK


def require(options: argparse.Namespace, *names: str) -> None:
    """Raises InputError for the first option that is needed and not given."""
    for name in names:
        if not getattr(options, name):
            fault = f"a new {options.what} needs it"
            raise InputError(f"--{name}", fault, "See nextstudy new --help.")


def make_topic(ontology: Path, options: argparse.Namespace) -> tuple[list[Path], list[str]]:
    """Writes the files of a new topic."""
    from reasoner.curation.scenario.new_topic import NewTopic, new_topic

    require(options, "finding", "source")
    given = NewTopic(
        options.name,
        options.label,
        options.edition,
        options.source,
        options.finding,
        options.region or "",
        options.panel or "",
    )
    return new_topic(ontology, given)


def make_scenario(ontology: Path, options: argparse.Namespace) -> tuple[list[Path], list[str]]:
    """Writes the stubs of a new scenario."""
    from reasoner.curation.scenario.new import scenario
    from reasoner.curation.scenario.plan import pairs

    require(options, "topic", "criteria")
    complain("looking through the test patients for one to start from; this takes a while")
    return scenario(
        ontology,
        options.name,
        options.topic,
        options.edition,
        options.criteria.split(","),
        options.label,
        options.like,
        pairs("--define", options.define),
        pairs("--refuted-when", options.refuted_when),
        options.seen,
        options.basis,
        options.cases,
    )
