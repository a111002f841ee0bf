-- +goose Up
-- Decisions, actions, assessments and the lines of loggists' books, as boards
-- list them. Ids, enums, numbers and times only; who may see a row is the
-- rule of its root.

CREATE TABLE record (
    log    text NOT NULL REFERENCES log (id),
    root   bigint NOT NULL,
    noun   text NOT NULL CHECK (noun IN ('severity', 'decision', 'action', 'book', 'logentry')),
    state  text NOT NULL,
    member int NOT NULL DEFAULT 0,
    org    text NOT NULL DEFAULT '',
    due    timestamptz,
    book   bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (log, root)
);
COMMENT ON TABLE record IS 'Derived: the record''s objects, as they stand.';
COMMENT ON COLUMN record.member IS 'Whose move it is, or was: a decision''s or book''s maker, the person an action is for; 0 for none.';
COMMENT ON COLUMN record.org IS 'The organisation an action is for.';
COMMENT ON COLUMN record.due IS 'An action''s due time, a decision''s review time; by the exercise''s clock in an exercise.';
COMMENT ON COLUMN record.book IS 'The book a line is in.';
CREATE INDEX record_noun ON record (log, noun, root);
CREATE INDEX record_waiting ON record (log, member, noun, state) WHERE state IN ('proposed', 'taken', 'raised', 'accepted');
CREATE INDEX record_org ON record (log, org, state) WHERE org <> '' AND state IN ('raised', 'accepted');
CREATE INDEX record_book ON record (log, book, root) WHERE book <> 0;

ALTER TABLE record ENABLE ROW LEVEL SECURITY;
ALTER TABLE record FORCE ROW LEVEL SECURITY;
CREATE POLICY writer ON record USING (current_setting('app.scope', true) = 'writer' AND log = current_setting('app.log', true));
CREATE POLICY reader ON record FOR SELECT USING (
    current_setting('app.scope', true) = 'reader' AND log = current_setting('app.log', true)
    AND EXISTS (
        SELECT 1 FROM member m JOIN root r ON r.log = m.log
        WHERE m.log = record.log AND m.state = 'joined' AND r.seq = record.root
          AND (r.standing OR (r.seq >= m.start AND (
                r.audience = 'room'
                OR (r.audience = 'hosts' AND m.host)
                OR (r.audience = 'named' AND (m.number = ANY (r.members) OR m.org = ANY (r.orgs))))))
        OFFSET 0));
GRANT SELECT, INSERT ON record TO wardroom_app;
GRANT UPDATE (state, member, org, due) ON record TO wardroom_app;
