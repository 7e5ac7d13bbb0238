"""What customers of the demo ask for and what becomes of it, by whether the tenant is Chinese."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Issue:
    """`{no}` stands for an order number. `queue` is the place in `Texts.queues`; `weight` how often it comes up."""

    subject: str
    opening: str
    question: str
    answer: str
    solution: str
    note: str
    queue: int = 0
    weight: int = 4
    urgent: bool = False


@dataclass(frozen=True)
class SpecialDays:
    name: str
    first_on: date
    last_on: date
    hours: str = ""


@dataclass(frozen=True)
class Texts:
    """`queues` are the demo's own beside the tenant's first one."""

    queues: Sequence[str]
    hotline: str
    strict: str
    greeting: str
    thanks: Sequence[str]
    late: str
    looking: str
    special_days: Sequence[SpecialDays]
    issues: Sequence[Issue]


_ENGLISH = Texts(
    queues=("Returns", "Technical questions"),
    hotline="Hotline, seven days",
    strict="Hotline",
    greeting="Hello",
    thanks=("Perfect, thank you!", "That was quick. Thanks a lot.", "Works now, thanks.", "Great, you can close this."),
    late="Sorry that this took longer than promised: we were waiting for the warehouse.",
    looking="Thank you for telling us. We are looking into it and come back to you today.",
    special_days=(
        SpecialDays("Thanksgiving", date(2025, 11, 27), date(2025, 11, 28)),
        SpecialDays("Christmas", date(2025, 12, 25), date(2025, 12, 25)),
        SpecialDays("New Year's Day", date(2026, 1, 1), date(2026, 1, 1)),
        SpecialDays("Memorial Day", date(2026, 5, 25), date(2026, 5, 25)),
        SpecialDays("Independence Day", date(2026, 7, 3), date(2026, 7, 3)),
        SpecialDays("Labor Day", date(2026, 9, 7), date(2026, 9, 7)),
        SpecialDays("Thanksgiving", date(2026, 11, 26), date(2026, 11, 27)),
        SpecialDays("Christmas", date(2026, 12, 25), date(2026, 12, 25)),
        SpecialDays("New Year's Day", date(2027, 1, 1), date(2027, 1, 1)),
    ),
    issues=(
        Issue(
            "Where is order {no}?",
            "Order {no} was due last week and has not arrived. Production stands still without it. Where is it?",
            "I am looking into it. Did you get a notice from the carrier?",
            "No, nothing. The tracking page says “in transit” since Monday.",
            "The carrier had left the pallet at the wrong depot. It is on a van now and arrives tomorrow before noon.",
            "Called the carrier: depot in Newark, released for delivery tomorrow.",
            weight=8,
            urgent=True,
        ),
        Issue(
            "Two parts missing in delivery {no}",
            "Of 40 pieces only 38 were in the box of delivery {no}. The packing slip says 40.",
            "Sorry for that. Could you send the number on the label of the box?",
            "The label says B-2271.",
            "Two pieces go out today by express, free of charge. The invoice stays as it is.",
            "Warehouse confirms: counted wrongly at packing.",
            queue=1,
            weight=6,
        ),
        Issue(
            "Damaged on arrival: {no}",
            "The crate of {no} was open on one side and two units are dented. Photographs are with the driver's slip.",
            "We will replace them. May we collect the damaged units on Thursday?",
            "Thursday is fine, between 8 and 12.",
            "The replacement is on its way and the damaged units are collected on Thursday morning.",
            "Claim with the carrier opened.",
            queue=1,
            weight=6,
            urgent=True,
        ),
        Issue(
            "Wrong price on invoice {no}",
            "Invoice {no} shows the list price. We agreed on 8% less in the framework contract.",
            "You are right about the contract. Is it the whole invoice, or single lines?",
            "Only lines 2 to 5.",
            "A corrected invoice has been sent; please discard the first one.",
            "Accounts has corrected it. The new price list had not been assigned.",
            weight=5,
        ),
        Issue(
            "Another copy of invoice {no}",
            "Our accounts department cannot find invoice {no}. Could you send a copy?",
            "Of course. Shall it go to the same address?",
            "Please to invoices as well.",
            "The copy is attached to the mail that has just gone out.",
            "Sent from accounts.",
            weight=5,
        ),
        Issue(
            "Unit shows error E4",
            "Since this morning the unit shows E4 and switches off after a minute. We have restarted it twice.",
            "E4 is the temperature sensor. Is the fan running when it starts?",
            "No, the fan does not move.",
            "Please plug the fan into the second connector as in the drawing; a new fan goes out today.",
            "Third E4 this quarter from the same batch. Tell product management.",
            queue=2,
            weight=6,
            urgent=True,
        ),
        Issue(
            "Data sheet for article {no}",
            "For our approval we need the data sheet and the safety sheet of article {no}.",
            "Do you need the German version, too?",
            "English is enough.",
            "Both sheets are in the mail that has just gone out. They are on our website, too.",
            "Sheet was missing on the website; uploaded.",
            queue=2,
        ),
        Issue(
            "Change of delivery address",
            "We are moving on the 1st. From then on please deliver to the new building, gate 3.",
            "Thank you for telling us. Is the invoice address changing as well?",
            "No, that stays.",
            "The new address is entered and holds for all open orders from the 1st on.",
            "Three open orders changed.",
            weight=3,
        ),
        Issue(
            "Return of {no}",
            "We ordered the wrong size ({no}). May we send 12 pieces back unopened?",
            "Gladly. Have they been stored dry?",
            "Yes, still on the shelf, in the original film.",
            "The return slip is on its way. The credit note follows once they are here.",
            "Returned in good order, credit note booked.",
            queue=1,
            weight=4,
        ),
        Issue(
            "How do I calibrate the scale?",
            "The manual mentions a calibration menu, but I cannot find it on our model.",
            "Which version does the display show when it starts?",
            "Version 2.3.",
            "From 2.3 on it is under Service, code 1470. A short guide has gone out by mail.",
            "Manual is outdated since 2.3. Reported.",
            queue=2,
        ),
        Issue(
            "Login to the order portal",
            "Two colleagues cannot sign in to the order portal since the weekend.",
            "Do they see a message, or does the page stay empty?",
            "It says that the account is locked.",
            "Both accounts are open again. The old password had expired.",
            "Locked after five attempts, as it should be.",
            queue=2,
            weight=3,
        ),
        Issue(
            "Can you deliver earlier? {no}",
            "We need order {no} a week earlier, if there is any way.",
            "Would a part delivery help?",
            "Yes, half of it would do.",
            "Half of the order leaves on Friday, the rest as agreed.",
            "Planning agrees; second half stays in week 48.",
            weight=4,
        ),
    ),
)

_CHINESE = Texts(
    queues=("退换货", "技术支持"),
    hotline="热线（每天）",
    strict="热线",
    greeting="您好",
    thanks=("好的，谢谢！", "处理得很快，感谢。", "已经可以了，谢谢。", "没问题了，可以关闭。"),
    late="抱歉让您久等了，仓库那边刚刚回复。",
    looking="已收到，正在为您核实，今天内回复您。",
    special_days=(
        SpecialDays("国庆节、中秋节", date(2025, 10, 1), date(2025, 10, 8)),
        SpecialDays("国庆调休上班", date(2025, 9, 28), date(2025, 9, 28), "09:00-12:00, 13:00-18:00"),
        SpecialDays("国庆调休上班", date(2025, 10, 11), date(2025, 10, 11), "09:00-12:00, 13:00-18:00"),
        SpecialDays("元旦", date(2026, 1, 1), date(2026, 1, 3)),
        SpecialDays("元旦调休上班", date(2026, 1, 4), date(2026, 1, 4), "09:00-12:00, 13:00-18:00"),
        SpecialDays("春节", date(2026, 2, 15), date(2026, 2, 23)),
        SpecialDays("春节调休上班", date(2026, 2, 14), date(2026, 2, 14), "09:00-12:00, 13:00-18:00"),
        SpecialDays("春节调休上班", date(2026, 2, 28), date(2026, 2, 28), "09:00-12:00, 13:00-18:00"),
        SpecialDays("清明节", date(2026, 4, 4), date(2026, 4, 6)),
        SpecialDays("劳动节", date(2026, 5, 1), date(2026, 5, 5)),
        SpecialDays("劳动节调休上班", date(2026, 5, 9), date(2026, 5, 9), "09:00-12:00, 13:00-18:00"),
        SpecialDays("端午节", date(2026, 6, 19), date(2026, 6, 21)),
        SpecialDays("中秋节", date(2026, 9, 25), date(2026, 9, 27)),
        SpecialDays("国庆节", date(2026, 10, 1), date(2026, 10, 7)),
        SpecialDays("国庆调休上班", date(2026, 9, 20), date(2026, 9, 20), "09:00-12:00, 13:00-18:00"),
        SpecialDays("国庆调休上班", date(2026, 10, 10), date(2026, 10, 10), "09:00-12:00, 13:00-18:00"),
        SpecialDays("元旦", date(2027, 1, 1), date(2027, 1, 3)),
    ),
    issues=(
        Issue(
            "订单 {no} 还没到货",
            "订单 {no} 上周就该到了，到现在没收到，产线已经停了。请尽快查一下货在哪里。",
            "正在为您查询。物流公司有没有联系过您？",
            "没有，物流信息从周一起一直显示运输中。",
            "货被送错了网点，现已重新派送，明天上午送到。",
            "已电话联系物流：错分到苏州网点，明早派送。",
            weight=8,
            urgent=True,
        ),
        Issue(
            "到货少了两件（{no}）",
            "送货单 {no} 写的是 40 件，开箱只有 38 件。",
            "非常抱歉，请把箱子标签上的编号发给我们。",
            "标签是 B-2271。",
            "今天用快递补发两件，运费由我们承担，发票不变。",
            "仓库确认是打包时点错了。",
            queue=1,
            weight=6,
        ),
        Issue(
            "货物运输破损（{no}）",
            "{no} 这批货木箱一侧破开，两台外壳凹陷，照片随签收单一起拍了。",
            "我们给您换新。周四上门取回破损的两台可以吗？",
            "可以，周四上午 8 点到 12 点。",
            "新货已发出，破损件周四上午上门取回。",
            "已向物流公司提出理赔。",
            queue=1,
            weight=6,
            urgent=True,
        ),
        Issue(
            "发票 {no} 价格不对",
            "发票 {no} 按目录价开的，合同里约定是优惠 8%。",
            "合同确实如此。是整张发票都不对，还是其中几行？",
            "只有第 2 到第 5 行。",
            "已重开发票寄出，原发票请作废。",
            "财务已更正，是新价格表没有关联到客户。",
            weight=5,
        ),
        Issue(
            "补开发票 {no}",
            "财务找不到发票 {no} 了，麻烦再发一份电子版。",
            "好的，还是发到原来的邮箱吗？",
            "请再抄送一份给财务邮箱。",
            "电子发票已发送，请查收。",
            "财务已发。",
            weight=5,
        ),
        Issue(
            "设备报 E4 故障",
            "今天早上设备报 E4，开机一分钟就停，重启过两次还是一样。",
            "E4 是温度传感器报警。开机时风扇转吗？",
            "风扇不转。",
            "请按附图把风扇接到第二个接口，新风扇今天寄出。",
            "本季度同批次第三例 E4，已反馈产品部。",
            queue=2,
            weight=6,
            urgent=True,
        ),
        Issue(
            "需要 {no} 的检测报告",
            "我们做入库验收，需要 {no} 的规格书和检测报告。",
            "需要盖章的纸质件吗？",
            "电子版就行。",
            "两份文件已发邮件，官网上输入货号也能下载。",
            "官网缺检测报告，已补上传。",
            queue=2,
        ),
        Issue(
            "收货地址变更",
            "我们下个月 1 号搬新厂区，之后请送到新地址三号门。",
            "收到，开票信息需要一起改吗？",
            "开票信息不变。",
            "新地址已录入，1 号起未发货的订单都按新地址送。",
            "三张未发订单已改。",
            weight=3,
        ),
        Issue(
            "申请退货（{no}）",
            "{no} 型号订错了，12 件没有拆封，能退吗？",
            "可以退。货一直在干燥的库房里吗？",
            "是的，原包装还在货架上。",
            "退货单已发给您，货到验收后办理退款。",
            "验收合格，已办退款。",
            queue=1,
            weight=4,
        ),
        Issue(
            "电子秤怎么校准？",
            "说明书里提到校准菜单，我们这台找不到。",
            "开机时屏幕显示的版本号是多少？",
            "2.3 版。",
            "2.3 版起在“维护”菜单里，密码 1470，操作说明已发邮件。",
            "说明书还是旧版，已反馈。",
            queue=2,
        ),
        Issue(
            "订货平台登录不了",
            "从周末开始，有两个同事登录不了订货平台。",
            "页面有提示吗，还是空白？",
            "提示账号已锁定。",
            "两个账号已解锁，是旧密码过期了。",
            "连续输错五次被锁，属正常。",
            queue=2,
            weight=3,
        ),
        Issue(
            "订单 {no} 能提前发货吗",
            "订单 {no} 能不能提前一周？我们这边项目提前了。",
            "分批发可以吗？",
            "可以，先发一半就行。",
            "一半周五发出，其余按原计划。",
            "计划部同意，另一半第 48 周发。",
            weight=4,
        ),
    ),
)

TEXTS = {False: _ENGLISH, True: _CHINESE}
