"""The plan of a restore: everything it would meet is looked at, and nothing is touched."""

from backups.planning.ground import Others
from backups.planning.plan import ImagePlan, NetworkPlan, RestorePlan, VolumePlan
from backups.planning.planner import plan_restore

__all__ = ["ImagePlan", "NetworkPlan", "Others", "RestorePlan", "VolumePlan", "plan_restore"]
