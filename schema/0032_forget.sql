-- What an invitation was sent to is forgotten when it is revoked. The
-- application may not change it: whoever could would send a link elsewhere.

-- +goose Up

-- +goose StatementBegin
CREATE FUNCTION forget_invited() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.sealed := '';
  RETURN NEW;
END $$;
-- +goose StatementEnd
COMMENT ON FUNCTION forget_invited() IS 'Nothing of who a revoked invitation was sent to stays in its row';

REVOKE EXECUTE ON FUNCTION forget_invited() FROM PUBLIC;

CREATE TRIGGER forget_invited BEFORE UPDATE OF state ON invitation FOR EACH ROW WHEN (NEW.state = 'revoked') EXECUTE FUNCTION forget_invited();

-- The owner too is shown no row while row-level security is forced.
ALTER TABLE invitation NO FORCE ROW LEVEL SECURITY;
UPDATE invitation SET state = 'revoked' WHERE state = 'revoked';
ALTER TABLE invitation FORCE ROW LEVEL SECURITY;
