"""What deals of the demo are called and what is noted about them, by whether the tenant is Chinese."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Texts:
    """`renewal_stages` are the open ones of the second pipeline. `lost_notes` by the place of the lost reason."""

    subjects: Sequence[str]
    renewals: str
    renewal_stages: Sequence[str]
    renewal_subjects: Sequence[str]
    notes: Sequence[str]
    lost_notes: Mapping[int, str]
    lead_notes: Sequence[str]


_ENGLISH = Texts(
    subjects=(
        "Annual supply agreement",
        "Pilot order",
        "Warehouse equipment",
        "Second production line",
        "Spare parts package",
        "New site fit-out",
        "Replacement of old units",
        "Framework contract",
        "Extension of the order",
        "Trial installation",
        "Yearly demand",
        "Service and maintenance",
        "Tender for two plants",
        "Starter package",
    ),
    renewals="Renewals",
    renewal_stages=("Due", "Contacted", "Offer made"),
    renewal_subjects=("Renewal of the service contract", "Renewal of the framework contract", "Licence renewal"),
    notes=(
        "Decision by the board at the end of the quarter.",
        "They want delivery before the holidays.",
        "Two competitors are in the running. Price matters, service decides.",
        "Purchasing has approved; technical acceptance is open.",
        "Budget is released in January.",
    ),
    lost_notes={
        0: "Offer was 6% above the winner's.",
        1: "Stayed with the present supplier after all.",
        2: "Investment stopped for this year.",
        3: "No answer for three months.",
        4: "Certificate for the new standard was missing.",
        5: "Needed delivery within two weeks.",
    },
    lead_notes=(
        "Asked for prices through the website.",
        "Took a catalogue at the fair, wants a call next week.",
        "Recommended by a customer. Needs 200 pieces a month.",
        "Looking for a second supplier.",
        "Downloaded the product overview.",
    ),
)
_CHINESE = Texts(
    subjects=(
        "年度供货合同",
        "试订单",
        "仓储设备采购",
        "二期生产线",
        "备件采购",
        "新厂区配套",
        "旧设备更换",
        "框架协议",
        "追加订单",
        "样机安装",
        "全年用量采购",
        "维保服务",
        "两厂联合招标",
        "首批采购",
    ),
    renewals="续约流程",
    renewal_stages=("即将到期", "已沟通", "已报价"),
    renewal_subjects=("维保合同续签", "框架协议续签", "软件许可续费"),
    notes=(
        "季度末由董事会决定。",
        "希望春节前到货。",
        "还有两家在比价，价格重要，服务是关键。",
        "采购已通过，技术验收还没做。",
        "预算一月份下来。",
    ),
    lost_notes={
        0: "报价比中标方高 6%。",
        1: "最后还是用了原来的供应商。",
        2: "今年投资计划暂停。",
        3: "三个月没有回复。",
        4: "缺少新标准的认证。",
        5: "要求两周内交货，做不到。",
    },
    lead_notes=(
        "在官网询价。",
        "展会上拿了样本，约下周电话沟通。",
        "老客户介绍，每月需要 200 件。",
        "想找第二家供应商。",
        "下载了产品手册。",
    ),
)
TEXTS = {False: _ENGLISH, True: _CHINESE}
