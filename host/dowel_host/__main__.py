"""`python -m dowel_host` is the command `dowel`."""

from dowel_host.cli import main

main()
