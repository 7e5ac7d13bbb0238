"""The platform's pages of people: sign-in (django-allauth), invitation, profile, tenants."""

from django.urls import include, path

from .views import people, sign_in

urlpatterns = [
    path("", people.home, name="platform_home"),
    path("tenants/", people.tenant_list, name="tenants"),
    path("accounts/", people.account, name="account"),
    path("accounts/profile/", people.profile, name="account_profile"),
    path("accounts/invitation/<str:token>/", sign_in.InvitationPage.as_view(), name="account_invitation"),
    path("accounts/login/", sign_in.login, name="account_login"),
    path("accounts/sessions/", sign_in.SessionList.as_view(), name="usersessions_list"),
    path("accounts/security/", include("allauth.mfa.urls")),
    path("accounts/", include("allauth.account.urls")),
]
