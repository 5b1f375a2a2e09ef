"""What stops a command."""


class SetupError(Exception):
    """Something is missing; the text is one sentence that says what to do."""
