"""What may go wrong around the sandbox, as one sentence for the user."""


class SandboxError(Exception):
    """Something that the user can mend; its text is one clear sentence.

    :param message: what happened and what to do about it
    :param status: exit status of the command
    """

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(message)
        self.status = status


class NetworkError(SandboxError):
    """A download failed although it was tried again."""


class Interrupted(BaseException):
    """Ctrl-C, SIGTERM or SIGHUP arrived.

    Not an ``Exception``, so that no ``except Exception`` on the way swallows it.

    :param signum: number of the signal
    """

    def __init__(self, signum: int) -> None:
        super().__init__(signum)
        self.signum = signum
