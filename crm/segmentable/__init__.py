"""What segments of customers are made of: traits that apps declare, and conditions over them. docs/marketing.md

# customers/segmentable.py, found by itself
register(ChoiceTrait("customers.stage", _("Stage"), "stage", CustomerStage.choices))

# sales/segmentable.py: of a table with at most one row for each customer
register(AmountTrait("sales.spent", _("Total spent"), "total_amount", group=_("Sales"), through=of(CustomerSales)))
"""

from .conditions import Conditions, Rule, read_conditions
from .registry import find, register, traits
from .traits import (
    AmountTrait,
    ChoiceTrait,
    CountTrait,
    DayTrait,
    FilledTrait,
    MemberTrait,
    Operator,
    RecordTrait,
    TextTrait,
    Trait,
    of,
)

__all__ = [
    "AmountTrait",
    "ChoiceTrait",
    "Conditions",
    "CountTrait",
    "DayTrait",
    "FilledTrait",
    "MemberTrait",
    "Operator",
    "RecordTrait",
    "Rule",
    "TextTrait",
    "Trait",
    "find",
    "of",
    "read_conditions",
    "register",
    "traits",
]
