"""One's own second factor as JSON. All but looking at it needs a session."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from accounts.api_auth import SignedIn
from accounts.callers import caller
from accounts.rights import needs
from accounts.second_factor import services, switching
from accounts.second_factor.services import LONGEST_CODE
from accounts.services import LONGEST_PASSWORD
from containermonkey.problems import Conflict
from containermonkey.schemas import Deleted as Done
from containermonkey.schemas import Strict

router = Router(tags=["Authentication"])
by_session = SignedIn(by_token=False)


class SecondFactorOut(Schema):
    """`since` is null where the sign-in asks for no code."""

    on: bool
    since: datetime | None
    recovery_codes_left: int


class Secret(Schema):
    """`address` is what an authenticator app reads from a QR code."""

    secret: str
    address: str


class RecoveryCodes(Schema):
    recovery_codes: list[str]


class CodeBody(Strict):
    otp: str = Field(min_length=1, max_length=LONGEST_CODE)


class ProofBody(CodeBody):
    current_password: str = Field(
        "", max_length=LONGEST_PASSWORD, description="Empty for who has none here."
    )


@router.get("/second-factor", response=SecondFactorOut)
@needs("second_factor.see")
def second_factor(request: HttpRequest) -> dict[str, Any]:
    """Whether the caller has a second factor, and how many recovery codes are left."""
    since, left = services.since(caller(request)), services.codes_left(caller(request))
    return {"on": since is not None, "since": since, "recovery_codes_left": left}


@router.post("/second-factor/secret", response=Secret, auth=by_session)
@needs("second_factor.change")
def secret(request: HttpRequest, response: HttpResponse) -> Secret:
    """The secret for an authenticator app. It counts once a code of it was sent to `/on`."""
    user = caller(request)
    if services.is_on(user):
        raise Conflict("Your second factor is on already.")
    response["Cache-Control"] = "no-store"
    made = services.new_secret(request.session)
    return Secret(secret=made, address=services.address_for_app(user, made))


@router.post("/second-factor/on", response=RecoveryCodes, auth=by_session)
@needs("second_factor.change")
def switch_on(request: HttpRequest, response: HttpResponse, body: ProofBody) -> RecoveryCodes:
    """Have the sign-in ask for codes. The recovery codes are told this once."""
    response["Cache-Control"] = "no-store"
    codes = switching.switch_on(request, caller(request), body.current_password, body.otp)
    return RecoveryCodes(recovery_codes=codes)


@router.post("/second-factor/recovery-codes", response=RecoveryCodes, auth=by_session)
@needs("second_factor.change")
def renew(request: HttpRequest, response: HttpResponse, body: ProofBody) -> RecoveryCodes:
    """New recovery codes, told this once; the former ones are void."""
    response["Cache-Control"] = "no-store"
    proof = (body.current_password, body.otp)
    codes = switching.renew_recovery_codes(request, caller(request), *proof)
    return RecoveryCodes(recovery_codes=codes)


@router.post("/second-factor/off", response=Done, auth=by_session)
@needs("second_factor.change")
def switch_off(request: HttpRequest, body: ProofBody) -> dict[str, Any]:
    """Ask for no code any more."""
    switching.switch_off(request, caller(request), body.current_password, body.otp)
    return {}


@router.post("/second-factor/confirm", response=Done, auth=by_session)
@needs("second_factor.confirm")
def confirm(request: HttpRequest, body: CodeBody) -> dict[str, Any]:
    """Give a code anew, where an answer was a 403 with the code `fresh_code_required`."""
    switching.confirm(request, caller(request), body.otp)
    return {}
