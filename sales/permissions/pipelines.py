from crm.access.policy import TenantWidePolicy
from crm.access.roles import Role

from ..models import LostReason, Pipeline, Stage

LEADING = {Role.ADMIN, Role.SALES_MANAGER}
GRANTS = {"view": Role, "create": LEADING, "edit": LEADING, "delete": LEADING, "export": LEADING | {Role.ANALYST}}


class PipelinePolicy(TenantWidePolicy):
    kind = "pipelines"
    model = Pipeline
    grants = GRANTS


class StagePolicy(TenantWidePolicy):
    kind = "stages"
    model = Stage
    grants = GRANTS


class LostReasonPolicy(TenantWidePolicy):
    kind = "lost_reasons"
    model = LostReason
    grants = GRANTS


POLICIES = (PipelinePolicy, StagePolicy, LostReasonPolicy)
