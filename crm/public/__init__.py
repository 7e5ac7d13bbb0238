"""Pages without login: `/p/<slug>/…` and `/e/<token>/…`. docs/public.md tells how an app adds one."""
