"""Mail that comes in: kept first, read afterwards, by one path whatever door it came through. docs/service.md"""
