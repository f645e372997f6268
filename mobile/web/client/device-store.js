// One local database per user: a Web Lock first, then the directory's access handles, then the mount.
// A second tab of the same user finds the lock taken. It may ask the first tab to hand over; that tab aborts its
// requests, lets Python finish and close its connection, closes the handles and frees the lock. Nothing is stolen:
// stealing frees the lock and not the handles. Two users in two tabs have two locks and do not meet.
//
// Answers are plain objects with a `status`:
//   ok {path} | busy | frozen (the other tab did not even answer) | waiting (it answered but did not let go in time)
//   | refused (its app declined) | unavailable {reason: "denied" | "full" | "failed", detail}
import { mountVolume, openVolume, unmountVolume } from "./opfs.js";

const USER_KEY = /^[A-Za-z0-9_-]{1,64}$/;
const FOLDER = "caravan";
const MAIN_FILE = "app.db";
const OPEN_RETRY_MS = 50;
// After a reload or a crash the old page's handles may live a little longer than its lock.
const OPEN_TIMEOUT_MS = 3000;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Hold a Web Lock until the returned function is called; null when it cannot be had (within `timeoutMs`). */
function holdLock(name, timeoutMs) {
  return new Promise((resolve, reject) => {
    const aborter = new AbortController();
    const timer = timeoutMs > 0 ? setTimeout(() => aborter.abort(), timeoutMs) : null;
    const options = timeoutMs > 0 ? { signal: aborter.signal } : { ifAvailable: true };
    navigator.locks.request(name, options, (lock) => {
      clearTimeout(timer);
      return lock ? new Promise((release) => resolve(release)) : resolve(null);
    }).catch((error) => (error.name === "AbortError" ? resolve(null) : reject(error)));
  });
}

async function openFiles(userKey, timeoutMs) {
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle(FOLDER, { create: true });
  const directory = await folder.getDirectoryHandle(userKey, { create: true });
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await openVolume(directory);
    } catch (error) {
      if (error.name !== "NoModificationAllowedError" || performance.now() > deadline) throw error;
      await pause(OPEN_RETRY_MS);
    }
  }
}

function failure(error) {
  const detail = `${error.name}: ${error.message}`;
  if (error.name === "NoModificationAllowedError") return { status: "busy", detail };
  if (error.name === "QuotaExceededError") return { status: "unavailable", reason: "full", detail };
  const denied = ["SecurityError", "NotAllowedError", "UnknownError", "InvalidStateError"].includes(error.name);
  return { status: "unavailable", reason: denied ? "denied" : "failed", detail };
}

export class StoreKeeper {
  /** `FS`: Emscripten's file system. `beforeHandOver()`: called first when another tab takes over. */
  constructor(FS, beforeHandOver) {
    this.FS = FS;
    this.beforeHandOver = beforeHandOver;
    this.mounted = new Map();
    /** async (userKey): Python closes its connection; an error refuses the take-over. */
    this.onTakeOver = null;
    this.channel = new BroadcastChannel("caravan-tabs");
    this.channel.addEventListener("message", ({ data }) => {
      if (data.type === "take-over") this.handOver(data);
    });
  }

  async mountUser(userKey) {
    return this.mountWith(userKey, 0, OPEN_TIMEOUT_MS);
  }

  async mountWith(userKey, lockTimeoutMs, openTimeoutMs) {
    if (!USER_KEY.test(userKey)) throw new TypeError("a user key has 1 to 64 of A-Z a-z 0-9 _ -");
    const release = await holdLock(`caravan-db-${userKey}`, lockTimeoutMs);
    if (!release) return { status: "busy" };
    try {
      const volume = await openFiles(userKey, openTimeoutMs);
      const mountpoint = `/${FOLDER}/${userKey}`;
      mountVolume(this.FS, volume, mountpoint);
      this.mounted.set(userKey, { volume, mountpoint, release });
      return { status: "ok", path: `${mountpoint}/${MAIN_FILE}` };
    } catch (error) {
      release();
      return failure(error);
    }
  }

  /** Close the user's files and free the lock. Python's connection must be closed by then. Idempotent. */
  unmountUser(userKey) {
    const store = this.mounted.get(userKey);
    if (!store) return;
    this.mounted.delete(userKey);
    try {
      unmountVolume(this.FS, store.volume, store.mountpoint);
    } finally {
      store.release();
    }
  }

  /** Ask the tab that has the user open to hand over, and mount. */
  async takeOver(userKey, timeoutMs) {
    const ask = { type: "take-over", id: crypto.randomUUID(), userKey, expires: Date.now() + timeoutMs };
    const replies = new Set();
    const listen = ({ data }) => {
      if (data.id === ask.id) replies.add(data.type);
    };
    this.channel.addEventListener("message", listen);
    try {
      this.channel.postMessage(ask);
      const answer = await this.mountWith(userKey, timeoutMs, Math.max(OPEN_TIMEOUT_MS, ask.expires - Date.now()));
      if (answer.status !== "busy") return answer;
      if (replies.has("refused")) return { status: "refused" };
      return { status: replies.has("heard") ? "waiting" : "frozen" };
    } finally {
      this.channel.removeEventListener("message", listen);
    }
  }

  async handOver(ask) {
    // A tab that was frozen wakes up to old messages: one whose sender has given up must not close this store.
    if (!this.mounted.has(ask.userKey) || Date.now() > ask.expires) return;
    this.channel.postMessage({ type: "heard", id: ask.id });
    try {
      this.beforeHandOver();
      if (this.onTakeOver) await this.onTakeOver(ask.userKey);
      this.unmountUser(ask.userKey);
    } catch (error) {
      console.error("the store was not handed over", error);
      this.channel.postMessage({ type: "refused", id: ask.id });
    }
  }
}
