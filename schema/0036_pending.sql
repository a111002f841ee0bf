-- A checkpoint that was signed while an older one's cosignature was stored was
-- forgotten until the log grew again: it waits for the witness.

-- +goose Up

-- The table's owner sees no row while its policies hold for it too.
ALTER TABLE notary NO FORCE ROW LEVEL SECURITY;
UPDATE notary SET pending = clock_timestamp() WHERE pending IS NULL AND signed > cosigned;
ALTER TABLE notary FORCE ROW LEVEL SECURITY;
