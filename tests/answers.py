"""What tests look up in an answer, and the record that most of them start from."""

import copy
import json

from bundles import CT_THIGH, MRI_THIGH, MRI_THIGH_PLAIN, bundle, inconclusive, order

C = "ia:MassAfterInconclusiveRadiographAndUltrasound"
SIBLING = f"{C}MriContraindicated"
MRI, DONE, CROSS = "ia:MriContraindicated", "ia:InitialImagingDone", "ia:CrossSectionalImagingDone"
MRI_ORDERS, OTHER_ORDERS = (
    ("ServiceRequest/o-mri", "ServiceRequest/o-plain"),
    ("ServiceRequest/o-ct",),
)
DRAFTS = [order("o-mri", MRI_THIGH), order("o-plain", MRI_THIGH_PLAIN), order("o-ct", CT_THIGH)]

AGREED = {  # a row of what every scenario still possible says alike
    "procedure": {"id": "ia:RadiographyFemur", "label": "Radiography femur", "codes": []},
    "generic": "ia:Radiography",
    "category": "usually-appropriate",
    "adultRadiation": "1",
    "pediatricRadiation": "1",
    "setAside": False,
    "safety": [],
    "scenarios": ["ia:SuperficialMassInitialImaging", "ia:DeepMassInitialImaging"],
    "unless": [
        {
            "id": "ia:RadiographDone",
            "label": "radiograph done",
            "assumed": "no radiograph is recorded",
        }
    ],
    "source": "American College of Radiology, Soft Tissue Masses 2022; seen 2026-01",
}


def sound(*more: dict) -> dict:
    """A record in which scenario C applies and three studies are drafted, and more."""
    return bundle(*inconclusive(), *copy.deepcopy(DRAFTS), *copy.deepcopy(more))


def rows(p: dict) -> dict[str, dict]:
    """The orders of a presentation by their ids, each with what an answer must say of it."""
    for o in p["orders"]:
        assert {"category", "setAside", "safety"} <= set(o), (
            f"the answer says too little of {o['id']}: {sorted(o)}"
        )
    return {o["id"]: o for o in p["orders"]}


def the(answer: dict, name: str = "Condition/mass-1") -> dict:
    """The presentation of the mass; an empty one when there is none."""
    empty = {
        key: []
        for key in ("scenarios", "recommendations", "nextSteps", "alerts", "questions", "orders")
    }
    return next(
        (p for p in answer["presentations"] if p["id"] == name),
        {"id": None, "outcome": None, **empty},
    )


def assumed(p: dict) -> set[str]:
    """What a presentation takes for granted in scenarios that are not excluded."""
    return {a["id"] for s in p["scenarios"] if s["status"] != "excluded" for a in s["assumptions"]}


def of_status(p: dict, status: str) -> set[str]:
    """The scenarios of a presentation of one status."""
    return {s["id"] for s in p["scenarios"] if s["status"] == status}


def names(holder, found: set[str]) -> bool:
    """Whether something in an answer names one of some resources."""
    return any(
        f'"{name}"' in json.dumps(holder) or f"{name} " in json.dumps(holder) for name in found
    )


def warned(answer: dict, found: set[str]) -> bool:
    """Whether a note of severity warning is about one of some resources, or names it."""
    return any(
        n["severity"] == "warning" and (n["about"] in found or names(n["message"] + " ", found))
        for n in answer["notes"]
    )
