-- Who is signed in. Rows here are means of access, not evidence: they are
-- changed and deleted. No personal data stands in a column: names, addresses
-- and subjects are sealed, and found by a MAC.
--
-- These tables are wardroom_writer's alone. Each has forced row-level security
-- that shows nothing unless the transaction has said
-- set_config('app.scope', 'identity', true) first: a query from another room of
-- the house, or one smuggled into it, finds them empty; what reads for people
-- may not ask.

-- +goose Up

CREATE TABLE session (
  id        text PRIMARY KEY CHECK (id ~ '^[a-z2-7]{26}$'),
  token     bytea NOT NULL UNIQUE CHECK (octet_length(token) = 32),
  issuer    text NOT NULL CHECK (issuer <> ''),
  subject   bytea NOT NULL CHECK (octet_length(subject) = 32),
  sealed    bytea NOT NULL,
  acr       text NOT NULL,
  auth_time timestamptz,
  step_up   timestamptz,
  device    text NOT NULL CHECK (length(device) <= 64),
  started   timestamptz NOT NULL,
  last_seen timestamptz NOT NULL,
  expires   timestamptz NOT NULL CHECK (expires > started),
  ended     timestamptz,
  why       text CHECK (why IN ('signed_out', 'ended', 'administrator', 'suspended', 'replaced')),
  CHECK ((ended IS NULL) = (why IS NULL))
);
COMMENT ON TABLE session IS 'One sign-in on one device. The row outlives the token, which changes at every sign-in and step-up; a row that ended never lives again';
COMMENT ON COLUMN session.id IS 'Public name, in lists and records; grants nothing';
COMMENT ON COLUMN session.token IS 'SHA-256 of the 256-bit token in the cookie';
COMMENT ON COLUMN session.subject IS 'MAC of (issuer, subject): finds all sessions of a person without naming them';
COMMENT ON COLUMN session.sealed IS 'Subject, name, e-mail address, whether the issuer verified it, organisation claim; bound to id';
COMMENT ON COLUMN session.acr IS 'The authentication class of the last sign-in or step-up, as the issuer vouched';
COMMENT ON COLUMN session.auth_time IS 'When the issuer last authenticated the person; null if it did not say and was not asked';
COMMENT ON COLUMN session.step_up IS 'When the person last gave a fresh second factor that was asked for; null for never';
COMMENT ON COLUMN session.device IS 'Coarse: browser and system, for the person to recognise it';
COMMENT ON COLUMN session.last_seen IS 'Last activity, written at most every 30 seconds; 30 minutes without lock the session';
COMMENT ON COLUMN session.expires IS 'Absolute: 13 hours after it started, whatever happens in between';
COMMENT ON COLUMN session.why IS 'signed_out: by the person here; ended: by the person from another session; replaced: someone else signed in in the same browser';

CREATE INDEX session_person ON session (subject) WHERE ended IS NULL;
-- For the question every node asks four times a second: which ended, expired or
-- locked since I last asked?
CREATE INDEX session_ended ON session (ended) WHERE ended IS NOT NULL;
CREATE INDEX session_expires ON session (expires);
CREATE INDEX session_last_seen ON session (last_seen) WHERE ended IS NULL;

CREATE TABLE stream_ticket (
  hash    bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
  session text NOT NULL REFERENCES session (id) ON DELETE CASCADE,
  expires timestamptz NOT NULL
);
COMMENT ON TABLE stream_ticket IS 'What lets one socket of one session begin; deleted by its use, void after 10 seconds or when the session''s token changes';
COMMENT ON COLUMN stream_ticket.hash IS 'SHA-256 of the 256-bit ticket';
CREATE INDEX stream_ticket_session ON stream_ticket (session);
CREATE INDEX stream_ticket_expires ON stream_ticket (expires);

CREATE TABLE service_token (
  id      text PRIMARY KEY CHECK (id ~ '^[a-z2-7]{26}$'),
  hash    bytea NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
  expires timestamptz NOT NULL
);
COMMENT ON TABLE service_token IS 'Secrets of service tokens. Names, scopes and revocation stand in the system log; without an entry there a row here opens nothing';
COMMENT ON COLUMN service_token.hash IS 'SHA-256 of the 256-bit secret, which was shown once';

CREATE TABLE setup_link (
  hash    bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
  expires timestamptz NOT NULL,
  session text,
  used    timestamptz,
  CHECK ((session IS NULL) = (used IS NULL))
);
COMMENT ON TABLE setup_link IS 'One-time links that let the first administrator set the deployment up';
COMMENT ON COLUMN setup_link.hash IS 'SHA-256 of the 256-bit token in the link';
COMMENT ON COLUMN setup_link.session IS 'The session that used it';

-- The journal asks this inside the transaction of a group: a session that
-- ended a moment ago writes nothing more. It takes on the scope for its own
-- run only (an error in between aborts the transaction and the scope with it)
-- and tells of an id nothing but whether it is live.
-- +goose StatementBegin
CREATE FUNCTION session_live(ids text[]) RETURNS SETOF text
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
  caller text := coalesce(current_setting('app.scope', true), '');
BEGIN
  PERFORM set_config('app.scope', 'identity', true);
  RETURN QUERY SELECT s.id FROM session s
    WHERE s.id = ANY (ids) AND s.ended IS NULL
      AND s.expires > clock_timestamp() AND s.last_seen > clock_timestamp() - interval '30 minutes';
  PERFORM set_config('app.scope', caller, true);
END
$$;
-- +goose StatementEnd
COMMENT ON FUNCTION session_live IS 'Those of the given session ids that are live by the database''s clock';

-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['session', 'stream_ticket', 'service_token', 'setup_link'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    -- nullif: after a transaction that set it, an unset setting reads ''.
    EXECUTE format($p$CREATE POLICY identity ON %I TO wardroom_writer
      USING ((SELECT nullif(current_setting('app.scope', true), '')) = 'identity')
      WITH CHECK ((SELECT nullif(current_setting('app.scope', true), '')) = 'identity')$p$, t);
  END LOOP;
END $$;
-- +goose StatementEnd

GRANT SELECT, INSERT, DELETE ON session TO wardroom_writer;
GRANT UPDATE (token, sealed, acr, auth_time, step_up, device, last_seen, ended, why) ON session TO wardroom_writer;
GRANT SELECT, INSERT, DELETE ON stream_ticket TO wardroom_writer;
GRANT SELECT, INSERT, DELETE ON service_token TO wardroom_writer;
GRANT SELECT, INSERT, DELETE, UPDATE (session, used) ON setup_link TO wardroom_writer;
REVOKE ALL ON FUNCTION session_live FROM PUBLIC;
GRANT EXECUTE ON FUNCTION session_live TO wardroom_writer;
