"""The reports themselves, in the order in which they are offered."""

from . import monthly_sales, pipeline, service_levels, campaigns, customer_list  # noqa: I001  # the order is meant

__all__ = ["campaigns", "customer_list", "monthly_sales", "pipeline", "service_levels"]
