-- +goose Up
-- What waits for consent in a side room, and what rests on which entry.

ALTER TABLE record DROP CONSTRAINT record_noun_check;
ALTER TABLE record ADD CONSTRAINT record_noun_check
    CHECK (noun IN ('severity', 'decision', 'action', 'book', 'logentry', 'item', 'tearline', 'sighting', 'release', 'promotion'));
COMMENT ON COLUMN record.org IS 'The organisation an action is for, that assessed, whose item it is, or whose release or consent is asked for.';
COMMENT ON COLUMN record.under IS 'The book a line is in, the decision an action carries out, the item a tear-line or a sighting is of, the entry a request or a question is about; 0 for none.';

COMMENT ON TABLE cite IS 'Derived: what rests on which entries. A decision says when one of those was recalled; a question to bring one to the main room is seen by whoever sees it.';
COMMENT ON COLUMN cite.root IS 'The decision, or the question.';

-- Requests about what was recalled wait for nobody. The tables' owner sees no
-- row while their policies hold for it too.
ALTER TABLE record NO FORCE ROW LEVEL SECURITY;
ALTER TABLE root NO FORCE ROW LEVEL SECURITY;
UPDATE record c SET state = 'recalled' FROM root r
    WHERE c.noun = 'release' AND c.state = 'asked' AND r.log = c.log AND r.seq = c.under AND r.recalled;
ALTER TABLE record FORCE ROW LEVEL SECURITY;
ALTER TABLE root FORCE ROW LEVEL SECURITY;
