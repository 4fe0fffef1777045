"""Who there is: users and their roles, looked after by administrators and by commands."""
