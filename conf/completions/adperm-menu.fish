# fish completion for adperm-menu(1). The menus are those that the person holds.

function __adperm_menu_menus
    adperm-menu --list 2>/dev/null | sed '1,2d' | string replace -r '^(\S+).*?  (asks|-) +(.*)$' '$1\t$3'
end

complete -c adperm-menu -f
complete -c adperm-menu -n __fish_use_subcommand -a '(__adperm_menu_menus)'
for option in (adperm-menu --help | string match -rg '^      --([a-z]+)')
    complete -c adperm-menu -n __fish_use_subcommand -l $option
end
