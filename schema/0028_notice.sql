-- Notices: who is to be reached outside the application, about which object,
-- by which way, and how far each has come. A row is its own place in the queue.
-- It holds ids, enums, numbers and times: no name, number, address or sentence.
-- Whom it goes to is read from the directory when it is sent, and what it says
-- is made then.

-- +goose Up

CREATE TABLE notice (
  id           text PRIMARY KEY CHECK (id ~ '^[0-9a-f]{32}$'),
  log          text NOT NULL REFERENCES log (id),
  root         bigint NOT NULL,
  instance     text NOT NULL CHECK (instance ~ '^[a-z0-9/-]{1,64}$'),
  purpose      text NOT NULL CHECK (purpose IN ('raised', 'update', 'invitation', 'escalation', 'needed-mention', 'needed-action', 'needed-role')),
  whose        text NOT NULL CHECK (whose IN ('person', 'contact', 'invitation')),
  recipient    text NOT NULL CHECK (length(recipient) BETWEEN 1 AND 64),
  org          text NOT NULL,
  kind         text NOT NULL CHECK (kind IN ('sms', 'email')),
  channel      text NOT NULL CHECK (length(channel) <= 64),
  try          int NOT NULL CHECK (try BETWEEN 1 AND 5),
  code         bytea NOT NULL UNIQUE CHECK (octet_length(code) = 32),
  made         timestamptz NOT NULL,
  state        text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sending', 'uncertain', 'sent', 'delivered', 'temporary', 'permanent', 'technical', 'refused', 'not_sent')),
  why          text CHECK (why IN ('gone', 'answered', 'here', 'quiet', 'no_channel', 'repeats', 'exercise', 'over', 'late', 'no_way', 'stopped', 'refused', 'frozen')),
  due          timestamptz NOT NULL,
  taken        timestamptz NOT NULL DEFAULT '-infinity',
  hand         text,
  way          text CHECK (way IN ('sms', 'email', 'smtp')),
  began        timestamptz,
  attempts     int NOT NULL DEFAULT 0,
  notify       text CHECK (length(notify) <= 36),
  heard        smallint NOT NULL DEFAULT 0 CHECK (heard BETWEEN 0 AND 8),
  polled       timestamptz,
  settled      timestamptz,
  acknowledged timestamptz,
  UNIQUE (log, root, instance, recipient, kind, channel, try)
);
COMMENT ON TABLE notice IS 'One message to one recipient by one channel. Its id is the reference that GOV.UK Notify keeps with it';
COMMENT ON COLUMN notice.root IS 'The entry it is about';
COMMENT ON COLUMN notice.instance IS 'What about it: step-2 of an escalation, an entry''s number. Asked for twice, it is one notice';
COMMENT ON COLUMN notice.recipient IS 'A person, an organisation''s contact or an invitation, by id';
COMMENT ON COLUMN notice.channel IS 'The contact''s channel; empty for the recipient''s own';
COMMENT ON COLUMN notice.try IS 'Counts what somebody had sent again: each is a message of its own';
COMMENT ON COLUMN notice.code IS 'MAC of the code in it. The code is made of the id under the vault''s key and stored nowhere';
COMMENT ON COLUMN notice.due IS 'Not worked on before';
COMMENT ON COLUMN notice.taken IS 'Until when one node is at it';
COMMENT ON COLUMN notice.began IS 'When the last request to send it began; of one that is sending and that nobody is at, it is uncertain whether it was accepted';
COMMENT ON COLUMN notice.heard IS 'The furthest status heard, in the order of notify.Status: it never goes back';
COMMENT ON COLUMN notice.why IS 'Why it was not sent';
CREATE INDEX notice_due ON notice (kind, due) WHERE state IN ('queued', 'sending', 'uncertain');
CREATE INDEX notice_recipient ON notice (log, recipient, purpose, kind, began) WHERE began IS NOT NULL;
CREATE INDEX notice_open ON notice (coalesce(polled, began)) WHERE state = 'sent' AND way <> 'smtp';
CREATE INDEX notice_made ON notice (made);

