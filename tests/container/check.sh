#!/usr/bin/env bash
# Checks the image as a user runs it: real containers, published ports, its own HEALTHCHECK.
#
#   docker build -t swas-emulator:ci .
#   IMAGE=swas-emulator:ci tests/container/check.sh
#
# Needs bash, a Docker engine and coreutils. One line for each check; ends non-zero if one failed.
set -uo pipefail

IMAGE=${IMAGE:-swas-emulator:ci}
SIZE_BYTES_MAX=$((8 * 1024 * 1024))
HEALTHY_MS_MAX=10000
STOP_MS_MAX=2000
HARDENED=(--read-only --cap-drop ALL --security-opt no-new-privileges --memory 64m --pids-limit 64)

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
run_id="swas-check-$$"
scratch=$(mktemp -d)
n_passed=0
n_failed=0

ok() {
    echo "ok: $1"
    n_passed=$((n_passed + 1))
}

failed() {
    echo "FAILED: $1"
    n_failed=$((n_failed + 1))
}

skipped() { echo "skipped: $1"; }

# check NAME ACTUAL EXPECTED
check() {
    if [ "$2" = "$3" ]; then ok "$1"; else failed "$1: expected $(printf '%q' "$3"), got $(printf '%q' "$2")"; fi
}

# check_contains NAME TEXT PART
check_contains() {
    case $2 in
    *"$3"*) ok "$1" ;;
    *) failed "$1: no $(printf '%q' "$3") in $(printf '%q' "$2")" ;;
    esac
}

# check_at_most NAME ACTUAL LIMIT
check_at_most() {
    if [ "$2" -le "$3" ]; then ok "$1 ($2)"; else failed "$1: $2 is over $3"; fi
}

# Called by the trap below.
# shellcheck disable=SC2317,SC2329
clean_up() {
    local ids
    mapfile -t ids < <(docker ps -aq --filter "label=$run_id")
    [ "${#ids[@]}" = 0 ] || docker rm -f -v "${ids[@]}" >/dev/null 2>&1
    docker volume rm -f "$run_id" >/dev/null 2>&1
    rm -rf "$scratch"
}
trap clean_up EXIT

now_ms() { date +%s%3N; }

inspect() { docker inspect -f "$2" "$1"; }

# start NAME OPTION… -- ARGUMENT…: a hardened container in the background, on a free port of this machine
start() {
    local name=$run_id-$1 options=()
    shift
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    [ $# -eq 0 ] || shift
    docker run -d --name "$name" --label "$run_id" -p 127.0.0.1::8808 "${HARDENED[@]}" "${options[@]}" "$IMAGE" "$@" >/dev/null
}

# await_healthy CONTAINER: until the image's own HEALTHCHECK says so, or the container ends, or the time is up
await_healthy() {
    local deadline=$(($(now_ms) + HEALTHY_MS_MAX)) state=
    while [ "$(now_ms)" -lt "$deadline" ]; do
        state=$(inspect "$1" '{{.State.Status}} {{if .State.Health}}{{.State.Health.Status}}{{else}}no-healthcheck{{end}}')
        case $state in
        "running healthy") return 0 ;;
        exited* | *no-healthcheck) break ;;
        *) ;;
        esac
        sleep 0.1
    done
    echo "$1 is not healthy but: $state"
    docker logs "$1" 2>&1 | tail -5
    return 1
}

# http_get CONTAINER TARGET: the whole answer, through the published port
http_get() {
    local address
    address=$(docker port "$1" 8808/tcp | head -n 1)
    # The quotes are meant: the inner shell expands its own arguments.
    # shellcheck disable=SC2016
    timeout 5 bash -c '
        exec 3<>"/dev/tcp/${1%:*}/${1##*:}" || exit 1
        printf "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n" "$2" "$1" >&3
        cat <&3
    ' _ "$address" "$2" 2>&1
}

# list CONTAINER REGION: the answer of ListCustomImages
list() { http_get "$1" "/?Action=ListCustomImages&Version=2020-06-01&PageSize=100&RegionId=$2"; }

