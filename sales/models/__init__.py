"""One module per subject; all models are named here, where Django looks for them."""

from .deals import Deal, DealSearch, DealStageChange, DealStageStat
from .leads import Lead, LeadSearch
from .pipelines import LostReason, Pipeline, Stage

__all__ = [
    "Deal",
    "DealSearch",
    "DealStageChange",
    "DealStageStat",
    "Lead",
    "LeadSearch",
    "LostReason",
    "Pipeline",
    "Stage",
]
