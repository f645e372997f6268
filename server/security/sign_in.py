"""The sign-in: a password yields a short challenge, the second factor completes it.

Every refusal with an effect (a counted failure, a used try) is returned by the transaction's function, committed, and
only then raised: an error must not undo its own count.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from sqlalchemy import and_, delete, select, update

from server.db.engine import Database, Tx
from server.db.tables import table
from server.security import sessions, tables, tokens, totp
from server.security.crypto import Vault
from server.security.limits import RateLimit, UnknownLogins, delay_s, locked_for_s
from server.security.passwords import Passwords, check_policy
from server.security.sessions import Issued
from server.security.totp import Verdict
from shared.errors import AuthError, CaravanError, InvalidInput, LimitExceeded
from shared.ids import uuid7
from sync.ports import Clock, Entropy

CHALLENGE_MS = 300_000
MAX_TRIES = 6
"""Wrong codes against one challenge; the account's own lock counts over all of them."""
MAX_NAME = 120

user, credential, device = table("user"), table("credential"), table("device")
challenge = tables.challenge


class SignedInDevice(msgspec.Struct, frozen=True):
    """The device of a completed sign-in; ``now_ms`` is when."""

    org_id: str
    user_id: str
    id: str
    name: str
    platform: str
    now_ms: int


RegisterDevice = Callable[[SignedInDevice], Awaitable[None]]
"""Writes the row of entity ``device``, feed and log included, in a transaction of its own."""


class Challenge(msgspec.Struct, frozen=True):
    """The password was right: what the second step needs."""

    challenge: str
    enrolled: bool
    expires_in_s: int
    choose_password: bool = False
    """The password was one of a single use: the second step must bring one of the user's own."""


class Enrolment(msgspec.Struct, frozen=True):
    """The secret that an authenticator app takes, as text and as the address in the QR code."""

    secret: str
    otpauth_uri: str


class ClientDevice(msgspec.Struct, frozen=True):
    """What a client says about the device that it runs on."""

    id: str | None
    name: str
    platform: str


def plain_login(text: str) -> str:
    """The form in which logins are kept and compared."""
    return text.strip().lower()


def is_login(text: str) -> bool:
    """Whether the text may be a user name."""
    return re.fullmatch(r"[a-z0-9][a-z0-9._-]{1,59}", text) is not None


