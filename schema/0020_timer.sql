-- +goose Up
-- Times by which the house itself is to do something, and escalations among
-- what boards list.

CREATE TABLE timer (
    log   text NOT NULL REFERENCES log (id),
    id    text NOT NULL,
    due   timestamptz NOT NULL,
    taken timestamptz NOT NULL DEFAULT '-infinity',
    PRIMARY KEY (log, id)
);
COMMENT ON TABLE timer IS 'Derived: what each room waits for. A row is there for as long as the room''s fold has it; whoever carries it out takes it away in the same transaction.';
COMMENT ON COLUMN timer.id IS 'The noun, the object''s root and what else the noun tells its timers apart by: escalation/12/1.';
COMMENT ON COLUMN timer.taken IS 'Until when one node is at it; then any may be. Two that are carry it out once: its key in the log is the same.';
CREATE INDEX timer_due ON timer (due);
ALTER TABLE timer ENABLE ROW LEVEL SECURITY;
ALTER TABLE timer FORCE ROW LEVEL SECURITY;
CREATE POLICY writer ON timer TO wardroom_writer USING (
    (SELECT current_setting('app.scope', true)) = 'writer' AND log = (SELECT current_setting('app.log', true)));
CREATE POLICY house ON timer TO wardroom_writer USING ((SELECT current_setting('app.scope', true)) = 'house');
GRANT SELECT, INSERT, DELETE ON timer TO wardroom_writer;
GRANT UPDATE (due, taken) ON timer TO wardroom_writer;

ALTER TABLE record DROP CONSTRAINT record_noun_check;
ALTER TABLE record ADD CONSTRAINT record_noun_check
    CHECK (noun IN ('severity', 'decision', 'action', 'book', 'logentry', 'item', 'tearline', 'sighting', 'release', 'promotion', 'escalation'));

CREATE TABLE rota (
    org     text NOT NULL,
    tier    text NOT NULL CHECK (tier IN ('operational', 'tactical', 'strategic')),
    version bigint NOT NULL,
    sealed  bytea NOT NULL,
    PRIMARY KEY (org, tier)
);
COMMENT ON TABLE rota IS 'Who of a host is on call at a tier, and when: the shifts, sealed';
COMMENT ON COLUMN rota.version IS 'Counts the changes: one that was made on an older view is refused';
COMMENT ON COLUMN rota.sealed IS 'Bound to (org, tier, version)';
ALTER TABLE rota ENABLE ROW LEVEL SECURITY;
ALTER TABLE rota FORCE ROW LEVEL SECURITY;
CREATE POLICY directory ON rota TO wardroom_writer
  USING ((SELECT nullif(current_setting('app.scope', true), '')) = 'directory')
  WITH CHECK ((SELECT nullif(current_setting('app.scope', true), '')) = 'directory');
GRANT SELECT, INSERT, UPDATE ON rota TO wardroom_writer;
