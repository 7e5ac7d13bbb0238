"""What the demo's marketer writes, by whether the tenant is Chinese."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


def rule(trait: str, operator: str, value: Any = None) -> dict[str, Any]:
    return {"trait": trait, "operator": operator} | ({} if value is None else {"value": value})


ACTIVE, KEY, WON_BACK, FRESH, QUIET = "active", "key", "won back", "fresh", "quiet"

# The same in both languages; the names are the tenant's.
CONDITIONS: Mapping[str, list[dict[str, Any]]] = {
    ACTIVE: [rule("customers.stage", "in", ["active", "engaged"]), rule("customers.email", "filled")],
    KEY: [rule("customers.level", "in", ["a"]), rule("customers.stage", "not_in", ["lost"])],
    WON_BACK: [rule("customers.stage", "in", ["lapsed"]), rule("customers.email", "filled")],
    FRESH: [rule("customers.created", "within", 90), rule("customers.stage", "in", ["prospect", "engaged"])],
    QUIET: [rule("customers.stage", "in", ["active"]), rule("customers.last_contact", "not_within", 90)],
}


@dataclass(frozen=True)
class Words:
    """`templates` are (name, subject, body); `names` make a campaign's name of a season and a year."""

    segments: Mapping[str, tuple[str, str]]
    templates: Mapping[str, tuple[str, str, str]]
    names: Mapping[str, str]
    seasons: Sequence[str]
    scheduled: str
    draft: str
    paused: str
    ads: Sequence[str]


NEWSLETTER, OFFER, RETURN = "newsletter", "offer", "return"

_BUTTON = (
    '<p><a href="{url}" style="display:inline-block;padding:12px 22px;border-radius:8px;background-color:#3556d4;'
    'color:#ffffff;text-decoration:none;font-weight:600">{label}</a></p>\n'
)
_HEAD = '<h1 style="margin:0 0 16px;font-size:24px;line-height:1.3;color:#1d273b">{title}</h1>\n'

