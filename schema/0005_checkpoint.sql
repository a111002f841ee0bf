-- +goose Up
-- How far each log had come, signed: made from the leaves as they are stored,
-- and stored before anybody is given it.

CREATE TABLE checkpoint (
    log  text NOT NULL REFERENCES log (id),
    size bigint NOT NULL,
    note text NOT NULL,
    made timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (log, size)
);
COMMENT ON TABLE checkpoint IS 'Signed notes (C2SP tlog-checkpoint), each as it was signed: a size is signed once. No role of the server can update or delete one.';
COMMENT ON COLUMN checkpoint.size IS 'Entries it is of, the first included.';

CREATE TABLE notary (
    log      text PRIMARY KEY REFERENCES log (id),
    size     bigint NOT NULL DEFAULT 0,
    frontier bytea NOT NULL DEFAULT '',
    differs  bigint NOT NULL DEFAULT 0
);
COMMENT ON TABLE notary IS 'How far the notary has read each log. Moving size on is what allows a checkpoint to be stored, so of two nodes one signs.';
COMMENT ON COLUMN notary.frontier IS 'The right edge of the tree over the leaves as the notary read them.';
COMMENT ON COLUMN notary.differs IS 'Where the leaves were first found not to be those the log was written with: the entries then; 0 for never. Nothing more of that log is signed.';

ALTER TABLE checkpoint ENABLE ROW LEVEL SECURITY;
ALTER TABLE checkpoint FORCE ROW LEVEL SECURITY;
ALTER TABLE notary ENABLE ROW LEVEL SECURITY;
ALTER TABLE notary FORCE ROW LEVEL SECURITY;

CREATE POLICY writer ON checkpoint TO wardroom_writer USING (current_setting('app.scope', true) = 'writer' AND log = current_setting('app.log', true));
CREATE POLICY writer ON notary TO wardroom_writer USING (current_setting('app.scope', true) = 'writer' AND log = current_setting('app.log', true));
CREATE POLICY house ON notary FOR SELECT TO wardroom_writer USING (current_setting('app.scope', true) = 'house');
CREATE POLICY reader ON checkpoint FOR SELECT TO wardroom_reader USING (
    current_setting('app.scope', true) = 'reader' AND log = current_setting('app.log', true)
    AND EXISTS (SELECT 1 FROM member m WHERE m.log = checkpoint.log AND m.state = 'joined' OFFSET 0));

GRANT SELECT, INSERT ON checkpoint, notary TO wardroom_writer;
GRANT UPDATE (size, frontier, differs) ON notary TO wardroom_writer;
GRANT SELECT ON checkpoint TO wardroom_reader;
