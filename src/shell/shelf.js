// An object's rows and alarm: each function is one crossing, however many rows there are to carry.

// The objects whose table is there. It is made by the first row: somebody may ask for an object that nothing was ever
// kept in, and a table would make it one that stays.
const founded = new WeakSet();

function isFounded(state) {
  if (founded.has(state)) return true;
  const tables = state.storage.sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'shelf'").toArray();
  if (tables.length) founded.add(state);
  return tables.length > 0;
}

/** A row, if it is there. */
export function get(state, key) {
  if (!isFounded(state)) return undefined;
  const [row] = state.storage.sql.exec("SELECT value FROM shelf WHERE key = ?", key).raw();
  return row?.[0];
}

/** Writes a row. */
export function put(state, key, value) {
  if (!isFounded(state)) {
    state.storage.sql.exec("CREATE TABLE shelf (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID");
  }
  state.storage.sql.exec(
    "INSERT INTO shelf (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    key,
    value,
  );
}

/** Deletes a row, if it is there. */
export function remove(state, key) {
  if (isFounded(state)) state.storage.sql.exec("DELETE FROM shelf WHERE key = ?", key);
}

/** The rows of a range: keys and values in turns. */
export function range(state, from, to, most, backwards) {
  if (!isFounded(state)) return [];
  const order = backwards ? "DESC" : "ASC";
  const query = `SELECT key, value FROM shelf WHERE key >= ? AND key < ? ORDER BY key ${order} LIMIT ?`;
  return [...state.storage.sql.exec(query, from, to, most).raw()].flat();
}

/** Deletes everything, the database itself and (with a compatibility date since 2026-02-24) the alarm: an object without any is none. */
export function clear(state) {
  founded.delete(state);
  return state.storage.deleteAll();
}

/** Sets the alarm to that time, in milliseconds, or off. */
export function wake(state, at) {
  return at === undefined ? state.storage.deleteAlarm() : state.storage.setAlarm(at);
}
