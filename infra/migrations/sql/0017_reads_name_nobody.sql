-- What auditors typed may name somebody who is erased one day: of it only the length is kept (services/viewing.py).
ALTER TABLE auditor_reads DISABLE TRIGGER never_changed;
ALTER TABLE auditor_reads NO FORCE ROW LEVEL SECURITY;
UPDATE auditor_reads SET asked = (
    SELECT jsonb_object_agg(key, CASE
        WHEN key IN ('text', 'subject', 'reason', 'counterparty', 'filter') OR key IN ('cursor', 'after') AND value !~ '^[0-9]+$'
        THEN '(' || char_length(value) || ' characters)' ELSE value END)
    FROM jsonb_each_text(asked))
WHERE asked ?| ARRAY['text', 'subject', 'reason', 'counterparty', 'filter', 'cursor', 'after'];
ALTER TABLE auditor_reads FORCE ROW LEVEL SECURITY;
ALTER TABLE auditor_reads ENABLE ALWAYS TRIGGER never_changed;
