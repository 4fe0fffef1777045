from django.urls import include, path

from accounts import views
from accounts.oidc import views as oidc_views
from accounts.second_factor import views as second_factor_views
from accounts.sessions import views as session_views
from accounts.tokens import views as token_views

app_name = "accounts"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-in/code/", second_factor_views.sign_in_code, name="sign_in_code"),
    path("oidc/", oidc_views.begin, name="oidc"),
    path("oidc/return/", oidc_views.finish, name="oidc_return"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("password/", views.password, name="password"),
    path("users/", include("accounts.people.urls")),
    path("audit/", include("accounts.trail.urls")),
    path("second-factor/", second_factor_views.overview, name="second_factor"),
    path("second-factor/set-up/", second_factor_views.set_up, name="set_up_second_factor"),
    path("second-factor/recovery/", second_factor_views.recovery, name="recovery_codes"),
    path("second-factor/off/", second_factor_views.off, name="second_factor_off"),
    path("second-factor/confirm/", second_factor_views.confirm, name="confirm_code"),
    path("sessions/", session_views.session_list, name="sessions"),
    path("sessions/end-others/", session_views.end_others, name="end_other_sessions"),
    path("sessions/<uuid:reference>/end/", session_views.end, name="end_session"),
    path("tokens/", token_views.token_list, name="tokens"),
    path("tokens/new/", token_views.new, name="new_token"),
    path("tokens/<int:key>/delete/", token_views.delete, name="delete_token"),
]
