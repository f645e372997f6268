// Reads app.pack: a little-endian length, that many bytes of JSON [[path, length], …], then the files' bytes in that order.
// The writer is mobile/web/build/pack.py.
export function unpack(FS, buffer, root) {
  const indexLength = new DataView(buffer).getUint32(0, true);
  const index = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, indexLength)));
  const folders = new Set();
  let offset = 4 + indexLength;
  for (const [path, length] of index) {
    const target = root + "/" + path;
    const folder = target.slice(0, target.lastIndexOf("/"));
    if (!folders.has(folder)) { FS.mkdirTree(folder); folders.add(folder); }
    // canOwn: the file system keeps this view instead of copying it; the buffer is never written by anybody else.
    FS.writeFile(target, new Uint8Array(buffer, offset, length), { canOwn: true });
    offset += length;
  }
  if (offset !== buffer.byteLength) throw new Error("app.pack is " + buffer.byteLength + " bytes, its index says " + offset);
}
