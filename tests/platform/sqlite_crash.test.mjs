// Real SQLite (Pyodide in Node) on a disk that cuts power: whatever was not flushed survives sector by sector or not at
// all. Every confirmed transaction must be there afterwards, whole, and the database intact.
// Environment: PYODIDE (folder with pyodide.mjs), CRASHES (count), SEED (first seed: replays a failure).
import assert from "node:assert/strict";
import test from "node:test";
import "../../mobile/web/client/durable-sync.js";
import { mountVolume, openVolume, unmountVolume } from "../../mobile/web/client/opfs.js";
import { FakeDisk, generator } from "./fake_disk.mjs";

const CRASHES = Number(process.env.CRASHES || 60), SEED = Number(process.env.SEED || 1);
const { loadPyodide } = await import(`${process.env.PYODIDE}/pyodide.mjs`);
const py = await loadPyodide({ indexURL: process.env.PYODIDE });

py.runPython(`
import sqlite3, os

def connect(folder, mode):
    connection = sqlite3.connect(folder + "/app.db", isolation_level=None, timeout=0)
    connection.execute("PRAGMA locking_mode=EXCLUSIVE")
    assert connection.execute(f"PRAGMA journal_mode={mode}").fetchone()[0] == mode
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA wal_autocheckpoint=20")
    connection.execute("PRAGMA cache_size=10")
    connection.execute("CREATE TABLE IF NOT EXISTS item (tx INTEGER, n INTEGER, size INTEGER, body BLOB)")
    connection.execute("CREATE INDEX IF NOT EXISTS item_tx ON item (tx, n)")
    return connection

def check(connection):
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)], "integrity"
    rows = connection.execute("SELECT tx, size, count(*), sum(length(body)) FROM item GROUP BY tx, size").fetchall()
    for tx, size, count, _ in rows:
        assert size == count, f"transaction {tx} is torn: {count} of {size} rows"
    return [tx for tx, *_ in rows]

def work(connection, first, random, confirmed):
    tx = first
    while True:
        size = 1 + int(random() * 12)
        connection.execute("BEGIN IMMEDIATE")
        for n in range(size):
            connection.execute("INSERT INTO item VALUES (?, ?, ?, ?)", (tx, n, size, os.urandom(int(random() * 3000))))
        connection.execute("COMMIT")
        confirmed(tx)
        tx += 1
        if random() < 0.1:
            connection.execute(f"PRAGMA wal_checkpoint({('PASSIVE', 'RESTART', 'TRUNCATE')[int(random() * 3)]})")

def discard(connection):
    try:
        connection.close()
    except sqlite3.Error:
        pass   # the power is off: closing cannot write any more, and must not
`);

/** One life of the device: open, check, write until the power goes. */
async function life(disk, folder, random, mode, confirmed) {
  const connect = py.globals.get("connect"), check = py.globals.get("check");
  const work = py.globals.get("work"), discard = py.globals.get("discard");
  const volume = await openVolume(disk.directory);
  mountVolume(py.FS, volume, folder);
  let connection = null;
  // The cut may come while the database is being opened and recovered, too.
  disk.crashAtStep = disk.steps + 1 + Math.floor(random() ** 2 * 400);
  try {
    connection = connect(folder, mode);
    const there = check(connection).toJs();
    for (const tx of confirmed) assert.ok(there.includes(tx), `confirmed transaction ${tx} is lost`);
    work(connection, Math.max(0, ...there, ...confirmed) + 1, random, (tx) => confirmed.push(tx));
  } catch (error) {
    if (disk.crashAtStep !== Infinity || /AssertionError/.test(error.message) || error.code === "ERR_ASSERTION") throw error;
  }
  if (connection) discard(connection);
  assert.throws(() => unmountVolume(py.FS, volume, folder));
}

