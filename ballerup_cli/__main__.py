"""Start the program. Until it is loaded and knows what to say, Ctrl-C ends it without a word."""

import signal

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from ballerup_cli.cli.main import run

if __name__ == "__main__":
    run()
