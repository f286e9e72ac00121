#compdef tcpspec
# tcpspec completion for zsh: source <(tcpspec completion zsh) after compinit, or a file _tcpspec in a folder of $fpath
_tcpspec() {
  local line value tab=$'\t'
  local -a lines described
  lines=("${(@f)$("${words[1]}" complete -- "${(@Q)words[2,CURRENT]}" 2> /dev/null)}")
  for line in $lines; do
    value=${line%%$tab*}
    case $value in
      '') ;;
      :files) _files ;;
      :dirs) _files -/ ;;
      $line) described+=("${value//:/\\:}") ;;
      *) described+=("${value//:/\\:}:${line#*$tab}") ;;
    esac
  done
  (( $#described )) && _describe tcpspec described
}
if [[ $funcstack[1] == _tcpspec ]]; then _tcpspec "$@"; else compdef _tcpspec tcpspec; fi
