// The file layer alone, on fake handles: what a disk may do to it, and what it may never do to SQLite.
import assert from "node:assert/strict";
import test from "node:test";
import { FILE_NAMES, REGISTER_NAME, openVolume } from "../../mobile/web/client/opfs.js";
import { FakeDisk, generator } from "./fake_disk.mjs";

const DB = 0, JOURNAL = 1, WAL = 2;
const EEXIST = 20, EIO = 29, ENOENT = 44, ENOSPC = 51;
const bytes = (text) => new TextEncoder().encode(text);
const errno = (number) => (error) => error.errno === number;

async function fresh(random) {
  const disk = new FakeDisk(random);
  return { disk, volume: await openVolume(disk.directory) };
}

async function reopened(disk) {
  disk.crash();
  return openVolume(disk.directory);
}

function content(volume, index) {
  const target = new Uint8Array(volume.size(index));
  assert.equal(volume.read(index, target, 0), target.length);
  return new TextDecoder().decode(target);
}

test("a new volume has no files", async () => {
  const { volume } = await fresh();
  assert.deepEqual(FILE_NAMES.map((_, index) => volume.exists(index)), [false, false, false, false]);
});

test("a created file exists after a crash although it is empty", async () => {
  const { disk, volume } = await fresh();
  volume.create(WAL);
  const after = await reopened(disk);
  assert.equal(after.exists(WAL), true);
  assert.equal(after.size(WAL), 0);
});

test("a removed file stays removed after a crash and its bytes do not come back", async () => {
  const { disk, volume } = await fresh(() => 0.9);
  volume.create(JOURNAL);
  volume.write(JOURNAL, bytes("old journal"), 0);
  volume.flush(JOURNAL);
  volume.remove(JOURNAL);
  const after = await reopened(disk);
  assert.equal(after.exists(JOURNAL), false);
  after.create(JOURNAL);
  assert.equal(after.size(JOURNAL), 0);
});

test("a crash at any step of a removal leaves the whole file or none", async () => {
  const seen = new Set();
  for (let step = 1; step <= 6; step++) {
    for (let seed = 0; seed < 30; seed++) {
      const { disk, volume } = await fresh(generator(seed));
      volume.create(JOURNAL);
      volume.write(JOURNAL, bytes("x".repeat(5000)), 0);
      volume.flush(JOURNAL);
      disk.crashAtStep = disk.steps + step;
      try {
        volume.remove(JOURNAL);
      } catch (error) {
        assert.equal(error.errno, EIO);
      }
      const after = await reopened(disk);
      if (after.exists(JOURNAL)) assert.equal(content(after, JOURNAL), "x".repeat(5000));
      seen.add(after.exists(JOURNAL));
    }
  }
  assert.deepEqual(seen, new Set([true, false]));
});

test("a crash between truncation and writing keeps the file", async () => {
  const { disk, volume } = await fresh(() => 0);
  volume.create(WAL);
  volume.write(WAL, bytes("frames"), 0);
  volume.flush(WAL);
  volume.truncate(WAL, 0);
  volume.flush(WAL);
  volume.write(WAL, bytes("new"), 0);
  disk.random = () => 0.9;
  const after = await reopened(disk);
  assert.equal(after.exists(WAL), true);
  assert.equal(after.size(WAL), 0);
});

test("a torn register slot falls back to the state before", async () => {
  const { disk, volume } = await fresh();
  volume.create(DB);
  volume.create(JOURNAL);
  const register = disk.file(REGISTER_NAME);
  register.current = register.current.slice();
  register.current[9] ^= 0xff;
  register.flush();
  const after = await reopened(disk);
  assert.deepEqual([after.exists(DB), after.exists(JOURNAL)], [true, false]);
});

test("without a readable register a file with bytes exists, so that a hot journal is never hidden", async () => {
  const { disk, volume } = await fresh();
  volume.create(DB);
  volume.create(JOURNAL);
  volume.write(JOURNAL, bytes("hot"), 0);
  volume.flush(JOURNAL);
  disk.files.delete(REGISTER_NAME);
  const after = await reopened(disk);
  assert.equal(content(after, JOURNAL), "hot");
  assert.equal(after.exists(DB), false);
});

