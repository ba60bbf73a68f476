"""The starter library: eleven procedures of five departments, ready to be published, run and changed.

Deadlines set by law are marked, with the article, and need a professional's check before they are relied on.
"""

from collections.abc import Mapping

from domain.procedures.definition import Definition
from domain.procedures.starter._words import ROLES
from domain.procedures.starter.access_review import ACCESS_REVIEW
from domain.procedures.starter.closing import CLOSING
from domain.procedures.starter.contract_renewal import CONTRACT_RENEWAL
from domain.procedures.starter.contract_review import CONTRACT_REVIEW
from domain.procedures.starter.joining import JOINING
from domain.procedures.starter.leaving import LEAVING
from domain.procedures.starter.payment import PAYMENT
from domain.procedures.starter.pc_setup import PC_SETUP
from domain.procedures.starter.purchase import PURCHASE
from domain.procedures.starter.shareholders_meeting import SHAREHOLDERS_MEETING
from domain.procedures.starter.year_end import YEAR_END

__all__ = ["ROLES", "STARTER"]

STARTER: Mapping[str, Definition] = {
    "hr-1": JOINING,
    "hr-2": LEAVING,
    "hr-3": YEAR_END,
    "fin-1": CLOSING,
    "fin-2": PAYMENT,
    "leg-1": CONTRACT_REVIEW,
    "leg-2": CONTRACT_RENEWAL,
    "ga-1": SHAREHOLDERS_MEETING,
    "ga-2": PURCHASE,
    "it-1": PC_SETUP,
    "it-2": ACCESS_REVIEW,
}
"""The procedures by the code they are known by."""
