# Completes vmstation, and vmstation behind npx, in fish.
function __vmstation_words
    set -l typed (commandline -opc)
    set -e typed[1]
    if test "$typed[1]" = vmstation
        set -e typed[1]
    end
    @COMMAND@ $typed (commandline -ct) 2>/dev/null
end
complete -c vmstation -a '(__vmstation_words)'
complete -c npx -n '__fish_seen_subcommand_from vmstation' -a '(__vmstation_words)'
