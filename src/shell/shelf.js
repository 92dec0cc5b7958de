// An object's rows and alarm: each function is one crossing, however many rows there are to carry.

/** Makes the table. */
export function found(state) {
  state.storage.sql.exec(
    "CREATE TABLE IF NOT EXISTS shelf (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
  );
}

/** A row, if it is there. */
export function get(state, key) {
  const [row] = state.storage.sql.exec("SELECT value FROM shelf WHERE key = ?", key).raw();
  return row?.[0];
}

/** Writes a row. */
export function put(state, key, value) {
  state.storage.sql.exec(
    "INSERT INTO shelf (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    key,
    value,
  );
}

/** Deletes a row, if it is there. */
export function remove(state, key) {
  state.storage.sql.exec("DELETE FROM shelf WHERE key = ?", key);
}

/** The rows of a range: keys and values in turns. */
export function range(state, from, to, most, backwards) {
  const order = backwards ? "DESC" : "ASC";
  const query = `SELECT key, value FROM shelf WHERE key >= ? AND key < ? ORDER BY key ${order} LIMIT ?`;
  return [...state.storage.sql.exec(query, from, to, most).raw()].flat();
}

/** Sets the alarm to that time, in milliseconds, or off. */
export function wake(state, at) {
  return at === undefined ? state.storage.deleteAlarm() : state.storage.setAlarm(at);
}
