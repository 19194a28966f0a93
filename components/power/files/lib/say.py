"""A line for the journal, whole: machines are asked side by side, and print writes a line's end by itself."""
import sys


def say(line):
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
