"""Archives of the original Container Monkey 0.2–0.4, made into ours; the file stays as it is."""
