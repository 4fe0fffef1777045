"""What stands between the web server and Django: whom to believe, and how cookies are called."""
