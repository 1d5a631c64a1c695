"""The entry point of `helpdesk-bot`."""

import errno
import os
import signal
import sys

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def main() -> None:
    """Ctrl-C ends it quietly from the first moment on: the imports take their time. A disk that is full is one line."""
    try:
        from helpdesk_bot.cli.main import cli

        cli(prog_name="helpdesk-bot")
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    except OSError as error:
        if error.errno not in FULL:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left would fail again at the end
        name = f" {error.filename}" if error.filename else ""
        sys.exit(f"what this command writes{name} is not complete: {error.strerror}")


if __name__ == "__main__":
    main()
