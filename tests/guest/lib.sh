# In the guest: TAP, the service, the journal, workloads, and what the kernel says of memory. Sourced by boot-*.
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034
set -u
here=/opt/tests
state=/run/tests
mkdir -p "$state" /out
service=numaplaced.service
conf=/etc/numaplaced.conf
drop_ins=/etc/numaplaced.conf.d
balancing=/proc/sys/kernel/numa_balancing
catalog=/usr/lib/systemd/catalog/numaplaced.catalog
size=64 # MiB of a workload
[ -z "${LONG:-}" ] || size=256

# --- TAP -------------------------------------------------------------------------------------------------------------
n_tests=0 n_failed=0

report() { # STATUS SENTENCE [NOTE]...
	local status=$1 sentence=$2

	shift 2
	n_tests=$((n_tests + 1))
	if [ "$status" -eq 0 ]; then
		echo "ok $n_tests - $sentence"
	else
		n_failed=$((n_failed + 1))
		echo "not ok $n_tests - $sentence"
		printf '%s\n' "$@" | sed 's/^/#   /'
	fi
}

# What ought to hold and does not yet: told as TAP's TODO, which does not fail the run.
todo() { # REASON SENTENCE COMMAND...
	local reason=$1 sentence=$2

	shift 2
	n_tests=$((n_tests + 1))
	if "$@" > /dev/null 2>&1; then
		echo "ok $n_tests - $sentence # TODO $reason"
	else
		echo "not ok $n_tests - $sentence # TODO $reason"
	fi
}

check() { # SENTENCE COMMAND...: the command must succeed; what it says is shown when it fails
	local sentence=$1 said status

	shift
	said=$("$@" 2>&1)
	status=$?
	report "$status" "$sentence" "$*: status $status" "$said"
}

is() { # SENTENCE GOT WANTED
	[ "$2" = "$3" ]
	report $? "$1" "got \"$2\", wanted \"$3\""
}

holds() { # SENTENCE NUMBER OPERATOR NUMBER
	awk -v a="$2" -v op="$3" -v b="$4" 'BEGIN {
		if (a !~ /^-?[0-9.]+$/ || b !~ /^-?[0-9.]+$/) exit 1
		a += 0; b += 0
		exit !(op == "<" ? a < b : op == "<=" ? a <= b : op == ">" ? a > b : op == ">=" ? a >= b : a == b) }'
	report $? "$1" "$2 $3 $4 does not hold"
}

says() { # SENTENCE TEXT REGEX
	grep -Eq -- "$3" <<< "$2"
	report $? "$1" "/$3/ is not in:" "$2"
}

says_not() { # SENTENCE TEXT REGEX
	! grep -Eq -- "$3" <<< "$2"
	report $? "$1" "/$3/ is in:" "$2"
}

finish() {
	journalctl -q -o short-monotonic > /out/journal 2>&1
	systemctl status --no-pager -l "$service" > /out/status 2>&1
	cat /proc/vmstat > /out/vmstat
	cp -r "$state" /out/ 2> /dev/null
	echo "1..$n_tests"
	[ "$n_failed" -eq 0 ]
	exit
}

# --- waiting ---------------------------------------------------------------------------------------------------------
now() { cut -d' ' -f1 /proc/uptime; }

wait_until() { # SECONDS COMMAND...
	local end
	end=$(awk -v t="$(now)" -v s="$1" 'BEGIN { print t + s }')

	shift
	until "$@" > /dev/null 2>&1; do
		awk -v t="$(now)" -v end="$end" 'BEGIN { exit !(t < end) }' || return 1
		sleep 0.2
	done
}

# --- the service -----------------------------------------------------------------------------------------------------
property() { systemctl show -p "$1" --value "${2:-$service}"; }
main_pid() { property MainPID; }
status_says() { property StatusText | grep -q "$1"; }

start() {
	systemctl reset-failed "$service" 2> /dev/null
	systemctl start "$service"
}

drop_in() { # NAME: from stdin
	mkdir -p "$drop_ins"
	cat > "$drop_ins/$1.conf"
}

unit_drop_in() { # NAME: from stdin; none where stdin is empty
	mkdir -p "/run/systemd/system/$service.d"
	cat > "/run/systemd/system/$service.d/$1.conf"
	systemctl daemon-reload
}

no_unit_drop_in() { # NAME
	rm -f "/run/systemd/system/$service.d/$1.conf"
	systemctl daemon-reload
}

in_status() { # PID FIELD
	awk -v name="$2:" '$1 == name { print $2 }' "/proc/$1/status"
}

