# Completion of the commands and options of crosstalk(1) in bash.

_crosstalk_words() {
    local command=$1 action=$2
    case $command in
        gateway | check) echo "--config --help" ;;
        publish)
            echo "--jid --gateway --allow --name --visibility --priority --server --ca-file --password-file --direct --direct-host --compression --config --listings --verbose --help"
            ;;
        fetch)
            echo "--jid --server --ca-file --password-file --config --output --continue --request --header --data --include --head --silent --help"
            ;;
        proxy) echo "--listen --jid --server --ca-file --password-file --config --help" ;;
        site)
            case $action in
                list | show | rules) echo "--json --config --help" ;;
                add) echo "--visibility --config --help" ;;
                visibility) echo "public roster listed --config --help" ;;
                rule)
                    echo "banned registers visits names transactions rate bandwidth"
                    echo "domain_names domain_transactions domain_rate domain_bandwidth none --config --help"
                    ;;
                remove | suspend | resume | admit | dismiss | host | unhost | ban | unban) echo "--config --help" ;;
                *) echo "list show add remove suspend resume visibility admit dismiss host unhost rules rule ban unban --help" ;;
            esac
            ;;
        *) echo "gateway publish fetch proxy site check --version --help" ;;
    esac
}

_crosstalk() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local command= action=
    ((COMP_CWORD > 1)) && command=${COMP_WORDS[1]}
    ((COMP_CWORD > 2)) && action=${COMP_WORDS[2]}
    COMPREPLY=()
    case $previous in
        --config | --ca-file | --password-file | --output | -o)
            compopt -o filenames
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
            return
            ;;
        --direct)
            mapfile -t COMPREPLY < <(compgen -W "auto never require" -- "$current")
            return
            ;;
        --compression)
            mapfile -t COMPREPLY < <(compgen -W "auto off" -- "$current")
            return
            ;;
        --visibility)
            mapfile -t COMPREPLY < <(compgen -W "public roster listed" -- "$current")
            return
            ;;
        --allow)
            mapfile -t COMPREPLY < <(compgen -W "anyone roster" -- "$current")
            return
            ;;
        --request | -X)
            mapfile -t COMPREPLY < <(compgen -W "GET HEAD POST PUT PATCH DELETE OPTIONS" -- "$current")
            return
            ;;
        --header | -H | --data | -d) return ;;
        --listen | --priority | --jid | --gateway | --name | --server | --direct-host) return ;;
    esac
    if [[ $command == publish && $current != -* ]]; then
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -d -- "$current")
        return
    fi
    mapfile -t COMPREPLY < <(compgen -W "$(_crosstalk_words "$command" "$action")" -- "$current")
}

complete -F _crosstalk crosstalk
