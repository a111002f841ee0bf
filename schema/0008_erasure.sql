-- +goose Up
-- Erasure: what keeps a record (holds), who asked for what to be erased and who
-- agreed, what was erased; and the one way in which an opening is ever changed.
-- All of it is derived from the log, but for reapplied. Ids, enums, numbers and
-- times only; slots are bits, 1 << slot.

CREATE TABLE hold (
    log    text NOT NULL REFERENCES log (id),
    root   bigint NOT NULL,
    lifted bigint,
    PRIMARY KEY (log, root)
);
COMMENT ON TABLE hold IS 'Derived: the holds on a record. While one of them stands nothing is erased.';
COMMENT ON COLUMN hold.lifted IS 'The entry that lifted it; NULL while it stands.';

CREATE TABLE erasure (
    log   text NOT NULL REFERENCES log (id),
    root  bigint NOT NULL,
    asker int NOT NULL,
    slots int NOT NULL,
    state text NOT NULL CHECK (state IN ('waiting', 'refused', 'dropped')),
    PRIMARY KEY (log, root)
);
COMMENT ON TABLE erasure IS 'Derived: the questions whether to erase, and whether they were taken back or refused.';
COMMENT ON COLUMN erasure.asker IS 'Who asked, by number in the room.';

CREATE TABLE erasure_entry (
    log   text NOT NULL,
    ask   bigint NOT NULL,
    entry bigint NOT NULL,
    PRIMARY KEY (log, ask, entry),
    FOREIGN KEY (log, ask) REFERENCES erasure (log, root)
);
COMMENT ON TABLE erasure_entry IS 'Derived: the entries each question is about.';

CREATE TABLE erasure_approval (
    log    text NOT NULL,
    ask    bigint NOT NULL,
    seq    bigint NOT NULL,
    member int NOT NULL,
    org    text NOT NULL,
    PRIMARY KEY (log, ask, seq),
    FOREIGN KEY (log, ask) REFERENCES erasure (log, root)
);
COMMENT ON TABLE erasure_approval IS 'Derived: who agreed to each, for which organisation, by which entry.';

CREATE TABLE erased (
    log   text NOT NULL REFERENCES log (id),
    entry bigint NOT NULL,
    seq   bigint NOT NULL,
    ask   bigint NOT NULL,
    slots int NOT NULL,
    PRIMARY KEY (log, entry, seq)
);
COMMENT ON TABLE erased IS 'Derived: which slots of which entry were erased, by which entry.';
COMMENT ON COLUMN erased.seq IS 'The entry that says so; it and the erasure were one transaction.';

