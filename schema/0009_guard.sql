-- +goose Up
-- What the fork guard found of a log: that it is shorter than, or other than,
-- what was signed for elsewhere. Then nothing more is written to it.

ALTER TABLE log ADD COLUMN guard text NOT NULL DEFAULT '' CHECK (guard IN ('', 'behind', 'different'));
ALTER TABLE log ADD COLUMN guard_at timestamptz;
ALTER TABLE log ADD COLUMN guard_size bigint;
ALTER TABLE log ADD COLUMN guard_root bytea;
ALTER TABLE log ADD COLUMN after text NOT NULL DEFAULT '';
COMMENT ON COLUMN log.guard IS 'behind: fewer entries than were signed for elsewhere; different: other entries. Such a log is read-only for ever: its room goes on in a new one.';
COMMENT ON COLUMN log.guard_at IS 'When that was found.';
COMMENT ON COLUMN log.guard_size IS 'The entries of the checkpoint that is kept elsewhere.';
COMMENT ON COLUMN log.guard_root IS 'The root of that checkpoint.';
COMMENT ON COLUMN log.after IS 'The log of which this one is the next section; '''' for most.';

DROP INDEX log_one_system;
CREATE UNIQUE INDEX log_one_system ON log (kind) WHERE kind = 'system' AND guard = '';
CREATE UNIQUE INDEX log_one_after ON log (after) WHERE after <> '';

GRANT UPDATE (guard, guard_at, guard_size, guard_root) ON log TO wardroom_writer;
