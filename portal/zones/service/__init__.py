from portal.zones.service.zone import zone

__all__ = ["zone"]
