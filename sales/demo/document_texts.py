"""What the demo's tenants sell and how they write quotes, by whether the tenant is Chinese. All invented."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Goods:
    """`price` in the currency's main unit. The more often a thing is bought, the earlier it stands in its list."""

    code: str
    name: str
    category: str
    unit: str
    price: str


@dataclass(frozen=True)
class Letterhead:
    company_name: str
    address: str
    phone: str
    email: str
    website: str
    tax_number: str
    bank_account: str


@dataclass(frozen=True)
class DocumentTexts:
    """`tax_bp` is in the prices where the tenant's quotes say so."""

    goods: Sequence[Goods]
    tax_bp: int
    is_tax_included: bool
    letterhead: Letterhead
    introduction: str
    terms: str
    subjects: Sequence[str]
    descriptions: Sequence[str]
    services: Sequence[tuple[str, str, str]]  # name, unit, price: lines of free text
    declined: Sequence[str]
    accepted: Sequence[str]
    notes: Sequence[str]


def _goods(table: str) -> tuple[Goods, ...]:
    return tuple(Goods(*(cell.strip() for cell in line.split("|"))) for line in table.strip().splitlines())


_ENGLISH = DocumentTexts(
    goods=_goods(
        """
        CB-010 | Copy paper A4, box of 5 reams | Office supplies | box | 24.90
        PK-120 | Shipping carton 40×30×30 cm | Packaging | pcs | 1.35
        LB-200 | Thermal label roll, 500 labels | Packaging | roll | 6.80
        GL-015 | Nitrile gloves, box of 100 | Workshop | box | 11.50
        BT-033 | AA batteries, pack of 24 | Workshop | pack | 15.20
        ST-410 | Stretch film 500 mm × 300 m | Packaging | roll | 8.40
        CL-018 | Industrial cleaner, 5 l | Workshop | can | 19.75
        CH-220 | Office chair Lumen | Furniture | pcs | 189.00
        TN-072 | Toner cartridge, black | Office supplies | pcs | 74.00
        LT-051 | LED panel 60×60, 36 W | Lighting | pcs | 46.50
        SC-300 | Handheld barcode scanner | Devices | pcs | 132.00
        DK-410 | Height-adjustable desk 160×80 | Furniture | pcs | 529.00
        SH-090 | Pallet rack bay, 2.7 m | Storage | bay | 318.00
        HT-007 | Hand pallet truck 2.5 t | Storage | pcs | 449.00
        PR-350 | Label printer, network | Devices | pcs | 389.00
        MT-064 | Monitor 27", adjustable | Devices | pcs | 259.00
        FC-120 | Filing cabinet, 4 drawers | Furniture | pcs | 274.00
        SF-021 | Safety shoes S3 | Workshop | pair | 68.00
        WB-055 | Workbench 200×75, drawer unit | Workshop | pcs | 612.00
        TB-880 | Rugged tablet 10" | Devices | pcs | 799.00
        LK-240 | Locker, 6 compartments | Furniture | pcs | 341.00
        CV-500 | Roller conveyor, 3 m | Storage | pcs | 885.00
        AC-030 | Air compressor 50 l | Workshop | pcs | 476.00
        WM-900 | Wrapping machine, semi-automatic | Packaging | pcs | 3,480.00
        """
    ),
    tax_bp=825,
    is_tax_included=False,
    letterhead=Letterhead(
        company_name="Acme Trading Inc.",
        address="12 Harbor Street, Boston, MA 02110",
        phone="+1 617 555 0100",
        email="sales@acme.example",
        website="https://www.acme.example",
        tax_number="04-5550100",
        bank_account="First Harbor Bank · Account 5550 0100 2210",
    ),
    introduction="Thank you for your enquiry. We are pleased to offer the following:",
    terms=(
        "Prices hold until the day given above.\n"
        "Delivery within 15 working days after your order, free to your address.\n"
        "Payment within 30 days of the invoice."
    ),
    subjects=(
        "Warehouse equipment",
        "Office furniture for the new floor",
        "Yearly demand of packaging",
        "Workshop supplies",
        "Scanners and label printing",
        "Storage for the second hall",
    ),
    descriptions=(
        "Five years of warranty",
        "Colour: anthracite\nDelivery: two weeks",
        "Assembled at your site",
        "From stock",
        "Spare parts for ten years",
    ),
    services=(
        ("Delivery and assembly", "lump sum", "280.00"),
        ("Training on site", "day", "640.00"),
        ("Removal of old furniture", "lump sum", "190.00"),
        ("Express surcharge", "lump sum", "95.00"),
    ),
    declined=(
        "Went with a cheaper offer.",
        "Project postponed to next year.",
        "Budget was not approved.",
        "Delivery time too long.",
    ),
    accepted=("Order number to follow.", "Confirmed by telephone.", "Signed and sent back.", ""),
    notes=("Margin is thin: no further discount.", "They compare with two others.", "Ask for the site plan first.", ""),
)

