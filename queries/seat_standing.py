"""What questions about seats begin with: the ledger's last entry at an instant, and what ran out since."""

# No event has come yet that would have entered the invitations that ran out after the last entry. They are numbered
# in the order in which they will be. Nothing else can change without an event.
STANDING = """
last AS (
    SELECT no, effective_at, held, invited FROM seat_entry
    WHERE tenant_id = %(tenant)s AND effective_at <= %(at)s::timestamptz
    ORDER BY effective_at DESC, no DESC LIMIT 1
), ran_out AS (
    SELECT row_number() OVER (ORDER BY i.expires_at, i.invited_seq) AS nth, i.expires_at AS at, i.member_id,
           i.invited_seq
    FROM last JOIN seat_entry i ON i.tenant_id = %(tenant)s AND i.kind = 'invited'
         AND i.expires_at > last.effective_at AND i.expires_at <= %(at)s::timestamptz AND i.no <= last.no
    WHERE NOT EXISTS (
        SELECT FROM seat_entry l
        WHERE l.tenant_id = %(tenant)s AND l.member_id = i.member_id AND l.no > i.no AND l.no <= last.no)
)
"""
