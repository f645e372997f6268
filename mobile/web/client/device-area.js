// The device area: small strings that belong to the installation and not to a user's database (install ids, the list of
// users known here). IndexedDB, because a transaction there is all or nothing, is shared by all tabs of the site
// (an OPFS access handle is not), and is on the disk when a `durability: "strict"` transaction completes.

const DATABASE = "caravan-device", STORE = "values";
let opening = null;

function openDatabase() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => {
      // Another tab deletes or upgrades the database: let it, and open again at the next use.
      request.result.onversionchange = () => {
        request.result.close();
        opening = null;
      };
      resolve(request.result);
    };
    request.onerror = () => {
      opening = null;
      reject(request.error);
    };
  });
  return opening;
}

/** Run `work(store)` in one transaction; resolves with the request's result when the transaction is complete. */
async function transact(mode, work) {
  const database = await openDatabase();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(STORE, mode, { durability: "strict" });
    const request = work(transaction.objectStore(STORE));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error || new DOMException("the transaction was aborted", "AbortError"));
  });
}

export const area = {
  /** The value, or null. */
  get: async (key) => (await transact("readonly", (store) => store.get(key))) ?? null,
  set: async (key, value) => void (await transact("readwrite", (store) => store.put(value, key))),
  delete: async (key) => void (await transact("readwrite", (store) => store.delete(key))),
  /** All keys that begin with `prefix`, sorted. */
  keys: async (prefix) =>
    transact("readonly", (store) => store.getAllKeys(IDBKeyRange.bound(prefix, prefix + "\uffff"))),
};
