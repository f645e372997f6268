// SQLite's files on OPFS synchronous access handles, as an Emscripten file system.
//
// A volume is one OPFS directory with a fixed set of files, all opened beforehand: opening is asynchronous, while every
// call that SQLite makes is synchronous. The data files hold SQLite's bytes and nothing else. Whether a file *exists* is
// written down in a small register (`files.register`) and not guessed from its size: SQLite commits a rollback-journal
// transaction by deleting the journal, so "deleted" must be one small durable step, before the bytes are given up.
//
// Register: two slots of 16 bytes, 4,096 bytes apart so that one torn sector never spoils both. A slot is
// magic "CVF1" | sequence u32 | existence bits u32 | CRC-32 of the twelve bytes before (little endian). The valid slot
// with the higher sequence counts, the other one is written next.

export const FILE_NAMES = ["app.db", "app.db-journal", "app.db-wal", "app.db-shm"];
export const REGISTER_NAME = "files.register";

// WASI error numbers, as Emscripten's FS.ErrnoError expects them.
const EEXIST = 20, EINVAL = 28, EIO = 29, EISDIR = 31, ENOENT = 44, ENOSPC = 51, EPERM = 63;
const SLOT_STRIDE = 4096, SLOT_BYTES = 16, MAGIC = 0x31465643;
const DIRECTORY_MODE = 0o040777, FILE_MODE = 0o100666, BLOCK_BYTES = 4096;

// SQLite keeps its locks in a table of its own, by device and inode: each mount is a device, so that a connection which
// was never closed cannot lock out the next mount.
let lastDevice = 0xca0000;

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = CRC_TABLE[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** An error with a WASI error number; the mounted file system turns it into FS.ErrnoError. */
export class VolumeError extends Error {
  constructor(errno, cause) {
    super(`opfs errno ${errno}${cause ? `: ${cause.name}: ${cause.message}` : ""}`);
    this.errno = errno;
  }
}

function translate(error) {
  if (error instanceof VolumeError) return error;
  return new VolumeError(error && error.name === "QuotaExceededError" ? ENOSPC : EIO, error);
}

/** Run one call on a handle; whatever the browser throws leaves as a VolumeError. */
function guarded(call) {
  try {
    return call();
  } catch (error) {
    throw translate(error);
  }
}

/** Read until `target` is full or the file ends. Returns the count of bytes; 0 past the end. */
export function readFully(handle, target, position) {
  let done = 0;
  while (done < target.length) {
    const count = guarded(() => handle.read(target.subarray(done), { at: position + done }));
    if (!(count > 0)) break;
    done += count;
  }
  return done;
}

/** Write all of `source`: a short write is continued, and one without progress is an error, never a silent loss. */
export function writeFully(handle, source, position) {
  let done = 0;
  while (done < source.length) {
    const count = guarded(() => handle.write(source.subarray(done), { at: position + done }));
    if (!(count > 0)) throw new VolumeError(EIO, new Error("a write made no progress"));
    done += count;
  }
  return done;
}

class Register {
  constructor(handle, sizes) {
    this.handle = handle;
    const slots = [0, 1].map((slot) => this.readSlot(slot)).filter((found) => found !== null);
    const newest = slots.sort((a, b) => b.sequence - a.sequence)[0];
    this.sequence = newest ? newest.sequence : 0;
    // Without a valid slot nothing was ever registered, or the register itself was lost: then SQLite's own rule for
    // hot journals (a file of zero bytes is no file) is the safe reading, because it never hides a journal.
    this.bits = newest ? newest.bits : sizes.reduce((bits, size, index) => (size > 0 ? bits | (1 << index) : bits), 0);
  }

  readSlot(slot) {
    const bytes = new Uint8Array(SLOT_BYTES);
    if (readFully(this.handle, bytes, slot * SLOT_STRIDE) !== SLOT_BYTES) return null;
    const view = new DataView(bytes.buffer);
    if (view.getUint32(0, true) !== MAGIC || view.getUint32(12, true) !== crc32(bytes.subarray(0, 12))) return null;
    return { sequence: view.getUint32(4, true), bits: view.getUint32(8, true) };
  }

  has(index) {
    return (this.bits & (1 << index)) !== 0;
  }

  /** Durable when it returns; after an error the old state still holds. */
  set(index, exists) {
    const bits = exists ? this.bits | (1 << index) : this.bits & ~(1 << index);
    const sequence = this.sequence + 1;
    const bytes = new Uint8Array(SLOT_BYTES);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, MAGIC, true);
    view.setUint32(4, sequence, true);
    view.setUint32(8, bits, true);
    view.setUint32(12, crc32(bytes.subarray(0, 12)), true);
    // The slot is chosen by the sequence, so that it is never the one that holds the state being replaced.
    writeFully(this.handle, bytes, (sequence % 2) * SLOT_STRIDE);
    guarded(() => this.handle.flush());
    this.sequence = sequence;
    this.bits = bits;
  }
}

