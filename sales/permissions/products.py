from crm.access.policy import TenantWidePolicy
from crm.access.roles import Role

from ..models import Product

LEADING = {Role.ADMIN, Role.SALES_MANAGER}


class ProductPolicy(TenantWidePolicy):
    kind = "products"
    model = Product
    grants = {
        "view": Role,
        "create": LEADING,
        "edit": LEADING,
        "delete": LEADING,
        "import": LEADING,
        "export": LEADING | {Role.SALES, Role.ANALYST, Role.MARKETER},
    }


POLICIES = (ProductPolicy,)
