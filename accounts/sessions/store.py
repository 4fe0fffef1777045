"""Django's sessions in the database, with whose they are, from where, and when they were used.

A session ends SESSION_COOKIE_AGE after the sign-in, whatever is done in it, and SESSION_IDLE after
it was last used; one that nobody is signed in by, after an hour.
"""

from datetime import timedelta
from typing import Any, cast

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.db import transaction
from django.utils import timezone

from accounts.models import Session

STRANGERS_AGE = 3600
"""Seconds for a session that nobody is signed in by yet: anybody can have one made."""


class SessionStore(db.SessionStore):
    """`address` and `agent` are those of the request; `row` is what was last read or written."""

    address = agent = ""
    row: Session | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def rotate(self) -> bool:
        """Go on under another key. Tell whether it was this request that changed it."""
        with transaction.atomic():
            deleted, _ = Session.objects.filter(pk=self.session_key).delete()
            if deleted:
                data = self._get_session()  # type: ignore[attr-defined]  # no stub
                self.create()
                self._session_cache = data
                self.modified = True
        return bool(deleted)

    def flush(self) -> None:
        super().flush()
        self.row = None

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row = cast(Session, super().create_model_instance(data))
        row.user_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        row.address, row.agent = self.address[:64], self.agent[:255]
        before = self.row
        if before and before.user_id == row.user_id:
            row.begun_at = before.begun_at
            if before.session_key == row.session_key:
                row.reference = before.reference
        age = settings.SESSION_COOKIE_AGE if row.user_id else STRANGERS_AGE
        row.expire_date = row.begun_at + timedelta(seconds=age)
        self.row = row
        return row

    async def acreate_model_instance(self, data: dict[str, Any]) -> Session:
        return await sync_to_async(self.create_model_instance)(data)

    def _get_session_from_db(self) -> Session | None:
        row: Session | None = super()._get_session_from_db()  # type: ignore[misc]  # no stub
        if row and row.last_seen_at <= timezone.now() - timedelta(seconds=settings.SESSION_IDLE):
            self._session_key = None
            return None
        self.row = row
        return row

    async def _aget_session_from_db(self) -> Session | None:
        return await sync_to_async(self._get_session_from_db)()
