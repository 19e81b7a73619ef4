# bash completion for adperm-menu(1). The menus are those that the person holds, asked for once a shell.

_adperm_menu()
{
    local word=${COMP_WORDS[COMP_CWORD]} i

    if [[ $word == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W \
            "$(adperm-menu --help | grep -o -- '^      --[a-z]*')" -- "$word")
        return
    fi
    for ((i = 1; i < COMP_CWORD; i++)); do
        [[ ${COMP_WORDS[i]} == -* ]] || return
    done
    [[ -n ${_adperm_menus-} ]] ||
        _adperm_menus=$(adperm-menu --list 2>/dev/null | sed '1,2d; s/ .*//')
    mapfile -t COMPREPLY < <(compgen -W "$_adperm_menus" -- "$word")
}

complete -F _adperm_menu adperm-menu
