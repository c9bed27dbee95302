# What the service does on a bad day; sourced by boot-*.
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2154

huge_pool=/sys/devices/system/node/node1/hugepages/hugepages-2048kB/nr_hugepages

# Takes node 1's memory for a pool of huge pages until about so many pages are free above its high watermarks. That
# touches none of it, and the counters of reclaim are read afterwards.
fill_node_1() { # PAGES
	local surplus

	surplus=$(($(free_pages 1) - $(high_pages 1) - $1))
	echo $(($(cat $huge_pool) + surplus / 512)) > $huge_pool
}

reclaim_counters='pswpin pswpout oom_kill allocstall pgscan_direct pgsteal_direct pgscan_kswapd pgsteal_kswapd compact_stall'

test_full_node() {
	local before moved
	local -a kinds

	read -ra kinds <<< "$reclaim_counters"
	check 'the service starts' start
	fill_node_1 2048
	echo 3 > /proc/sys/vm/drop_caches
	fill_node_1 2048
	holds 'node 1 is full but for a few MiB' "$(($(free_pages 1) - $(high_pages 1)))" '<' 4096
	sleep 6 # a pool that grows may cause pressure, and what is known of the nodes is at most 5 s old
	mark
	before=$(count_of "${kinds[@]}")
	moved=$(count_of pgmigrate_success)
	work full -- "$here/workload" --seconds 120 --megabytes $size --tick 1 stranded
	check 'that a node has no room is said' wait_until 30 has_message no-room
	sleep 4
	says 'as a sentence' "$(messages no-room)" '^[0-9]+ MiB belong on a node that has no room above its watermarks; they stay'
	is 'and once' "$(messages no-room | wc -l)" 1
	is 'nothing is moved to the full node' "$(pages_on 1 full)" 0
	holds 'the kernel has moved nothing either' $(($(count_of pgmigrate_success) - moved)) '<=' 16
	is 'nothing was swapped, killed, reclaimed or stalled' $(($(count_of "${kinds[@]}") - before)) 0

	# Room for some of it: 1/64 of the node is kept in reserve.
	local node_pages room
	node_pages=$(awk '$1 == "Node" { on = $2 == "1," } on && $1 == "managed" { n += $2 } END { print n }' /proc/zoneinfo)
	room=$((node_pages / 64 + 6144))
	before=$(count_of "${kinds[@]}")
	echo $(($(cat $huge_pool) - (room - ($(free_pages 1) - $(high_pages 1))) / 512)) > $huge_pool
	check 'when some of it is freed, memory follows' wait_until 50 has_some_on_1
	sleep 5
	holds 'until the room is used up' "$(pages_on 1 full)" '<=' 7168
	holds 'the node stays above its high watermarks' "$(($(free_pages 1) - $(high_pages 1)))" '>' 0
	is 'nothing was swapped, killed, reclaimed or stalled by that' $(($(count_of "${kinds[@]}") - before)) 0
	end full
	echo 0 > $huge_pool
	systemctl stop $service
}

has_some_on_1() { [ "$(pages_on 1 full)" -ge 2048 ]; }

test_observe_option() {
	local before pid_by_hand

	echo 2 > $balancing # of the modes the one with which the kernel moves nothing here
	work watched -- "$here/workload" --seconds 60 --megabytes $size stranded
	numaplaced --observe > "$state/observe" 2>&1 &
	pid_by_hand=$!
	check '--observe says what it would move' wait_until 20 grep -q 'Would move .* (workload) from node 0 to node 1' "$state/observe"
	sleep 2
	is "and leaves the kernel's own balancing as it is" "$(cat $balancing)" 2
	kill $pid_by_hand
	wait $pid_by_hand
	is '--observe ends with status 0 when it is asked to' $? 0

	before=$(count_of pgmigrate_success)
	local on text
	on=$(pages_on 1 watched)
	text=$(numaplaced --once 2>&1)
	is '--once ends with status 0' $? 0
	says '--once prints samples and locality' "$text" '^[0-9]+ samples of [0-9]+ processes; locality [0-9.]+ %'
	says '--once prints a plan with its reasons' "$text" 'move [0-9.]+ MiB of process [0-9]+ \(workload\) from node 0 to node 1: '
	is '--once moves nothing' "$(pages_on 1 watched)" "$on"
	numaplaced --observe > /dev/null 2>&1 &
	pid_by_hand=$!
	sleep 4
	kill $pid_by_hand
	wait $pid_by_hand
	is '--observe moves nothing' "$(pages_on 1 watched)" "$on"
	holds 'the kernel counted no move in these' $(($(count_of pgmigrate_success) - before)) '<=' 16
	end watched
	echo 1 > $balancing

	text=$(numaplaced --probe 2>&1)
	is '--probe ends with status 0' $? 0
	says '--probe prints the nodes' "$text" '^node 1: [0-9]+ MiB, with CPUs, distances 20 10, room for moves [0-9]+ MiB'
	says '--probe prints the best source' "$text" '^source operand *: works, the best here'
}

