-- Which programs may run on this database. Nodes are replaced one after the
-- other, so while a new version comes in, nodes of the one before go on with a
-- schema that is ahead of theirs, and may have to start on it again.

-- +goose Up

CREATE TABLE fits (
  one    boolean PRIMARY KEY DEFAULT true CHECK (one),
  oldest bigint  NOT NULL CHECK (oldest > 0)
);
COMMENT ON TABLE fits IS 'Which programs may run on this database; one row, written by whoever migrates';
COMMENT ON COLUMN fits.oldest IS 'The oldest of them, by the last migration that it knows';

ALTER TABLE fits ENABLE ROW LEVEL SECURITY;
ALTER TABLE fits FORCE ROW LEVEL SECURITY;
CREATE POLICY versions ON fits USING (true);
GRANT SELECT ON fits TO wardroom_writer;

INSERT INTO fits (oldest) VALUES (32);
