-- +goose Up
-- What is attached to entries: content in sealed chunks of one mebibyte under
-- the log's data key, each bound to its place. What an attachment is called,
-- its type and its hashes are sealed too; here stand ids, sizes and times.

CREATE TABLE blob (
    log     text NOT NULL REFERENCES log (id),
    id      text NOT NULL CHECK (id ~ '^[a-z2-7]{26}$'),
    person  text NOT NULL,
    size    bigint NOT NULL CHECK (size BETWEEN 1 AND 100000000),
    sealed  bytea NOT NULL,
    found   bytea,
    scan    text NOT NULL DEFAULT 'none' CHECK (scan IN ('none', 'pending', 'clean', 'found')),
    created timestamptz NOT NULL DEFAULT clock_timestamp(),
    until   timestamptz NOT NULL,
    PRIMARY KEY (log, id)
);
COMMENT ON TABLE blob IS 'Content that was sent, or is being sent. The same content sent twice is two, with nothing in common.';
COMMENT ON COLUMN blob.person IS 'Who sends it: until it is attached nobody else knows of it.';
COMMENT ON COLUMN blob.sealed IS 'Its name and the salt of its commitment.';
COMMENT ON COLUMN blob.found IS 'Its hashes and type, sealed, once all of it is there; NULL before.';
COMMENT ON COLUMN blob.scan IS 'What a scanner says of it: none was asked, not yet, nothing found, something found. What something was found in is served to nobody.';
COMMENT ON COLUMN blob.until IS 'When it goes if it is attached to nothing by then.';
CREATE INDEX blob_person ON blob (log, person);
CREATE INDEX blob_until ON blob (until);
CREATE INDEX blob_scan ON blob (created) WHERE scan = 'pending';

CREATE TABLE blob_chunk (
    log    text NOT NULL,
    blob   text NOT NULL,
    n      int NOT NULL CHECK (n >= 0),
    sealed bytea NOT NULL,
    PRIMARY KEY (log, blob, n),
    FOREIGN KEY (log, blob) REFERENCES blob (log, id) ON DELETE CASCADE
);
ALTER TABLE blob_chunk ALTER sealed SET STORAGE EXTERNAL;
COMMENT ON TABLE blob_chunk IS 'One mebibyte of content, sealed with blob and number as associated data; the last may be shorter. Never changed once it is there.';

CREATE TABLE attachment (
    log  text NOT NULL,
    blob text NOT NULL,
    seq  bigint NOT NULL,
    PRIMARY KEY (log, blob),
    FOREIGN KEY (log, blob) REFERENCES blob (log, id)
);
COMMENT ON TABLE attachment IS 'Derived: which content is attached to which entry. Content that is attached can no longer be taken back by whoever sent it.';
CREATE INDEX attachment_seq ON attachment (log, seq);

ALTER TABLE blob ENABLE ROW LEVEL SECURITY;
ALTER TABLE blob FORCE ROW LEVEL SECURITY;
ALTER TABLE blob_chunk ENABLE ROW LEVEL SECURITY;
ALTER TABLE blob_chunk FORCE ROW LEVEL SECURITY;
ALTER TABLE attachment ENABLE ROW LEVEL SECURITY;
ALTER TABLE attachment FORCE ROW LEVEL SECURITY;

-- The writer adds and reads in its scope, and drops only what is attached to
-- nothing: the chunks go with their row.
CREATE POLICY writer ON attachment TO wardroom_writer USING (current_setting('app.scope', true) = 'writer' AND log = current_setting('app.log', true));
CREATE POLICY writer ON blob FOR SELECT TO wardroom_writer USING (current_setting('app.scope', true) = 'writer' AND log = current_setting('app.log', true));
CREATE POLICY writer_adds ON blob FOR INSERT TO wardroom_writer WITH CHECK (current_setting('app.scope', true) = 'writer' AND log = current_setting('app.log', true));
CREATE POLICY writer_moves ON blob FOR UPDATE TO wardroom_writer USING (current_setting('app.scope', true) = 'writer' AND log = current_setting('app.log', true));
CREATE POLICY writer_drops ON blob FOR DELETE TO wardroom_writer USING (
    current_setting('app.scope', true) = 'writer' AND log = current_setting('app.log', true)
    AND NOT EXISTS (SELECT 1 FROM attachment a WHERE a.log = blob.log AND a.blob = blob.id));
