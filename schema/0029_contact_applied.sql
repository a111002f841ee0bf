-- A request about a contact that is sent again under its key is answered by the
-- system log without deciding anew. So the directory knows how far the log had
-- come when each contact was last changed, and which ids were ever forgotten:
-- what is old changes nothing here a second time.

-- +goose Up

ALTER TABLE org_contact ADD COLUMN applied bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN org_contact.applied IS 'The entry of the system log that last changed them';

CREATE TABLE org_contact_left (
  id text PRIMARY KEY CHECK (id ~ '^[a-z2-7]{26}$')
);
COMMENT ON TABLE org_contact_left IS 'Contacts that were removed, by their random ids: none of these comes back';

ALTER TABLE org_contact_left ENABLE ROW LEVEL SECURITY;
ALTER TABLE org_contact_left FORCE ROW LEVEL SECURITY;
CREATE POLICY directory ON org_contact_left TO wardroom_writer
  USING ((SELECT nullif(current_setting('app.scope', true), '')) = 'directory')
  WITH CHECK ((SELECT nullif(current_setting('app.scope', true), '')) = 'directory');

GRANT SELECT, INSERT ON org_contact_left TO wardroom_writer;
GRANT UPDATE (applied) ON org_contact TO wardroom_writer;
