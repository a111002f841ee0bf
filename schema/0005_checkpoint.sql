-- +goose Up
-- How far each log had come, signed: made from the leaves as they are stored,
-- signed once and stored before they leave the house; and the same with the
-- witness's signatures. The tree's hashes are kept beside them, so that a proof
-- reads a handful of rows however long the log is.

CREATE TABLE checkpoint (
    log  text NOT NULL REFERENCES log (id),
    size bigint NOT NULL CHECK (size > 0),
    key  int NOT NULL CHECK (key > 0),
    note text NOT NULL,
    made timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (log, size)
);
COMMENT ON TABLE checkpoint IS 'Signed notes (C2SP tlog-checkpoint), each as it was signed: a size is signed once. No role of the server can update or delete one.';
COMMENT ON COLUMN checkpoint.size IS 'Entries it is of, the first included.';
COMMENT ON COLUMN checkpoint.key IS 'The generation of the notary''s keys that signed it; of one log it never falls.';
CREATE INDEX checkpoint_key ON checkpoint (log, key, size);

CREATE TABLE cosignature (
    log  text NOT NULL,
    size bigint NOT NULL,
    note text NOT NULL,
    at   timestamptz NOT NULL,
    PRIMARY KEY (log, size),
    FOREIGN KEY (log, size) REFERENCES checkpoint (log, size)
);
COMMENT ON TABLE cosignature IS 'Checkpoints with the witness''s signatures too: the first such note of a size, for ever.';
COMMENT ON COLUMN cosignature.at IS 'When the witness signed, by its own clock.';

CREATE TABLE tile (
    log    text NOT NULL REFERENCES log (id),
    level  int NOT NULL,
    n      bigint NOT NULL,
    hashes bytea NOT NULL CHECK (octet_length(hashes) BETWEEN 32 AND 8192 AND octet_length(hashes) % 32 = 0),
    PRIMARY KEY (log, level, n)
);
ALTER TABLE tile ALTER COLUMN hashes SET STORAGE EXTERNAL;
COMMENT ON TABLE tile IS 'Hashes of the tree of each log, 256 a row (RFC 6962 hash tiles of height 8). Derived from the leaves. A full one is final.';
COMMENT ON COLUMN tile.level IS '0: leaf hashes; each next one the roots of the full tiles below.';

CREATE TABLE notary (
    log      text PRIMARY KEY REFERENCES log (id),
    size     bigint NOT NULL DEFAULT 0,
    key      int NOT NULL DEFAULT 0,
    signed   bigint NOT NULL DEFAULT 0,
    cosigned bigint NOT NULL DEFAULT 0,
    pending  timestamptz,
    frontier bytea NOT NULL DEFAULT '',
    differs  bigint NOT NULL DEFAULT 0
);
COMMENT ON TABLE notary IS 'How far the notary has read each log. Moving size on is what allows a checkpoint to be stored, so of several nodes one signs.';
COMMENT ON COLUMN notary.key IS 'The generation of keys that signed last.';
COMMENT ON COLUMN notary.signed IS 'Size of the newest checkpoint.';
COMMENT ON COLUMN notary.cosigned IS 'Size of the newest one that the witness has signed too.';
COMMENT ON COLUMN notary.pending IS 'Since when a checkpoint waits for the witness.';
COMMENT ON COLUMN notary.frontier IS 'The right edge of the tree over the leaves as the notary read them.';
COMMENT ON COLUMN notary.differs IS 'Where the leaves were first found not to be those the log was written with: the entries then; 0 for never. Nothing more of that log is signed.';
CREATE INDEX notary_pending ON notary (pending) WHERE pending IS NOT NULL;

CREATE TABLE duty (
    name   text PRIMARY KEY,
    holder text NOT NULL,
    until  timestamptz NOT NULL
);
COMMENT ON TABLE duty IS 'Which node asks the witness just now. It spares the witness; nothing rests on its being one only.';

ALTER TABLE checkpoint ENABLE ROW LEVEL SECURITY;
ALTER TABLE checkpoint FORCE ROW LEVEL SECURITY;
ALTER TABLE cosignature ENABLE ROW LEVEL SECURITY;
ALTER TABLE cosignature FORCE ROW LEVEL SECURITY;
ALTER TABLE tile ENABLE ROW LEVEL SECURITY;
ALTER TABLE tile FORCE ROW LEVEL SECURITY;
ALTER TABLE notary ENABLE ROW LEVEL SECURITY;
ALTER TABLE notary FORCE ROW LEVEL SECURITY;
ALTER TABLE duty ENABLE ROW LEVEL SECURITY;
ALTER TABLE duty FORCE ROW LEVEL SECURITY;

CREATE POLICY writer ON checkpoint TO wardroom_writer USING (current_setting('app.scope', true) = 'writer' AND log = current_setting('app.log', true));
CREATE POLICY writer ON cosignature TO wardroom_writer USING (current_setting('app.scope', true) = 'writer' AND log = current_setting('app.log', true));
CREATE POLICY writer ON notary TO wardroom_writer USING (current_setting('app.scope', true) = 'writer' AND log = current_setting('app.log', true));
CREATE POLICY house ON notary FOR SELECT TO wardroom_writer USING (current_setting('app.scope', true) = 'house');
CREATE POLICY house ON duty TO wardroom_writer USING (current_setting('app.scope', true) = 'house');
-- A tile may grow while it is not full.
CREATE POLICY writer ON tile FOR SELECT TO wardroom_writer USING (current_setting('app.scope', true) = 'writer' AND log = current_setting('app.log', true));
CREATE POLICY writer_grows ON tile FOR UPDATE TO wardroom_writer
    USING (current_setting('app.scope', true) = 'writer' AND log = current_setting('app.log', true) AND octet_length(hashes) < 8192)
    WITH CHECK (current_setting('app.scope', true) = 'writer' AND log = current_setting('app.log', true));
CREATE POLICY writer_inserts ON tile FOR INSERT TO wardroom_writer WITH CHECK (current_setting('app.scope', true) = 'writer' AND log = current_setting('app.log', true));

-- Whoever is in a room may have all its leaves, so all its checkpoints too.
CREATE POLICY reader ON checkpoint FOR SELECT TO wardroom_reader USING (
    current_setting('app.scope', true) = 'reader' AND log = current_setting('app.log', true)
    AND EXISTS (SELECT 1 FROM member m WHERE m.log = checkpoint.log AND m.state = 'joined' OFFSET 0));
CREATE POLICY reader ON cosignature FOR SELECT TO wardroom_reader USING (
    current_setting('app.scope', true) = 'reader' AND log = current_setting('app.log', true)
    AND EXISTS (SELECT 1 FROM member m WHERE m.log = cosignature.log AND m.state = 'joined' OFFSET 0));
CREATE POLICY reader ON tile FOR SELECT TO wardroom_reader USING (
    current_setting('app.scope', true) = 'reader' AND log = current_setting('app.log', true)
    AND EXISTS (SELECT 1 FROM member m WHERE m.log = tile.log AND m.state = 'joined' OFFSET 0));

GRANT SELECT, INSERT ON checkpoint, cosignature, tile, notary, duty TO wardroom_writer;
GRANT UPDATE (hashes) ON tile TO wardroom_writer;
GRANT UPDATE (size, key, signed, cosigned, pending, frontier, differs) ON notary TO wardroom_writer;
GRANT UPDATE (holder, until) ON duty TO wardroom_writer;
GRANT SELECT ON checkpoint, cosignature, tile TO wardroom_reader;
