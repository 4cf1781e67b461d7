"""What cannot be done as things stand."""


class Refused(Exception):
    """What was asked cannot be done as things stand. `kind` is for programs, the text for people.

    `field` when it is the value of one field of the request that stands in the way.
    """

    def __init__(self, kind: str, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.kind = kind
        self.field = field
