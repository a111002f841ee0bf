// What the provider remembers, in this process's memory: a restart forgets every session, as a restart of the real thing may.
// (The library's own memory adapter drops the oldest of 1,000 entries, which signs people out in the middle of a load test.)

const rows = new Map(); // "Model:id" → {payload, exp}; insertion order is not expiry order, so a sweep looks at all
const uids = new Map(); // session uid → "Session:id"
const grants = new Map(); // grant id → Set of "Model:id"
const SWEEP_MS = 60_000;

function drop(key) {
  const row = rows.get(key);
  if (!row) return;
  rows.delete(key);
  // A session's key changes with every sign-in and its uid stays: the uid may by now point at the newer row.
  if (row.payload.uid && uids.get(row.payload.uid) === key) uids.delete(row.payload.uid);
}

setInterval(() => {
  const now = Date.now();
  for (const [key, row] of rows) if (row.exp <= now) drop(key);
  for (const [grant, keys] of grants) {
    for (const key of keys) if (!rows.has(key)) keys.delete(key);
    if (keys.size === 0) grants.delete(grant);
  }
}, SWEEP_MS).unref();

/** The adapter of one model, as oidc-provider asks for it. */
export class Memory {
  constructor(model) { this.model = model; }

  key(id) { return `${this.model}:${id}`; }

  async upsert(id, payload, expiresIn) {
    const key = this.key(id);
    rows.set(key, { payload, exp: expiresIn ? Date.now() + expiresIn * 1000 : Infinity });
    if (this.model === 'Session') uids.set(payload.uid, key);
    if (payload.grantId && this.model !== 'Session') {
      if (!grants.has(payload.grantId)) grants.set(payload.grantId, new Set());
      grants.get(payload.grantId).add(key);
    }
  }

  async find(id) { return this.at(this.key(id)); }

  async findByUid(uid) { return this.at(uids.get(uid)); }

  async findByUserCode() { return undefined; }

  at(key) {
    const row = rows.get(key);
    return row && row.exp > Date.now() ? row.payload : undefined;
  }

  async consume(id) { rows.get(this.key(id)).payload.consumed = Math.floor(Date.now() / 1000); }

  async destroy(id) { drop(this.key(id)); }

  async revokeByGrantId(grantId) {
    for (const key of grants.get(grantId) ?? []) drop(key);
    grants.delete(grantId);
  }
}