balancing_is() { [ "$(cat $balancing)" = "$1" ]; }

test_kill() {
	local pid

	start
	pid=$(main_pid)
	is 'the unit has a watchdog' "$(property WatchdogUSec)" 1min
	is 'a running service has paused the balancing of the kernel' "$(cat $balancing)" 0
	mark
	systemctl kill -s KILL $service
	check 'after kill -9 systemd restores it' wait_until 4 balancing_is 1
	check 'and starts the service again' wait_until 15 balancing_is 0
	check 'which is another process' test "$(main_pid)" != "$pid" -a "$(main_pid)" -gt 0
	is 'that is active' "$(property ActiveState)" active
	systemctl stop $service
	is 'and restores the value once more when it stops' "$(cat $balancing)" 1
}

# By hand, without systemd.
kill_by_hand() {
	local pid

	numaplaced > "$state/by-hand" 2>&1 &
	pid=$!
	wait_until 10 balancing_is 0
	kill -KILL $pid
	wait $pid 2> /dev/null
}

test_restore() {
	local text

	kill_by_hand
	is 'a daemon that was killed by hand leaves the balancing paused' "$(cat $balancing)" 0
	text=$(numaplaced --restore 2>&1)
	is '--restore ends with status 0' $? 0
	says '--restore says what it does' "$text" '^restored /proc/sys/kernel/numa_balancing to 1$'
	is '--restore does it' "$(cat $balancing)" 1
	text=$(numaplaced --restore 2>&1)
	is '--restore again does nothing and says nothing' "$?/$text/$(cat $balancing)" 0//1

	kill_by_hand
	echo 2 > $balancing # another one's decision
	text=$(numaplaced --restore 2>&1)
	is '--restore leaves a value that somebody else has written' "$?/$(cat $balancing)" 0/2
	says 'and says so' "$text" '^left /proc/sys/kernel/numa_balancing at 2: somebody else'

	echo 1 > $balancing
	start
	mark
	echo 2 > $balancing
	systemctl stop $service
	is 'so does a service that is stopped' "$(cat $balancing)" 2
	says 'which says it in the journal' "$(messages knob)" 'Left .*numa_balancing at 2'
	echo 0 > $balancing
	start
	is 'a service that finds the balancing off keeps it off' "$(cat $balancing)" 0
	systemctl stop $service
	is 'also when it stops' "$(cat $balancing)" 0
	echo 1 > $balancing

	drop_in leave <<< $'[migration]\nkernel_balancing = leave'
	start
	is 'with kernel_balancing = leave it is not touched' "$(cat $balancing)" 1
	systemctl stop $service
	rm $drop_ins/leave.conf
}

test_bad_configuration() {
	local text

	check '--check-config takes the shipped configuration' numaplaced --check-config
	says '--check-config prints what is in force' "$(numaplaced --check-config)" 'max_stall = 60ms'
	drop_in broken <<< $'[sampling]\nmax_cpu = lots'
	text=$(numaplaced --check-config 2>&1)
	is '--check-config ends with status 1 for a broken one' $? 1
	says 'and names file, line and key' "$text" '/etc/numaplaced\.conf\.d/broken\.conf:2: max_cpu: '
	mark
	check 'the service does not start with it' eval '! start'
	is 'its status is 1' "$(property ExecMainStatus)" 1
	sleep 6 # RestartSec is 5 s
	is 'and systemd does not try again' "$(property ActiveState)/$(property NRestarts)" failed/0
	says 'the journal names file, line and key' "$(ours -o cat)" 'broken\.conf:2: max_cpu: '
	is 'the balancing of the kernel was not touched' "$(cat $balancing)" 1
	rm $drop_ins/broken.conf

	mv $conf $conf.away
	check 'it starts without any configuration file' start
	is 'and is active' "$(property ActiveState)" active
	systemctl stop $service
	mkdir $conf
	check 'it does not start when its file is a directory' eval '! start'
	is 'that is a bad configuration too' "$(property ExecMainStatus)" 1
	rmdir $conf
	mv $conf.away $conf
	numaplaced --config /nowhere --check-config > /dev/null 2>&1
	is 'a file that is named and missing is an error' $? 1
	numaplaced --no-such-option > /dev/null 2>&1
	is 'an unknown option is bad usage' $? 2
}

