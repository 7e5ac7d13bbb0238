"""The page family: `from crm.pages.views import ListPage, DetailPage, EditPage, DeletePage, ActionPage, page_urls`."""

from .action import ActionPage
from .base import MemberPage, ObjectPage, Page, PageAction
from .delete import DeletePage
from .detail import DetailPage
from .edit import EditPage
from .home import HomePage
from .list import ListPage, ReadyView
from .routes import page_urls
from .settings import SettingsPage

__all__ = [
    "ActionPage",
    "DeletePage",
    "DetailPage",
    "EditPage",
    "HomePage",
    "ListPage",
    "MemberPage",
    "ObjectPage",
    "Page",
    "PageAction",
    "ReadyView",
    "SettingsPage",
    "page_urls",
]
