-- +goose Up
-- The log and what is derived from it. The migrations run as the owner; the
-- server works as two roles that own nothing and bypass nothing:
--   wardroom_writer  the journal's own: appends, folds and follows logs, and
--                    keeps what is kept elsewhere. It cannot change or delete
--                    a leaf or an opening.
--   wardroom_reader  whatever is read for a person. It can change nothing.
--
-- Row-level security is the second wall behind policy.View. Each policy is one
-- role's, so that neither finds a row by the other's scopes. Every transaction
-- says first what it is about, for its own length only:
--   app.scope = 'writer'  the writer writes or folds the log app.log
--   app.scope = 'house'   the writer asks which logs there are
--   app.scope = 'reader'  the reader reads the room log app.log for app.person
--   app.scope = 'person'  the reader asks which rooms are app.person's
-- A setting never made is '' after SET LOCAL, which matches no row.

CREATE TABLE log (
    id       text PRIMARY KEY,
    kind     text NOT NULL CHECK (kind IN ('room', 'access', 'system')),
    room     text NOT NULL DEFAULT '',
    origin   text NOT NULL,
    size     bigint NOT NULL DEFAULT 0,
    frontier bytea NOT NULL DEFAULT '',
    key      bytea NOT NULL,
    last     timestamptz NOT NULL DEFAULT 'epoch'
);
COMMENT ON TABLE log IS 'One row a log. Locking it FOR NO KEY UPDATE is what puts entries in order: seq order is commit order, and no SEQUENCE is used.';
COMMENT ON COLUMN log.room IS 'For an access log, the room it belongs to.';
COMMENT ON COLUMN log.origin IS 'The checkpoint''s origin line; its hash binds every commitment to this log.';
COMMENT ON COLUMN log.size IS 'Entries so far: the next entry''s number.';
COMMENT ON COLUMN log.frontier IS 'The right edge of the RFC 6962 tree over all leaves.';
COMMENT ON COLUMN log.key IS 'The log''s data key, wrapped by a key the database never sees.';
COMMENT ON COLUMN log.last IS 'recorded-at of the last entry: none later is earlier.';
CREATE UNIQUE INDEX log_one_system ON log (kind) WHERE kind = 'system';

CREATE TABLE leaf (
    log  text NOT NULL REFERENCES log (id),
    seq  bigint NOT NULL,
    leaf bytea NOT NULL,
    PRIMARY KEY (log, seq)
);
COMMENT ON TABLE leaf IS 'What each entry commits to. No plaintext is in it, and no role of the server can update or delete one.';

CREATE TABLE opening (
    log    text NOT NULL,
    seq    bigint NOT NULL,
    root   bigint NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (log, seq)
);
COMMENT ON TABLE opening IS 'What opens each entry, sealed under the log''s key with origin and number as associated data, so that rows cannot be swapped.';
COMMENT ON COLUMN opening.root IS 'The entry that began the object this one belongs to.';
CREATE INDEX opening_followers ON opening (log, root, seq) WHERE root <> seq;

CREATE TABLE command_key (
    log   text NOT NULL,
    actor text NOT NULL,
    key   text NOT NULL,
    mac   bytea NOT NULL,
    seq   bigint NOT NULL,
    count int NOT NULL,
    PRIMARY KEY (log, actor, key)
);
COMMENT ON TABLE command_key IS 'The answer every idempotency key got, for as long as the log lives.';
COMMENT ON COLUMN command_key.mac IS 'HMAC of the command under the log''s key: the same key with another body is a conflict.';
COMMENT ON COLUMN command_key.count IS 'How many entries it made, from seq on.';

CREATE TABLE root (
    log      text NOT NULL,
    seq      bigint NOT NULL,
    kind     text NOT NULL,
    standing boolean NOT NULL,
    author   int NOT NULL,
    tlp      text NOT NULL,
    org      text NOT NULL,
    audience text NOT NULL CHECK (audience IN ('', 'room', 'hosts', 'named')),
    members  int[] NOT NULL,
    orgs     text[] NOT NULL,
    PRIMARY KEY (log, seq)
);
COMMENT ON TABLE root IS 'Derived: who may see each object, as it stands at the head. Ids, enums and numbers only.';
COMMENT ON COLUMN root.org IS 'The originator.';

