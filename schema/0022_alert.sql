-- Which entries of the system log tell of which alert, so that its history and
-- those that are closed can be read back.

-- +goose Up

CREATE TABLE alert_entry (
    log   text NOT NULL REFERENCES log (id),
    seq   bigint NOT NULL,
    alert int NOT NULL,
    kind  text NOT NULL,
    at    timestamptz NOT NULL,
    orgs  text[] NOT NULL,
    PRIMARY KEY (log, seq)
);
COMMENT ON TABLE alert_entry IS 'Derived: the entries of the system log, in whatever section, that are about an alert';
COMMENT ON COLUMN alert_entry.alert IS 'Its number: 1 is CC-0001';
COMMENT ON COLUMN alert_entry.at IS 'When the entry was recorded. Over all sections, (at, seq) is their order';
COMMENT ON COLUMN alert_entry.orgs IS 'Whom the entry names: to whom it was issued, who answered, who was chased';
CREATE INDEX alert_entry_alert ON alert_entry (alert, at, seq);
CREATE INDEX alert_entry_kind ON alert_entry (kind, alert DESC) WHERE kind IN ('alert.issued', 'alert.closed');
ALTER TABLE alert_entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE alert_entry FORCE ROW LEVEL SECURITY;
CREATE POLICY writer ON alert_entry TO wardroom_writer USING (
    (SELECT current_setting('app.scope', true)) = 'writer' AND log = (SELECT current_setting('app.log', true)));
CREATE POLICY house ON alert_entry FOR SELECT TO wardroom_writer USING ((SELECT current_setting('app.scope', true)) = 'house');
GRANT SELECT, INSERT ON alert_entry TO wardroom_writer;
