"""Volumes by themselves, without the containers that mount them: cloned and backed up."""
