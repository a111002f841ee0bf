-- Signing in while an issuer does not answer: passkeys that were enrolled
-- beforehand, and two codes, one sent to the person and one read out by a host.
-- As for the other tables of identity: wardroom_writer's alone, each shows
-- nothing unless the transaction has said set_config('app.scope', 'identity',
-- true) first, and no personal data stands in a column.

-- +goose Up

ALTER TABLE session ADD COLUMN way text NOT NULL DEFAULT '' CHECK (way IN ('', 'passkey', 'code'));
COMMENT ON COLUMN session.way IS 'How it was begun: empty at an issuer; the others end after 60 minutes, used or not';
ALTER TABLE session DROP CONSTRAINT session_why_check;
ALTER TABLE session ADD CONSTRAINT session_why_check CHECK (why IN ('signed_out', 'ended', 'administrator', 'suspended', 'replaced', 'frozen'));

CREATE TABLE passkey (
  id         text PRIMARY KEY CHECK (id ~ '^[a-z2-7]{26}$'),
  subject    bytea NOT NULL CHECK (octet_length(subject) = 32),
  credential bytea NOT NULL UNIQUE CHECK (octet_length(credential) = 32),
  number     int NOT NULL CHECK (number > 0),
  sealed     bytea NOT NULL,
  copied     boolean NOT NULL DEFAULT false,
  created    timestamptz NOT NULL,
  used       timestamptz,
  UNIQUE (subject, number)
);
COMMENT ON TABLE passkey IS 'Keys that people sign in with while their issuer does not answer. Which numbers count stands in the system log; without an entry there a row here opens nothing';
COMMENT ON COLUMN passkey.subject IS 'MAC of (issuer, subject): whose it is';
COMMENT ON COLUMN passkey.credential IS 'SHA-256 of the credential''s id';
COMMENT ON COLUMN passkey.number IS 'As it stands in the system log';
COMMENT ON COLUMN passkey.sealed IS 'Who it signs in, the public key with its counter, the host it is for, and what its owner calls it; bound to id';
COMMENT ON COLUMN passkey.copied IS 'Its counter went back: another authenticator has the same key. It signs nobody in any more';

CREATE TABLE passkey_answer (
  challenge bytea PRIMARY KEY CHECK (octet_length(challenge) = 32),
  expires   timestamptz NOT NULL
);
COMMENT ON TABLE passkey_answer IS 'Challenges that were answered rightly, until they are void: each is good once. One that nobody answered leaves no row';

CREATE TABLE code_request (
  id       text PRIMARY KEY CHECK (id ~ '^[a-z2-7]{26}$'),
  secret   bytea NOT NULL UNIQUE CHECK (octet_length(secret) = 32),
  subject  bytea NOT NULL CHECK (octet_length(subject) = 32),
  kind     text NOT NULL CHECK (kind IN ('sms', 'email')),
  sealed   bytea NOT NULL,
  first    bytea NOT NULL CHECK (octet_length(first) = 32),
  second   bytea CHECK (octet_length(second) = 32),
  wrong    int NOT NULL DEFAULT 0,
  wrong2   int NOT NULL DEFAULT 0,
  passed   timestamptz,
  used     timestamptz,
  created  timestamptz NOT NULL,
  expires  timestamptz NOT NULL
);
COMMENT ON TABLE code_request IS 'Somebody who is known asks to come in by codes. Whoever is not known leaves no row';
COMMENT ON COLUMN code_request.id IS 'As it stands in the system log; grants nothing';
COMMENT ON COLUMN code_request.secret IS 'SHA-256 of what the browser that asked was given';
COMMENT ON COLUMN code_request.sealed IS 'Who the person is at their issuer; bound to id';
COMMENT ON COLUMN code_request.first IS 'MAC of the code that was sent';
COMMENT ON COLUMN code_request.second IS 'MAC of the code that a host reads out; null until one has said so';
COMMENT ON COLUMN code_request.wrong IS 'Comparisons with the first code; at five it is dead';
COMMENT ON COLUMN code_request.wrong2 IS 'Comparisons with the second; at five it is dead';
COMMENT ON COLUMN code_request.passed IS 'When the first was right';
COMMENT ON COLUMN code_request.used IS 'When both were, which is once';
CREATE INDEX code_request_subject ON code_request (subject, created);

-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['passkey', 'passkey_answer', 'code_request'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format($p$CREATE POLICY identity ON %I TO wardroom_writer
      USING ((SELECT nullif(current_setting('app.scope', true), '')) = 'identity')
      WITH CHECK ((SELECT nullif(current_setting('app.scope', true), '')) = 'identity')$p$, t);
  END LOOP;
END $$;
-- +goose StatementEnd

GRANT SELECT, INSERT, DELETE ON passkey TO wardroom_writer;
GRANT UPDATE (sealed, copied, used) ON passkey TO wardroom_writer;
GRANT SELECT, INSERT, DELETE ON passkey_answer TO wardroom_writer;
GRANT SELECT, INSERT, DELETE ON code_request TO wardroom_writer;
GRANT UPDATE (second, wrong, wrong2, passed, used) ON code_request TO wardroom_writer;
