"""Which procedures a viewer sees: those that hold a part for them, and for people from outside those of their runs."""

from queries.theirs import COUNTED_PARTS, PARTS, THEIRS_UNCOUNTED

THEIR_PROCEDURES = f"""
SELECT procedure_id FROM part_count WHERE {COUNTED_PARTS}
UNION ALL SELECT procedure_id FROM run_progress WHERE tenant_id = %(tenant)s AND {THEIRS_UNCOUNTED}
"""
"""Of the runs that are theirs alone to see."""

PROCEDURE_SEEN = f"""
CASE WHEN %(viewer_outside)s::boolean
     THEN procedure_card.procedure_id IN ({THEIR_PROCEDURES})
     ELSE %(viewer)s::uuid IS NULL OR NOT confidential
          OR roles ?| %(viewer_roles)s::text[] OR people @> ARRAY[%(viewer)s::uuid] END
"""
"""A condition on a row of procedure_card; for people from outside it looks at `TO_SEE_PROCEDURES`."""
TO_SEE_PROCEDURES = ("run_progress", "part_count", PARTS)
