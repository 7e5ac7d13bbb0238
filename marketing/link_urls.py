"""Below /e/<token>/."""

from django.urls import path

from . import link_pages

app_name = "marketing_links"
urlpatterns = [
    path("open.gif", link_pages.OpenPixel.as_view(), name="open"),
    path("to/<int:position>/", link_pages.FollowLink.as_view(), name="follow"),
    path("unsubscribe/", link_pages.Unsubscribe.as_view(), name="unsubscribe"),
    path("one-click/", link_pages.OneClick.as_view(), name="one_click"),
    path("trial/", link_pages.Trial.as_view(), name="trial"),
]
