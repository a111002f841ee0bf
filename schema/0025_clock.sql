-- +goose Up
-- Statutory clocks among what boards list.

ALTER TABLE record DROP CONSTRAINT record_noun_check;
ALTER TABLE record ADD CONSTRAINT record_noun_check
    CHECK (noun IN ('severity', 'decision', 'action', 'book', 'logentry', 'item', 'tearline', 'sighting', 'release', 'promotion', 'escalation', 'clock'));
COMMENT ON COLUMN record.member IS 'Whose move it is, or was: a decision''s or book''s maker, the person an action is for, who sees to a clock; 0 for none.';
COMMENT ON COLUMN record.org IS 'The organisation an action is for, that assessed, whose item it is, that owes what a clock runs for, or whose release or consent is asked for.';
COMMENT ON COLUMN record.due IS 'An action''s due time, a decision''s or an item''s review time; by the exercise''s clock in an exercise. Of a statutory clock when its limit is over, by real time.';
CREATE INDEX record_clock_due ON record (log, noun, root) WHERE due IS NOT NULL AND state = 'running';
CREATE INDEX record_clock_waiting ON record (log, noun, member, org, root) WHERE state = 'running';
