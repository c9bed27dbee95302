# Sourced by the lints that read objects.
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh

# Undefined symbols of the objects named, "object symbol" a line; what hardening makes of a name is undone
# (__memcpy_chk -> memcpy), and the compiler's own calls are left out.
undefined_symbols() {
	nm -A -u "$@" | sed -n 's/^\([^:]*\):.* [Uw] \([^@]*\).*$/\1 \2/p' |
		sed 's/ __\([a-z]*\)_chk$/ \1/; s/ __isoc[0-9]*_/ /; s/ __asan_.*//; s/ __ubsan_.*//; s/ __stack_chk_fail$//; s/ _GLOBAL_OFFSET_TABLE_$//' |
		grep ' ' || true
}

# Global symbols that the objects named define, "object symbol" a line.
defined_symbols() {
	nm -A -g --defined-only "$@" | sed -n 's/^\([^:]*\):.* [A-Z] \(.*\)$/\1 \2/p'
}
