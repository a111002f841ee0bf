-- What more a notice can be about: statutory clocks, handovers, and alerts. And
-- what was resent by the house itself.

-- +goose Up

ALTER TABLE notice DROP CONSTRAINT notice_purpose_check;
ALTER TABLE notice ADD CONSTRAINT notice_purpose_check CHECK (purpose IN ('raised', 'update', 'invitation', 'escalation', 'needed-mention', 'needed-action', 'needed-role',
  'needed-clock', 'needed-handover', 'alert', 'alert-chased'));