# write_fixture FOLDER IMAGE_ID: a folder with one fixture of one image, readable by the container's user
write_fixture() {
    mkdir -p "$1"
    cat >"$1/images.json" <<JSON
{"CustomImages": [{"CreationTime": "2026-05-04T03:02:01Z", "RegionId": "cn-hangzhou", "Name": "mounted",
  "ImageId": "$2", "Status": "1", "Tags": [], "CreateInstances": []}]}
JSON
    chmod -R a+rX "$scratch"
}

check_the_image_itself() {
    local user
    check_at_most "the image is at most $SIZE_BYTES_MAX bytes" "$(docker image inspect -f '{{.Size}}' "$IMAGE")" "$SIZE_BYTES_MAX"
    user=$(docker image inspect -f '{{.Config.User}}' "$IMAGE")
    check "the image's user is 65532:65532" "$user" 65532:65532
}

check_the_files() {
    local files container=$run_id-files
    docker create --name "$container" --label "$run_id" "$IMAGE" >/dev/null
    # What the engine itself puts into every container is not the image's.
    files=$(docker export "$container" | tar -t | grep -vE '/$|^\.dockerenv$|^(dev|etc|proc|sys)/' | sort | tr '\n' ' ')
    check "the image holds two files, the binary and the seed" "$files" "seed/default.json swas-emulator "
    check_contains "/data is a folder that every user may write to" \
        "$(docker export "$container" | tar -tv | grep -E ' data/$')" "drwxrwxrwt"
    docker run --rm --label "$run_id" --entrypoint /bin/sh "$IMAGE" -c true >/dev/null 2>&1
    check "there is no shell in the image: starting one ends with 127" "$?" 127
}

check_a_hardened_run() {
    local container=$run_id-default started pid answer n_images stopped
    started=$(now_ms)
    if ! start default; then
        failed "starts read-only, without capabilities, in 64 MiB and 64 processes"
        return
    fi
    if ! await_healthy "$container"; then
        failed "is healthy within $HEALTHY_MS_MAX ms by its own HEALTHCHECK"
        return
    fi
    check_at_most "is healthy within $HEALTHY_MS_MAX ms by its own HEALTHCHECK" "$(($(now_ms) - started))" "$HEALTHY_MS_MAX"

    answer=$(list "$container" cn-hangzhou)
    check "answers 200 through the published port" "$(head -n 1 <<<"$answer" | tr -d '\r')" "HTTP/1.1 200 OK"
    n_images=$(grep -c '"RegionId": *"cn-hangzhou"' "$project/fixtures/default.json")
    check_contains "lists the $n_images cn-hangzhou images of the default seed" "$answer" "\"TotalCount\":\"$n_images\""

    pid=$(inspect "$container" '{{.State.Pid}}')
    if [ -r "/proc/$pid/status" ]; then
        check "the process runs as user 65532" "$(awk '/^Uid:/ { print $2, $3 }' "/proc/$pid/status")" "65532 65532"
        check "the process has no capability" "$(awk '/^CapEff:/ { print $2 }' "/proc/$pid/status")" 0000000000000000
    else
        skipped "user and capabilities of the process: the engine's processes are not to be seen from here"
    fi

    stopped=$(now_ms)
    docker stop "$container" >/dev/null
    check_at_most "docker stop ends in under $STOP_MS_MAX ms" "$(($(now_ms) - stopped))" "$((STOP_MS_MAX - 1))"
    check "docker stop ends with exit code 0" "$(inspect "$container" '{{.State.ExitCode}}')" 0
    check "standard output is two lines" "$(docker logs "$container" 2>/dev/null)" \
        $'Listening on http://0.0.0.0:8808\nReady.'
}

check_a_mounted_seed() {
    local container=$run_id-mounted answer
    write_fixture "$scratch/seed" m-bp1mounted0000000001
    start mounted -v "$scratch/seed:/seed:ro"
    if ! await_healthy "$container"; then
        failed "a folder mounted on /seed replaces the seed"
        return
    fi
    answer=$(list "$container" cn-hangzhou)
    check_contains "a folder mounted on /seed replaces the seed: its image is listed" "$answer" m-bp1mounted0000000001
    check_contains "a folder mounted on /seed replaces the seed: no other image is" "$answer" '"TotalCount":"1"'
}