_ENGLISH = Words(
    segments={
        ACTIVE: ("Active customers", "All we do business with and can write to"),
        KEY: ("Key customers", "Level A, not lost"),
        WON_BACK: ("To win back", "Lapsed customers with an address"),
        FRESH: ("New prospects", "Entered within the last quarter"),
        QUIET: ("Not heard of for 90 days", "Active, and due for a call or a mail"),
    },
    templates={
        NEWSLETTER: (
            "Season's newsletter",
            "{{ customer.name }}: what is new at {{ tenant.name }}",
            _HEAD.format(title="What is new this season")
            + "<p>Dear {{ customer.contact|customer }},</p>\n"
            + "<p>three things that may be worth your while:</p>\n"
            + "<ul><li>The new catalogue is out, with 240 products more than last season.</li>\n"
            + "<li>Deliveries to {{ customer.city|your city }} now leave twice a week.</li>\n"
            + "<li>Spare parts are shipped the same day when you order before noon.</li></ul>\n"
            + _BUTTON.format(url="https://www.acme-trading.example/catalogue", label="See the catalogue")
            + '<p>Or <a href="https://www.acme-trading.example/delivery">read about deliveries</a>.</p>\n'
            + "<p>Kind regards<br>{{ sender.name }}</p>",
        ),
        OFFER: (
            "Season's offer",
            "10% for {{ customer.name }} until the end of the month",
            _HEAD.format(title="Ten per cent, until the end of the month")
            + "<p>Dear {{ customer.contact|customer }},</p>\n"
            + "<p>as a thank-you for your trust, every order of this month is 10% less. No small print.</p>\n"
            + _BUTTON.format(url="https://www.acme-trading.example/offer", label="Use the offer")
            + "<p>Questions? {{ customer.owner|We }} will gladly call you back.</p>\n"
            + "<p>Kind regards<br>{{ sender.name }}</p>",
        ),
        RETURN: (
            "We miss you",
            "{{ customer.name }}, it has been a while",
            _HEAD.format(title="It has been a while")
            + "<p>Dear {{ customer.contact|customer }},</p>\n"
            + "<p>we have not heard from you for some time. What would have to change for you to order again?</p>\n"
            + _BUTTON.format(url="https://www.acme-trading.example/feedback", label="Tell us in one minute")
            + "<p>Kind regards<br>{{ sender.name }}</p>",
        ),
    },
    names={
        NEWSLETTER: "{season} newsletter {year}",
        OFFER: "{season} offer {year}",
        RETURN: "Win back, {season} {year}",
    },
    seasons=("Winter", "Spring", "Summer", "Autumn"),
    scheduled="Invitation to the trade fair",
    draft="Price list of next year",
    paused="Survey among key customers",
    ads=("Search ads", "Trade fair stand", "Catalogue by post", "Trade journal", "Poster campaign", "Referral bonus"),
)
_CHINESE = Words(
    segments={
        ACTIVE: ("活跃客户", "正在往来、有邮箱的客户"),
        KEY: ("重点客户", "A 级且未流失"),
        WON_BACK: ("待挽回客户", "已沉睡、有邮箱的客户"),
        FRESH: ("新潜在客户", "最近一个季度录入"),
        QUIET: ("90 天未联系", "活跃客户，该打电话或发邮件了"),
    },
    templates={
        NEWSLETTER: (
            "季度简报",
            "{{ customer.name }}：{{ tenant.name }}近期动态",
            _HEAD.format(title="本季新动态")
            + "<p>尊敬的{{ customer.contact|客户 }}：</p>\n"
            + "<p>您好！本季有三件事值得您留意：</p>\n"
            + "<ul><li>新版产品目录已发布，比上季多 240 款产品。</li>\n"
            + "<li>发往{{ customer.city|贵地 }}的货物改为每周两班。</li>\n"
            + "<li>中午前下单的备件，当天发货。</li></ul>\n"
            + _BUTTON.format(url="https://www.huaxing-trade.example/catalogue", label="查看产品目录")
            + '<p>也可以<a href="https://www.huaxing-trade.example/delivery">了解发货安排</a>。</p>\n'
            + "<p>此致<br>{{ sender.name }}</p>",
        ),
        OFFER: (
            "季度优惠",
            "{{ customer.name }}专享：本月下单立减 10%",
            _HEAD.format(title="本月下单，立减 10%")
            + "<p>尊敬的{{ customer.contact|客户 }}：</p>\n"
            + "<p>感谢您一直以来的信任。本月所有订单立减 10%，不设门槛，没有附加条件。</p>\n"
            + _BUTTON.format(url="https://www.huaxing-trade.example/offer", label="立即使用")
            + "<p>如有疑问，{{ customer.owner|我们 }}随时给您回电。</p>\n"
            + "<p>此致<br>{{ sender.name }}</p>",
        ),
        RETURN: (
            "老客户回访",
            "{{ customer.name }}，好久不见",
            _HEAD.format(title="好久不见")
            + "<p>尊敬的{{ customer.contact|客户 }}：</p>\n"
            + "<p>我们有一段时间没有您的消息了。怎样的改进能让您再次选择我们？</p>\n"
            + _BUTTON.format(url="https://www.huaxing-trade.example/feedback", label="花一分钟告诉我们")
            + "<p>此致<br>{{ sender.name }}</p>",
        ),
    },
    names={
        NEWSLETTER: "{year} 年{season}季简报",
        OFFER: "{year} 年{season}季优惠",
        RETURN: "{year} 年{season}季老客户回访",
    },
    seasons=("冬", "春", "夏", "秋"),
    scheduled="展会邀请",
    draft="明年价目表",
    paused="重点客户满意度调查",
    ads=("搜索广告", "展会展位", "目录邮寄", "行业期刊", "户外海报", "老客户推荐奖励"),
)
TEXTS = {False: _ENGLISH, True: _CHINESE}
