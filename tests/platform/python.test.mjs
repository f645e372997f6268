// The page's side of Python alone: when it gives a snapshot up.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import vm from "node:vm";

const SOURCE = readFileSync(new URL("../../mobile/web/client/python.js", import.meta.url), "utf8");
const MINUTE_MS = 60_000;

/** The script in a page of its own; `workers` that it made, `timers` that run. */
function page() {
  const workers = [], timers = new Map();
  let last = 0;
  class Worker {
    constructor(_url, { name }) { workers.push(Object.assign(this, { name, ended: false })); }
    postMessage() {}
    terminate() { this.ended = true; }
  }
  const window = { caravanKept: { get: () => null, set() {} } };
  vm.runInNewContext(SOURCE, {
    window, Worker, document: { documentElement: { dataset: {} }, URL: "" }, console: { info() {}, error() {} },
    flet: { snapshot: "one", entrypointBaseUrl: "/", pythonModuleName: "main" },
    Intl: { v8BreakIterator() {} }, WebAssembly: { Suspending() {} },
    setTimeout: (run, ms) => { timers.set(++last, { run, ms }); return last; }, clearTimeout: (id) => timers.delete(id),
  });
  return { workers, timers, says: (data) => workers.at(-1).onmessage({ data }) };
}

test("a slow download is waited for, a restore that hangs is given up after a minute", () => {
  const { workers, timers, says } = page();
  assert.equal(timers.size, 0);
  says("snapshot-arrived");
  assert.equal(workers.length, 1);
  const [[, patience]] = timers;
  assert.equal(patience.ms, MINUTE_MS);
  patience.run();
  assert.deepEqual(workers.map(({ name, ended }) => [name, ended]), [["snapshot", true], ["python", false]]);
  assert.equal(timers.size, 0);
});

test("a restored Python is not given up later", () => {
  const { timers, says } = page();
  says("snapshot-arrived");
  says("initialized");
  assert.equal(timers.size, 0);
});
