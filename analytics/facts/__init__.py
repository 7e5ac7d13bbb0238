"""What the business amounts to, as far as one member sees it. docs/analytics.md

Each function answers for a membership, from sums that the database keeps, in one statement. None: the member may not
see it, or not all of what would be summed up. Amounts are in minor units of one currency; months are the tenant's.
"""

from .campaigns import CampaignFigures, ResultMonthFigures, campaigns_sent, results_by_month
from .customers import NewCustomers, new_customers_by_month
from .deals import ClosedMonth, PersonWon, PipelineNow, StageNow, closed_by_month, pipeline_by_stage, won_by_person
from .months import Months, tenant_today
from .revenue import RevenueMonth, revenue_by_month
from .tickets import By, TicketSpan, overdue_tickets, tickets_by_status, tickets_over_time

__all__ = [
    "By",
    "CampaignFigures",
    "ClosedMonth",
    "Months",
    "NewCustomers",
    "PersonWon",
    "PipelineNow",
    "ResultMonthFigures",
    "RevenueMonth",
    "StageNow",
    "TicketSpan",
    "campaigns_sent",
    "closed_by_month",
    "new_customers_by_month",
    "overdue_tickets",
    "pipeline_by_stage",
    "results_by_month",
    "revenue_by_month",
    "tenant_today",
    "tickets_by_status",
    "tickets_over_time",
    "won_by_person",
]