test_no_privileges() {
	local text
	local -a nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --)

	cd /
	text=$("${nobody[@]}" /usr/sbin/numaplaced --once 2>&1)
	is '--once without privileges ends with status 3' $? 3
	says 'and says what is missing' "$text" 'no permission: needs CAP_PERFMON, or CAP_SYS_ADMIN'
	text=$("${nobody[@]}" /usr/sbin/numaplaced --probe 2>&1)
	says '--probe without privileges says it for each source' "$text" '^source operand *: no permission: needs CAP_PERFMON'
	says '--probe without privileges prints the nodes still' "$text" '^node 0: [0-9]+ MiB, with CPUs'
	check '--check-config needs no privileges' "${nobody[@]}" /usr/sbin/numaplaced --check-config
	cd - > /dev/null || exit
}

# A service that cannot sample stays up, says why, and touches nothing.
stays_up_without_samples() { # WHAT REASON
	mark
	check "$1: the service starts" start
	check "$1: it says that no source works" wait_until 5 has_message no-source
	says "$1: and why" "$(messages no-source)" "not operand: $2.*; not residency: $2"
	is "$1: the balancing of the kernel goes on" "$(cat $balancing)" 1
	says "$1: the status text says it" "$(property StatusText)" 'Nothing to place, or no source'
	sleep 3
	is "$1: it is still up" "$(property ActiveState)/$(property NRestarts)" active/0
	holds "$1: in few lines" "$(ours -o cat _PID="$(main_pid)" | wc -l)" '<=' 5
	check "$1: it stops" systemctl stop $service
}

test_no_perf() {
	unit_drop_in perf <<< $'[Service]\nCapabilityBoundingSet=~CAP_SYS_ADMIN CAP_PERFMON'
	stays_up_without_samples 'without the capabilities for perf' 'no permission'
	unit_drop_in perf <<< $'[Service]\nSystemCallFilter=~perf_event_open\nSystemCallErrorNumber=ENOSYS'
	stays_up_without_samples 'on a kernel without perf' 'the kernel was built without perf events'
	no_unit_drop_in perf
}

# What it may not look at or move is left alone, without a flood of lines.
test_few_rights() {
	local before on

	unit_drop_in rights <<< $'[Service]\nCapabilityBoundingSet=~CAP_SYS_PTRACE'
	echo 0 > $balancing
	mark
	start
	before=$(count_of pgmigrate_success)
	work foreign -p User=nobody -- "$here/workload" --seconds 8 --megabytes 32 --tick 1 stranded
	on=$(pages_on 0 foreign)
	sleep 5
	is 'without CAP_SYS_PTRACE the memory of other users is left alone' "$(pages_on 0 foreign)" "$on"
	is 'and the service is up' "$(property ActiveState)/$(property NRestarts)" active/0
	holds 'in few lines' "$(ours -o cat _PID="$(main_pid)" | wc -l)" '<=' 5
	end foreign
	systemctl stop $service
	no_unit_drop_in rights
	echo 1 > $balancing
}

# A daemon that hangs is ended by the watchdog, and what it changed is restored.
test_no_answer() {
	local pid

	unit_drop_in watchdog <<< $'[Service]\nWatchdogSec=3s'
	start
	pid=$(main_pid)
	sleep 5
	is 'the daemon feeds it' "$(main_pid)/$(property NRestarts)" "$pid/0"
	kill -STOP "$pid"
	check 'a daemon that hangs is ended, and the balancing of the kernel restored' wait_until 12 balancing_is 1
	check 'then it is started again' wait_until 15 balancing_is 0
	systemctl stop $service
	is 'and restores it in the end' "$(cat $balancing)" 1
	no_unit_drop_in watchdog
}
