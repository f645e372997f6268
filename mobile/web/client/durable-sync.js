// SQLite asks for durability with fdatasync(), and Emscripten's fdatasync() does nothing: it finds the stream and returns
// 0. Seen with Pyodide 314.0.7: not one flush reaches the file system for a commit under `synchronous=FULL`, so a
// power cut may lose confirmed rows and reorder a checkpoint. fsync() is wired through to the stream's `fsync`.
//
// The import object is the only place where the one can be replaced by the other, and it is reachable only while the
// interpreter is being instantiated. So this module stands in for the two instantiation functions until the first
// import object with both calls passes by, then puts the originals back. It must be imported before Pyodide is loaded;
// device-lib.js refuses to start the app when it was not wired.

const original = { instantiate: WebAssembly.instantiate, instantiateStreaming: WebAssembly.instantiateStreaming };

let wired = false;

/** Whether the interpreter was instantiated with a real fdatasync(). */
export const dataSyncIsWired = () => wired;

function restore() {
  for (const [name, call] of Object.entries(original)) if (call) WebAssembly[name] = call;
}

/** Make fdatasync(fd) do what fsync(fd) does. Returns whether this import object had both. */
export function wireDataSync(imports) {
  const env = imports && imports.env;
  const wasi = imports && imports.wasi_snapshot_preview1;
  if (!env || !wasi || !env.__syscall_fdatasync || !wasi.fd_sync) return false;
  const sync = wasi.fd_sync;
  // fd_sync answers 0, nothing (a file system without fsync) or a positive error number; a system call its negative.
  env.__syscall_fdatasync = (fd) => -(sync(fd) || 0);
  wired = true;
  return true;
}

for (const [name, call] of Object.entries(original)) {
  if (!call) continue;
  WebAssembly[name] = function (source, imports) {
    if (wireDataSync(imports)) restore();
    return call.call(WebAssembly, source, imports);
  };
}
