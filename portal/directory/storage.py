"""The SCIM server's storage: one organization's entries, as resources and back."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, cast

from scim2_models import (
    InvalidValueException,
    Meta,
    NotFoundException,
    PreconditionFailedException,
    Resource,
    ResourceType,
    ResponseParameters,
    SCIMException,
    ScimFilter,
    SearchRequest,
    UniquenessException,
)
from scim2_models.path import CompareOperator, Comparison
from scim2_server.storage import ScimStorage, SearchPage

from portal import ids, spelling
from portal.boards import sign_ons
from portal.desk import directory_entries
from portal.desk.directory_entries import Group as GroupEntry
from portal.desk.directory_entries import Moved, NameTaken, Person
from portal.directory import following
from portal.directory.resources import Group, User

MOST_PEOPLE, MOST_GROUPS = 5_000, 500
MOST_CHARACTERS = 256  # of a name, an address, an id
_KEPT = ("userName", "externalId", "name", "displayName", "active", "emails")


class Full(SCIMException):
    """The directory holds as many entries as one may (403: it would never succeed)."""

    status = 403
    _default_detail = f"a directory holds {MOST_PEOPLE} users and {MOST_GROUPS} groups at most"


class Directory(ScimStorage):
    """What the directory of `org_id` said; nothing of another organization can be reached."""

    def __init__(self, org_id: str) -> None:
        self.org_id = org_id

    def get(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        response_parameters: ResponseParameters[Any] | None = None,
    ) -> Resource[Any]:
        if resource_type.name == "User":
            return self._users([self._person(resource_id)])[0]
        return self._as_groups([self._group(resource_id)])[0]

    def search(
        self,
        resource_types: list[ResourceType],
        search_request: SearchRequest[Any],
        *,
        position: Any = None,
    ) -> SearchPage:
        found: list[Resource[Any]] = []
        for name in dict.fromkeys(kind.name for kind in resource_types):
            if name == "User":
                found += self._users(self._candidates(search_request.filter))
            else:
                found += self._as_groups(directory_entries.groups(self.org_id))
        wanted = search_request.filter
        if wanted is not None:
            found = [r for r in found if _bound(wanted, type(r)).match(r)]
        found = _sorted(search_request, found)
        start = search_request.start_index_0 or 0
        end = None if search_request.count is None else start + search_request.count
        return SearchPage(len(found), found[start:end])

    def create(self, resource_type: ResourceType, resource: Resource[Any]) -> Resource[Any]:
        people, groups = directory_entries.size(self.org_id)
        if isinstance(resource, User):
            if people >= MOST_PEOPLE:
                raise Full()
            return self._create_user(resource)
        if groups >= MOST_GROUPS:
            raise Full()
        members = self._members(cast(Group, resource))
        group_id = ids.new("dgr")
        directory_entries.add_group(group_id, self.org_id, _group_content(cast(Group, resource)))
        self._put_into(group_id, members)
        return self._as_groups([self._group(group_id)])[0]

    def _create_user(self, user: User) -> User:
        if user.active is None:
            user.active = True
        content, address = self._content(user)
        self._check_address(address)
        person_id = ids.new("dpn")
        try:
            directory_entries.add_person(
                person_id, self.org_id, content, address=address, active=user.active is not False
            )
        except NameTaken:
            self._finish_earlier(content["userName"])
            raise UniquenessException(detail="somebody has this userName already") from None
        person = self._person(person_id)
        self._follow(person)
        return self._users([person])[0]

    def _finish_earlier(self, name: str) -> None:
        """A creation that was interrupted is repeated by the directory: finish what it began."""
        person = directory_entries.named(self.org_id, name)
        if person is not None and person.todo:
            self._follow(person)

    def update(
        self,
        resource_type: ResourceType,
        resource: Resource[Any],
        *,
        expected_version: str | None = None,
    ) -> Resource[Any]:
        if isinstance(resource, User):
            return self._update_user(resource, expected_version)
        said = cast(Group, resource)
        group = self._group(said.id)
        _check_version(group.version, expected_version)
        members = self._members(said)
        try:
            directory_entries.change_group(group, _group_content(said))
        except Moved:
            raise PreconditionFailedException from None
        self._put_into(group.id, members)
        return self._as_groups([self._group(group.id)])[0]

    def _update_user(self, user: User, expected_version: str | None) -> User:
        person = self._person(user.id)
        _check_version(person.version, expected_version)
        active = user.active is not False
        content, address = self._content(user)
        if active or address != following.address_of(person.content):
            # A domain may go before those who go: the address that the entry had is not asked.
            self._check_address(address)
        if person.active and not active:
            following.check_may_go(person)
            following.check_may_go(replace(person, content=content))
        try:
            directory_entries.change_person(person, content, address=address, active=active)
        except NameTaken:
            raise UniquenessException(detail="somebody has this userName already") from None
        except Moved:
            raise PreconditionFailedException from None
        changed = self._person(person.id)
        self._follow(changed)
        return self._users([changed])[0]

    def delete(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        expected_version: str | None = None,
    ) -> None:
        if resource_type.name == "User":
            person = self._person(resource_id)
            _check_version(person.version, expected_version)
            following.check_may_go(person)
            try:
                directory_entries.leave_behind(person)
            except Moved:
                raise PreconditionFailedException from None
            left = directory_entries.anew(person)
            if left is not None:
                self._follow(left)
            return
        group = self._group(resource_id)
        _check_version(group.version, expected_version)
        self._put_into(group.id, ())
        try:
            directory_entries.remove_group(group)
        except Moved:
            raise PreconditionFailedException from None

    def _follow(self, person: Person) -> None:
        following.follow(person)

    def _person(self, person_id: str | None) -> Person:
        person = directory_entries.person(self.org_id, person_id or "")
        if person is None:
            raise NotFoundException(detail="there is no such user")
        return person

    def _group(self, group_id: str | None) -> GroupEntry:
        group = directory_entries.group(self.org_id, group_id or "")
        if group is None:
            raise NotFoundException(detail="there is no such group")
        return group

    def _candidates(self, wanted: ScimFilter[Any] | None) -> list[Person]:
        """The one with the name, where that is all that is asked: directories ask so for each."""
        node = wanted.ast if wanted is not None else None
        if (
            isinstance(node, Comparison)
            and node.op == CompareOperator.eq
            and isinstance(node.value, str)
            and str(node.attr_path).lower().rpartition(":")[2] == "username"
        ):
            person = directory_entries.named(self.org_id, node.value)
            return [person] if person else []
        return directory_entries.people(self.org_id)

    def _content(self, user: User) -> tuple[dict[str, Any], str]:
        """What is kept of a user, and their address."""
        dumped = user.model_dump(mode="json")
        content = {key: dumped[key] for key in _KEPT if dumped.get(key) not in (None, "", [], {})}
        _check_texts(content)
        return content, following.address_of(content)

    def _check_address(self, address: str) -> None:
        """Raises InvalidValueException unless it lies in a domain of the organization's own."""
        domain = spelling.domain_of(address)
        if not (domain and sign_ons.has_proven(self.org_id, domain)):
            raise InvalidValueException(
                detail="the address lies in no domain that your organization has proven in the "
                "portal; put one that does into emails, or into userName"
            )

    def _members(self, group: Group) -> list[str]:
        wanted = list(dict.fromkeys(m.value for m in group.members or [] if m.value))
        known = {p.id for p in directory_entries.people(self.org_id)} if wanted else set()
        if not set(wanted) <= known:
            raise InvalidValueException(
                detail="a member is no user of this directory; groups hold users alone"
            )
        return wanted

    def _put_into(self, group_id: str, members: Iterable[str]) -> None:
        for person_id in directory_entries.set_members(group_id, members):
            person = directory_entries.person(self.org_id, person_id)
            if person is not None and person.todo:
                self._follow(person)

    def _users(self, people: list[Person]) -> list[User]:
        groups_of = directory_entries.groups_of(p.id for p in people)
        names = {
            g.id: g.content["displayName"]
            for g in (directory_entries.groups(self.org_id) if any(groups_of.values()) else [])
        }
        return [
            User.model_validate(
                {
                    "schemas": [str(User.__schema__)],
                    **person.content,
                    "id": person.id,
                    "groups": [
                        {"value": g, "$ref": f"Groups/{g}", "display": names.get(g, "")}
                        for g in groups_of[person.id]
                    ]
                    or None,
                    "meta": _meta("User", person),
                }
            )
            for person in people
        ]

    def _as_groups(self, groups: list[GroupEntry]) -> list[Group]:
        members = directory_entries.members(g.id for g in groups)
        return [
            Group.model_validate(
                {
                    "schemas": [str(Group.__schema__)],
                    **group.content,
                    "id": group.id,
                    "members": [
                        {"value": p, "$ref": f"Users/{p}", "type": "User"}
                        for p in members[group.id]
                    ]
                    or None,
                    "meta": _meta("Group", group),
                }
            )
            for group in groups
        ]


