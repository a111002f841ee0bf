-- The database and its three roles, made once by the superuser, before anything else:
--
--   psql -v ON_ERROR_STOP=1 -v database=wardroom -v owner_password=… -v writer_password=… -v reader_password=… -f roles.sql
--
-- The owner migrates and does nothing else. The server works as the two others: neither owns anything, is a superuser or
-- passes row-level security by, and the migrations grant each what it needs. It may be run again: it sets the passwords anew.

SELECT format('CREATE ROLE %I', r) FROM unnest(ARRAY['wardroom_owner', 'wardroom_writer', 'wardroom_reader']) r
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) \gexec

ALTER ROLE wardroom_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOREPLICATION PASSWORD :'owner_password';
ALTER ROLE wardroom_writer LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOREPLICATION PASSWORD :'writer_password';
ALTER ROLE wardroom_reader LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOREPLICATION PASSWORD :'reader_password';

SELECT format('CREATE DATABASE %I OWNER wardroom_owner ENCODING ''UTF8'' TEMPLATE template0', :'database')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec

SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', :'database') \gexec
SELECT format('GRANT CONNECT ON DATABASE %I TO wardroom_writer, wardroom_reader', :'database') \gexec

-- An answer was given for what was committed: nobody may turn that off for a role of the server's.
SELECT format('ALTER ROLE %I IN DATABASE %I SET synchronous_commit = on', r, :'database') FROM unnest(ARRAY['wardroom_writer', 'wardroom_reader']) r \gexec
-- A session that was left in the middle of a transaction holds a room's row: it is ended.
SELECT format('ALTER ROLE %I IN DATABASE %I SET idle_in_transaction_session_timeout = ''60s''', r, :'database') FROM unnest(ARRAY['wardroom_writer', 'wardroom_reader']) r \gexec

\connect :"database"
-- The owner's tables stand in public; nobody else makes any there.
ALTER SCHEMA public OWNER TO wardroom_owner;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
