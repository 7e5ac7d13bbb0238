from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from crm.imports.registry import FieldType, ImportField, ImportKind, MatchKey, Search, register
from crm.tenancy.models import Tenant
from customers.imports import customer_fields
from customers.normalise import email_address

from ..choices.tickets import TicketChannel
from ..models import Ticket
from ..operations.imported import forget_log, settle_imported
from ..operations.tickets import default_queue
from ..search import index_tickets


def _default_queue(tenant: Tenant) -> int:
    return default_queue().pk


TICKETS = register(
    ImportKind(
        kind="tickets",
        model=Ticket,
        label=_("Tickets"),
        fields=(
            ImportField(
                "subject",
                _("Subject"),
                required=True,
                words=(
                    "主题",
                    "标题",
                    "问题",
                    "问题描述",
                    "工单标题",
                    "服务内容",
                    "issue",
                    "subject",
                    "title",
                    "summary",
                    "problem",
                    "question",
                ),
            ),
            *customer_fields(words=("name", "姓名", "名称", "客户姓名"), required=False),
            ImportField(
                "status",
                _("Status"),
                type=FieldType.CHOICE,
                words=("状态", "工单状态", "处理状态", "处理结果", "state", "ticket status"),
                more={
                    "0": ("未处理", "待处理", "未受理", "新建"),
                    "1": ("处理中", "已受理", "进行中", "in progress", "reopened", "重新打开"),
                    "2": ("等待", "等待中", "待客户回复", "挂起", "waiting", "pending", "on hold", "hold"),
                    "3": ("解决", "已解决", "已处理", "完成", "已完成", "resolved", "done", "fixed"),
                    "4": ("关闭", "已关闭", "结束", "已结束", "finished"),
                },
            ),
            ImportField(
                "priority",
                _("Priority"),
                type=FieldType.CHOICE,
                words=("优先级", "紧急程度", "严重程度", "severity", "urgency"),
                more={
                    "0": ("低级", "minor"),
                    "1": ("中", "一般", "medium", "default"),
                    "2": ("重要", "major"),
                    "3": ("加急", "特急", "critical", "highest"),
                },
            ),
            ImportField(
                "created_at",
                _("Created"),
                type=FieldType.DATETIME,
                words=("日期", "时间", "创建时间", "创建日期", "提交时间", "受理时间", "date", "created at", "opened"),
            ),
            ImportField(
                "first_replied_at",
                _("First reply"),
                type=FieldType.DATETIME,
                words=("首次回复", "首次回复时间", "首次响应时间", "first response", "first reply at"),
            ),
            ImportField(
                "solved_at",
                _("Solved"),
                type=FieldType.DATETIME,
                words=("解决时间", "完成时间", "关闭时间", "resolved at", "solved at", "closed at", "finished at"),
            ),
            ImportField(
                "channel",
                _("Channel"),
                type=FieldType.CHOICE,
                words=("渠道", "来源", "source", "origin"),
                more={
                    "phone": ("电话", "热线", "call", "phone"),
                    "email": ("邮件", "邮箱", "mail", "email"),
                    "portal": ("网站", "web", "website"),
                    "wechat": ("微信",),
                },
            ),
            ImportField(
                "assignee",
                _("Assignee"),
                type=FieldType.MEMBER,
                words=("负责人", "处理人", "受理人", "客服", "agent", "owner", "assigned to"),
                permission="assign",
            ),
            ImportField("sender_name", _("Sender"), words=("联系人", "提交人", "requester", "contact")),
            ImportField(
                "sender_email",
                _("Sender's e-mail"),
                type=FieldType.EMAIL,
                clean=email_address,
                words=("邮箱", "联系邮箱", "requester email", "email"),
            ),
            ImportField(
                "external_id",
                _("External number"),
                words=("编号", "工单号", "工单编号", "单号", "id", "number", "ticket id", "ticket number", "case id"),
            ),
        ),
        keys=(MatchKey("external_id", ("external_id",), _("External number")),),
        search=Search(reindex=index_tickets, fields=("subject", "customer", "sender_name")),
        author="created_by",
        defaults={"channel": TicketChannel.IMPORT, "queue": _default_queue},
        written=settle_imported,
        undoing=forget_log,
    )
)