/** The files of one directory. All methods are synchronous; files are named by their index in FILE_NAMES. */
export class Volume {
  constructor(handles, registerHandle) {
    this.handles = handles;
    this.closed = false;
    this.generations = handles.map(() => 0);
    this.register = new Register(registerHandle, handles.map((handle) => handle.getSize()));
    // Bytes left behind by a crash between "deleted" and the truncation must not come back as a file's content.
    handles.forEach((handle, index) => {
      if (!this.register.has(index) && handle.getSize() > 0) this.erase(index);
    });
  }

  handle(index) {
    if (this.closed) throw new VolumeError(EIO, new Error("the volume is closed"));
    return this.handles[index];
  }

  exists(index) {
    return this.register.has(index);
  }

  size(index) {
    return guarded(() => this.handle(index).getSize());
  }

  erase(index) {
    guarded(() => {
      this.handle(index).truncate(0);
      this.handle(index).flush();
    });
  }

  create(index) {
    this.handle(index);
    if (this.exists(index)) throw new VolumeError(EEXIST);
    // An earlier deletion may have kept its bytes (its truncation failed): a new file starts empty.
    if (this.size(index) > 0) this.erase(index);
    this.register.set(index, true);
  }

  remove(index) {
    this.handle(index);
    if (!this.exists(index)) throw new VolumeError(ENOENT);
    this.register.set(index, false);
    this.generations[index] += 1;
    // The file is gone already; bytes that cannot be given up now are erased by create() or at the next start.
    try {
      this.erase(index);
    } catch (error) {
      if (!(error instanceof VolumeError)) throw error;
    }
  }

  read(index, target, position) {
    return readFully(this.handle(index), target, position);
  }

  write(index, source, position) {
    return writeFully(this.handle(index), source, position);
  }

  truncate(index, size) {
    guarded(() => this.handle(index).truncate(size));
  }

  flush(index) {
    guarded(() => this.handle(index).flush());
  }

  /** Flush and close every handle, the register last. Idempotent. */
  close() {
    if (this.closed) return;
    this.closed = true;
    const failures = [];
    for (const handle of [...this.handles, this.register.handle]) {
      // A handle whose flush fails must be closed all the same, or the next tab could never open the file.
      for (const step of ["flush", "close"]) {
        try {
          handle[step]();
        } catch (error) {
          failures.push(error);
        }
      }
    }
    if (failures.length > 0) throw translate(failures[0]);
  }
}

/** Open all files of `directory` (a FileSystemDirectoryHandle). On failure nothing stays open. */
export async function openVolume(directory) {
  const opened = [];
  try {
    for (const name of [...FILE_NAMES, REGISTER_NAME]) {
      const file = await directory.getFileHandle(name, { create: true });
      opened.push(await file.createSyncAccessHandle());
    }
    return new Volume(opened.slice(0, -1), opened[opened.length - 1]);
  } catch (error) {
    for (const handle of opened) handle.close();
    throw error;
  }
}

