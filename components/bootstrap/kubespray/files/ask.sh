# shellcheck shell=sh
# Asks the planner that this script brings along, without installing or changing anything: put NAME keeps what it reads
# in a folder that goes in the end, ask prints the steps. Exit code as run.py's.
ask_folder=$(mktemp -d /run/vmstation-ask.XXXXXX)
trap 'rm -rf "$ask_folder"' EXIT
mkdir "$ask_folder/inventory"

put() { base64 -d >"$ask_folder/$1"; }

ask() { python3 -B "$ask_folder/run.py" --plan "$ask_folder"; }
