"""A server's sign-in over the small company, with a clock that tests move."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select

from server.db.engine import Database
from server.db.tables import table
from server.security import totp
from server.security.devices import device_registrar
from server.security.service import Auth
from server.security.sessions import Issued, Principal
from server.security.sign_in import ClientDevice
from shared.catalog import ENTITIES
from shared.codec import new_row
from shared.protocol import Command
from tests.support.authority import SECRETS, TestAuthority, caller, make_authority
from tests.support.company import ADMIN, NOW, ORG, REP
from tests.support.served import PASSWORD, PASSWORD_HASH

LOGIN = REP[:8]
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
PHONE = ClientDevice(None, "Lin's phone", "web")
HERE = "127.0.0.1"


class Desk:
    """The sign-in of one process, and what a person does at it."""

    def __init__(self, authority: TestAuthority) -> None:
        self.authority = authority
        self.database = authority.database
        self.auth = Auth(authority.database, SECRETS, authority.clock, authority.entropy, device_registrar(authority))

    @property
    def now_ms(self) -> int:
        return self.authority.clock.value

    def pass_time(self, seconds: float) -> None:
        self.authority.clock.value += int(seconds * 1000)

    async def add_credential(self, user_id: str, *, enrolled: bool = True) -> None:
        """Password (and authenticator) for a user of the small company."""
        values: dict[str, Any] = {"id": user_id, "org_id": ORG, "password_hash": PASSWORD_HASH}
        if enrolled:
            values["totp_secret"] = SECRETS.seal_text("credential", "totp_secret", user_id, SECRET)
            values["enrolled_at"] = NOW
        await self.authority.write_rows(ORG, [("credential", new_row(ENTITIES["credential"], values))], name="test")

    def code(self, steps: int = 0) -> str:
        """The code that the authenticator shows so many steps from now."""
        return totp.code_at(SECRET, totp.step_at(self.now_ms) + steps)

    async def challenge(self, login: str = LOGIN, client: ClientDevice = PHONE) -> str:
        return (await self.auth.sign_in.password(login, PASSWORD, client, HERE)).challenge

    async def sign_in(self, client: ClientDevice = PHONE) -> Issued:
        """A whole sign-in with a code that has not been used."""
        self.pass_time(60)
        return await self.auth.sign_in.code(await self.challenge(client=client), self.code(), HERE)

    async def run_as_admin(self, name: str, row_id: str, base: dict[str, Any], values: dict[str, Any]) -> None:
        """A generic patch by the administrator, on the one write path."""
        await self.authority.run(caller(ADMIN), [Command(name, {"id": row_id, "base": base, "values": values})])

    async def revoke(self, principal: Principal, device_id: str) -> None:
        await self.authority.run(principal, [Command("device.revoke", {"device_id": device_id})])

    async def credential(self, user_id: str = REP) -> Any:
        """What is stored, read in a transaction of its own."""
        credential = table("credential")
        statement = select(credential).where(credential.c.id == user_id)
        return (await self.database.read(lambda tx: tx.execute(statement))).one()


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[Desk]:
    made = Desk(await make_authority(database))
    await made.add_credential(REP)
    yield made
    await made.auth.close()
