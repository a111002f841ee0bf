-- +goose Up
-- Side rooms, and who wrote a veiled message.

CREATE TABLE cell (
    log    text NOT NULL PRIMARY KEY REFERENCES log (id),
    parent text NOT NULL REFERENCES log (id),
    org    text NOT NULL
);
COMMENT ON TABLE cell IS 'Derived: which rooms are side rooms, beside which room, and of which organisation. Read by the house alone, to take somebody out of them who is no longer in the room beside: nobody is told of a side room but who is in it.';
CREATE INDEX cell_parent ON cell (parent);
ALTER TABLE cell ENABLE ROW LEVEL SECURITY;
ALTER TABLE cell FORCE ROW LEVEL SECURITY;
CREATE POLICY writer ON cell TO wardroom_writer USING (
    (SELECT current_setting('app.scope', true)) = 'writer' AND log = (SELECT current_setting('app.log', true)));
CREATE POLICY house ON cell FOR SELECT TO wardroom_writer USING ((SELECT current_setting('app.scope', true)) = 'house');
GRANT SELECT, INSERT ON cell TO wardroom_writer;

-- An audience of its own: leads and deputies of the hosts, and auditors.
ALTER TABLE root DROP CONSTRAINT root_audience_check;
ALTER TABLE root ADD CONSTRAINT root_audience_check CHECK (audience IN ('', 'room', 'hosts', 'named', 'leads'));

ALTER POLICY reader ON opening USING (
    current_setting('app.scope', true) = 'reader' AND log = current_setting('app.log', true)
    AND EXISTS (
        SELECT 1 FROM member m JOIN root r ON r.log = m.log
        WHERE m.log = opening.log AND m.state = 'joined' AND r.seq = opening.root
          AND (r.standing OR (r.seq >= m.start AND (
                r.audience = 'room'
                OR (r.audience = 'hosts' AND m.host)
                OR (r.audience = 'leads' AND (m.role = 'auditor' OR (m.host AND m.role IN ('lead', 'deputy'))))
                OR (r.audience = 'named' AND (m.number = ANY (r.members) OR m.org = ANY (r.orgs))))))
        OFFSET 0));