class SignIn:
    """The steps of a sign-in over a database; one object per process."""

    def __init__(
        self,
        database: Database,
        passwords: Passwords,
        vault: Vault,
        clock: Clock,
        entropy: Entropy,
        register_device: RegisterDevice,
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._vault = vault
        self._clock = clock
        self._entropy = entropy
        self._register_device = register_device
        self._unknown = UnknownLogins()
        # A whole booth may share one address, and so does an attacker behind it: accounts have locks of their own.
        self._by_address = RateLimit(burst=120, per_minute=60)

    def _limit(self, address: str) -> int:
        now = self._clock.now_ms()
        wait = self._by_address.wait_s(address, now)
        if wait:
            raise LimitExceeded("too_many_requests", seconds=wait)
        return now

    def _new_id(self, now_ms: int) -> str:
        return uuid7(now_ms, self._entropy.random_bytes(10))

    async def password(self, login: str, password: str, client: ClientDevice, address: str) -> Challenge:
        """First step. Raises ``AuthError`` (``bad_credentials``, ``account_locked``, ``user_inactive``), ``too_busy``
        or ``LimitExceeded``. Unknown and known names take the same work and meet the same lock."""
        now = self._limit(address)
        login = plain_login(login)[:200]
        found = await self._database.read(lambda tx: _account(tx, login))
        locked = locked_for_s(found.locked_until, now) if found else self._unknown.locked_for_s(login, now)
        if locked:
            raise AuthError("account_locked", seconds=locked)
        fits = await self._passwords.verify(found.password_hash if found else None, password)
        if found is None:
            self._unknown.fail(login, now)
            raise AuthError("bad_credentials")
        if not fits:
            await self._database.run_tx(lambda tx: _fail(tx, found.org_id, found.id, now))
            raise AuthError("bad_credentials")
        if not found.active:
            raise AuthError("user_inactive")
        if found.one_time_until is not None and found.one_time_until <= now:
            raise AuthError("one_time_over")
        return await self._database.run_tx(lambda tx: self._challenge(tx, found, client, now))

    async def _challenge(self, tx: Tx, found: Any, client: ClientDevice, now: int) -> Challenge:
        await tx.execute(delete(challenge).where(challenge.c.org_id == found.org_id, challenge.c.expires_at < now))
        token = tokens.new_token(found.org_id)
        values = {
            "org_id": found.org_id,
            "id": tokens.digest(token),
            "user_id": found.id,
            "device_id": await _usable_device(tx, found.org_id, found.id, client.id) or self._new_id(now),
            "device_name": client.name.strip()[:MAX_NAME],
            "platform": client.platform.strip()[:40],
            "password_mark": tokens.digest(found.password_hash),
            "enrol_secret": "",
            "tries": 0,
            "expires_at": now + CHALLENGE_MS,
        }
        await tx.execute(challenge.insert(), values)
        one_time = found.one_time_until is not None
        return Challenge(token, found.enrolled_at is not None, CHALLENGE_MS // 1000, one_time)

    async def code(self, token: str, code: str, address: str, own_password: str | None = None) -> Issued:
        """Second step of an enrolled user. ``own_password`` takes the place of a password of one use.

        Raises ``AuthError``: ``code_wrong``, ``code_used``, ``code_expired``, ``account_locked``,
        ``challenge_expired``, ``not_enrolled``, ``choose_password``; ``InvalidInput`` for a password that will not do.
        """
        return await self._finish(token, code, address, own_password, enrolling=False)

    async def confirm(self, token: str, code: str, address: str, own_password: str | None = None) -> Issued:
        """Ends an enrolment with the first code of the new authenticator. Raises as ``code`` does, and
        ``already_enrolled``."""
        return await self._finish(token, code, address, own_password, enrolling=True)

    async def enrol(self, token: str, address: str) -> Enrolment:
        """The secret for a user without an authenticator; asking again with the same challenge gives the same one."""
        now = self._limit(address)

        async def prepare(tx: Tx) -> Enrolment | CaravanError:
            row = await _open_challenge(tx, token, now)
            if row is None:
                return AuthError("challenge_expired")
            if row.enrolled_at is not None:
                return AuthError("already_enrolled", status=409)
            if row.enrol_secret:
                secret = self._vault.unseal_text("challenge", "enrol_secret", row.challenge_id, row.enrol_secret)
            else:
                secret = totp.new_secret()
                sealed = self._vault.seal_text("challenge", "enrol_secret", row.challenge_id, secret)
                await _change_challenge(tx, row, {"enrol_secret": sealed})
            return Enrolment(secret, totp.enrolment_uri(secret, row.login))

        return _raised(await self._database.run_tx(prepare))

    async def _finish(
        self, token: str, code: str, address: str, own_password: str | None, *, enrolling: bool
    ) -> Issued:
        now = self._limit(address)
        session_id = self._new_id(now)
        own_hash = await self._own_hash(token, own_password, now) if own_password else ""

        async def attempt(tx: Tx) -> tuple[Issued, SignedInDevice] | CaravanError:
            row = await _open_challenge(tx, token, now)
            if row is None:
                return AuthError("challenge_expired")
            locked = locked_for_s(row.locked_until, now)
            if locked:
                return AuthError("account_locked", seconds=locked)
            if row.one_time_until is not None and not own_hash:
                return AuthError("choose_password", status=409, field="own_password")
            refusal = await self._check_code(tx, row, code, now, own_hash, enrolling=enrolling)
            if refusal is not None:
                return refusal
            device = SignedInDevice(row.org_id, row.user_id, row.device_id, row.device_name, row.platform, now)
            return await sessions.start(tx, row.org_id, session_id, row.user_id, row.device_id, now), device

        issued, signed_in = _raised(await self._database.run_tx(attempt))
        # After the commit, because the feed has a lock of its own. Until the row is there the session opens nothing.
        await self._register_device(signed_in)
        return issued

    async def _own_hash(self, token: str, password: str, now: int) -> str:
        """The hash of the password that a user chose; empty when the challenge asks for none. Raises for one that will
        not do, the one-time password too, before the code is used up."""
        row = await self._database.read(lambda tx: _open_challenge(tx, token, now, lock=False))
        if row is None or row.one_time_until is None:
            return ""
        try:
            check_policy(password, login=row.login)
        except CaravanError as error:
            error.field = "own_password"
            raise
        if await self._passwords.verify(row.password_hash, password):
            raise InvalidInput("password_same", field="own_password")
        return await self._passwords.hash(password)

    async def _check_code(
        self, tx: Tx, row: Any, code: str, now: int, own_hash: str, *, enrolling: bool
    ) -> CaravanError | None:
        enrolled = row.enrolled_at is not None
        if not enrolled and not (enrolling and row.enrol_secret):
            return AuthError("not_enrolled", status=409)
        judged = totp.judge(self._secret(row), code, row.totp_step, now)
        if judged.verdict is Verdict.PASSES:
            if await self._take_step(tx, row, judged.step, now, own_hash):
                return None
            # Somebody else took the step between our reading and our update.
            return AuthError("code_used", field="code", next_in_s=totp.next_in_s(judged.step, now))
        if judged.verdict is Verdict.USED:
            # It proves possession of the authenticator: not a guess, so nothing is counted.
            return AuthError("code_used", field="code", next_in_s=judged.next_in_s)
        await _fail(tx, row.org_id, row.user_id, now)
        await _change_challenge(tx, row, {"tries": challenge.c.tries + 1})
        return AuthError("code_expired" if judged.verdict is Verdict.EXPIRED else "code_wrong", field="code")

    def _secret(self, row: Any) -> str:
        if row.enrolled_at is not None:
            return self._vault.unseal_text("credential", "totp_secret", row.user_id, row.totp_secret)
        return self._vault.unseal_text("challenge", "enrol_secret", row.challenge_id, row.enrol_secret)

    async def _take_step(self, tx: Tx, row: Any, step: int, now: int, own_hash: str) -> bool:
        """Marks the step as used, unless another request was first: then the row does not match and nothing happens."""
        changes: dict[str, Any] = {"totp_step": step, "failures": 0, "locked_until": None}
        conditions = [credential.c.org_id == row.org_id, credential.c.id == row.user_id, credential.c.totp_step < step]
        if row.one_time_until is not None:
            changes |= {"password_hash": own_hash, "one_time_until": None}
            conditions.append(credential.c.one_time_until == row.one_time_until)
        if row.enrolled_at is None:
            secret = self._secret(row)
            changes["totp_secret"] = self._vault.seal_text("credential", "totp_secret", row.user_id, secret)
            changes["enrolled_at"] = now
            conditions.append(credential.c.enrolled_at.is_(None))
        taken = await tx.execute(update(credential).where(and_(*conditions)).values(**changes))
        if taken.rowcount == 1 and "password_hash" in changes:
            # When the answer is lost, the second step is repeated with this challenge; all others are over.
            await _change_challenge(tx, row, {"password_mark": tokens.digest(own_hash)})
        return taken.rowcount == 1


def _raised(result: Any) -> Any:
    if isinstance(result, CaravanError):
        raise result
    return result


async def _account(tx: Tx, login: str) -> Any:
    """The living user with this login, and what the password step needs, or None. Logins are unique over all
    organisations (``accounts.add_user`` keeps that), since people do not type the name of theirs."""
    found = await tx.execute(
        select(
            user.c.org_id,
            user.c.id,
            user.c.active,
            credential.c.password_hash,
            credential.c.locked_until,
            credential.c.enrolled_at,
            credential.c.one_time_until,
        )
        .join(credential, and_(credential.c.org_id == user.c.org_id, credential.c.id == user.c.id))
        .where(user.c.login == login, user.c.deleted_at.is_(None))
    )
    return found.first()


async def _fail(tx: Tx, org_id: str, user_id: str, now: int) -> None:
    """Counts a failure and locks the account when there were too many in a row."""
    mine = and_(credential.c.org_id == org_id, credential.c.id == user_id)
    await tx.execute(update(credential).where(mine).values(failures=credential.c.failures + 1))
    failures = (await tx.execute(select(credential.c.failures).where(mine))).scalar_one()
    delay = delay_s(failures)
    if delay:
        await tx.execute(update(credential).where(mine).values(locked_until=now + delay * 1000))


async def _usable_device(tx: Tx, org_id: str, user_id: str, device_id: str | None) -> str | None:
    """The named device when it is this user's and was not revoked; a revoked one comes back under a new id."""
    if not device_id:
        return None
    found = await tx.execute(
        select(device.c.id).where(
            device.c.org_id == org_id,
            device.c.id == device_id,
            device.c.owner_id == user_id,
            device.c.revoked_at.is_(None),
        )
    )
    return found.scalar_one_or_none()


async def _open_challenge(tx: Tx, token: str, now: int, *, lock: bool = True) -> Any:
    """The challenge with its user's credential, locked, or None when it is over or was never there. It is over, too,
    when the password that opened it is not the user's any more."""
    place = tokens.place_of(token, 1)
    if place is None:
        return None
    statement = (
        select(
            challenge.c.org_id,
            challenge.c.id.label("challenge_id"),
            challenge.c.user_id,
            challenge.c.device_id,
            challenge.c.device_name,
            challenge.c.platform,
            challenge.c.enrol_secret,
            challenge.c.password_mark,
            user.c.login,
            credential.c.password_hash,
            credential.c.totp_secret,
            credential.c.totp_step,
            credential.c.enrolled_at,
            credential.c.locked_until,
            credential.c.one_time_until,
        )
        .join(user, and_(user.c.org_id == challenge.c.org_id, user.c.id == challenge.c.user_id))
        .join(credential, and_(credential.c.org_id == challenge.c.org_id, credential.c.id == challenge.c.user_id))
        .where(
            challenge.c.org_id == place[0],
            challenge.c.id == tokens.digest(token),
            challenge.c.expires_at > now,
            challenge.c.tries < MAX_TRIES,
            user.c.active.is_(True),
            user.c.deleted_at.is_(None),
        )
    )
    if lock:
        statement = statement.with_for_update(of=[challenge, credential])
    row = (await tx.execute(statement)).first()
    return row if row is not None and tokens.matches(row.password_mark, row.password_hash) else None


async def _change_challenge(tx: Tx, row: Any, changes: dict[str, Any]) -> None:
    mine = and_(challenge.c.org_id == row.org_id, challenge.c.id == row.challenge_id)
    await tx.execute(update(challenge).where(mine).values(**changes))
