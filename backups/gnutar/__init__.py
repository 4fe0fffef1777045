"""Moving a volume with GNU tar, which keeps everything about a file."""
