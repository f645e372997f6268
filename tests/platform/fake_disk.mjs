// A disk behind fake OPFS access handles: it can cut power, tear what was not flushed, write short, and run full.
//
// Seen through a handle a write is there at once; after `crash()` only flushed bytes are certain. Of the rest any subset
// of 512-byte sectors survives, in any order, as on a real disk with a write cache.

const SECTOR = 512;

/** Small seeded generator (mulberry32): a failing seed replays exactly. */
export function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

function domError(name, message) {
  return new DOMException(message, name);
}

function resized(bytes, size) {
  const next = new Uint8Array(size);
  next.set(bytes.subarray(0, Math.min(size, bytes.length)));
  return next;
}

function patched(bytes, position, data) {
  const next = position + data.length > bytes.length ? resized(bytes, position + data.length) : bytes;
  next.set(data, position);
  return next;
}

class FakeFile {
  constructor() {
    this.durable = new Uint8Array(0);
    this.current = new Uint8Array(0);
    this.pending = [];
    this.open = false;
  }

  apply(operation) {
    this.current = operation.size === undefined
      ? patched(this.current, operation.position, operation.data) : resized(this.current, operation.size);
    this.pending.push(operation);
  }

  flush() {
    this.durable = this.current.slice();
    this.pending = [];
  }

  crash(random) {
    let bytes = this.durable;
    for (const operation of this.pending) {
      if (operation.size !== undefined) {
        if (random() < 0.5) bytes = resized(bytes, operation.size);
        continue;
      }
      for (let start = 0; start < operation.data.length; ) {
        const end = Math.min(operation.data.length, start + SECTOR - ((operation.position + start) % SECTOR));
        if (random() < 0.5) bytes = patched(bytes, operation.position + start, operation.data.slice(start, end));
        start = end;
      }
    }
    this.durable = bytes;
    this.current = bytes.slice();
    this.pending = [];
    this.open = false;
  }
}

class FakeHandle {
  constructor(disk, file) {
    this.disk = disk;
    this.file = file;
    this.epoch = disk.epoch;
  }

  step() {
    if (this.epoch !== this.disk.epoch || !this.file.open) throw domError("InvalidStateError", "the handle is closed");
    this.disk.step();
  }

  getSize() {
    if (this.epoch !== this.disk.epoch || !this.file.open) throw domError("InvalidStateError", "the handle is closed");
    return this.file.current.length;
  }

  read(target, { at }) {
    const length = Math.max(0, Math.min(target.length, this.file.current.length - at, this.disk.mostBytesPerCall));
    target.set(this.file.current.subarray(at, at + length));
    return length;
  }

  write(source, { at }) {
    this.step();
    if (this.disk.stuck) return 0;
    const length = Math.min(source.length, this.disk.mostBytesPerCall);
    this.disk.reserve(Math.max(0, at + length - this.file.current.length));
    this.file.apply({ position: at, data: source.slice(0, length) });
    return length;
  }

  truncate(size) {
    this.step();
    this.disk.reserve(Math.max(0, size - this.file.current.length));
    this.file.apply({ size });
  }

  flush() {
    this.step();
    this.disk.flushes += 1;
    if (!this.disk.liesAboutFlush) this.file.flush();
  }

  close() {
    this.file.open = false;
  }
}

export class FakeDisk {
  constructor(random = () => 0) {
    this.random = random;
    this.files = new Map();
    this.epoch = 0;
    this.flushes = 0;
    this.steps = 0;
    this.crashAtStep = Infinity;
    this.freeBytes = Infinity;
    this.mostBytesPerCall = Infinity;
    this.stuck = false;
    this.liesAboutFlush = false;
  }

  reserve(bytes) {
    if (bytes > this.freeBytes) throw domError("QuotaExceededError", "no space left");
    this.freeBytes -= bytes;
  }

  step() {
    this.steps += 1;
    if (this.steps >= this.crashAtStep) {
      this.crash();
      throw domError("InvalidStateError", "power cut");
    }
  }

  /** Power off: every handle dies, unflushed bytes survive sector by sector or not at all. */
  crash() {
    this.epoch += 1;
    this.crashAtStep = Infinity;
    for (const file of this.files.values()) file.crash(this.random);
  }

  file(name) {
    if (!this.files.has(name)) this.files.set(name, new FakeFile());
    return this.files.get(name);
  }

  /** What `navigator.storage.getDirectory()` and its subdirectories look like to the code under test. */
  get directory() {
    const disk = this;
    return {
      async getFileHandle(name) {
        const file = disk.file(name);
        return {
          async createSyncAccessHandle() {
            if (file.open) throw domError("NoModificationAllowedError", "another access handle is open");
            file.open = true;
            return new FakeHandle(disk, file);
          },
        };
      },
    };
  }
}
