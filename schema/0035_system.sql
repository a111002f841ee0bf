-- Which log is the deployment's record is asked once a second, of a table that
-- has a row for every log there has ever been.

-- +goose Up

CREATE INDEX log_system ON log (id) WHERE kind = 'system';