CREATE POLICY writer ON blob_chunk TO wardroom_writer USING (current_setting('app.scope', true) = 'writer' AND log = current_setting('app.log', true));
CREATE POLICY house ON blob FOR SELECT TO wardroom_writer USING (current_setting('app.scope', true) = 'house');

-- A reader has the content of what is attached to an entry whose opening they
-- have: opening's own policy decides.
CREATE POLICY reader ON attachment FOR SELECT TO wardroom_reader USING (
    current_setting('app.scope', true) = 'reader' AND log = current_setting('app.log', true)
    AND EXISTS (SELECT 1 FROM opening o WHERE o.log = attachment.log AND o.seq = attachment.seq OFFSET 0));
CREATE POLICY reader ON blob FOR SELECT TO wardroom_reader USING (
    current_setting('app.scope', true) = 'reader' AND log = current_setting('app.log', true)
    AND EXISTS (SELECT 1 FROM attachment a WHERE a.log = blob.log AND a.blob = blob.id OFFSET 0));
CREATE POLICY reader ON blob_chunk FOR SELECT TO wardroom_reader USING (
    current_setting('app.scope', true) = 'reader' AND log = current_setting('app.log', true)
    AND EXISTS (SELECT 1 FROM attachment a JOIN blob b ON b.log = a.log AND b.id = a.blob
        WHERE a.log = blob_chunk.log AND a.blob = blob_chunk.blob AND b.scan <> 'found' OFFSET 0));

-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['blob', 'blob_chunk', 'attachment'] LOOP
    EXECUTE format($p$CREATE POLICY eraser ON %I TO CURRENT_USER USING (
        current_setting('app.scope', true) IN ('writer', 'ledger') AND log = current_setting('app.log', true))$p$, t);
  END LOOP;
END $$;
-- +goose StatementEnd

-- erase_blobs deletes what is attached to entries whose attachments this very
-- transaction erased: erase_openings, which alone can change an opening and
-- judges whether it may be, has put what is left in its place; and a row says
-- that slot 6 was among what was erased (bit 64). Of the other entries of the
-- list nothing is touched.
-- +goose StatementBegin
CREATE FUNCTION erase_blobs(l text, entries bigint[]) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
  gone text[];
BEGIN
  IF coalesce(current_setting('app.scope', true), '') NOT IN ('writer', 'ledger') OR current_setting('app.log', true) IS DISTINCT FROM l THEN
    RAISE EXCEPTION 'erase: not in the scope of this log';
  END IF;
  SELECT coalesce(array_agg(a.blob), '{}') INTO gone FROM attachment a JOIN opening o ON o.log = a.log AND o.seq = a.seq
    WHERE a.log = l AND a.seq = ANY (entries) AND o.xmin = pg_current_xact_id()::xid
      AND (EXISTS (SELECT FROM erased e WHERE e.log = l AND e.entry = a.seq AND e.slots & 64 <> 0)
        OR EXISTS (SELECT FROM reapplied r WHERE r.log = l AND r.entry = a.seq AND r.slots & 64 <> 0));
  DELETE FROM attachment WHERE log = l AND blob = ANY (gone);
  DELETE FROM blob WHERE log = l AND id = ANY (gone);
  RETURN cardinality(gone);
END
$$;
-- +goose StatementEnd
COMMENT ON FUNCTION erase_blobs IS 'Deletes the content of attachments in the transaction that erases them from their entries.';
REVOKE ALL ON FUNCTION erase_blobs FROM PUBLIC;
GRANT EXECUTE ON FUNCTION erase_blobs TO wardroom_writer;

GRANT SELECT, INSERT, DELETE ON blob TO wardroom_writer;
GRANT UPDATE (found, scan, until) ON blob TO wardroom_writer;
GRANT SELECT, INSERT ON blob_chunk, attachment TO wardroom_writer;
GRANT SELECT (log, id, size, scan) ON blob TO wardroom_reader;
GRANT SELECT ON blob_chunk, attachment TO wardroom_reader;
