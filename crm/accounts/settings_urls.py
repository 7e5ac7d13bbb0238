"""Below /t/<slug>/settings/: members and teams."""

from django.urls import path

from .views import members

app_name = "settings"
urlpatterns = [
    path("members/", members.MemberList.as_view(), name="member_list"),
    path("members/new/", members.MemberInvite.as_view(), name="member_invite"),
    path("members/<int:pk>/edit/", members.MemberEdit.as_view(), name="member_edit"),
    path("members/<int:pk>/deactivate/", members.MemberDeactivate.as_view(), name="member_deactivate"),
    path("members/<int:pk>/reactivate/", members.MemberReactivate.as_view(), name="member_reactivate"),
    path("invitations/<int:pk>/resend/", members.InvitationResend.as_view(), name="invitation_resend"),
    path("invitations/<int:pk>/revoke/", members.InvitationRevoke.as_view(), name="invitation_revoke"),
    path("teams/", members.TeamList.as_view(), name="team_list"),
    path("teams/new/", members.TeamEdit.as_view(), name="team_create"),
    path("teams/<int:pk>/edit/", members.TeamEdit.as_view(), name="team_edit"),
    path("teams/<int:pk>/delete/", members.TeamDelete.as_view(), name="team_delete"),
]
