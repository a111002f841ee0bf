-- +goose Up
-- Meetings, situation reports, updates and requests for one, and handovers,
-- among what boards list.

ALTER TABLE record DROP CONSTRAINT record_noun_check;
ALTER TABLE record ADD CONSTRAINT record_noun_check
    CHECK (noun IN ('severity', 'decision', 'action', 'book', 'logentry', 'item', 'tearline', 'sighting', 'release', 'promotion', 'escalation', 'clock',
        'meeting', 'sitrep', 'update', 'request', 'handover'));
