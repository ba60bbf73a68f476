-- Whose data a request brought that was refused, or changed nothing, no event says: an erasure forgets the hashes of all
-- of the company's, once, beside those that destroy_key forgets for each run (and, at the company's end, all). See
-- docs/decisions/048.
CREATE INDEX commands_of_nobody ON commands (tenant_id)
WHERE request_hash <> '' AND (position('"refused"'::bytea IN result) > 0 OR position('"events":0,'::bytea IN result) > 0);

CREATE FUNCTION forget_requests() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE commands SET request_hash = ''
    WHERE tenant_id = NEW.tenant_id AND request_hash <> ''
      AND (position('"refused"'::bytea IN result) > 0 OR position('"events":0,'::bytea IN result) > 0);
    RETURN NULL;
END $$;
CREATE TRIGGER forget_requests AFTER INSERT ON events FOR EACH ROW
WHEN (NEW.type = 'tenant.person_erased')
EXECUTE FUNCTION forget_requests();
ALTER TABLE events ENABLE ALWAYS TRIGGER forget_requests;

REVOKE EXECUTE ON FUNCTION forget_requests FROM PUBLIC;
-- Only whoever owns the schema lets the writer take a function over; not for longer than this.
SET LOCAL ROLE NONE;
GRANT CREATE ON SCHEMA public TO ashiato_writer;
SET LOCAL ROLE ashiato_owner;
ALTER FUNCTION forget_requests OWNER TO ashiato_writer;
SET LOCAL ROLE ashiato_writer;
UPDATE commands c SET request_hash = ''
WHERE request_hash <> '' AND EXISTS (SELECT FROM erasures e WHERE e.tenant_id = c.tenant_id)
  AND (position('"refused"'::bytea IN result) > 0 OR position('"events":0,'::bytea IN result) > 0);
SET LOCAL ROLE NONE;
REVOKE CREATE ON SCHEMA public FROM ashiato_writer;