async function lives(mode, crashes, { liesAboutFlush = false, short = false } = {}) {
  const random = generator(SEED);
  const disk = new FakeDisk(random);
  const confirmed = [];
  for (let crash = 0; crash < crashes; crash++) {
    disk.liesAboutFlush = liesAboutFlush && crash > 2;
    disk.mostBytesPerCall = short ? 1_000 + Math.floor(random() * 3_000) : Infinity;
    try {
      await life(disk, `/lives-${mode}-${liesAboutFlush}-${short}/${crash}`, random, mode, confirmed);
    } catch (error) {
      error.message = `SEED=${SEED} CRASHES=${crash + 1} ${mode}: ${error.message}`;
      throw error;
    }
  }
  return confirmed.length;
}

test("every confirmed transaction survives power cuts under WAL", async () => {
  assert.ok((await lives("wal", CRASHES)) > CRASHES);
});

test("every confirmed transaction survives power cuts under a rollback journal", async () => {
  assert.ok((await lives("delete", CRASHES)) > CRASHES);
});

test("every confirmed transaction survives power cuts when no call writes or reads a whole page", async () => {
  assert.ok((await lives("wal", CRASHES, { short: true })) > CRASHES);
});

test("the test itself notices a disk that does not keep what was flushed", async () => {
  await assert.rejects(lives("wal", CRASHES, { liesAboutFlush: true }), /is lost|is torn|integrity|malformed|not a database/);
});

test("one commit is one flush, and a full disk says so and keeps what was there", async () => {
  const disk = new FakeDisk();
  const volume = await openVolume(disk.directory);
  mountVolume(py.FS, volume, "/full");
  py.runPython(`connection = connect("/full", "wal"); connection.execute("INSERT INTO item VALUES (1, 0, 1, 'kept')")`);
  const before = disk.flushes;
  py.runPython(`connection.execute("INSERT INTO item VALUES (2, 0, 1, 'kept')")`);
  assert.equal(disk.flushes, before + 1);
  disk.freeBytes = 10_000;
  const message = py.runPython(`
try:
    connection.execute("INSERT INTO item VALUES (3, 0, 1, zeroblob(100000))")
    told = "nothing"
except sqlite3.OperationalError as error:
    told = str(error)
told`);
  assert.equal(message, "database or disk is full");
  disk.freeBytes = Infinity;
  assert.deepEqual(py.runPython(`
found = check(connection)
connection.execute("INSERT INTO item VALUES (4, 0, 1, 'after')")
connection.close()
found`).toJs(), [1, 2]);
  assert.deepEqual(py.FS.readdir("/full"), [".", "..", "app.db"]);
  unmountVolume(py.FS, volume, "/full");
});

test("Python sees ordinary files: listing, times, refusal of renames and of other names", async () => {
  const volume = await openVolume(new FakeDisk().directory);
  mountVolume(py.FS, volume, "/plain");
  py.runPython(`
import errno
with open("/plain/app.db", "wb") as file:
    file.write(b"0123456789")
with open("/plain/app.db", "r+b") as file:
    file.seek(-3, 2); assert file.read() == b"789"
    file.truncate(4); os.fsync(file.fileno())
assert os.listdir("/plain") == ["app.db"] and os.stat("/plain/app.db").st_size == 4
directory = os.open("/plain", os.O_RDONLY); os.fsync(directory); os.close(directory)
for refused in (lambda: os.rename("/plain/app.db", "/plain/app.db-wal"), lambda: open("/plain/other", "wb"),
                lambda: os.mkdir("/plain/folder")):
    try:
        refused()
    except OSError as error:
        assert error.errno in (errno.EPERM, errno.EACCES), error
    else:
        raise AssertionError("was not refused")
held = open("/plain/app.db", "rb", buffering=0)
os.unlink("/plain/app.db")
assert not os.path.exists("/plain/app.db")
open("/plain/app.db", "wb").write(b"another file")
try:
    held.read(1)
    raise AssertionError("a deleted file's stream read its successor")
except OSError as error:
    assert error.errno == errno.EIO
held.close()
`);
  unmountVolume(py.FS, volume, "/plain");
});
