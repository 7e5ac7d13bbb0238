"""One module per subject; all models are named here, where Django looks for them."""

from .deals import Deal, DealMonth, DealSearch, DealStageChange, DealStageStat
from .leads import Lead, LeadSearch
from .pipelines import LostReason, Pipeline, Stage
from .products import Product, ProductSearch
from .purchases import RevenueDay, Transaction
from .quotes import Quote, QuoteCounter, QuoteLine, QuoteSearch, QuoteSettings

__all__ = [
    "Deal",
    "DealMonth",
    "DealSearch",
    "DealStageChange",
    "DealStageStat",
    "Lead",
    "LeadSearch",
    "LostReason",
    "Pipeline",
    "Product",
    "ProductSearch",
    "Quote",
    "QuoteCounter",
    "QuoteLine",
    "QuoteSearch",
    "QuoteSettings",
    "RevenueDay",
    "Stage",
    "Transaction",
]
