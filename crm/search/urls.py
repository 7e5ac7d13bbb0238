from django.db import transaction
from django.urls import path

from .views import SearchPage, SearchResults

app_name = "search"
urlpatterns = [
    path("search/", transaction.non_atomic_requests(SearchPage.as_view()), name="search"),
    path("search/results/", transaction.non_atomic_requests(SearchResults.as_view()), name="results"),
]