CREATE TABLE gateway (
  way      text PRIMARY KEY CHECK (way IN ('sms', 'email', 'smtp')),
  why      text NOT NULL DEFAULT '' CHECK (why IN ('', 'unreachable', 'busy', 'exhausted', 'denied', 'skewed', 'strange')),
  failures int NOT NULL DEFAULT 0,
  since    timestamptz,
  again    timestamptz NOT NULL DEFAULT '-infinity',
  skew     int NOT NULL DEFAULT 0,
  next     timestamptz NOT NULL DEFAULT '-infinity'
);
COMMENT ON TABLE gateway IS 'How each way out does, for all nodes: what holds it, and the pace';
COMMENT ON COLUMN gateway.failures IS 'In a row';
COMMENT ON COLUMN gateway.since IS 'When the first of them was';
COMMENT ON COLUMN gateway.again IS 'Not tried before, once it is held';
COMMENT ON COLUMN gateway.skew IS 'Seconds that this deployment''s clock is ahead; of skewed';
COMMENT ON COLUMN gateway.next IS 'The first place that no message has taken yet';
INSERT INTO gateway (way) VALUES ('sms'), ('email'), ('smtp');

CREATE TABLE number_sent (
  number bytea NOT NULL CHECK (octet_length(number) = 32),
  at     timestamptz NOT NULL
);
COMMENT ON TABLE number_sent IS 'When a number got a text message within the last hour: the networks block one that gets many';
COMMENT ON COLUMN number_sent.number IS 'MAC of it';
CREATE INDEX number_sent_number ON number_sent (number, at);
CREATE INDEX number_sent_at ON number_sent (at);

CREATE TABLE typed (
  code bytea NOT NULL CHECK (octet_length(code) = 32),
  at   timestamptz NOT NULL
);
COMMENT ON TABLE typed IS 'What was typed to acknowledge a notice, right or wrong alike: it is compared afterwards, so that how long an answer takes tells nothing';
COMMENT ON COLUMN typed.code IS 'MAC of what was typed';

CREATE TABLE reach (
  person     text NOT NULL,
  kind       text NOT NULL CHECK (kind IN ('sms', 'email')),
  sealed     bytea NOT NULL,
  verified   timestamptz,
  code       bytea CHECK (octet_length(code) = 32),
  code_until timestamptz,
  code_wrong int NOT NULL DEFAULT 0,
  codes      int NOT NULL DEFAULT 0,
  codes_from timestamptz,
  PRIMARY KEY (person, kind),
  CHECK ((code IS NULL) = (code_until IS NULL))
);
COMMENT ON TABLE reach IS 'How a person is reached: their own number and address';
COMMENT ON COLUMN reach.sealed IS 'The number or address; bound to person and kind';
COMMENT ON COLUMN reach.verified IS 'When a code that was sent there came back; null: nothing else is sent there';
COMMENT ON COLUMN reach.codes IS 'Codes sent within the hour that began at codes_from';

CREATE TABLE quiet (
  person text PRIMARY KEY,
  begins int NOT NULL CHECK (begins BETWEEN 0 AND 1439),
  ends   int NOT NULL CHECK (ends BETWEEN 0 AND 1439 AND ends <> begins)
);
COMMENT ON TABLE quiet IS 'Hours in which a person is not written to, but for an escalation: minutes after midnight in the United Kingdom';

ALTER TABLE invitation ADD COLUMN texted bytea UNIQUE CHECK (octet_length(texted) = 32);
COMMENT ON COLUMN invitation.texted IS 'MAC of the code that a notice told of it; null if none did';
GRANT UPDATE (texted) ON invitation TO wardroom_writer;

-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['notice', 'gateway', 'number_sent', 'typed'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format($p$CREATE POLICY courier ON %I TO wardroom_writer
      USING ((SELECT nullif(current_setting('app.scope', true), '')) = 'courier')
      WITH CHECK ((SELECT nullif(current_setting('app.scope', true), '')) = 'courier')$p$, t);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['reach', 'quiet'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format($p$CREATE POLICY directory ON %I TO wardroom_writer
      USING ((SELECT nullif(current_setting('app.scope', true), '')) = 'directory')
      WITH CHECK ((SELECT nullif(current_setting('app.scope', true), '')) = 'directory')$p$, t);
  END LOOP;
END $$;
-- +goose StatementEnd

GRANT SELECT, INSERT, DELETE ON notice TO wardroom_writer;
GRANT UPDATE (state, why, due, taken, hand, way, began, attempts, notify, heard, polled, settled, acknowledged) ON notice TO wardroom_writer;
GRANT SELECT ON gateway TO wardroom_writer;
GRANT UPDATE (why, failures, since, again, skew, next) ON gateway TO wardroom_writer;
GRANT SELECT, INSERT, DELETE ON number_sent TO wardroom_writer;
GRANT SELECT, INSERT, DELETE ON typed TO wardroom_writer;
GRANT SELECT, INSERT, UPDATE, DELETE ON reach TO wardroom_writer;
GRANT SELECT, INSERT, UPDATE, DELETE ON quiet TO wardroom_writer;
