"""What cannot be done as things stand."""


class Refused(Exception):
    """What was asked cannot be done as things stand. `kind` is for programs, the text for people."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
