"""What references point to, and whose a resource is: by type and id, and by the server in front of them.

A relative reference is of the server of the entry that it stands in (FHIR R4, bundle.html), one of another server names another resource.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import unquote

import orjson

from reasoner.intake.identity import Resource, as_list, parted, references, server, unversioned
from reasoner.intake.record import Note

CONDITIONAL = "?identifier="
MODIFIERS = (b'"modifierExtension"', b'"implicitRules"')
DEEPEST = 64  # levels at which a modifier is looked for


@dataclass
class Envelope:
    """The resources of one patient in order, how references resolve, and what was wrong with the envelope; `own` are the servers that the record is known to be of."""

    patient: str
    resources: list[Resource]
    aliases: dict[str, str]
    notes: list[Note] = field(default_factory=list)
    own: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.types: dict[str, list[Resource]] = {}
        for resource in self.resources:
            self.types.setdefault(resource.type, []).append(resource)

    def of(self, *types: str) -> list[Resource]:
        """The resources of some types, in their order."""
        held = [t for t in types if t in self.types]
        return self.types[held[0]] if len(held) == 1 else [r for r in self.resources if r.type in held] if held else []

    def resolve(self, reference, origin: Resource | None = None) -> str | None:
        """The key that a reference element points to, of the resource `origin`; a text that is no key for what is not in the record, None when it is no reference."""
        target = reference.get("reference") if isinstance(reference, dict) else None
        if not isinstance(target, str) or not target:
            return self._by_identifier(reference) if isinstance(reference, dict) else None
        if target in self.aliases and (origin is None or not origin.base or ":" in target or server(origin.base) in self.own):
            return self.aliases[target]
        return self._follow(target, origin)

    def reference_state(self, reference, origin: Resource | None = None) -> str:
        """Whether what a reference points to is `here`, `not sent`, named by its identifier alone (`logical`), or `unreadable`: not told, or told of several."""
        target = self.resolve(reference, origin)
        if target is None or target.startswith("several "):
            return "unreadable"
        return "here" if target in self._by_key else "logical" if target.startswith("identifier ") else "not sent"

    def ownership(self, resource: Resource) -> str:
        """Whose a resource is by its subject or patient: `own`, of the patient of the record, `other`, or `unclear`, when that cannot be told."""
        worst, named = "own", False
        for name in ("subject", "patient"):
            if (given := resource.json.get(name)) is not None:
                named, whose = True, self._whose(given, resource)
                if whose == "other":
                    return whose
                worst = whose if whose != "own" else worst
        if not named and "#" in resource.key and (holder := self._by_key.get(resource.key.rpartition("#")[0])):
            return self.ownership(holder)
        return worst

    def not_understood(self, resource: Resource) -> str | None:
        """The path of the first `implicitRules` or `modifierExtension` in a resource; None when there is none. None of them is understood here, and a resource with one must not be used (FHIR R4, extensibility.html)."""
        try:
            written = orjson.dumps(resource.json, option=orjson.OPT_NON_STR_KEYS)
            if not any(name in written for name in MODIFIERS):
                return None
        except orjson.JSONEncodeError:  # nested too deeply to be written
            pass
        if resource.json.get("implicitRules"):
            return f"{resource.path}.implicitRules"
        waiting: list[tuple[str, Any, int]] = [(resource.path, {name: value for name, value in resource.json.items() if name != "contained"}, 0)]
        while waiting:
            path, item, depth = waiting.pop()
            if isinstance(item, dict):
                if item.get("modifierExtension"):
                    return f"{path}.modifierExtension"
                below = [(f"{path}.{name}", value, depth + 1) for name, value in item.items()]
            else:
                below = [(f"{path}[{n}]", value, depth + 1) for n, value in enumerate(item)]
            waiting += [row for row in reversed(below) if isinstance(row[1], (dict, list)) and depth < DEEPEST]
        return None

    @cached_property
    def _by_key(self) -> dict[str, Resource]:
        """The resources by key."""
        return {r.key: r for r in self.resources}

    @cached_property
    def _at(self) -> dict[tuple[str, str], str]:
        """The keys of the resources by server, as far as it is known, and name."""
        made: dict[tuple[str, str], str] = {}
        for r in self.resources:
            name = f"{r.type}/{r.json.get('id')}"
            where = server(r.base) if r.base else ""
            made.setdefault(("" if where in self.own else where, name), r.key)
        return made

    @cached_property
    def _identified(self) -> dict[tuple[str, str, str], list[str]]:
        """The keys of the resources by type, system and value of an identifier; by value alone too, under no system that there can be."""
        made: dict[tuple[str, str, str], list[str]] = {}
        for r in self.resources:
            for i in as_list(r.json.get("identifier")):
                if isinstance(i, dict) and isinstance(value := i.get("value"), str):
                    given = i.get("system")
                    for system in (given if isinstance(given, str) else "", "*"):
                        keys = made.setdefault((r.type, system, value), [])
                        keys += [r.key] if r.key not in keys else []
        return made

    @cached_property
    def _servers(self) -> set[str]:
        """The servers that what is said of patients is from: of their entries, and of the patients that they name; of any reference to what is here when there is none."""
        found: set[str] = set()
        for r in self.resources:
            given = r.json.get("subject") or r.json.get("patient")
            if r.base and (given is not None or r.type == "Patient"):
                found.add(server(r.base))
            if isinstance(given, dict) and isinstance(target := given.get("reference"), str) and "://" in target:
                found.add(server(parted(target)[0]))
        if not found - {""}:
            for base, name in (parted(target) for r in self.resources for target in references(r.json) if "://" in target):
                found |= {server(base)} if name in self.aliases else set()
        return found - {""}

    def _is_own(self, base: str) -> bool:
        """Whether a server is the record's own: known to be, or the only one that there is."""
        return server(base) in (self.own or (self._servers if len(self._servers) == 1 else ()))

    def _follow(self, target: str, origin: Resource | None) -> str:
        """The key that the text of a reference points to, or a text that is no key."""
        if target.startswith("#"):
            holder = origin.key.partition("#")[0] if origin else ""
            return (holder if target == "#" else holder + target) or target
        if CONDITIONAL in target:
            return self._conditional(target, origin)
        target = unversioned(target)
        if target in self.aliases and ":" in target:
            return self.aliases[target]
        base, name = parted(target)
        if not base:
            if ":" in target:  # urn:uuid and the like
                return target
            base, name = origin.base if origin else "", "/".join(target.rsplit("/", 2)[-2:])
        if not base or self._is_own(base):
            found = self._at.get(("", name)) or self._at.get((server(base), name) if base else ("", name))
            if found or base or name in self._by_key or self.own:
                return found or (name if name not in self._by_key else f"{next(iter(self.own), 'this server')}/{name}")
            return self._anywhere(name)
        return self._at.get((server(base), name)) or f"{base}/{name}"

    def _anywhere(self, name: str) -> str:
        """The key of the one resource of a name on whatever server."""
        found = [key for (_, other), key in self._at.items() if other == name]
        return found[0] if len(found) == 1 else f"several {name}" if found else name

    def _conditional(self, target: str, origin: Resource | None) -> str:
        """The key of the one resource with the identifier that a reference such as `Patient?identifier=system|value` asks for."""
        kind, _, wanted = target.rpartition("/")[2].partition(CONDITIONAL) if "/" in target.partition("?")[0] else target.partition(CONDITIONAL)
        system, bar, value = unquote(wanted).partition("|")
        found = self._identified.get((kind, system, value) if bar else (kind, "*", system), [])
        return found[0] if len(found) == 1 else f"several {target}" if found else target

    def _by_identifier(self, reference: dict) -> str | None:
        """The key of the one resource with the identifier that a reference gives instead of a place; a text that is no key when there is none, None when it gives none."""
        identifier = reference.get("identifier")
        if not isinstance(identifier, dict) or not isinstance(value := identifier.get("value"), str):
            return None
        system = identifier["system"] if isinstance(identifier.get("system"), str) else ""
        kinds = [reference["type"]] if isinstance(reference.get("type"), str) else list(self.types)
        found = [key for kind in kinds for key in self._identified.get((kind, system, value), ())] if system else []
        return found[0] if len(found) == 1 else f"identifier {system}|{value}"

    def _whose(self, given, resource: Resource) -> str:
        """Whose a resource is by one reference."""
        target = self.resolve(given, resource)
        text = given.get("reference") if isinstance(given, dict) else None
        relative = isinstance(text, str) and ":" not in text and "?" not in text and not text.startswith("#")
        if target == self.patient:
            held = self._by_key.get(target)
            return "unclear" if relative and not resource.base and held and held.base and len(self._servers) > 1 else "own"
        if not isinstance(text, str) or target is None or CONDITIONAL in text:
            return "other" if self._another(target) else "unclear"
        same = text.endswith(self._name) and text.removesuffix(self._name)[-1:] in ("", "/")
        if text.startswith("#") or ("/" not in text and ":" not in text):
            return "unclear"
        if relative:
            return "unclear" if same else "other"
        if "://" not in text:  # urn:uuid and the like
            return "other" if any(":" in url and "://" not in url and key == self.patient for url, key in self.aliases.items()) else "unclear"
        return "unclear" if same and not self.own and not self._is_own(parted(text)[0]) else "other"

    @cached_property
    def _name(self) -> str:
        """The patient's type and id."""
        held = self._by_key.get(self.patient)
        return f"Patient/{held.json.get('id')}" if held else self.patient

    def _another(self, target: str | None) -> bool:
        """Whether an identifier tells somebody from the patient, who has another one of its system; or another resource has it."""
        if target is None or target in self._by_key:
            return target is not None
        system, _, value = target.removeprefix("identifier ").rpartition(CONDITIONAL)[2].partition("|")
        held = self._by_key.get(self.patient)
        known = [i for i in as_list(held.json.get("identifier")) if isinstance(i, dict)] if held else []
        return bool(unquote(system) and value) and any(i.get("system") == unquote(system) and isinstance(i.get("value"), str) for i in known)
