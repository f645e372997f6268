"""Runs in the browser until it is killed: says what it found, then writes and reports every commit synchronously."""
import hashlib
import json
import os
import random

import js

from mobile.platform.browser import BrowserPlatform

USER = "killed"


def report(**fact) -> None:
    # Synchronous on purpose: a commit counts as confirmed only when the test has heard of it.
    request = js.XMLHttpRequest.new()
    request.open("POST", "/report", False)
    request.send(json.dumps(fact))


def digest(bodies) -> str:
    return hashlib.sha256(b"".join(bodies)).hexdigest()


async def opened():
    store = await BrowserPlatform().open_store(USER)
    connection = store.connection()
    connection.isolation_level = None
    connection.execute("CREATE TABLE IF NOT EXISTS tx (n INTEGER PRIMARY KEY, size INTEGER, digest TEXT)")
    connection.execute("CREATE TABLE IF NOT EXISTS item (id INTEGER PRIMARY KEY, tx INTEGER, body BLOB)")
    connection.execute("CREATE INDEX IF NOT EXISTS item_tx ON item (tx, id)")
    connection.execute("CREATE TABLE IF NOT EXISTS newest (one INTEGER PRIMARY KEY, n INTEGER, filler BLOB)")
    return connection


def examine(connection) -> int:
    integrity = [row[0] for row in connection.execute("PRAGMA integrity_check")]
    whole, torn = [], []
    for n, size, expected in connection.execute("SELECT n, size, digest FROM tx ORDER BY n").fetchall():
        bodies = [body for (body,) in connection.execute("SELECT body FROM item WHERE tx = ? ORDER BY id", (n,))]
        (whole if len(bodies) == size and digest(bodies) == expected else torn).append(n)
    orphans = connection.execute("SELECT count(*) FROM item WHERE tx NOT IN (SELECT n FROM tx)").fetchone()[0]
    newest = connection.execute("SELECT n FROM newest").fetchone()
    report(kind="found", integrity=integrity, whole=whole, torn=torn, orphans=orphans, newest=newest and newest[0])
    return max([0, *whole])


def write_for_ever(connection, n: int) -> None:
    while True:
        n += 1
        bodies = [os.urandom(random.randint(1, 1500)) for _ in range(random.choice((1, 2, 5, 20, 80)))]
        report(kind="begins", n=n)
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO tx VALUES (?, ?, ?)", (n, len(bodies), digest(bodies)))
        connection.executemany("INSERT INTO item (tx, body) VALUES (?, ?)", [(n, body) for body in bodies])
        connection.execute("INSERT OR REPLACE INTO newest VALUES (1, ?, ?)", (n, os.urandom(random.randint(1, 9000))))
        connection.execute("COMMIT")
        report(kind="confirmed", n=n)
        if random.random() < 0.15:
            mode = random.choice(("PASSIVE", "FULL", "RESTART", "TRUNCATE"))
            connection.execute(f"PRAGMA wal_checkpoint({mode})")
            report(kind="checkpoint", mode=mode)


connection = await opened()  # noqa: F704 - Pyodide runs this file with top-level await
write_for_ever(connection, examine(connection))
