from portal.zones.staff.zone import zone

__all__ = ["zone"]
