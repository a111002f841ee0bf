-- +goose Up
-- What machines took, and who may know who had an item.

ALTER TABLE exported ADD COLUMN feed bigint NOT NULL DEFAULT 0;
ALTER TABLE exported ADD COLUMN upto bigint NOT NULL DEFAULT 0;
COMMENT ON TABLE exported IS 'Derived from access logs: which member took which item of the room out in a file, or which feed was given it, and when.';
COMMENT ON COLUMN exported.feed IS 'The feed''s root in the room''s log; 0: a member took it. Then member is 0.';
COMMENT ON COLUMN exported.upto IS 'Of what a feed was given: the entry that had last changed the item. As it stood then it was given once.';

-- One rule for both: policy.Receipts. Whoever leads is told of what they receive,
-- whichever way they receive it: also what is for leads alone.
-- +goose StatementBegin
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['opened', 'exported'] LOOP
        EXECUTE format($p$ALTER POLICY reader ON %1$I USING (
            current_setting('app.scope', true) = 'reader'
            AND EXISTS (
                SELECT 1 FROM log l JOIN member m ON m.log = l.room JOIN root r ON r.log = l.room
                WHERE l.id = %1$I.log AND l.kind = 'access' AND m.state = 'joined' AND r.seq = %1$I.entry AND m.number > 0
                  AND (m.org = r.org OR m.role = 'auditor' OR (m.host AND m.role IN ('lead', 'deputy')
                    AND (r.standing OR (r.seq >= m.start AND (
                        r.audience IN ('room', 'hosts', 'leads')
                        OR (r.audience = 'named' AND (m.number = ANY (r.members) OR m.org = ANY (r.orgs))))))))
                OFFSET 0))$p$, t);
    END LOOP;
END
$$;
-- +goose StatementEnd

ALTER TABLE service_token ADD COLUMN used timestamptz;
COMMENT ON COLUMN service_token.used IS 'When a machine last asked with it, to the minute; NULL: never. Kept of feeds.';
GRANT UPDATE (used) ON service_token TO wardroom_writer;
