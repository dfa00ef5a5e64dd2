"""Readers at every door while the graph is reloaded: each answer names one snapshot, and all of it
is of the release that the snapshot holds.
"""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import orjson
from bundles import MRI_THIGH_PLAIN, bundle, inconclusive, order, patient

SCENARIO = "MassAfterInconclusiveRadiographAndUltrasound"
FORM = (
    "finding=SoftTissueMass&region=Thigh&depth=DeepToFascia&study=Radiography"
    "&result=NormalRadiograph&study=Ultrasound&result=IndeterminateResult"
)
ASKED = f"""PREFIX ia: <https://w3id.org/imaging-appropriateness/ns/>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT DISTINCT ?told {{
    {{ [] owl:versionIRI ?told }}
    UNION {{ [] ia:ofScenario ia:{SCENARIO} ; ia:rationale ?told }}
    UNION {{ ia:{SCENARIO} rdfs:label ?told }}
}}"""
MARK = re.compile(r"release (\d+)|\b0\.(\d+)\.0\b", re.I)
RECORD = orjson.dumps(bundle(patient(), *inconclusive()))


class Seen(NamedTuple):
    """What came back: the door, the status, the snapshot that is named, and the releases that the
    answer holds marks of.
    """

    door: str
    status: int
    snapshot: int
    releases: frozenset[int]


def release(folder, number):
    """Gives an ontology folder a release, one file after the other: in each version, in the label
    of a scenario, and in each rationale.
    """
    for path in sorted(folder.rglob("*.ttl")):
        text = path.read_text(encoding="utf-8")
        text = re.sub(r"/ontology/[0-9.]+/", f"/ontology/0.{number}.0/", text)
        text = re.sub(
            (
                r'rdfs:label "soft tissue mass after inconclusive radiograph and ultrasound(, '
                r'release \d+)?"'
            ),
            (
                'rdfs:label "soft tissue mass after inconclusive radiograph and ultrasound, '
                f'release {number}"'
            ),
            text,
        )
        path.write_text(
            re.sub(r'ia:rationale "(Release \d+: )?', f'ia:rationale "Release {number}: ', text),
            encoding="utf-8",
        )


def selected():
    """An order-select request for a deep mass of the thigh."""
    draft, kept = order("draft-1", MRI_THIGH_PLAIN), inconclusive()

    def searchset(kind):
        return {
            "resourceType": "Bundle",
            "type": "searchset",
            "entry": [{"resource": r} for r in kept if r["resourceType"] == kind],
        }

    return orjson.dumps(
        {
            "hook": "order-select",
            "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
            "context": {
                "userId": "Practitioner/d1",
                "patientId": "p1",
                "selections": ["ServiceRequest/draft-1"],
                "draftOrders": bundle(draft),
            },
            "prefetch": {
                "patient": patient(),
                "conditions": searchset("Condition"),
                "reports": searchset("DiagnosticReport"),
            },
        }
    )


DOORS = {
    "/api/answer": lambda client, n: client.post("/api/answer", content=RECORD),
    "/sparql": lambda client, n: client.post(
        "/sparql", data={"query": f"{ASKED} # {n % 50}"}, headers={"Accept": "text/csv"}
    ),
    "order-select": lambda client, n: client.post(
        "/cds-services/imaging-order-select", content=selected()
    ),
    "/": lambda client, n: client.get("/"),
    "/scenarios/{name}": lambda client, n: client.get(f"/scenarios/{SCENARIO}"),
    "/patient": lambda client, n: client.get(f"/patient?{FORM}"),
    "/api/scenarios/{id}": lambda client, n: client.get(f"/api/scenarios/{SCENARIO}"),
}


def look(client, door, n):
    """What a door answers now."""
    response = DOORS[door](client, n)
    named = (
        response.headers.get("x-nextstudy-snapshot")
        or (re.search(r'"snapshot":(\d+)', response.text) or ["", "0"])[1]
    )
    return Seen(
        door,
        response.status_code,
        int(named),
        frozenset(int(a or b) for a, b in MARK.findall(response.text)),
    )


def faults(seen):
    """What must not be among what was seen: failures, answers of no or of several releases, and
    snapshots of several releases.
    """
    releases = {}
    for one in seen:
        releases.setdefault(one.snapshot, set()).update(one.releases)
    return sorted(
        {
            one
            for one in seen
            if one.status != 200
            or not one.snapshot
            or len(one.releases) != 1
            or len(releases[one.snapshot]) != 1
        }
    )


class Readers:
    """Threads that read in turn at every door until they are stopped; `seen` is what they saw."""

    def __init__(self, client, number):
        self.client, self.seen, self.done = client, [], threading.Event()
        self.threads = ThreadPoolExecutor(number)
        self.running = [self.threads.submit(self.read, first) for first in range(number)]

    def read(self, n):
        """Reads on."""
        while not self.done.is_set():
            self.seen.append(look(self.client, [*DOORS][n % len(DOORS)], n))
            n += 1

    def stop(self):
        """What was seen; raises what a reader raised."""
        self.done.set()
        self.threads.shutdown()
        return [reader.result() for reader in self.running] and self.seen
