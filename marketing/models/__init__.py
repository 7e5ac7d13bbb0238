from .campaigns import Campaign, CampaignLink
from .marks import ClaimMark
from .results import CampaignResult, ResultMonth
from .segments import Segment
from .sends import Hit, Send
from .suppressions import Suppression
from .templates import EmailTemplate

__all__ = [
    "Campaign",
    "CampaignLink",
    "CampaignResult",
    "ClaimMark",
    "EmailTemplate",
    "Hit",
    "ResultMonth",
    "Segment",
    "Send",
    "Suppression",
]
