"""What people in the demo write about their customers, by whether the tenant is Chinese."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Texts:
    """`activities` by kind, the commonest first."""

    tags: Sequence[str]
    notes: Sequence[str]
    activities: Mapping[str, Sequence[str]]
    tasks: Sequence[str]


_ENGLISH = Texts(
    tags=(
        "VIP",
        "Trade fair 2026",
        "Long-standing",
        "Price-sensitive",
        "Pays late",
        "Reference customer",
        "Newsletter",
    ),
    notes=(
        "Decides with the head of production. Budget year begins in April.",
        "Prefers e-mail; answers within a day.",
        "Buys through a framework agreement, valid to the end of next year.",
        "Met at the trade fair. Interested in a second supplier.",
        "Invoices must show the order number.",
    ),
    activities={
        "call": (
            "Talked about the current order. Delivery in week 32 is fine.",
            "No answer, left a message asking for a call back.",
            "Asked for a new quote with 500 pieces instead of 300.",
            "Happy with the last delivery. Wants to see the new catalogue.",
            "Price is the sticking point; a competitor is 4% cheaper.",
            "Confirmed the payment date with accounts.",
        ),
        "email": (
            "Sent the quote and the data sheets.",
            "Sent the signed contract back.",
            "Answered questions about warranty and spare parts.",
            "Sent references of two customers in the same trade.",
        ),
        "visit": (
            "Visited the plant. They plan a second line next year.",
            "Showed the samples to purchasing and quality. Feedback by Friday.",
            "Went through the year's figures together. Volume should grow by a fifth.",
        ),
        "note": (
            "New head of purchasing since last month.",
            "They are moving; the new address follows.",
            "Credit limit raised after three orders paid on time.",
            "Wants deliveries on Tuesdays only.",
        ),
        "meeting": (
            "Kick-off with purchasing, production and our technician. Minutes sent.",
            "Agreed on the framework: twelve months, monthly call-offs.",
            "Presented the new range. Two articles go into testing.",
        ),
    },
    tasks=(
        "Send the revised quote",
        "Ask for feedback on the samples",
        "Prepare the annual review",
        "Call about the overdue invoice",
        "Invite to the open day",
    ),
)

_CHINESE = Texts(
    tags=("重点客户", "2026 展会", "老客户", "价格敏感", "回款较慢", "样板客户", "订阅资讯"),
    notes=(
        "由生产总监拍板，预算年度从四月开始。",
        "习惯用微信沟通，回复很快。",
        "签有年度框架协议，有效期到明年年底。",
        "展会上认识，想找第二家供应商。",
        "发票上必须注明订单号。",
    ),
    activities={
        "call": (
            "沟通了本次订单，第 32 周交货没有问题。",
            "无人接听，已留言请对方回电。",
            "数量由 300 件改为 500 件，要求重新报价。",
            "对上次到货很满意，想看新的产品目录。",
            "主要卡在价格，竞争对手便宜 4%。",
            "已与财务确认付款日期。",
        ),
        "email": (
            "已发送报价单和产品资料。",
            "已寄回双方签字的合同。",
            "回复了质保和备件方面的问题。",
            "发送了两家同行业客户的案例。",
        ),
        "visit": (
            "参观工厂，对方计划明年增加一条生产线。",
            "向采购和质检展示样品，周五前给反馈。",
            "一起过了全年数据，明年采购量预计增加两成。",
        ),
        "note": (
            "上个月换了新的采购负责人。",
            "对方正在搬迁，新地址稍后提供。",
            "连续三单按时付款，信用额度已上调。",
            "只接受每周二送货。",
        ),
        "meeting": (
            "与采购、生产和我方技术人员召开启动会，纪要已发。",
            "谈定框架协议：为期十二个月，按月下单。",
            "介绍了新系列，两款产品进入测试。",
        ),
    },
    tasks=("发送修改后的报价", "询问样品反馈", "准备年度回顾", "跟进逾期发票", "邀请参加开放日"),
)

TEXTS: Mapping[bool, Texts] = {True: _CHINESE, False: _ENGLISH}
