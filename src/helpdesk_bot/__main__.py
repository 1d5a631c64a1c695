"""The entry point of `helpdesk-bot`."""

import signal
import sys


def main() -> None:
    """Ctrl-C ends it quietly from the first moment on: the imports take their time."""
    try:
        from helpdesk_bot.cli.main import cli

        cli(prog_name="helpdesk-bot")
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)


if __name__ == "__main__":
    main()
