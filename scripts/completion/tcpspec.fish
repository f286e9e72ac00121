# tcpspec completion for fish: tcpspec completion fish > ~/.config/fish/completions/tcpspec.fish
function __tcpspec_complete
    set -l words (commandline -opc) (commandline -ct)
    for line in ($words[1] complete -- $words[2..-1] 2>/dev/null)
        switch $line
            case ':files'
                __fish_complete_path (commandline -ct)
            case ':dirs'
                __fish_complete_directories (commandline -ct)
            case '*'
                echo $line
        end
    end
end
complete -c tcpspec -f -a '(__tcpspec_complete)'
