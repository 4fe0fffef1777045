from accounts.models import User
from accounts.services import ensure_first_user


def test_is_made_in_an_empty_installation(db):
    assert ensure_first_user() is True
    user = User.objects.get()
    assert user.username == "monkeysee"
    assert user.check_password("monkeydo")
    assert user.must_change_password
    assert user.is_superuser and user.is_staff


def test_is_made_once(db):
    assert ensure_first_user() is True
    assert ensure_first_user() is False
    assert User.objects.count() == 1


def test_is_not_made_where_another_user_is(operator):
    assert ensure_first_user() is False
    assert list(User.objects.all()) == [operator]


def test_is_not_made_where_the_only_user_is_inactive(operator):
    User.objects.update(is_active=False)
    assert ensure_first_user() is False


def test_made_by_another_process_at_the_same_time_is_no_error(db, monkeypatch):
    ensure_first_user()
    monkeypatch.setattr(User.objects, "exists", lambda: False)
    assert ensure_first_user() is False
    assert User.objects.count() == 1