CREATE TABLE reapplied (
    log   text NOT NULL REFERENCES log (id),
    entry bigint NOT NULL,
    slots int NOT NULL,
    at    timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE reapplied IS 'What a server erased again before it listened, by the ledger kept outside this database, because a restored backup had brought it back. Insert only.';

ALTER TABLE hold ENABLE ROW LEVEL SECURITY;
ALTER TABLE hold FORCE ROW LEVEL SECURITY;
ALTER TABLE erasure ENABLE ROW LEVEL SECURITY;
ALTER TABLE erasure FORCE ROW LEVEL SECURITY;
ALTER TABLE erasure_entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE erasure_entry FORCE ROW LEVEL SECURITY;
ALTER TABLE erasure_approval ENABLE ROW LEVEL SECURITY;
ALTER TABLE erasure_approval FORCE ROW LEVEL SECURITY;
ALTER TABLE erased ENABLE ROW LEVEL SECURITY;
ALTER TABLE erased FORCE ROW LEVEL SECURITY;
ALTER TABLE reapplied ENABLE ROW LEVEL SECURITY;
ALTER TABLE reapplied FORCE ROW LEVEL SECURITY;

CREATE POLICY writer ON hold TO wardroom_writer USING (current_setting('app.scope', true) = 'writer' AND log = current_setting('app.log', true));
CREATE POLICY writer ON erasure TO wardroom_writer USING (current_setting('app.scope', true) = 'writer' AND log = current_setting('app.log', true));
CREATE POLICY writer ON erasure_entry TO wardroom_writer USING (current_setting('app.scope', true) = 'writer' AND log = current_setting('app.log', true));
CREATE POLICY writer ON erasure_approval TO wardroom_writer USING (current_setting('app.scope', true) = 'writer' AND log = current_setting('app.log', true));
CREATE POLICY writer ON erased TO wardroom_writer USING (current_setting('app.scope', true) = 'writer' AND log = current_setting('app.log', true));
CREATE POLICY house ON erased FOR SELECT TO wardroom_writer USING (current_setting('app.scope', true) = 'house');
CREATE POLICY ledger ON reapplied TO wardroom_writer USING (current_setting('app.scope', true) = 'ledger' AND log = current_setting('app.log', true));
-- That an entry was erased is for everyone in the room.
CREATE POLICY reader ON erased FOR SELECT TO wardroom_reader USING (
    current_setting('app.scope', true) = 'reader' AND log = current_setting('app.log', true)
    AND EXISTS (SELECT 1 FROM member m WHERE m.log = erased.log AND m.state = 'joined' OFFSET 0));

-- The owner bypasses nothing either: what the function below reads and changes
-- it is shown by these policies, one log at a time.
-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['opening', 'root', 'member', 'hold', 'erasure', 'erasure_entry', 'erasure_approval', 'erased', 'reapplied'] LOOP
    EXECUTE format($p$CREATE POLICY eraser ON %I TO CURRENT_USER USING (
        current_setting('app.scope', true) IN ('writer', 'ledger') AND log = current_setting('app.log', true))$p$, t);
  END LOOP;
END $$;
-- +goose StatementEnd

-- erase_openings puts what is left of entries in the place of their openings:
-- the only way in which a role of the server can change one. It refuses all if
-- it refuses any. Asked in the scope 'writer', each entry must have been erased
-- by an entry that this very transaction wrote, on a question that two people
-- agreed to, of two organisations, neither of whom asked, that named the entry
-- and those slots and was neither refused nor taken back; the entry's object
-- must be of no standing kind; and there must be no hold. Asked in the scope
-- 'ledger', which only a server that does not listen yet takes on, what was
-- erased once is erased again: this transaction must say so in reapplied.
-- What is sealed the database cannot read, so that it is what is left, and
-- nothing else, is the journal's to see to: it checks it against the leaf.
-- +goose StatementBegin
CREATE FUNCTION erase_openings(l text, entries bigint[], sealings bytea[]) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
  scope text := current_setting('app.scope', true);
  done bigint;
BEGIN
  IF scope IS NULL OR scope NOT IN ('writer', 'ledger') OR current_setting('app.log', true) IS DISTINCT FROM l THEN
    RAISE EXCEPTION 'erase: not in the scope of this log';
  END IF;
  IF entries IS NULL OR sealings IS NULL OR cardinality(entries) = 0 OR cardinality(entries) <> cardinality(sealings)
    OR array_position(entries, NULL) IS NOT NULL OR array_position(sealings, NULL) IS NOT NULL THEN
    RAISE EXCEPTION 'erase: as many openings as entries';
  END IF;
  IF EXISTS (SELECT FROM unnest(entries) AS t(entry)
      WHERE NOT EXISTS (SELECT FROM opening o JOIN root r ON r.log = o.log AND r.seq = o.root
        WHERE o.log = l AND o.seq = t.entry AND NOT r.standing AND r.kind NOT IN ('erasure.asked', 'book.opened') OR
          o.log = l AND o.seq = t.entry AND o.seq <> o.root AND NOT r.standing AND r.kind <> 'erasure.asked')) THEN
    RAISE EXCEPTION 'erase: the record stands on an entry';
  END IF;
  IF scope = 'ledger' THEN
    IF EXISTS (SELECT FROM unnest(entries) AS t(entry)
        WHERE NOT EXISTS (SELECT FROM reapplied a WHERE a.log = l AND a.entry = t.entry AND a.xmin = pg_current_xact_id()::xid)) THEN
      RAISE EXCEPTION 'erase: nothing says why';
    END IF;
  ELSE
    IF EXISTS (SELECT FROM hold h WHERE h.log = l AND h.lifted IS NULL) THEN
      RAISE EXCEPTION 'erase: the record is on hold';
    END IF;
    IF EXISTS (SELECT FROM unnest(entries) AS t(entry)
        WHERE NOT EXISTS (
          SELECT FROM erased e
            JOIN opening o ON o.log = l AND o.seq = e.seq AND o.xmin = pg_current_xact_id()::xid
            JOIN root r ON r.log = l AND r.seq = e.seq AND r.kind = 'entry.erased'
            JOIN erasure a ON a.log = l AND a.root = e.ask AND a.state = 'waiting' AND e.slots & ~a.slots = 0
            JOIN erasure_entry x ON x.log = l AND x.ask = a.root AND x.entry = e.entry
          WHERE e.log = l AND e.entry = t.entry AND e.xmin = pg_current_xact_id()::xid
            AND (SELECT count(DISTINCT m.person) >= 2 AND count(DISTINCT p.org) >= 2
                   AND bool_and(m.person <> coalesce((SELECT max(asker.person) FROM member asker WHERE asker.log = l AND asker.number = a.asker), ''))
                 FROM erasure_approval p JOIN member m ON m.log = l AND m.number = p.member AND m.host AND m.org = p.org AND m.person <> ''
                 WHERE p.log = l AND p.ask = a.root))) THEN
      RAISE EXCEPTION 'erase: two people of both hosts have not agreed to this, here and now';
    END IF;
  END IF;
  UPDATE opening o SET sealed = t.sealed FROM unnest(entries, sealings) AS t(entry, sealed) WHERE o.log = l AND o.seq = t.entry;
  GET DIAGNOSTICS done = ROW_COUNT;
  IF done <> cardinality(entries) THEN
    RAISE EXCEPTION 'erase: an entry is not there, or named twice';
  END IF;
  RETURN done;
END
$$;
-- +goose StatementEnd
COMMENT ON FUNCTION erase_openings IS 'Puts what is left of entries in the place of their openings, if two people of both hosts agreed and nothing holds the record; or again, by the ledger.';

-- The function runs as its owner, who may be another than the database's after a
-- restore.
GRANT USAGE ON SCHEMA public TO CURRENT_USER;
REVOKE ALL ON FUNCTION erase_openings FROM PUBLIC;
GRANT EXECUTE ON FUNCTION erase_openings TO wardroom_writer;

GRANT SELECT, INSERT ON hold, erasure, erasure_entry, erasure_approval, erased, reapplied TO wardroom_writer;
GRANT UPDATE (lifted) ON hold TO wardroom_writer;
GRANT UPDATE (state) ON erasure TO wardroom_writer;
GRANT UPDATE (under) ON record TO wardroom_writer;
GRANT SELECT ON erased TO wardroom_reader;
