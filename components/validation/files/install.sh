# shellcheck shell=sh
# The checks, their settings and their entry; they need Python, which node/ has installed.

step() { ensure_files; }