def _group_content(group: Group) -> dict[str, Any]:
    dumped = group.model_dump(mode="json")
    content = {key: dumped[key] for key in ("displayName", "externalId") if dumped.get(key)}
    _check_texts(content)
    return content


def _check_texts(content: Any) -> None:
    if isinstance(content, dict):
        for value in content.values():
            _check_texts(value)
    elif isinstance(content, list):
        if len(content) > 20:
            raise InvalidValueException(detail="a list may have 20 entries")
        for value in content:
            _check_texts(value)
    elif isinstance(content, str) and not (
        len(content) <= MOST_CHARACTERS and content.isprintable() and content.strip()
    ):
        raise InvalidValueException(
            detail=f"a text has 1 to {MOST_CHARACTERS} printable characters"
        )


def _meta(name: str, entry: Person | GroupEntry) -> Meta:
    return Meta(
        resource_type=name,
        created=_time(entry.created_at),
        last_modified=_time(entry.changed_at),
        version=_version(entry.version),
    )


def _time(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text)


def _version(number: int) -> str:
    return f'W/"{number}"'


def _check_version(present: int, expected: str | None) -> None:
    if expected is not None and expected != _version(present):
        raise PreconditionFailedException


def _bound(wanted: ScimFilter[Any], model: type[Resource[Any]]) -> ScimFilter[Any]:
    """The filter for one model; a search at the root asks several at once."""
    bound: ScimFilter[Any] = ScimFilter[model](str(wanted))  # type: ignore[valid-type]
    return bound


def _sorted(request: SearchRequest[Any], found: list[Resource[Any]]) -> list[Resource[Any]]:
    """Missing values come last, or first when descending (RFC 7644 section 3.4.2.3); what is equal
    goes by its id, so that pages hold still."""
    if request.sort_by is None:
        return sorted(found, key=lambda r: r.id or "")
    values = [(request.sort_value(r), r) for r in found]
    values.sort(
        key=lambda pair: (pair[0] is None, "" if pair[0] is None else pair[0], pair[1].id),
        reverse=request.sort_order == SearchRequest.SortOrder.descending,
    )
    return [r for _, r in values]
