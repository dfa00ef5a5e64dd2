"""Decides whose a resource is: of the patient of the record, of somebody else, or unclear.

A relative reference to the id of the patient in an entry of another server may name the same person
or another one.
"""

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote

from reasoner.intake.identity import Resource, as_list, parted
from reasoner.intake.modifiers import not_understood
from reasoner.intake.references import CONDITIONAL, References


@dataclass
class Envelope(References):
    """The resources of one patient, and whose each of them is."""

    def ownership(self, resource: Resource) -> str:
        """Whose a resource is by its subject or patient: `own`, of the patient of the record,
        `other`, or `unclear`, when that cannot be told.
        """
        worst, named = "own", False
        for name in ("subject", "patient"):
            if (given := resource.json.get(name)) is not None:
                named, whose = True, self._whose(given, resource)
                if whose == "other":
                    return whose
                worst = whose if whose != "own" else worst
        if (
            not named
            and "#" in resource.key
            and (holder := self._by_key.get(resource.key.rpartition("#")[0]))
        ):
            return self.ownership(holder)
        return worst

    def not_understood(self, resource: Resource) -> str | None:
        """The path of the first `implicitRules` or `modifierExtension` in a resource, None without.

        None of them is understood, and a resource with one must not be used (FHIR R4,
        extensibility.html).
        """
        return not_understood(resource.path, resource.json)

    @cached_property
    def _called(self) -> bool:
        """Whether the patient has a full URL that is for this input only (urn:uuid)."""
        return any(
            ":" in url and "://" not in url
            for url, key in self.aliases.items()
            if key == self.patient
        )

    def _whose(self, given, resource: Resource) -> str:
        """Whose a resource is by one reference."""
        target = self.resolve(given, resource)
        text = given.get("reference") if isinstance(given, dict) else None
        relative = (
            isinstance(text, str)
            and ":" not in text
            and "?" not in text
            and not text.startswith("#")
        )
        if target == self.patient:
            held = self._by_key.get(target)
            return (
                "unclear"
                if relative and not resource.base and held and held.base and len(self._servers) > 1
                else "own"
            )
        if not isinstance(text, str) or target is None or CONDITIONAL in text:
            return "other" if self._another(target) else "unclear"
        same = text.endswith(self._name) and text.removesuffix(self._name)[-1:] in ("", "/")
        if text.startswith("#") or ("/" not in text and ":" not in text):
            return "unclear"
        if relative:
            return "unclear" if same else "other"
        if "://" not in text:  # urn:uuid and the like
            return "other" if self._called else "unclear"
        return "unclear" if same and not self.own and not self._is_own(parted(text)[0]) else "other"

    @cached_property
    def _name(self) -> str:
        """The patient's type and id."""
        held = self._by_key.get(self.patient)
        return f"Patient/{held.json.get('id')}" if held else self.patient

    def _another(self, target: str | None) -> bool:
        """Whether an identifier tells somebody from the patient, who has another one of its system;
        or another resource has it.
        """
        if target is None or target in self._by_key:
            return target is not None
        system, _, value = (
            target.removeprefix("identifier ").rpartition(CONDITIONAL)[2].partition("|")
        )
        return bool(unquote(system) and value) and unquote(system) in self._known_to

    @cached_property
    def _known_to(self) -> set[str]:
        """The systems in which the patient has an identifier."""
        held = self._by_key.get(self.patient)
        return {
            i["system"]
            for i in as_list(held.json.get("identifier") if held else None)
            if isinstance(i, dict)
            and isinstance(i.get("system"), str)
            and isinstance(i.get("value"), str)
        }