test("short reads and writes are completed", async () => {
  const { disk, volume } = await fresh();
  volume.create(DB);
  disk.mostBytesPerCall = 7;
  assert.equal(volume.write(DB, bytes("a long line of text"), 0), 19);
  assert.equal(content(volume, DB), "a long line of text");
});

test("a write without progress is an input/output error", async () => {
  const { disk, volume } = await fresh();
  volume.create(DB);
  disk.stuck = true;
  assert.throws(() => volume.write(DB, bytes("x"), 0), errno(EIO));
});

test("a quota error is ENOSPC for write, truncate and create", async () => {
  const { disk, volume } = await fresh();
  volume.create(DB);
  disk.freeBytes = 4;
  assert.throws(() => volume.write(DB, bytes("too long"), 0), errno(ENOSPC));
  assert.throws(() => volume.truncate(DB, 100), errno(ENOSPC));
  disk.freeBytes = 0;
  const second = await fresh();
  second.disk.freeBytes = 0;
  assert.throws(() => second.volume.create(DB), errno(ENOSPC));
  assert.equal(second.volume.exists(DB), false);
});

test("reading past the end gives nothing, and a hole reads as zeros", async () => {
  const { volume } = await fresh();
  volume.create(DB);
  assert.equal(volume.read(DB, new Uint8Array(8), 0), 0);
  volume.write(DB, bytes("end"), 10);
  assert.equal(volume.size(DB), 13);
  const target = new Uint8Array(20).fill(255);
  assert.equal(volume.read(DB, target, 0), 13);
  assert.deepEqual([...target.subarray(0, 11)], [...new Array(10).fill(0), 101]);
  assert.equal(volume.read(DB, target, 13), 0);
  assert.equal(volume.read(DB, target, 1000), 0);
});

test("truncation shrinks and grows", async () => {
  const { volume } = await fresh();
  volume.create(DB);
  volume.write(DB, bytes("abcdef"), 0);
  volume.truncate(DB, 2);
  volume.truncate(DB, 4);
  assert.equal(content(volume, DB), "ab\0\0");
});

test("a flush reaches the disk and nothing else does for certain", async () => {
  const { disk, volume } = await fresh(() => 0.9);
  volume.create(DB);
  volume.write(DB, bytes("flushed"), 0);
  volume.flush(DB);
  volume.write(DB, bytes("FLUSHED and more"), 0);
  assert.equal(content(await reopened(disk), DB), "flushed");
});

test("creating twice and removing what is not there are refused", async () => {
  const { volume } = await fresh();
  volume.create(DB);
  assert.throws(() => volume.create(DB), errno(EEXIST));
  assert.throws(() => volume.remove(JOURNAL), errno(ENOENT));
});

test("a closed volume refuses every call and frees every handle", async () => {
  const { disk, volume } = await fresh();
  volume.create(DB);
  volume.close();
  volume.close();
  assert.throws(() => volume.write(DB, bytes("x"), 0), errno(EIO));
  assert.throws(() => volume.size(DB), errno(EIO));
  assert.equal((await openVolume(disk.directory)).exists(DB), true);
});

test("a handle that fails while closing does not keep the others open", async () => {
  const { disk, volume } = await fresh();
  const flush = volume.handles[0].flush;
  volume.handles[0].flush = () => { throw new DOMException("broken", "InvalidStateError"); };
  assert.throws(() => volume.close(), errno(EIO));
  volume.handles[0].flush = flush;
  await openVolume(disk.directory);
});

test("a file that is open elsewhere leaves nothing open behind", async () => {
  const disk = new FakeDisk();
  const file = disk.file(REGISTER_NAME);
  file.open = true;
  await assert.rejects(openVolume(disk.directory), { name: "NoModificationAllowedError" });
  file.open = false;
  await openVolume(disk.directory);
});
