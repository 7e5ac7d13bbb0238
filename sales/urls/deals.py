from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from crm.pages.views import page_urls

from ..views import board, deals

urlpatterns: list[URLPattern | URLResolver] = [
    path(
        "sales/deals/",
        include(
            page_urls(
                "deal",
                list=deals.DealList,
                detail=deals.DealDetail,
                edit=deals.DealEdit,
                delete=deals.DealDelete,
                actions={
                    "move": deals.DealMove,
                    "win": deals.DealWin,
                    "lose": deals.DealLose,
                    "reopen": deals.DealReopen,
                    "assign": deals.DealAssign,
                },
            )
        ),
    ),
    path("sales/board/", board.Board.as_view(), name="board"),
    path("sales/board/stages/<int:pk>/", board.BoardStage.as_view(), name="board_stage"),
    path("sales/board/<int:pk>/move/", board.BoardMove.as_view(), name="board_move"),
    # How people type them.
    path("board/", RedirectView.as_view(pattern_name="sales:board", query_string=True)),
    path("deals/", RedirectView.as_view(pattern_name="sales:deal_list", query_string=True)),
    path("leads/", RedirectView.as_view(pattern_name="sales:lead_list", query_string=True)),
]
