-- +goose Up
-- Who took which item out of the house in a file.

CREATE TABLE exported (
    log    text NOT NULL,
    entry  bigint NOT NULL,
    seq    bigint NOT NULL,
    member int NOT NULL,
    at     timestamptz NOT NULL,
    format text NOT NULL,
    PRIMARY KEY (log, entry, seq)
);
COMMENT ON TABLE exported IS 'Derived from access logs: which member took which item of the room out in a file, and when.';
ALTER TABLE exported ENABLE ROW LEVEL SECURITY;
ALTER TABLE exported FORCE ROW LEVEL SECURITY;
CREATE POLICY writer ON exported TO wardroom_writer USING (
    (SELECT current_setting('app.scope', true)) = 'writer' AND log = (SELECT current_setting('app.log', true)));

-- The rule is that of who opened an entry: policy.Receipts.
CREATE POLICY reader ON exported FOR SELECT TO wardroom_reader USING (
    current_setting('app.scope', true) = 'reader'
    AND EXISTS (
        SELECT 1 FROM log l JOIN member m ON m.log = l.room JOIN root r ON r.log = l.room
        WHERE l.id = exported.log AND l.kind = 'access' AND m.state = 'joined' AND r.seq = exported.entry
          AND (m.org = r.org OR m.role = 'auditor' OR (m.host AND m.role IN ('lead', 'deputy')
            AND (r.standing OR (r.seq >= m.start AND (
                r.audience = 'room'
                OR (r.audience = 'hosts' AND m.host)
                OR (r.audience = 'named' AND (m.number = ANY (r.members) OR m.org = ANY (r.orgs))))))))
        OFFSET 0));
GRANT SELECT, INSERT ON exported TO wardroom_writer;
GRANT SELECT ON exported TO wardroom_reader;
