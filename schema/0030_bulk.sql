-- Many are invited at once: which of their invitations came of which broadcast,
-- when each was opened, and how much of that the room's log says already.

-- +goose Up

ALTER TABLE invitation ADD COLUMN batch bigint CHECK (batch > 0);
ALTER TABLE invitation ADD COLUMN opened timestamptz;
ALTER TABLE invitation ADD COLUMN noted smallint NOT NULL DEFAULT 0 CHECK (noted BETWEEN 0 AND 3);
COMMENT ON COLUMN invitation.batch IS 'The broadcast it was made for, by its entry in the room''s log; null for one that somebody made by itself';
COMMENT ON COLUMN invitation.opened IS 'When whom it is for first looked at it, signed in; of those of a broadcast';
COMMENT ON COLUMN invitation.noted IS 'What the room''s log says of it already: 1 that its message was delivered, 2 that it was opened';
CREATE INDEX invitation_batch ON invitation (room, batch) WHERE batch IS NOT NULL AND noted <> 3;

ALTER TABLE broadcast_to ADD COLUMN kept text CHECK (kept IN ('gone', 'alert_only', 'closed', 'no_channel', 'exercise', 'here', 'refused'));
COMMENT ON COLUMN broadcast_to.kept IS 'Why they were not invited after all, when it came to that; null where they were, or where nobody is';

GRANT UPDATE (opened, noted) ON invitation TO wardroom_writer;
GRANT UPDATE (kept) ON broadcast_to TO wardroom_writer;
