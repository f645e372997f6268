"""``/v1/admin``: what needs the server to be done about people and programs. For administrators; ids are in bodies,
because beside the mount of the web app Litestar finds no route with a parameter in its path."""

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency

from server.api.auth import NO_STORE
from server.db.authority import Authority
from server.security import people
from server.security.api_keys import ApiKeys, KeyView, MadeKey, NewKey
from server.security.people import Invitation, NewPerson, PersonState
from server.security.service import Auth
from server.security.sessions import Principal
from shared.errors import NotAllowed


class Reset(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``authenticator``: set up anew as well; otherwise its codes go on working."""

    user_id: str
    authenticator: bool = False


class KeyRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``scopes``: ``account:read``, ``order:write``, ``*:read``; valid for ``days``."""

    name: str
    user_id: str
    scopes: list[str]
    days: int = 365


class KeyEnd(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    key_id: str


def require_admin(principal: Principal) -> None:
    """Raises ``NotAllowed``. Whoever writes is asked once more under the organisation's lock."""
    if principal.actor.role != "admin":
        raise NotAllowed("role_not_allowed", role=principal.actor.role, entity="user", action="admin")


class AdminController(Controller):
    """People and keys."""

    path = "/v1/admin"
    tags = ("admin",)

    @get("/people")
    async def states(
        self, authority: NamedDependency[Authority], principal: NamedDependency[Principal]
    ) -> Response[list[PersonState]]:
        """What only the server knows of the users: enrolled, invited, locked, last sync."""
        require_admin(principal)
        return Response(await people.states(authority, principal.org_id), headers=NO_STORE)

    @post("/people", status_code=201)
    async def invite(
        self,
        authority: NamedDependency[Authority],
        auth: NamedDependency[Auth],
        principal: NamedDependency[Principal],
        data: NewPerson,
    ) -> Response[Invitation]:
        """Adds a user; the answer holds a password of one use, this once."""
        require_admin(principal)
        made = await people.invite(authority, auth.passwords, principal, data)
        return Response(made, status_code=201, headers=NO_STORE)

    @post("/people/reset", status_code=200)
    async def reset(
        self,
        authority: NamedDependency[Authority],
        auth: NamedDependency[Auth],
        principal: NamedDependency[Principal],
        data: Reset,
    ) -> Response[Invitation]:
        """A new password of one use; all sessions of the user end, unsent work stays on the devices."""
        require_admin(principal)
        made = await people.reset(authority, auth.passwords, principal, data.user_id, authenticator=data.authenticator)
        return Response(made, status_code=200, headers=NO_STORE)

    @get("/keys")
    async def keys(
        self, keys: NamedDependency[ApiKeys], principal: NamedDependency[Principal]
    ) -> Response[list[KeyView]]:
        """The keys of programs, newest first."""
        require_admin(principal)
        return Response(await keys.listing(principal.org_id), headers=NO_STORE)

    @post("/keys", status_code=201)
    async def make_key(
        self, keys: NamedDependency[ApiKeys], principal: NamedDependency[Principal], data: KeyRequest
    ) -> Response[MadeKey]:
        """Makes a key; the answer holds it, this once."""
        require_admin(principal)
        new = NewKey(name=data.name, user_id=data.user_id, scopes=data.scopes, days=data.days)
        return Response(await keys.make(principal.org_id, new, by=principal.user_id), status_code=201, headers=NO_STORE)

    @post("/keys/revoke", status_code=204)
    async def revoke_key(
        self, keys: NamedDependency[ApiKeys], principal: NamedDependency[Principal], data: KeyEnd
    ) -> None:
        """Ends a key at once."""
        require_admin(principal)
        await keys.revoke(principal.org_id, data.key_id, by=principal.user_id)
