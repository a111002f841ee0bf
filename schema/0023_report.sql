-- +goose Up
-- Reports of incidents: which entries of the system log are about which, and
-- how to ring whoever filed one.

CREATE TABLE report (
    id     text PRIMARY KEY CHECK (id ~ '^[a-z2-7]{26}$'),
    log    text NOT NULL REFERENCES log (id),
    org    text NOT NULL,
    person text NOT NULL,
    via    text NOT NULL CHECK (via IN ('web', 'telephone')),
    open   boolean NOT NULL,
    at     timestamptz NOT NULL
);
COMMENT ON TABLE report IS 'Derived: the reports that were filed. What was said stands in the system log alone.';
COMMENT ON COLUMN report.id IS 'Random; it is what an address names';
COMMENT ON COLUMN report.log IS 'The section of the system log it was filed in';
COMMENT ON COLUMN report.org IS 'For whom it was filed';
COMMENT ON COLUMN report.person IS 'Who filed it, or took it by telephone';
COMMENT ON COLUMN report.open IS 'Not closed';
COMMENT ON COLUMN report.at IS 'When it was received';
CREATE INDEX report_newest ON report (open, at, id);
CREATE INDEX report_person ON report (person, at, id);

CREATE TABLE report_entry (
    log    text NOT NULL REFERENCES log (id),
    seq    bigint NOT NULL,
    report text NOT NULL,
    PRIMARY KEY (log, seq)
);
COMMENT ON TABLE report_entry IS 'Derived: the entries of the system log that are about a report';
CREATE INDEX report_entry_report ON report_entry (report);

CREATE TABLE report_caller (
    report text PRIMARY KEY CHECK (report ~ '^[a-z2-7]{26}$'),
    sealed bytea NOT NULL,
    until  timestamptz
);
COMMENT ON TABLE report_caller IS 'Whom to ring about a report. Mutable, not evidence: forgotten thirty days after it was closed';
COMMENT ON COLUMN report_caller.sealed IS 'Name and telephone number; bound to the report';
COMMENT ON COLUMN report_caller.until IS 'When it is forgotten; null while the report is not closed';
CREATE INDEX report_caller_until ON report_caller (until);

-- A report outlives a section of the system log, so its row is any section's to
-- move.
ALTER TABLE report ENABLE ROW LEVEL SECURITY;
ALTER TABLE report FORCE ROW LEVEL SECURITY;
CREATE POLICY writer ON report TO wardroom_writer USING ((SELECT nullif(current_setting('app.scope', true), '')) = 'writer');
CREATE POLICY house ON report FOR SELECT TO wardroom_writer USING ((SELECT nullif(current_setting('app.scope', true), '')) = 'house');
GRANT SELECT, INSERT ON report TO wardroom_writer;
GRANT UPDATE (open) ON report TO wardroom_writer;

ALTER TABLE report_entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE report_entry FORCE ROW LEVEL SECURITY;
CREATE POLICY writer ON report_entry TO wardroom_writer USING (
    (SELECT nullif(current_setting('app.scope', true), '')) = 'writer' AND log = (SELECT current_setting('app.log', true)));
CREATE POLICY house ON report_entry FOR SELECT TO wardroom_writer USING ((SELECT nullif(current_setting('app.scope', true), '')) = 'house');
GRANT SELECT, INSERT ON report_entry TO wardroom_writer;

ALTER TABLE report_caller ENABLE ROW LEVEL SECURITY;
ALTER TABLE report_caller FORCE ROW LEVEL SECURITY;
CREATE POLICY directory ON report_caller TO wardroom_writer
  USING ((SELECT nullif(current_setting('app.scope', true), '')) = 'directory')
  WITH CHECK ((SELECT nullif(current_setting('app.scope', true), '')) = 'directory');
GRANT SELECT, INSERT, DELETE ON report_caller TO wardroom_writer;
GRANT UPDATE (until) ON report_caller TO wardroom_writer;
