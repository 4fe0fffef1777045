"""Backups of networks: the same archive as a container's, without volumes."""
