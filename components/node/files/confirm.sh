# shellcheck shell=sh
# Comes by a connection of its own after firewall's and sshd's, and has confirmed them before this is read. What was
# undone because an earlier run was cut is made again; ready's connection confirms that.

step() { ! applying || redo_guards "$EXPECTED"; }
