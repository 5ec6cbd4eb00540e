"""`python -m flows` is `decant`."""

from flows.cli import main

main()
