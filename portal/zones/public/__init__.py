from portal.zones.public.zone import zone

__all__ = ["zone"]
