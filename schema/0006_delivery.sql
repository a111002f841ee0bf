-- +goose Up
-- What was delivered to whom: numbers of entries and members, and times. What
-- somebody could see is the record's to say; that it reached them is said here;
-- that they opened it, by the access log. The server writes rows and reads
-- none of its own.

CREATE TABLE delivery (
    log     text NOT NULL REFERENCES log (id),
    members int[] NOT NULL,
    how     text NOT NULL CHECK (how IN ('live', 'page', 'object', 'state')),
    first   bigint NOT NULL,
    last    bigint NOT NULL,
    since   timestamptz NOT NULL,
    at      timestamptz NOT NULL,
    CHECK (first <= last AND since <= at)
);
COMMENT ON TABLE delivery IS 'Which entries were handed to whose connection, and when; each in the form they were to see it in. Rows are added every few seconds, one for all who were given the same.';
COMMENT ON COLUMN delivery.members IS 'The members'' numbers.';
COMMENT ON COLUMN delivery.how IS 'live: entries first to last, by the stream. page: the same, as they asked. object: of the entries first to last those that are about the entry first. state: the standing facts as they were at entry last.';
COMMENT ON COLUMN delivery.since IS 'When the first of them was handed over.';
COMMENT ON COLUMN delivery.at IS 'When the last of them was.';
CREATE INDEX delivery_log ON delivery (log, last, first);

ALTER TABLE delivery ENABLE ROW LEVEL SECURITY;
ALTER TABLE delivery FORCE ROW LEVEL SECURITY;
CREATE POLICY writer ON delivery FOR INSERT TO wardroom_writer WITH CHECK (
    current_setting('app.scope', true) = 'writer' AND log = current_setting('app.log', true));
-- The rule of policy.AskKnown: auditors, leads and deputies.
CREATE POLICY reader ON delivery FOR SELECT TO wardroom_reader USING (
    (SELECT current_setting('app.scope', true)) = 'reader' AND log = (SELECT current_setting('app.log', true))
    AND (SELECT bool_or(m.role = 'auditor' OR (m.host AND m.role IN ('lead', 'deputy'))) FROM member m
        WHERE m.log = current_setting('app.log', true) AND m.state = 'joined'));
GRANT INSERT ON delivery TO wardroom_writer;
GRANT SELECT ON delivery TO wardroom_reader;

-- The access log is read for a person in a scope of its own, by the rule of
-- policy.ReadAccess: app.scope = 'access', app.log the room, app.person who asks.
-- Of which entry each tells, only policy.Receipts can judge: it is sealed.
CREATE POLICY access ON member FOR SELECT TO wardroom_reader USING (
    current_setting('app.scope', true) = 'access' AND log = current_setting('app.log', true)
    AND person = nullif(current_setting('app.person', true), ''));
CREATE POLICY access ON log FOR SELECT TO wardroom_reader USING (
    current_setting('app.scope', true) = 'access' AND kind = 'access' AND room = current_setting('app.log', true)
    AND EXISTS (SELECT 1 FROM member m WHERE m.log = log.room AND m.state = 'joined'
        AND (m.role = 'auditor' OR (m.host AND m.role IN ('lead', 'deputy')))));
CREATE POLICY access ON opening FOR SELECT TO wardroom_reader USING (
    current_setting('app.scope', true) = 'access' AND EXISTS (SELECT 1 FROM log l WHERE l.id = opening.log OFFSET 0));
