"""Every route of the API."""

from services.api.endpoint import Endpoint
from services.api.routes import (
    access_reads,
    company_reads,
    document_reads,
    dossier_reads,
    duties,
    duty_reads,
    members,
    plans,
    procedure_reads,
    procedures,
    run_reads,
    runs,
    scim,
    scim_discovery,
    seat_reads,
    steps,
    tenants,
    trail_reads,
)

ENDPOINTS: tuple[Endpoint, ...] = (
    *tenants.ENDPOINTS,
    *plans.ENDPOINTS,
    *company_reads.ENDPOINTS,
    *access_reads.ENDPOINTS,
    *seat_reads.ENDPOINTS,
    *members.ENDPOINTS,
    *procedures.ENDPOINTS,
    *procedure_reads.ENDPOINTS,
    *runs.ENDPOINTS,
    *steps.ENDPOINTS,
    *run_reads.ENDPOINTS,
    *dossier_reads.ENDPOINTS,
    *trail_reads.ENDPOINTS,
    *document_reads.ENDPOINTS,
    *scim.ENDPOINTS,
    *scim_discovery.ENDPOINTS,
    *duties.ENDPOINTS,
    *duty_reads.ENDPOINTS,
)