CREATE TABLE member (
    log    text NOT NULL REFERENCES log (id),
    root   bigint NOT NULL,
    number int NOT NULL,
    person text NOT NULL,
    org    text NOT NULL,
    role   text NOT NULL,
    state  text NOT NULL,
    host   boolean NOT NULL,
    start  bigint NOT NULL,
    PRIMARY KEY (log, root)
);
COMMENT ON TABLE member IS 'Derived: the memberships of every room, as they stand.';
COMMENT ON COLUMN member.start IS 'The first entry the member may see; standing kinds apart.';
CREATE INDEX member_person ON member (person, log);

CREATE TABLE mention (
    log    text NOT NULL,
    number int NOT NULL,
    root   bigint NOT NULL,
    PRIMARY KEY (log, number, root)
);
COMMENT ON TABLE mention IS 'Derived: which messages name which member.';

CREATE TABLE opened (
    log    text NOT NULL,
    entry  bigint NOT NULL,
    seq    bigint NOT NULL,
    member int NOT NULL,
    at     timestamptz NOT NULL,
    PRIMARY KEY (log, entry, seq)
);
COMMENT ON TABLE opened IS 'Derived from access logs: which member opened which restricted entry of the room, and when.';

CREATE TABLE fold (
    log    text NOT NULL REFERENCES log (id),
    seq    bigint NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (log, seq)
);
COMMENT ON TABLE fold IS 'Sealed snapshots of a log''s fold, at most 1,000 entries apart, so that a long log opens fast. They may be dropped at any time.';

CREATE TABLE follower (
    name text NOT NULL,
    log  text NOT NULL REFERENCES log (id),
    size bigint NOT NULL,
    PRIMARY KEY (name, log)
);
COMMENT ON TABLE follower IS 'How far each follower has come in each log. A follower may be restarted at any time.';

ALTER TABLE log ENABLE ROW LEVEL SECURITY;
ALTER TABLE log FORCE ROW LEVEL SECURITY;
ALTER TABLE leaf ENABLE ROW LEVEL SECURITY;
ALTER TABLE leaf FORCE ROW LEVEL SECURITY;
ALTER TABLE opening ENABLE ROW LEVEL SECURITY;
ALTER TABLE opening FORCE ROW LEVEL SECURITY;
ALTER TABLE command_key ENABLE ROW LEVEL SECURITY;
ALTER TABLE command_key FORCE ROW LEVEL SECURITY;
ALTER TABLE root ENABLE ROW LEVEL SECURITY;
ALTER TABLE root FORCE ROW LEVEL SECURITY;
ALTER TABLE member ENABLE ROW LEVEL SECURITY;
ALTER TABLE member FORCE ROW LEVEL SECURITY;
ALTER TABLE mention ENABLE ROW LEVEL SECURITY;
ALTER TABLE mention FORCE ROW LEVEL SECURITY;
ALTER TABLE opened ENABLE ROW LEVEL SECURITY;
ALTER TABLE opened FORCE ROW LEVEL SECURITY;
ALTER TABLE fold ENABLE ROW LEVEL SECURITY;
ALTER TABLE fold FORCE ROW LEVEL SECURITY;
ALTER TABLE follower ENABLE ROW LEVEL SECURITY;
ALTER TABLE follower FORCE ROW LEVEL SECURITY;

-- The writer's scope is one log; the house's, which logs there are.
CREATE POLICY writer ON log TO wardroom_writer USING (current_setting('app.scope', true) = 'writer' AND id = current_setting('app.log', true));
CREATE POLICY writer ON leaf TO wardroom_writer USING (current_setting('app.scope', true) = 'writer' AND log = current_setting('app.log', true));
CREATE POLICY writer ON opening TO wardroom_writer USING (current_setting('app.scope', true) = 'writer' AND log = current_setting('app.log', true));
CREATE POLICY writer ON command_key TO wardroom_writer USING (current_setting('app.scope', true) = 'writer' AND log = current_setting('app.log', true));
CREATE POLICY writer ON root TO wardroom_writer USING (current_setting('app.scope', true) = 'writer' AND log = current_setting('app.log', true));
CREATE POLICY writer ON member TO wardroom_writer USING (current_setting('app.scope', true) = 'writer' AND log = current_setting('app.log', true));
CREATE POLICY writer ON mention TO wardroom_writer USING (current_setting('app.scope', true) = 'writer' AND log = current_setting('app.log', true));
CREATE POLICY writer ON opened TO wardroom_writer USING (current_setting('app.scope', true) = 'writer' AND log = current_setting('app.log', true));
CREATE POLICY writer ON fold TO wardroom_writer USING (current_setting('app.scope', true) = 'writer' AND log = current_setting('app.log', true));
CREATE POLICY writer ON follower TO wardroom_writer USING (current_setting('app.scope', true) = 'writer' AND log = current_setting('app.log', true));
CREATE POLICY house ON log FOR SELECT TO wardroom_writer USING (current_setting('app.scope', true) = 'house');
CREATE POLICY house ON follower FOR SELECT TO wardroom_writer USING (current_setting('app.scope', true) = 'house');

