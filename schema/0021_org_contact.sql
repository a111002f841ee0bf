-- How organisations are reached: their contacts by role, each with several
-- channels. Names, numbers and addresses are sealed; in the clear stands what
-- questions are asked by (who has somebody verified for what), and nothing that
-- can be rung. Mutable, not evidence: who leaves is gone from here, and the
-- system log says that there was somebody.

-- +goose Up

CREATE TABLE org_contact (
  id         text PRIMARY KEY CHECK (id ~ '^[a-z2-7]{26}$'),
  org        text NOT NULL,
  role       text NOT NULL CHECK (role IN ('ciso', 'siro', 'cio', 'on_call_director', 'it_security', 'comms', 'clinical_safety', 'aeo', 'other')),
  place      int NOT NULL CHECK (place BETWEEN 1 AND 9),
  alert_only boolean NOT NULL,
  sealed     bytea NOT NULL
);
COMMENT ON TABLE org_contact IS 'Somebody to reach at an organisation';
COMMENT ON COLUMN org_contact.place IS 'Who is tried first in the role, and who stands in: 1, 2, 3 …';
COMMENT ON COLUMN org_contact.alert_only IS 'Is told of incidents, and comes into no room';
COMMENT ON COLUMN org_contact.sealed IS 'Name; bound to id and org';
CREATE INDEX org_contact_org ON org_contact (org);

CREATE TABLE org_channel (
  contact      text NOT NULL REFERENCES org_contact ON DELETE CASCADE,
  id           text NOT NULL CHECK (id ~ '^[a-z2-7]{26}$'),
  kind         text NOT NULL CHECK (kind IN ('sms', 'email', 'voice')),
  out_of_hours boolean NOT NULL,
  sealed       bytea NOT NULL,
  verified     timestamptz,
  how          text CHECK (how IN ('code', 'rung')),
  by_person    text,
  code         bytea CHECK (octet_length(code) = 32),
  code_until   timestamptz,
  code_wrong   int NOT NULL DEFAULT 0,
  PRIMARY KEY (contact, id),
  CHECK ((verified IS NULL) = (how IS NULL) AND (verified IS NULL) = (by_person IS NULL)),
  CHECK ((code IS NULL) = (code_until IS NULL))
);
COMMENT ON TABLE org_channel IS 'A number or address of a contact. It never changes: another number is another channel, which nobody has verified';
COMMENT ON COLUMN org_channel.out_of_hours IS 'Reaches them at night and at weekends too';
COMMENT ON COLUMN org_channel.sealed IS 'The number or address; bound to contact, id and kind';
COMMENT ON COLUMN org_channel.verified IS 'When it was last found to reach them; null for never';
COMMENT ON COLUMN org_channel.how IS 'By a code that came back, or by a host who rang back';
COMMENT ON COLUMN org_channel.by_person IS 'Who typed the code, or rang';
COMMENT ON COLUMN org_channel.code IS 'MAC of the code sent there; null if none is out';
COMMENT ON COLUMN org_channel.code_wrong IS 'Wrong codes typed since it was sent; at five it is dead';

-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['org_contact', 'org_channel'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format($p$CREATE POLICY directory ON %I TO wardroom_writer
      USING ((SELECT nullif(current_setting('app.scope', true), '')) = 'directory')
      WITH CHECK ((SELECT nullif(current_setting('app.scope', true), '')) = 'directory')$p$, t);
  END LOOP;
END $$;
-- +goose StatementEnd

GRANT SELECT, INSERT, DELETE ON org_contact TO wardroom_writer;
GRANT UPDATE (role, place, alert_only, sealed) ON org_contact TO wardroom_writer;
GRANT SELECT, INSERT, DELETE ON org_channel TO wardroom_writer;
GRANT UPDATE (out_of_hours, verified, how, by_person, code, code_until, code_wrong) ON org_channel TO wardroom_writer;
