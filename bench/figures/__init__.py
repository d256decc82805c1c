"""One figure a file: NAME, YARDSTICK, AIM, and `measure() -> float`."""