/** An Emscripten file system type over `volume`, for `FS.mount(type, {}, mountpoint)`. */
export function fileSystem(FS, volume) {
  const device = ++lastDevice;
  const calls = (operation) => (...args) => {
    try {
      return operation(...args);
    } catch (error) {
      if (error instanceof VolumeError) throw new FS.ErrnoError(error.errno);
      throw error;
    }
  };
  const refuse = calls(() => {
    throw new VolumeError(EPERM);
  });

  function makeNode(parent, name, mode, index) {
    const node = FS.createNode(parent, name, mode, 0);
    node.node_ops = nodeOps;
    node.stream_ops = streamOps;
    node.file = index;
    node.generation = index === null ? 0 : volume.generations[index];
    node.atime = node.mtime = node.ctime = Date.now();
    return node;
  }

  /** The file's index. A stream that outlived its file's deletion must not touch the file that followed it. */
  function live(node) {
    if (node.file === null) throw new VolumeError(EISDIR);
    if (node.generation !== volume.generations[node.file]) throw new VolumeError(EIO);
    return node.file;
  }

  const nodeOps = {
    getattr: calls((node) => {
      const size = node.file === null ? BLOCK_BYTES : volume.size(node.file);
      // SQLite compares device and inode to notice a file that was moved away: they are fixed per name.
      const ino = node.file === null ? 1 : node.file + 2;
      const times = { atime: new Date(node.atime), mtime: new Date(node.mtime), ctime: new Date(node.ctime) };
      return { dev: device, ino, mode: node.mode, nlink: 1, uid: 0, gid: 0, rdev: 0, size, ...times,
        blksize: BLOCK_BYTES, blocks: Math.ceil(size / 512) };
    }),
    setattr: calls((node, attributes) => {
      for (const key of ["mode", "atime", "mtime", "ctime"]) if (attributes[key] != null) node[key] = attributes[key];
      if (attributes.size !== undefined) volume.truncate(live(node), attributes.size);
    }),
    lookup: calls((parent, name) => {
      const index = FILE_NAMES.indexOf(name);
      if (index < 0 || !volume.exists(index)) throw new VolumeError(ENOENT);
      return makeNode(parent, name, FILE_MODE, index);
    }),
    mknod: calls((parent, name, mode) => {
      const index = FILE_NAMES.indexOf(name);
      if (index < 0 || !FS.isFile(mode)) throw new VolumeError(EPERM);
      volume.create(index);
      return makeNode(parent, name, FILE_MODE, index);
    }),
    unlink: calls((parent, name) => volume.remove(FILE_NAMES.indexOf(name))),
    readdir: calls(() => [".", "..", ...FILE_NAMES.filter((_, index) => volume.exists(index))]),
    rename: refuse,
    rmdir: refuse,
    symlink: refuse,
    readlink: refuse,
  };

  const streamOps = {
    read: calls((stream, buffer, offset, length, position) =>
      volume.read(live(stream.node), buffer.subarray(offset, offset + length), position)),
    write: calls((stream, buffer, offset, length, position) => {
      stream.node.mtime = stream.node.ctime = Date.now();
      return volume.write(live(stream.node), buffer.subarray(offset, offset + length), position);
    }),
    llseek: calls((stream, offset, whence) => {
      const base = whence === 1 ? stream.position : whence === 2 ? volume.size(live(stream.node)) : 0;
      if (base + offset < 0) throw new VolumeError(EINVAL);
      return base + offset;
    }),
    // SQLite also syncs the directory after it created or deleted a file; the register was flushed by then.
    fsync: calls((stream) => {
      if (stream.node.file !== null) volume.flush(live(stream.node));
      return 0;
    }),
  };

  return { mount: () => makeNode(null, "/", DIRECTORY_MODE, null) };
}

/** Mount `volume` at `mountpoint` (made when missing). */
export function mountVolume(FS, volume, mountpoint) {
  FS.mkdirTree(mountpoint);
  FS.mount(fileSystem(FS, volume), {}, mountpoint);
}

/** Unmount, then close the handles. The mount point stays as an empty directory. */
export function unmountVolume(FS, volume, mountpoint) {
  try {
    FS.unmount(mountpoint);
  } finally {
    volume.close();
  }
}
