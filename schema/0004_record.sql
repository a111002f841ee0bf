-- +goose Up
-- The incident's record: assessments and the reasons for them, decisions,
-- actions, loggists' books and their lines, as boards and the record's own
-- timeline list them. Ids, enums, numbers and times only.
--
-- Both tables repeat who may see the root, so that the rule of sight costs a
-- comparison a row and no look-up: a member who may see few of thousands of
-- actions must not wait for the others.

CREATE TABLE record (
    log      text NOT NULL REFERENCES log (id),
    root     bigint NOT NULL,
    noun     text NOT NULL CHECK (noun IN ('severity', 'decision', 'action', 'book', 'logentry')),
    state    text NOT NULL,
    member   int NOT NULL DEFAULT 0,
    org      text NOT NULL DEFAULT '',
    due      timestamptz,
    under    bigint NOT NULL DEFAULT 0,
    standing boolean NOT NULL,
    tlp      text NOT NULL,
    audience text NOT NULL,
    members  int[] NOT NULL,
    orgs     text[] NOT NULL,
    PRIMARY KEY (log, noun, root)
);
COMMENT ON TABLE record IS 'Derived: the record''s objects, as they stand.';
COMMENT ON COLUMN record.state IS 'Of a decision, an action, a book. Of an assessment its scale; ''reason'' of the reason for one.';
COMMENT ON COLUMN record.member IS 'Whose move it is, or was: a decision''s or book''s maker, the person an action is for; 0 for none.';
COMMENT ON COLUMN record.org IS 'The organisation an action is for, or that assessed.';
COMMENT ON COLUMN record.due IS 'An action''s due time, a decision''s review time; by the exercise''s clock in an exercise.';
COMMENT ON COLUMN record.under IS 'The book a line is in, the decision an action carries out; 0 for none.';
COMMENT ON COLUMN record.audience IS 'Who may see it, as in root: standing, tlp, audience, members, orgs.';
CREATE INDEX record_state ON record (log, noun, state, root);
CREATE INDEX record_waiting ON record (log, noun, member, org, root) WHERE state IN ('proposed', 'taken', 'raised', 'accepted');
CREATE INDEX record_due ON record (log, noun, root) WHERE due IS NOT NULL AND state IN ('taken', 'confirmed', 'disputed', 'raised', 'accepted');
CREATE INDEX record_org ON record (log, noun, org, root) WHERE org <> '';
CREATE INDEX record_under ON record (log, noun, under, root) WHERE under <> 0;

CREATE TABLE record_entry (
    log      text NOT NULL REFERENCES log (id),
    seq      bigint NOT NULL,
    root     bigint NOT NULL,
    standing boolean NOT NULL,
    audience text NOT NULL,
    members  int[] NOT NULL,
    orgs     text[] NOT NULL,
    PRIMARY KEY (log, seq)
);
COMMENT ON TABLE record_entry IS 'Derived: the entries that are part of the record, and who may see them: their root''s audience, as it stands.';
CREATE INDEX record_entry_root ON record_entry (log, root);

-- The rule of sight once more, as on opening. What is asked of the reader's
-- membership is asked once a statement; without one, each answer is NULL and
-- no row is seen. The minimum and maximum are of one row: nobody is in a room
-- twice.
-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['record', 'record_entry'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format($p$CREATE POLICY writer ON %I TO wardroom_writer USING (
        (SELECT current_setting('app.scope', true)) = 'writer' AND log = (SELECT current_setting('app.log', true)))$p$, t);
    EXECUTE format($p$CREATE POLICY reader ON %I FOR SELECT TO wardroom_reader USING (
        (SELECT current_setting('app.scope', true)) = 'reader' AND log = (SELECT current_setting('app.log', true))
        AND (SELECT count(*) > 0 FROM member m WHERE m.log = current_setting('app.log', true) AND m.state = 'joined')
        AND (standing OR (root >= (SELECT max(m.start) FROM member m WHERE m.log = current_setting('app.log', true) AND m.state = 'joined') AND (
            audience = 'room'
            OR (audience = 'hosts' AND (SELECT bool_and(m.host) FROM member m WHERE m.log = current_setting('app.log', true) AND m.state = 'joined'))
            OR (audience = 'named' AND (
                (SELECT max(m.number) FROM member m WHERE m.log = current_setting('app.log', true) AND m.state = 'joined') = ANY (members)
                OR (SELECT max(m.org) FROM member m WHERE m.log = current_setting('app.log', true) AND m.state = 'joined') = ANY (orgs)))))))$p$, t);
  END LOOP;
END $$;
-- +goose StatementEnd

GRANT SELECT, INSERT ON record, record_entry TO wardroom_writer;
GRANT UPDATE (state, member, org, due, tlp, audience, members, orgs) ON record TO wardroom_writer;
GRANT UPDATE (audience, members, orgs) ON record_entry TO wardroom_writer;
GRANT SELECT ON record, record_entry TO wardroom_reader;
