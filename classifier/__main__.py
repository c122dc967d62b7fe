"""`python -m classifier` is the command `classify`."""

import sys

from classifier.cli import main

sys.exit(main())
