"""What is refused, in words for people."""


class Refused(Exception):
    """This cannot be done as things stand."""