_CHINESE = DocumentTexts(
    goods=_goods(
        """
        BG-010 | A4 复印纸（5 包/箱） | 办公用品 | 箱 | 118.00
        BZ-120 | 五层瓦楞纸箱 40×30×30 厘米 | 包装材料 | 个 | 6.50
        BZ-200 | 热敏标签纸（500 张/卷） | 包装材料 | 卷 | 18.00
        LB-015 | 丁腈手套（100 只/盒） | 劳保用品 | 盒 | 45.00
        DC-033 | 5 号碱性电池（24 节装） | 工具耗材 | 盒 | 52.00
        BZ-410 | 缠绕膜 500 毫米×300 米 | 包装材料 | 卷 | 36.00
        QJ-018 | 工业清洗剂 5 升 | 工具耗材 | 桶 | 79.00
        JJ-220 | 人体工学办公椅 | 办公家具 | 把 | 899.00
        HC-072 | 激光打印机硒鼓（黑色） | 办公用品 | 支 | 268.00
        DJ-051 | LED 平板灯 60×60 36 瓦 | 照明 | 盏 | 165.00
        SB-300 | 手持条码扫描枪 | 智能设备 | 台 | 580.00
        JJ-410 | 电动升降办公桌 160×80 | 办公家具 | 张 | 2,380.00
        CC-090 | 重型货架（2.7 米） | 仓储设备 | 组 | 1,460.00
        CC-007 | 手动液压搬运车 2.5 吨 | 仓储设备 | 台 | 1,850.00
        SB-350 | 网络标签打印机 | 智能设备 | 台 | 1,980.00
        SB-064 | 27 英寸可升降显示器 | 智能设备 | 台 | 1,299.00
        JJ-120 | 四抽文件柜 | 办公家具 | 个 | 1,080.00
        LB-021 | 防砸安全鞋 | 劳保用品 | 双 | 198.00
        GJ-055 | 防静电工作台 200×75 | 工具耗材 | 张 | 2,680.00
        SB-880 | 10 英寸三防平板电脑 | 智能设备 | 台 | 3,650.00
        JJ-240 | 六门更衣柜 | 办公家具 | 组 | 1,380.00
        CC-500 | 无动力滚筒输送线 3 米 | 仓储设备 | 条 | 4,200.00
        GJ-030 | 空气压缩机 50 升 | 工具耗材 | 台 | 2,150.00
        BZ-900 | 半自动缠绕包装机 | 包装材料 | 台 | 16,800.00
        """
    ),
    tax_bp=1300,
    is_tax_included=True,
    letterhead=Letterhead(
        company_name="华星贸易有限公司",
        address="上海市浦东新区世纪大道 1000 号 18 楼",
        phone="021-5550 0100",
        email="sales@huaxing.example",
        website="https://www.huaxing.example",
        tax_number="91310000MA1FL0000X",
        bank_account="招商银行上海分行 · 1219 0000 5550 100",
    ),
    introduction="感谢贵公司的询价，现就所需产品报价如下：",
    terms=(
        "1. 以上价格含 13% 增值税，在有效期内有效。\n2. 签订合同后 15 个工作日内送货上门。\n3. 收到发票后 30 天内付款。"
    ),
    subjects=("仓储设备采购", "新办公区家具", "全年包装材料", "车间劳保用品", "条码与标签打印设备", "二号仓库货架"),
    descriptions=("质保五年", "颜色：深灰\n交货期：两周", "含上门安装", "现货供应", "十年备件供应"),
    services=(
        ("送货与安装", "项", "1,200.00"),
        ("现场培训", "天", "2,600.00"),
        ("旧家具清运", "项", "800.00"),
        ("加急费", "项", "500.00"),
    ),
    declined=("选择了报价更低的供应商。", "项目推迟到明年。", "预算未获批准。", "交货期太长。"),
    accepted=("订单号随后提供。", "电话已确认。", "已盖章回传。", ""),
    notes=("利润较薄，不再让价。", "客户同时在比较另外两家。", "先索取平面图。", ""),
)

DOCUMENT_TEXTS: Mapping[bool, DocumentTexts] = {False: _ENGLISH, True: _CHINESE}
