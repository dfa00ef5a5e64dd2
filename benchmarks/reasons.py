"""How the reasons of a list are rated for an MRI of the thigh; `records.py --reasons` prints it."""

import json
import re
from collections import Counter
from pathlib import Path

from bundles import MRI_THIGH, bundle, order
from packing import order_sign

WORDS = "mass lump swelling sarcoma lipoma fibroma hemangioma ganglion soft tissue soft tissues"
LUMP = re.compile(rf"\b({'|'.join(WORDS.split())})\b", re.I)
RATINGS = ("no-criteria-apply", "not-appropriate", "appropriate")


def rated(reply) -> str:
    """What the reply to a request says of its only order."""
    if reply.status_code != 200:
        return f"status {reply.status_code}"
    response = reply.json()
    written = json.dumps(response.get("systemActions", []))
    ratings = [code for code in RATINGS if f'"{code}"' in written]
    return (
        ratings[0]
        if ratings
        else f"not rated, {len(response['cards'])} card"
        if response["cards"]
        else "no card"
    )


def lines(path: Path):
    """Two tables: the ratings of all reasons, and the reasons whose words may mean a mass."""
    from fastapi.testclient import TestClient

    from reasoner.serve import Settings, create_app

    client, counts, shown = TestClient(create_app(Settings())), Counter(), []
    for concept in json.loads(path.read_text(encoding="utf-8"))["expansion"]["contains"]:
        coding = {k: concept[k] for k in ("system", "code")}
        draft = order("o1", MRI_THIGH, None, reasonCode=[{"coding": [coding]}])
        request = order_sign(bundle(draft))
        what = rated(client.post("/cds-services/imaging-order-sign", json=request))
        counts[what] += 1
        if LUMP.search(concept["display"]):
            shown.append((what, concept["code"], concept["display"]))
    yield "| rating | reasons |\n|---|---|"
    yield from (f"| {what} | {n:,} |" for what, n in counts.most_common())
    yield "\n| rating | code | words |\n|---|---|---|"
    yield from (f"| {' | '.join(row)} |" for row in sorted(shown))
