"""Mail of which no ticket is made, in the demo's two languages: why, one sees on the page of incoming mail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Letter:
    sender: str
    subject: str
    text: str
    headers: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Doors:
    greeting: str
    letters: Sequence[Letter]
    file_name: str
    file_text: str


_ENGLISH = Doors(
    greeting="Tell us what is wrong, or what you would like to know. On working days we answer within a few hours.",
    letters=(
        Letter(
            "Best Deals <offers@deals.example>",
            "You have been chosen!!!",
            "Claim your reward today. Only a few left.",
            (("X-Spam-Flag", "YES"),),
        ),
        Letter(
            "Diana Frost <diana.frost@riverside.example>",
            "Automatic reply: Your order",
            "I am out of the office until Monday. In urgent cases please call my colleagues.",
            (("Auto-Submitted", "auto-replied"),),
        ),
        Letter(
            "Trade Fair News <news@fairs.example>",
            "What you missed this month",
            "Five halls, two hundred exhibitors, and the new programme for spring.",
            (("Precedence", "bulk"),),
        ),
        Letter(
            "Support <support@acme.example>",
            "Fwd: Invoice 4711",
            "Forwarded from the shared mailbox.",
        ),
    ),
    file_name="log-{number}.txt",
    file_text="Order check {number}\nparcel scanned: yes\nseal: broken\n",
)

_CHINESE = Doors(
    greeting="请告诉我们您遇到的问题或想了解的内容，工作日我们会在数小时内回复。",
    letters=(
        Letter(
            "优惠快讯 <offers@deals.example>",
            "恭喜您中奖了！！！",
            "点击领取大奖，仅限今日。",
            (("X-Spam-Flag", "YES"),),
        ),
        Letter(
            "周敏 <zhou.min@hexin.example>",
            "自动回复：您的订单",
            "您好，我正在休假，下周一回到办公室。如有急事请联系我的同事。",
            (("Auto-Submitted", "auto-replied"),),
        ),
        Letter(
            "展会资讯 <news@fairs.example>",
            "本月展会回顾",
            "五大展馆、两百家展商，春季日程现已公布。",
            (("Precedence", "bulk"),),
        ),
        Letter(
            "客服 <support@huaxing.example>",
            "转发：发票 4711",
            "由共享邮箱转发。",
        ),
    ),
    file_name="验货记录-{number}.txt",
    file_text="验货记录 {number}\n包裹已扫描：是\n封条：破损\n",
)

DOORS = {False: _ENGLISH, True: _CHINESE}
