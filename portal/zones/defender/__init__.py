from portal.zones.defender.zone import zone

__all__ = ["zone"]
