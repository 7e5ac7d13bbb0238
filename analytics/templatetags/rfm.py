from django import template
from django.utils.safestring import SafeString

from crm.pages.columns import badge

from ..choices.rfm import RfmSegment
from ..models import CustomerRfm
from ..tables.rfm import SEGMENT_COLORS

register = template.Library()


@register.simple_tag
def segment_badge(rfm: CustomerRfm) -> SafeString:
    return badge(rfm.get_segment_display(), SEGMENT_COLORS[RfmSegment(rfm.segment)])
