"""What segments of customers are made of: traits that apps declare, and conditions over them. docs/marketing.md

# customers/segmentable.py, found by itself
register(ChoiceTrait("customers.stage", _("Stage"), "stage", CustomerStage.choices))

# analytics/segmentable.py: of a table with at most one row for each customer
register(AmountTrait("analytics.spent", _("Total spent"), "total_amount", through=of(CustomerRfm)))

# service/segmentable.py: how many rows of another table there are
register(CountTrait("service.open_tickets", _("Open tickets"), "row_count", through=counted(Ticket, status__lt=SOLVED)))
"""

from .conditions import Conditions, Rule, read_conditions
from .registry import find, register, traits
from .traits import (
    AmountTrait,
    ChoiceTrait,
    CountTrait,
    DayTrait,
    FilledTrait,
    LastDayTrait,
    MemberTrait,
    Operator,
    RecordTrait,
    TextTrait,
    Trait,
    counted,
    of,
)

__all__ = [
    "AmountTrait",
    "ChoiceTrait",
    "Conditions",
    "CountTrait",
    "DayTrait",
    "FilledTrait",
    "LastDayTrait",
    "MemberTrait",
    "Operator",
    "RecordTrait",
    "Rule",
    "TextTrait",
    "Trait",
    "counted",
    "find",
    "of",
    "read_conditions",
    "register",
    "traits",
]
