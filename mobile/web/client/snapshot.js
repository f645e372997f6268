// The memory of a started Python, written down by the build (mobile/web/build/snapshot.mjs) and put back here.
//
// File: length of the plan (unsigned 32 bit, little endian), the plan as JSON, the few files that must be there before the
// rest of app.pack (`plan.files`: [[path, length], …]), each part filled up to a multiple of 16, the memory as Pyodide wrote
// it. A pointer to a function is an index into a table that the engine fills, so memory and table must fit:
// the same compiled libraries are loaded in the same order in both runs, and the table's end is compared with the plan's.
// Whatever differs is an error, and the worker then starts Python without the snapshot.

const TABLE_TAIL = 256;
const aligned = (length) => Math.ceil(length / 16) * 16;

export function readSnapshot(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const plan = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  let offset = aligned(4 + length);
  const files = plan.files.map(([path, size]) => {
    const content = new Uint8Array(buffer, offset, size);
    offset += aligned(size);
    return [path, content];
  });
  return { plan, files, memory: new Uint8Array(buffer, offset) };
}

/** `files` is [[path, Uint8Array], …]. */
export function writeSnapshot(plan, files, memory) {
  const text = new TextEncoder().encode(JSON.stringify({ ...plan, files: files.map(([path, data]) => [path, data.length]) }));
  let offset = aligned(4 + text.length);
  const file = new Uint8Array(offset + files.reduce((sum, [, data]) => sum + aligned(data.length), 0) + memory.length);
  new DataView(file.buffer).setUint32(0, text.length, true);
  file.set(text, 4);
  for (const [, data] of files) { file.set(data, offset); offset += aligned(data.length); }
  file.set(memory, offset);
  return file;
}

/** The function table's length and what its end consists of: each function's number in its module, and its arity. */
export function tableMark(table) {
  const entries = [];
  for (let index = Math.max(0, table.length - TABLE_TAIL); index < table.length; index++) {
    const entry = table.get(index);
    entries.push(entry ? `${entry.name}/${entry.length}` : "");
  }
  return `${table.length}:${entries.join(",")}`;
}

async function loadLibraries(module, filled, plan) {
  await filled;
  const before = tableMark(module.wasmTable);
  if (plan.tableBefore !== undefined && plan.tableBefore !== before) throw new Error("another function table");
  plan.tableBefore = before;
  for (const path of plan.libraries) {
    const library = module.newDSO(path, undefined, "loading");
    library.refcount = Infinity;
    library.global = false;
    const flags = { loadAsync: true, global: false, nodelete: true };
    library.exports = await module.loadWebAssemblyModule(module.FS.readFile(path), flags, path, {});
  }
  const after = tableMark(module.wasmTable);
  if (plan.tableAfter !== undefined && plan.tableAfter !== after) throw new Error("another function table after the libraries");
  plan.tableAfter = after;
  for (const [path, handles] of Object.entries(plan.handles ?? {})) {
    for (const handle of handles) module.LDSO.loadedLibsByHandle[handle] = module.LDSO.loadedLibsByName[path];
  }
}

/**
 * Pyodide's `createPyodideModule`, with the plan's compiled libraries loaded before Python begins. `filled` resolves when
 * they lie in the file system. Without marks in the plan they are taken (the build), with marks they are compared.
 */
export function withLibraries(createModule, filled, plan) {
  return async (settings) => {
    const failed = new Promise((_, reject) => {
      settings.preRun.push((module) => {
        module.addRunDependency("libraries");
        loadLibraries(module, filled, plan).then(() => module.removeRunDependency("libraries"), reject);
      });
    });
    const module = await Promise.race([createModule(settings), failed]);
    if (plan.heap && module.HEAP8.length < plan.heap) module.growMemory(plan.heap);
    if (plan.heap && module.HEAP8.length < plan.heap) throw new Error("the memory cannot grow");
    return module;
  };
}
