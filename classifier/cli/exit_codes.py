"""The exit codes of `classify`, once: sysexits for what goes wrong."""

OK, SOME_FAILED = 0, 1
OFF_TOPIC, ONLY_UNSURE = 10, 11
USAGE, DATA, NO_INPUT, UNAVAILABLE, IO_ERROR = 64, 65, 66, 69, 74
INTERRUPTED, PIPE_CLOSED = 130, 141
