-- +goose Up
-- What goes out to organisations: whom it goes to, by ids alone, and broadcasts
-- among what boards list.

ALTER TABLE record DROP CONSTRAINT record_noun_check;
ALTER TABLE record ADD CONSTRAINT record_noun_check
    CHECK (noun IN ('severity', 'decision', 'action', 'book', 'logentry', 'item', 'tearline', 'sighting', 'release', 'promotion', 'escalation',
        'clock', 'meeting', 'sitrep', 'update', 'request', 'handover', 'broadcast'));

CREATE TABLE broadcast_list (
    log     text NOT NULL,
    id      text NOT NULL CHECK (id ~ '^[a-z2-7]{26}$'),
    hash    bytea NOT NULL CHECK (octet_length(hash) = 32),
    counts  bytea NOT NULL,
    made    timestamptz NOT NULL DEFAULT clock_timestamp(),
    asked   boolean NOT NULL DEFAULT false,
    PRIMARY KEY (log, id)
);
COMMENT ON TABLE broadcast_list IS 'A list of recipients as it was when somebody asked that they be written to. It never changes; what is true of each is read again when it is sent';
COMMENT ON COLUMN broadcast_list.hash IS 'SHA-256 of the list, which stands in the room''s log too';
COMMENT ON COLUMN broadcast_list.counts IS 'What the choice came to: numbers alone, as JSON';
COMMENT ON COLUMN broadcast_list.asked IS 'The room''s log names it. What nobody asked for goes after a day';

CREATE TABLE broadcast_to (
    log     text NOT NULL,
    list    text NOT NULL,
    n       int NOT NULL CHECK (n > 0),
    contact text NOT NULL,
    org     text NOT NULL,
    role    text NOT NULL,
    sms     text NOT NULL,
    email   text NOT NULL,
    PRIMARY KEY (log, list, n),
    FOREIGN KEY (log, list) REFERENCES broadcast_list (log, id) ON DELETE CASCADE,
    CHECK (sms <> '' OR email <> '')
);
COMMENT ON TABLE broadcast_to IS 'One contact of a list. Who they are, and their numbers, are the directory''s: whoever left it is an id that leads nowhere';
COMMENT ON COLUMN broadcast_to.sms IS 'The channel of the text message; empty for none';
COMMENT ON COLUMN broadcast_to.email IS 'The channel of the e-mail; empty for none';
CREATE UNIQUE INDEX broadcast_to_contact ON broadcast_to (log, list, contact);

CREATE TABLE broadcast_told (
    log     text NOT NULL,
    contact text NOT NULL,
    list    text NOT NULL,
    PRIMARY KEY (log, contact)
);
COMMENT ON TABLE broadcast_told IS 'Who is told that a room''s incident is raised, and by which list: nobody twice';

-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['broadcast_list', 'broadcast_to', 'broadcast_told'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format($p$CREATE POLICY directory ON %I TO wardroom_writer
      USING ((SELECT nullif(current_setting('app.scope', true), '')) = 'directory')
      WITH CHECK ((SELECT nullif(current_setting('app.scope', true), '')) = 'directory')$p$, t);
  END LOOP;
END $$;
-- +goose StatementEnd

GRANT SELECT, INSERT, DELETE ON broadcast_list TO wardroom_writer;
GRANT UPDATE (asked) ON broadcast_list TO wardroom_writer;
GRANT SELECT, INSERT, DELETE ON broadcast_to TO wardroom_writer;
GRANT SELECT, INSERT ON broadcast_told TO wardroom_writer;
