"""Resolves FHIR references to resources of the record, by type and id, server, or identifier.

A relative reference is of the server of the entry that it stands in (FHIR R4, bundle.html), one of
another server names another resource.
"""

from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import unquote

from reasoner.intake.identity import Resource, as_list, parted, references, server, unversioned
from reasoner.intake.record import Note

CONDITIONAL = "?identifier="


@dataclass
class References:
    """The resources of one patient in order, how references resolve, and what was wrong with the
    envelope; `own` are the servers that the record is known to be of.
    """

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
        return (
            self.types[held[0]]
            if len(held) == 1
            else [r for r in self.resources if r.type in held]
            if held
            else []
        )

    def resolve(self, reference, origin: Resource | None = None) -> str | None:
        """The key that a reference element points to, of the resource `origin`; a text that is no
        key for what is not in the record, None when it is no reference.
        """
        target = reference.get("reference") if isinstance(reference, dict) else None
        if not isinstance(target, str) or not target:
            return self._by_identifier(reference) if isinstance(reference, dict) else None
        if target in self.aliases and (
            origin is None or not origin.base or ":" in target or server(origin.base) in self.own
        ):
            return self.aliases[target]
        return self._follow(target, origin)

    def held(self, key: str | None, kind: str) -> Resource | None:
        """The resource of a key and a type, if the record holds it."""
        resource = self._by_key.get(key or "")
        return resource if resource and resource.type == kind else None

    def reference_state(self, reference, origin: Resource | None = None) -> str:
        """Whether what a reference points to is `here`, `not sent`, named by its identifier alone
        (`logical`), or `unreadable`: not told, or told of several.
        """
        target = self.resolve(reference, origin)
        if target is None or target.startswith("several "):
            return "unreadable"
        return (
            "here"
            if target in self._by_key
            else "logical"
            if target.startswith("identifier ")
            else "not sent"
        )

    @cached_property
    def _by_key(self) -> dict[str, Resource]:
        """The resources by key."""
        return {r.key: r for r in self.resources}

    @cached_property
    def _at(self) -> dict[tuple[str, str], str]:
        """The keys of the resources by server, as far as it is known, and name."""
        keys: dict[tuple[str, str], str] = {}
        for r in self.resources:
            name = f"{r.type}/{r.json.get('id')}"
            where = server(r.base) if r.base else ""
            keys.setdefault(("" if where in self.own else where, name), r.key)
        return keys

    @cached_property
    def _everywhere(self) -> dict[str, list[str]]:
        """The keys of the resources of each name, on whatever server."""
        keys: dict[str, list[str]] = {}
        for (_, name), key in self._at.items():
            keys.setdefault(name, []).append(key)
        return keys

    @cached_property
    def _identified(self) -> dict[tuple[str, str, str], list[str]]:
        """The keys of the resources by type, system and value of an identifier; by value alone too,
        under no system that there can be.
        """
        by_identifier: dict[tuple[str, str, str], list[str]] = {}
        for r in self.resources:
            for i in as_list(r.json.get("identifier")):
                if isinstance(i, dict) and isinstance(value := i.get("value"), str):
                    given = i.get("system")
                    for system in (given if isinstance(given, str) else "", "*"):
                        keys = by_identifier.setdefault((r.type, system, value), [])
                        keys += [r.key] if r.key not in keys else []
        return by_identifier

    @cached_property
    def _servers(self) -> set[str]:
        """The servers that what is said of patients is from: of their entries, and of the patients
        that they name; of any reference to what is here when there is none.
        """
        servers: set[str] = set()
        for r in self.resources:
            given = r.json.get("subject") or r.json.get("patient")
            if r.base and (given is not None or r.type == "Patient"):
                servers.add(server(r.base))
            if (
                isinstance(given, dict)
                and isinstance(target := given.get("reference"), str)
                and "://" in target
            ):
                servers.add(server(parted(target)[0]))
        if not servers - {""}:
            for base, name in (
                parted(target)
                for r in self.resources
                for target in references(r.json)
                if "://" in target
            ):
                servers |= {server(base)} if name in self.aliases else set()
        return servers - {""}

    def _is_own(self, base: str) -> bool:
        """Whether a server is the record's own: known to be, or the only one that there is."""
        return server(base) in (self.own or (self._servers if len(self._servers) == 1 else ()))

    def _follow(self, target: str, origin: Resource | None) -> str:
        """The key that the text of a reference points to, or a text that is no key."""
        if target.startswith("#"):
            holder = origin.key.partition("#")[0] if origin else ""
            return (holder if target == "#" else holder + target) or target
        if CONDITIONAL in target:
            return self._conditional(target)
        target = unversioned(target)
        if target in self.aliases and ":" in target:
            return self.aliases[target]
        base, name = parted(target)
        if not base:
            if ":" in target:  # urn:uuid and the like
                return target
            base, name = origin.base if origin else "", "/".join(target.rsplit("/", 2)[-2:])
        if not base or self._is_own(base):
            key = self._at.get(("", name)) or self._at.get(
                (server(base), name) if base else ("", name)
            )
            if key or base or name in self._by_key or self.own:
                return key or (
                    name
                    if name not in self._by_key
                    else f"{next(iter(self.own), 'this server')}/{name}"
                )
            return self._anywhere(name)
        return self._at.get((server(base), name)) or f"{base}/{name}"

    def _anywhere(self, name: str) -> str:
        """The key of the one resource of a name on whatever server."""
        keys = self._everywhere.get(name, [])
        return keys[0] if len(keys) == 1 else f"several {name}" if keys else name

    def _conditional(self, target: str) -> str:
        """The key of the one resource with the identifier that a reference such as
        `Patient?identifier=system|value` asks for.
        """
        kind, _, wanted = (
            target.rpartition("/")[2].partition(CONDITIONAL)
            if "/" in target.partition("?")[0]
            else target.partition(CONDITIONAL)
        )
        system, bar, value = unquote(wanted).partition("|")
        keys = self._identified.get((kind, system, value) if bar else (kind, "*", system), [])
        return keys[0] if len(keys) == 1 else f"several {target}" if keys else target

    def _by_identifier(self, reference: dict) -> str | None:
        """The key of the one resource with the identifier that a reference gives instead of a
        place; a text that is no key when there is none, None when it gives none.
        """
        identifier = reference.get("identifier")
        if not isinstance(identifier, dict) or not isinstance(
            value := identifier.get("value"), str
        ):
            return None
        system = identifier["system"] if isinstance(identifier.get("system"), str) else ""
        kinds = [reference["type"]] if isinstance(reference.get("type"), str) else list(self.types)
        keys = (
            [key for kind in kinds for key in self._identified.get((kind, system, value), ())]
            if system
            else []
        )
        return keys[0] if len(keys) == 1 else f"identifier {system}|{value}"
