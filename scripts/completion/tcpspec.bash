# tcpspec completion for bash: source <(tcpspec completion bash)
# bash splits words at `=` and `:` too, and replaces only what stands behind the last of them: so the words are taken
# from the line, and what bash keeps of the last one is cut from each candidate.
_tcpspec() {
  local line=${COMP_LINE:0:COMP_POINT} current=${COMP_WORDS[COMP_CWORD]}
  local words typed kept value about name
  read -ra words <<< "$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  # A line may begin with NAME=value.
  while (( ${#words[@]} > 1 )) && [[ ${words[0]} != "${COMP_WORDS[0]}" ]]; do words=("${words[@]:1}"); done
  typed=${words[${#words[@]}-1]#[\"\']}
  words[${#words[@]}-1]=$typed
  [[ $current == [=:] ]] && current=
  current=${current#[\"\']}
  kept=${typed%"$current"}
  COMPREPLY=()
  while IFS=$'\t' read -r value about; do
    case $value in
      :files | :dirs)
        compopt -o filenames 2> /dev/null
        while IFS= read -r name; do COMPREPLY+=("$name"); done < <(
          if [[ $value == :dirs ]]; then compgen -d -- "$current"; else compgen -f -- "$current"; fi
        )
        ;;
      *) COMPREPLY+=("${value#"$kept"}") ;;
    esac
  done < <("${words[0]}" complete -- "${words[@]:1}" 2> /dev/null)
}
complete -F _tcpspec tcpspec
