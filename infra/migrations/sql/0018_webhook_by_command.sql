-- The company's own command sets where its checkpoints are sent: the event does it, in its own transaction. The role
-- that signs, and sends, sees no event, and may not write here any more: so the table and the log say the same.
CREATE FUNCTION follow_webhook() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    said json := convert_from(NEW.body, 'UTF8')::json;
BEGIN
    INSERT INTO anchor_webhooks (tenant_id, url, set_by, reason)
    VALUES (NEW.tenant_id, said #>> '{data,new}', coalesce(said ->> 'actor', ''), coalesce(said ->> 'reason', ''));
    RETURN NULL;
END $$;
CREATE TRIGGER follow_webhook AFTER INSERT ON events FOR EACH ROW
WHEN (NEW.type = 'tenant.anchor_webhook_set')
EXECUTE FUNCTION follow_webhook();
ALTER TABLE events ENABLE ALWAYS TRIGGER follow_webhook;

REVOKE INSERT ON anchor_webhooks FROM ashiato_signer;
GRANT INSERT ON anchor_webhooks TO ashiato_writer;
CREATE POLICY every_tenant_by_command ON anchor_webhooks TO ashiato_writer USING (true);
REVOKE EXECUTE ON FUNCTION follow_webhook FROM PUBLIC;
-- Only whoever owns the schema lets the writer take a function over; not for longer than this.
SET LOCAL ROLE NONE;
GRANT CREATE ON SCHEMA public TO ashiato_writer;
SET LOCAL ROLE ashiato_owner;
ALTER FUNCTION follow_webhook OWNER TO ashiato_writer;
SET LOCAL ROLE NONE;
REVOKE CREATE ON SCHEMA public FROM ashiato_writer;