-- A reader's scope is one person in one room. Sight is the rule of
-- policy.Sees, written a second time and by other means on purpose; that a
-- roster may hide a name is the first wall's alone.
CREATE POLICY reader ON member FOR SELECT TO wardroom_reader USING (
    current_setting('app.scope', true) = 'reader' AND log = current_setting('app.log', true)
    AND person = nullif(current_setting('app.person', true), ''));
CREATE POLICY reader ON root FOR SELECT TO wardroom_reader USING (
    current_setting('app.scope', true) = 'reader' AND log = current_setting('app.log', true));
CREATE POLICY reader ON mention FOR SELECT TO wardroom_reader USING (
    current_setting('app.scope', true) = 'reader' AND log = current_setting('app.log', true)
    AND EXISTS (SELECT 1 FROM member m WHERE m.log = mention.log AND m.number = mention.number AND m.state = 'joined'));
CREATE POLICY reader ON leaf FOR SELECT TO wardroom_reader USING (
    current_setting('app.scope', true) = 'reader' AND log = current_setting('app.log', true)
    AND EXISTS (SELECT 1 FROM member m WHERE m.log = leaf.log AND m.state = 'joined' OFFSET 0));
CREATE POLICY reader ON opening FOR SELECT TO wardroom_reader USING (
    current_setting('app.scope', true) = 'reader' AND log = current_setting('app.log', true)
    AND EXISTS (
        SELECT 1 FROM member m JOIN root r ON r.log = m.log
        WHERE m.log = opening.log AND m.state = 'joined' AND r.seq = opening.root
          AND (r.standing OR (r.seq >= m.start AND (
                r.audience = 'room'
                OR (r.audience = 'hosts' AND m.host)
                OR (r.audience = 'named' AND (m.number = ANY (r.members) OR m.org = ANY (r.orgs))))))
        OFFSET 0)); -- asked of each row by key: without OFFSET it may be planned as one scan of all the room's roots
CREATE POLICY person ON member FOR SELECT TO wardroom_reader USING (
    current_setting('app.scope', true) = 'person' AND person = nullif(current_setting('app.person', true), ''));

-- Who opened an entry is the access log's, which says whose it is. The rule is
-- that of policy.Receipts.
CREATE POLICY reader ON log FOR SELECT TO wardroom_reader USING (
    current_setting('app.scope', true) = 'reader' AND kind = 'access' AND room = current_setting('app.log', true)
    AND EXISTS (SELECT 1 FROM member m WHERE m.log = log.room AND m.state = 'joined'));
CREATE POLICY reader ON opened FOR SELECT TO wardroom_reader USING (
    current_setting('app.scope', true) = 'reader'
    AND EXISTS (
        SELECT 1 FROM log l JOIN member m ON m.log = l.room JOIN root r ON r.log = l.room
        WHERE l.id = opened.log AND l.kind = 'access' AND m.state = 'joined' AND r.seq = opened.entry
          AND (m.org = r.org OR m.role = 'auditor' OR (m.host AND m.role IN ('lead', 'deputy')
            AND (r.standing OR (r.seq >= m.start AND (
                r.audience = 'room'
                OR (r.audience = 'hosts' AND m.host)
                OR (r.audience = 'named' AND (m.number = ANY (r.members) OR m.org = ANY (r.orgs))))))))
        OFFSET 0));

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO wardroom_writer, wardroom_reader;

GRANT SELECT, INSERT ON log, leaf, opening, command_key, root, member, mention, opened, fold, follower TO wardroom_writer;
GRANT UPDATE (size, frontier, last) ON log TO wardroom_writer;
GRANT UPDATE (tlp, org, audience, members, orgs) ON root TO wardroom_writer;
GRANT UPDATE (number, person, org, role, state, host, start) ON member TO wardroom_writer;
GRANT UPDATE (size) ON follower TO wardroom_writer;
GRANT DELETE ON fold, mention TO wardroom_writer;

GRANT SELECT ON leaf, opening, root, member, mention, opened TO wardroom_reader;
GRANT SELECT (id, kind, room) ON log TO wardroom_reader;
