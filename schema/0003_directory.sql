-- How people are reached and let in: invitations' links and addresses,
-- contacts, read markers. Sealed, mutable, not evidence; what an inquiry needs
-- of it stands in the logs.
--
-- As for identity: wardroom_writer's alone, and every table shows nothing unless
-- the transaction has said set_config('app.scope', 'directory', true) first.

-- +goose Up

CREATE TABLE invitation (
  id         text PRIMARY KEY CHECK (id ~ '^[a-z2-7]{26}$'),
  room       text NOT NULL,
  org        text NOT NULL,
  issuer     text NOT NULL,
  token      bytea NOT NULL UNIQUE CHECK (octet_length(token) = 32),
  code       bytea NOT NULL UNIQUE CHECK (octet_length(code) = 32),
  otp        bytea CHECK (octet_length(otp) = 32),
  otp_wrong  int NOT NULL DEFAULT 0,
  subject    bytea CHECK (octet_length(subject) = 32),
  sealed     bytea NOT NULL,
  state      text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'asked', 'tied', 'revoked')),
  holder     bytea CHECK (octet_length(holder) = 32),
  how        text CHECK (how IN ('subject', 'address', 'code', 'vouched')),
  created    timestamptz NOT NULL,
  expires    timestamptz NOT NULL,
  new_wanted timestamptz,
  CHECK (CASE state WHEN 'open' THEN holder IS NULL WHEN 'revoked' THEN true ELSE holder IS NOT NULL END),
  CHECK (CASE state WHEN 'tied' THEN how IS NOT NULL WHEN 'revoked' THEN true ELSE how IS NULL END)
);
COMMENT ON TABLE invitation IS 'A link into a room for one named person. The room''s log says who was invited and who joined; this row says which link, code and address that was';
COMMENT ON COLUMN invitation.id IS 'As it stands in the room''s log; not a secret';
COMMENT ON COLUMN invitation.issuer IS 'The key of the issuer that must vouch for the sign-in; empty for any';
COMMENT ON COLUMN invitation.token IS 'SHA-256 of the link''s token';
COMMENT ON COLUMN invitation.code IS 'MAC of the code that can be typed instead of following the link';
COMMENT ON COLUMN invitation.otp IS 'MAC of the six digits given by another channel; null if none are';
COMMENT ON COLUMN invitation.otp_wrong IS 'Wrong six digits so far; at five they are dead until the link is renewed';
COMMENT ON COLUMN invitation.subject IS 'MAC of the (issuer, subject) it was made for; null if that was not known';
COMMENT ON COLUMN invitation.sealed IS 'Name, e-mail address and telephone number it was sent to; bound to id';
COMMENT ON COLUMN invitation.state IS 'open: nobody came; asked: holder came and nothing ties them to it yet; tied: it is holder''s and nobody else''s, who may join or has (the room''s log says which)';
COMMENT ON COLUMN invitation.holder IS 'MAC of the (issuer, subject) of who came with it';
COMMENT ON COLUMN invitation.how IS 'What tied the holder to it';
COMMENT ON COLUMN invitation.new_wanted IS 'When someone with this link last asked for a new one';
CREATE INDEX invitation_room ON invitation (room);
CREATE INDEX invitation_subject ON invitation (subject) WHERE subject IS NOT NULL;

CREATE TABLE code_attempt (
  who     bytea PRIMARY KEY CHECK (octet_length(who) = 32),
  wrong   int NOT NULL,
  since   timestamptz NOT NULL
);
COMMENT ON TABLE code_attempt IS 'Typed codes that were wrong, per person, so that codes cannot be guessed by trying';
COMMENT ON COLUMN code_attempt.who IS 'MAC of (issuer, subject)';
COMMENT ON COLUMN code_attempt.since IS 'When the present hour of counting began';

CREATE TABLE contact (
  room   text NOT NULL,
  root   bigint NOT NULL,
  sealed bytea NOT NULL,
  PRIMARY KEY (room, root)
);
COMMENT ON TABLE contact IS 'Present e-mail address and telephone number of a member';
COMMENT ON COLUMN contact.root IS 'The entry that began the membership';
COMMENT ON COLUMN contact.sealed IS 'Bound to (room, root)';

CREATE TABLE room_mark (
  person  text NOT NULL,
  room    text NOT NULL,
  read_to bigint NOT NULL DEFAULT 0 CHECK (read_to >= 0),
  muted   boolean NOT NULL DEFAULT false,
  PRIMARY KEY (person, room)
);
COMMENT ON TABLE room_mark IS 'How far a person has read a room, and whether it is silent for them. Not evidence of reading';
COMMENT ON COLUMN room_mark.read_to IS 'Only ever grows';

-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['invitation', 'code_attempt', 'contact', 'room_mark'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format($p$CREATE POLICY directory ON %I TO wardroom_writer
      USING ((SELECT nullif(current_setting('app.scope', true), '')) = 'directory')
      WITH CHECK ((SELECT nullif(current_setting('app.scope', true), '')) = 'directory')$p$, t);
  END LOOP;
END $$;
-- +goose StatementEnd

GRANT SELECT, INSERT ON invitation TO wardroom_writer;
GRANT UPDATE (token, code, otp, otp_wrong, state, holder, how, expires, new_wanted) ON invitation TO wardroom_writer;
GRANT SELECT, INSERT, UPDATE, DELETE ON code_attempt TO wardroom_writer;
GRANT SELECT, INSERT, UPDATE, DELETE ON contact TO wardroom_writer;
GRANT SELECT, INSERT, UPDATE (read_to, muted) ON room_mark TO wardroom_writer;
