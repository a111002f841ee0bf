-- +goose Up
-- Restricted intelligence: which entries travel as envelopes because opening
-- them is recorded, which were recalled, how items and what is said of them
-- stand on boards, and which decisions cite what. Ids, enums, numbers and times
-- only.

ALTER TABLE root ADD COLUMN recorded boolean NOT NULL DEFAULT false;
ALTER TABLE root ADD COLUMN recalled boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN root.recorded IS 'Opening it is put on the access log: its body travels in no frame and no page.';
COMMENT ON COLUMN root.recalled IS 'Its originator ended the sharing, for good.';
GRANT UPDATE (recorded, recalled) ON root TO wardroom_writer;

ALTER TABLE record DROP CONSTRAINT record_noun_check;
ALTER TABLE record ADD CONSTRAINT record_noun_check
    CHECK (noun IN ('severity', 'decision', 'action', 'book', 'logentry', 'item', 'tearline', 'sighting', 'release'));
ALTER TABLE record ADD COLUMN recorded boolean NOT NULL DEFAULT false;
ALTER TABLE record ADD COLUMN expires timestamptz;
COMMENT ON COLUMN record.due IS 'An action''s due time, a decision''s or an item''s review time; by the exercise''s clock in an exercise.';
COMMENT ON COLUMN record.org IS 'The organisation an action is for, that assessed, whose item it is, or whose release is asked for.';
COMMENT ON COLUMN record.under IS 'The book a line is in, the decision an action carries out, the item a tear-line or a sighting is of, the entry a request is about; 0 for none.';
COMMENT ON COLUMN record.audience IS 'Who may see it, as in root: standing, tlp, audience, members, orgs, recorded.';
COMMENT ON COLUMN record.expires IS 'From when an item is not to be acted on.';
CREATE INDEX record_item_due ON record (log, noun, root) WHERE due IS NOT NULL AND state = 'live';
CREATE INDEX record_expires ON record (log, noun, root) WHERE expires IS NOT NULL;
CREATE INDEX record_asked ON record (log, noun, member, org, root) WHERE state = 'asked';
GRANT UPDATE (recorded, expires) ON record TO wardroom_writer;

CREATE TABLE cite (
    log   text NOT NULL REFERENCES log (id),
    cites bigint NOT NULL,
    root  bigint NOT NULL,
    PRIMARY KEY (log, cites, root)
);
COMMENT ON TABLE cite IS 'Derived: which decisions cite which entries, so that they can say when one of those was recalled.';
COMMENT ON COLUMN cite.root IS 'The decision.';
ALTER TABLE cite ENABLE ROW LEVEL SECURITY;
ALTER TABLE cite FORCE ROW LEVEL SECURITY;
CREATE POLICY writer ON cite TO wardroom_writer USING (
    (SELECT current_setting('app.scope', true)) = 'writer' AND log = (SELECT current_setting('app.log', true)));
GRANT SELECT, INSERT ON cite TO wardroom_writer;
