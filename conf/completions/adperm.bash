# bash completion for adperm; written by `adperm completion bash`.
_adperm() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local command=${COMP_WORDS[1]} options='' words=''
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        command=''
    elif [ "$COMP_CWORD" -gt 2 ]; then
        case $command in
        trust) command+=" ${COMP_WORDS[2]}" ;;
        totp) command+=" ${COMP_WORDS[2]}" ;;
        profile) command+=" ${COMP_WORDS[2]}" ;;
        esac
    fi
    case $command in
    '')
        options='--help --version'
        words='lint compile apply confirm wire unwire doctor status log check explain who show diff contacts notify alert test dump perms verify keygen trust errors schema totp invite self renounce readmit profile completion' ;;
    'lint')
        case $previous in
        --at) compopt +o default ;;
        --socket) ;;
        *)
            options='--strict --at --enrolled --socket --json --help'
            ;;
        esac ;;
    'compile')
        case $previous in
        -o | --output) ;;
        --server) compopt +o default ;;
        --generation) compopt +o default ;;
        --not-after) compopt +o default ;;
        --sign) ;;
        *)
            options='--output --server --generation --not-after --json --sign --help'
            ;;
        esac ;;
    'apply')
        case $previous in
        --server) compopt +o default ;;
        --confirm) compopt +o default ;;
        --readopt) compopt +o default ;;
        --forget) compopt +o default ;;
        --tests) compopt -o dirnames +o default ;;
        --as) compopt +o default ;;
        --db) ;;
        --state) compopt -o dirnames +o default ;;
        --trusted-keys) compopt -o dirnames +o default ;;
        --people) compopt -o dirnames +o default ;;
        --adperm-people) ;;
        --local-users) ;;
        --socket) ;;
        --sessions) compopt -o dirnames +o default ;;
        --break-glass) compopt +o default ;;
        --etc) compopt -o dirnames +o default ;;
        --sshd) ;;
        --rehearse) ;;
        --language) compopt +o default ;;
        --config) ;;
        --templates) compopt -o dirnames +o default ;;
        --sendmail) ;;
        --spool) compopt -o dirnames +o default ;;
        *)
            options='--server --yes --dry-run --allow-lockout --confirm --undo --kill-sessions --readopt --forget --invite --tests --as --json --db --state --trusted-keys --people --adperm-people --local-users --socket --sessions --break-glass --etc --sshd --rehearse --language --config --templates --sendmail --spool --help'
            ;;
        esac ;;
    'confirm')
        case $previous in
        --db) ;;
        --state) compopt -o dirnames +o default ;;
        --trusted-keys) compopt -o dirnames +o default ;;
        --wiring) compopt -o dirnames +o default ;;
        --pid-file) ;;
        *)
            options='--expired --db --state --trusted-keys --wiring --pid-file --help'
            compopt +o default ;;
        esac ;;
    'wire')
        case $previous in
        --break-glass) compopt +o default ;;
        --leave) compopt +o default ;;
        --confirm) compopt +o default ;;
        --db) ;;
        --people) compopt -o dirnames +o default ;;
        --socket) ;;
        --share) compopt -o dirnames +o default ;;
        --etc) compopt -o dirnames +o default ;;
        --wiring) compopt -o dirnames +o default ;;
        --sshd) ;;
        --visudo) ;;
        --pid-file) ;;
        --rehearse) ;;
        *)
            options='--break-glass --leave --confirm --no-confirm --yes --dry-run --db --people --socket --share --etc --wiring --sshd --visudo --pid-file --rehearse --help'
            compopt +o default ;;
        esac ;;
    'unwire')
        case $previous in
        --etc) compopt -o dirnames +o default ;;
        --wiring) compopt -o dirnames +o default ;;
        --pid-file) ;;
        *)
            options='--all --force --dry-run --etc --wiring --pid-file --help'
            compopt +o default ;;
        esac ;;
    'doctor')
        case $previous in
        --login) compopt +o default ;;
        --profile) compopt +o default ;;
        --service) compopt +o default ;;
        --from) compopt +o default ;;
        --break-glass) compopt +o default ;;
        --db) ;;
        --people) compopt -o dirnames +o default ;;
        --etc) compopt -o dirnames +o default ;;
        --wiring) compopt -o dirnames +o default ;;
        --share) compopt -o dirnames +o default ;;
        --trusted-keys) compopt -o dirnames +o default ;;
        --socket) ;;
        --state) compopt -o dirnames +o default ;;
        --state-key) ;;
        --module) ;;
        --sshd) ;;
        --visudo) ;;
        --rehearse) ;;
        --adperm-keys) ;;
        *)
            options='--wired --login --profile --service --from --break-glass --json --db --people --etc --wiring --share --trusted-keys --socket --state --state-key --module --sshd --visudo --rehearse --adperm-keys --help'
            compopt +o default ;;
        esac ;;
    'status')
        case $previous in
        --db) ;;
        --people) compopt -o dirnames +o default ;;
        --etc) compopt -o dirnames +o default ;;
        --socket) ;;
        --file) ;;
        *)
            options='--json --prometheus --db --people --etc --socket --file --help'
            compopt +o default ;;
        esac ;;
    'log')
        case $previous in
        --profile) compopt +o default ;;
        --user) compopt +o default ;;
        --door) compopt +o default ;;
        --reason) compopt +o default ;;
        -n | --last) compopt +o default ;;
        --file) ;;
        --policy-dir) compopt -o dirnames +o default ;;
        *)
            options='--profile --user --door --reason --denied --all --last --why --json --file --policy-dir --help'
            compopt +o default ;;
        esac ;;
    'check')
        case $previous in
        --policy) ;;
        --profile) compopt +o default ;;
        --login) compopt +o default ;;
        --key) compopt +o default ;;
        --permission) words='overall.account_management overall.billing overall.technical_accounts overall.technical_servers account.technical_contact account.usage account.resources account.statistics account.sites account.domains account.emails account.email_history account.databases account.ssh account.environment account.processes account.ip_addresses account.ssl_certificates account.migration account.scheduled_tasks account.backups account.services account.ftp account.webdav server.technical_contact server.ssh_users server.firewall_rules server.smtp_configuration server.database_users server.ssl_configuration server.http_configuration server.consumption server.resources server.migration account.server_status server.configuration' ;;
        --server) compopt +o default ;;
        --account) compopt +o default ;;
        --from) compopt +o default ;;
        --at) compopt +o default ;;
        --people) compopt -o dirnames +o default ;;
        --switch) ;;
        --sources) compopt -o dirnames +o default ;;
        --batch) ;;
        *)
            options='--policy --profile --login --key --permission --server --account --from --at --people --switch --sources --batch --json --help'
            compopt +o default ;;
        esac ;;
    'explain')
        case $previous in
        --policy) ;;
        --profile) compopt +o default ;;
        --login) compopt +o default ;;
        --key) compopt +o default ;;
        --permission) words='overall.account_management overall.billing overall.technical_accounts overall.technical_servers account.technical_contact account.usage account.resources account.statistics account.sites account.domains account.emails account.email_history account.databases account.ssh account.environment account.processes account.ip_addresses account.ssl_certificates account.migration account.scheduled_tasks account.backups account.services account.ftp account.webdav server.technical_contact server.ssh_users server.firewall_rules server.smtp_configuration server.database_users server.ssl_configuration server.http_configuration server.consumption server.resources server.migration account.server_status server.configuration' ;;
        --server) compopt +o default ;;
        --account) compopt +o default ;;
        --from) compopt +o default ;;
        --at) compopt +o default ;;
        --people) compopt -o dirnames +o default ;;
        *)
            options='--policy --profile --login --key --permission --server --account --from --at --people --json --help'
            compopt +o default ;;
        esac ;;
    'who')
        case $previous in
        --policy) ;;
        --permission) words='overall.account_management overall.billing overall.technical_accounts overall.technical_servers account.technical_contact account.usage account.resources account.statistics account.sites account.domains account.emails account.email_history account.databases account.ssh account.environment account.processes account.ip_addresses account.ssl_certificates account.migration account.scheduled_tasks account.backups account.services account.ftp account.webdav server.technical_contact server.ssh_users server.firewall_rules server.smtp_configuration server.database_users server.ssl_configuration server.http_configuration server.consumption server.resources server.migration account.server_status server.configuration' ;;
        --server) compopt +o default ;;
        --account) compopt +o default ;;
        --from) compopt +o default ;;
        --at) compopt +o default ;;
        --people) compopt -o dirnames +o default ;;
        *)
            options='--policy --permission --server --account --from --at --people --json --help'
            compopt +o default ;;
        esac ;;
    'show')
        case $previous in
        --policy) ;;
        --at) compopt +o default ;;
        --people) compopt -o dirnames +o default ;;
        *)
            options='--policy --at --people --json --help'
            compopt +o default ;;
        esac ;;
    'diff')
        case $previous in
        --at) compopt +o default ;;
        --people) compopt -o dirnames +o default ;;
        *)
            options='--at --people --json --help'
            ;;
        esac ;;
    'contacts')
        case $previous in
        --policy) ;;
        --server) compopt +o default ;;
        --account) compopt +o default ;;
        --owner) compopt +o default ;;
        --topic) words='technical billing' ;;
        --at) compopt +o default ;;
        --people) compopt -o dirnames +o default ;;
        *)
            options='--policy --server --account --owner --topic --at --people --json --help'
            compopt +o default ;;
        esac ;;
    'notify')
        case $previous in
        --policy) ;;
        --server) compopt +o default ;;
        --account) compopt +o default ;;
        --owner) compopt +o default ;;
        --topic) words='technical billing' ;;
        --at) compopt +o default ;;
        --subject) compopt +o default ;;
        --people) compopt -o dirnames +o default ;;
        --language) compopt +o default ;;
        --config) ;;
        --templates) compopt -o dirnames +o default ;;
        --sendmail) ;;
        --spool) compopt -o dirnames +o default ;;
        *)
            options='--policy --server --account --owner --topic --at --subject --people --language --config --templates --sendmail --spool --dry-run --pending --json --help'
            compopt +o default ;;
        esac ;;
    'alert')
        case $previous in
        --db) ;;
        --people) compopt -o dirnames +o default ;;
        --at) compopt +o default ;;
        --log) ;;
        --state) compopt -o dirnames +o default ;;
        --socket) ;;
        --language) compopt +o default ;;
        --config) ;;
        --templates) compopt -o dirnames +o default ;;
        --sendmail) ;;
        --spool) compopt -o dirnames +o default ;;
        *)
            options='--run --json --db --people --at --log --state --socket --language --config --templates --sendmail --spool --help'
            compopt +o default ;;
        esac ;;
    'test')
        case $previous in
        --policy) ;;
        --server) compopt +o default ;;
        --people) compopt -o dirnames +o default ;;
        *)
            options='--policy --server --people --quiet --json --help'
            ;;
        esac ;;
    'dump')
        case $previous in
        --base) compopt +o default ;;
        *)
            options='--ldif --base --help'
            ;;
        esac ;;
    'perms')
        case $previous in
        *)
            options='--json --help'
            compopt +o default ;;
        esac ;;
    'verify')
        case $previous in
        --key) ;;
        --trusted-keys) compopt -o dirnames +o default ;;
        --server) compopt +o default ;;
        --state) compopt -o dirnames +o default ;;
        *)
            options='--key --trusted-keys --server --state --json --help'
            ;;
        esac ;;
    'keygen')
        case $previous in
        -o | --output) ;;
        *)
            options='--output --help'
            compopt +o default ;;
        esac ;;
    'trust')
        case $previous in
        *)
            options='--help'
            words='add reset' ;;
        esac ;;
    'trust add')
        case $previous in
        --trusted-keys) compopt -o dirnames +o default ;;
        --db) ;;
        --state) compopt -o dirnames +o default ;;
        *)
            options='--trusted-keys --db --state --help'
            ;;
        esac ;;
    'trust reset')
        case $previous in
        --trusted-keys) compopt -o dirnames +o default ;;
        --db) ;;
        --state) compopt -o dirnames +o default ;;
        *)
            options='--trusted-keys --db --state --help'
            compopt +o default ;;
        esac ;;
    'errors')
        case $previous in
        *)
            options='--json --help'
            compopt +o default ;;
        esac ;;
    'schema')
        case $previous in
        *)
            options='--help'
            compopt +o default ;;
        esac ;;
    'totp')
        case $previous in
        *)
            options='--help'
            words='enroll status list remove unlock recovery grace rekey import' ;;
        esac ;;
    'totp enroll')
        case $previous in
        --issuer) compopt +o default ;;
        --digits) words='6 8' ;;
        --algorithm) compopt +o default ;;
        --period) words='30 60' ;;
        --socket) ;;
        *)
            options='--issuer --digits --algorithm --period --replace --raw --no-confirm --socket --help'
            compopt +o default ;;
        esac ;;
    'totp status')
        case $previous in
        --socket) ;;
        *)
            options='--json --socket --help'
            compopt +o default ;;
        esac ;;
    'totp list')
        case $previous in
        --socket) ;;
        *)
            options='--json --socket --help'
            compopt +o default ;;
        esac ;;
    'totp remove')
        case $previous in
        --socket) ;;
        *)
            options='--socket --help'
            compopt +o default ;;
        esac ;;
    'totp unlock')
        case $previous in
        --socket) ;;
        *)
            options='--socket --help'
            compopt +o default ;;
        esac ;;
    'totp recovery')
        case $previous in
        --socket) ;;
        *)
            options='--raw --socket --help'
            compopt +o default ;;
        esac ;;
    'totp grace')
        case $previous in
        --socket) ;;
        *)
            options='--json --socket --help'
            compopt +o default ;;
        esac ;;
    'totp rekey')
        case $previous in
        --key) ;;
        --socket) ;;
        *)
            options='--key --socket --help'
            compopt +o default ;;
        esac ;;
    'totp import')
        case $previous in
        --google-authenticator) ;;
        --profile) compopt +o default ;;
        --oath-usersfile) ;;
        --map) compopt +o default ;;
        --policy) ;;
        --socket) ;;
        *)
            options='--google-authenticator --profile --oath-usersfile --map --policy --replace --socket --help'
            compopt +o default ;;
        esac ;;
    'invite')
        case $previous in
        --for) compopt +o default ;;
        --policy) ;;
        --server) compopt +o default ;;
        --language) compopt +o default ;;
        --config) ;;
        --templates) compopt -o dirnames +o default ;;
        --sendmail) ;;
        --spool) compopt -o dirnames +o default ;;
        --people) compopt -o dirnames +o default ;;
        --adperm-people) ;;
        --socket) ;;
        *)
            options='--pin --no-pin --reset --for --pending --revoke --json --policy --server --language --config --templates --sendmail --spool --people --adperm-people --socket --help'
            compopt +o default ;;
        esac ;;
    'self')
        case $previous in
        --socket) ;;
        --adperm-self) ;;
        *)
            options='--socket --adperm-self --help'
            compopt +o default ;;
        esac ;;
    'renounce')
        case $previous in
        --owner) compopt +o default ;;
        --profile) compopt +o default ;;
        --policy) ;;
        --people) compopt -o dirnames +o default ;;
        --adperm-people) ;;
        --socket) ;;
        *)
            options='--owner --profile --yes --policy --people --adperm-people --socket --help'
            compopt +o default ;;
        esac ;;
    'readmit')
        case $previous in
        --profile) compopt +o default ;;
        --owner) compopt +o default ;;
        --people) compopt -o dirnames +o default ;;
        --adperm-people) ;;
        *)
            options='--profile --owner --people --adperm-people --help'
            compopt +o default ;;
        esac ;;
    'profile')
        case $previous in
        *)
            options='--help'
            words='key export' ;;
        esac ;;
    'profile key')
        case $previous in
        --policy) ;;
        --people) compopt -o dirnames +o default ;;
        --adperm-people) ;;
        *)
            options='--json --policy --people --adperm-people --help'
            compopt +o default ;;
        esac ;;
    'profile export')
        case $previous in
        --policy) ;;
        --people) compopt -o dirnames +o default ;;
        *)
            options='--policy --people --help'
            compopt +o default ;;
        esac ;;
    'completion')
        case $previous in
        *)
            options='--help'
            words='bash zsh fish' ;;
        esac ;;
    esac
    [[ $current != -* ]] || words=$options
    [ -z "$words" ] || mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
    return 0
}
complete -o default -F _adperm adperm