# --- the journal -----------------------------------------------------------------------------------------------------
message_id() { # NAME: as in the catalog
	awk -v name="$1" '$0 == "# " name { found = 1; next } found && $1 == "--" { print $2; exit }' "$catalog"
}

# A time and no cursor: behind a cursor, journalctl 252 leaves out the first entry that matches.
mark() { # later looks at the journal begin here
	since=$(date '+%F %T.%6N')
}
mark

ours() { # [JOURNALCTL OPTION]...: what the daemon itself wrote since the mark
	journalctl --sync
	journalctl -q --no-pager --since "$since" -u "$service" "$@"
}

messages() { # NAME [OPTION OR MATCH]...: their texts
	local id
	id=$(message_id "$1")

	shift
	ours -o cat MESSAGE_ID="$id" "$@"
}

has_message() { # NAME [MATCH]...
	[ -n "$(messages "$@")" ]
}

# --- workloads -------------------------------------------------------------------------------------------------------
# Each is a transient unit, with a cgroup of its own: /system.slice/NAME.service.
launch() { # NAME [SYSTEMD-RUN OPTION]... -- COMMAND...
	local name=$1
	local -a options=()

	shift
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	rm -f "$state/$name.out"
	systemd-run -q --collect --unit="$name" -p StandardOutput="file:$state/$name.out" \
		-p StandardError="file:$state/$name.err" ${options[@]+"${options[@]}"} -- "$@"
}

pids_of() { cat "/sys/fs/cgroup/system.slice/$1.service/cgroup.procs" 2> /dev/null; }

end() { # NAME...
	for unit in "$@"; do
		systemctl stop "$unit.service" 2> /dev/null
	done
}

has_ended() { ! systemctl -q is-active "$1.service"; }
has_ticked() { grep -q '^t=' "$state/$1.out"; }
wait_ended() { wait_until 90 has_ended "$1"; }

result() { # NAME KEY: of the workload's last line
	sed -n 's/^result //p' "$state/$1.out" | tr ' ' '\n' | sed -n "s/^$2=//p"
}

# The largest mapping of a unit's processes, by numa_maps: pages on a node, or in all.
mapping_of() { # NAME: "N0=12 N1=34 ... policy"
	local pid

	for pid in $(pids_of "$1"); do
		cat "/proc/$pid/numa_maps" 2> /dev/null
	done | awk '{
		sum = 0; text = ""
		for (i = 3; i <= NF; i++)
			if ($i ~ /^N[0-9]+=/) { split($i, part, "="); sum += part[2]; text = text " " $i }
		if (sum > best) { best = sum; line = $2 " all=" sum text } }
		END { print line }'
}

pages_on() { # NODE|all NAME
	local key=N$1

	[ "$1" != all ] || key=all
	mapping_of "$2" | tr ' ' '\n' | awk -F= -v key="$key" '$1 == key { n = $2 } END { print n + 0 }'
}

mostly_lies_on() { # NODE NAME: 95 % of it
	mapping_of "$2" | tr ' ' '\n' | awk -F= -v key="N$1" '{ n[$1] = $2 } END { exit !(n["all"] > 1000 && n[key] >= n["all"] * .95) }'
}

lies_on() { # NODE NAME: 99 % of it
	mapping_of "$2" | tr ' ' '\n' | awk -F= -v key="N$1" '{ n[$1] = $2 } END { exit !(n["all"] > 1000 && n[key] >= n["all"] * .99) }'
}

# Starts a workload and waits until its memory is there and the work has begun.
work() { # NAME [SYSTEMD-RUN OPTION]... -- [numactl ... --] ARGUMENT...: of the workload
	launch "$@"
	wait_until 30 has_ticked "$1"
}

# --- the kernel's counters -------------------------------------------------------------------------------------------
count_of() { # NAME...: sums of /proc/vmstat, allocstall_normal and the like with allocstall
	awk -v names="$*" '
		BEGIN { n = split(names, name, " ") }
		{ for (i = 1; i <= n; i++) if ($1 == name[i] || index($1, name[i] "_") == 1) sum += $2 }
		END { print sum + 0 }' /proc/vmstat
}

free_pages() { # NODE: of its zones; and above their high watermarks: usable_pages
	awk -v node="$1," '$1 == "Node" { on = $2 == node } on && $1 == "pages" && $2 == "free" { n += $3 }
		END { print n + 0 }' /proc/zoneinfo
}

high_pages() { # NODE: high watermarks of its zones that have memory
	awk -v node="$1," '$1 == "Node" { on = $2 == node } on && $1 == "high" { high = $2 }
		on && $1 == "managed" && $2 > 0 { n += high } END { print n + 0 }' /proc/zoneinfo
}
