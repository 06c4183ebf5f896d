# Runs one PostgreSQL for as long as standard input stays open, then stops it and deletes every trace.
#
# $1 is the folder of the programs, $2 the value of fsync. The first line of output is "ready" and the server's folder,
# or else the reason why there is no server. The signals are ignored so that nothing keeps this script from cleaning up:
# PIPE comes when our caller dies while the server is still starting.

programs=$1
fsync=$2
export LC_ALL=C
exec 2>&1
trap '' INT TERM HUP PIPE
folder=$(mktemp -d "${TMPDIR:-/tmp}/mailwright-postgres.XXXXXX") && cd "$folder" || exit 1

fill() {
    "$programs/initdb" --pgdata=data --username=postgres --auth=trust --encoding=UTF8 --no-sync "$@" >>log 2>&1
}
start() {
    "$programs/pg_ctl" start --pgdata=data --log=log --wait --timeout=60 --options="-c listen_addresses='' \
        -c unix_socket_directories='$folder' -c max_connections=300 -c fsync=$fsync" >>log 2>&1
}
stop() {
    "$programs/pg_ctl" stop --pgdata=data --mode="$1" >>log 2>&1
}

# Sorted by language where possible, as most installations are: a column that forgot COLLATE "C" shows.
if { fill --locale-provider=icu --icu-locale=en || fill; } && start; then
    echo "ready $folder"
    cat >/dev/null
else
    cat log
fi
stop fast || stop immediate
cd / && rm -rf "$folder"