check_a_bad_seed() {
    local status
    mkdir -p "$scratch/bad"
    echo '{"CustomImages": [{"ImageId": "m-bp1bad00000000000001", "RegionId": "cn-hangzhou", "Nmae": "x"}]}' >"$scratch/bad/broken.json"
    chmod -R a+rX "$scratch"
    timeout 20 docker run --rm --name "$run_id-bad" --label "$run_id" "${HARDENED[@]}" -v "$scratch/bad:/seed:ro" "$IMAGE" \
        >"$scratch/bad.out" 2>"$scratch/bad.err"
    status=$?
    check "a bad fixture ends with exit code 65" "$status" 65
    check_contains "a bad fixture is named on standard error" "$(cat "$scratch/bad.err")" broken.json
    check_contains "the bad field is named on standard error" "$(cat "$scratch/bad.err")" Nmae
    check "a bad fixture leaves standard output empty" "$(cat "$scratch/bad.out")" ""
}

check_a_database() {
    local container=$run_id-database answer
    write_fixture "$scratch/first" m-bp1kept000000000001
    write_fixture "$scratch/second" m-bp1late000000000001
    docker volume create --label "$run_id" "$run_id" >/dev/null
    start database -v "$run_id:/data" -v "$scratch/first:/seed:ro" -- serve --database /data/images.db
    if ! await_healthy "$container"; then
        failed "a database on a volume is made and seeded"
        return
    fi
    check_contains "a database on a volume is made and seeded" "$(list "$container" cn-hangzhou)" m-bp1kept000000000001
    docker rm -f "$container" >/dev/null

    # Another seed: what is listed now can only have come from the volume. Without `serve`, which is
    # the default command.
    start database -v "$run_id:/data" -v "$scratch/second:/seed:ro" -- --database /data/images.db
    if ! await_healthy "$container"; then
        failed "the database keeps its images over a kill and a new container"
        return
    fi
    answer=$(list "$container" cn-hangzhou)
    check_contains "the database keeps its images over a kill and a new container" "$answer" m-bp1kept000000000001
}

check_a_large_seed() {
    local container=$run_id-large answer
    mkdir -p "$scratch/large"
    # Large enough that SQLite would spill into a temporary file, and there is no folder for one.
    seq 5000 | awk '
        BEGIN { printf "{\"CustomImages\": [" }
        { printf "%s{\"CreationTime\": \"2026-05-04T03:02:01Z\", \"RegionId\": \"cn-hangzhou\", \"Name\": \"image-%d\", \"ImageId\": \"m-bp1%017d\", \"Status\": \"1\"}", sep, $1, $1; sep = ",\n" }
        END { print "]}" }' >"$scratch/large/images.json"
    chmod -R a+rX "$scratch"
    start large --tmpfs /data -v "$scratch/large:/seed:ro" -- --database /data/images.db
    if ! await_healthy "$container"; then
        failed "a database takes 5,000 images where there is no folder for temporary files"
        return
    fi
    answer=$(list "$container" cn-hangzhou)
    check_contains "a database takes 5,000 images where there is no folder for temporary files" "$answer" '"TotalCount":"5000"'
}

check_the_compose_file() {
    local compose
    if docker compose version >/dev/null 2>&1; then
        compose=(docker compose)
    elif docker-compose version >/dev/null 2>&1; then
        compose=(docker-compose)
    else
        skipped "compose.yaml: no docker compose and no docker-compose here"
        return
    fi
    if "${compose[@]}" -f "$project/compose.yaml" config >/dev/null 2>"$scratch/compose.err"; then
        ok "compose.yaml is valid"
    else
        failed "compose.yaml is valid: $(head -n 3 "$scratch/compose.err")"
    fi
}

if ! docker image inspect "$IMAGE" >/dev/null; then
    echo "container: no image $IMAGE to check, build it first" >&2
    exit 1
fi
check_the_image_itself
check_the_files
check_a_hardened_run
check_a_mounted_seed
check_a_bad_seed
check_a_database
check_a_large_seed
check_the_compose_file
echo "container: $n_passed passed, $n_failed failed"
[ "$n_failed" = 0 ]
