-- What more a notice can be about: statutory clocks, handovers, and alerts. And
-- when the house sends again what never left.

-- +goose Up

ALTER TABLE notice DROP CONSTRAINT notice_purpose_check;
ALTER TABLE notice ADD CONSTRAINT notice_purpose_check CHECK (purpose IN ('raised', 'update', 'invitation', 'escalation', 'needed-mention', 'needed-action', 'needed-role',
  'needed-clock', 'needed-handover', 'alert', 'alert-chased'));

ALTER TABLE notice ADD COLUMN again timestamptz;
COMMENT ON COLUMN notice.again IS 'When the house sends it again by itself, as a message of its own: it never left. Null: it does not';
CREATE INDEX notice_again ON notice (again) WHERE again IS NOT NULL;
GRANT UPDATE (again) ON notice TO wardroom_writer;
