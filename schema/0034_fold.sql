-- How far apart snapshots lie depends on how long they are.

-- +goose Up

COMMENT ON TABLE fold IS 'Sealed snapshots of a log''s fold, so that a long log opens fast: a thousand entries apart, or more where a snapshot is long. They may be dropped at any time.';
