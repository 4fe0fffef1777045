"""Reading the audit trail: as pages, as JSON, as a file; and the only way in which lines go."""
