# Sourced by the lints that read sources: which files there are below the current directory.
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh

c_sources() {
	find lib daemon tests -name '*.[ch]' 2>/dev/null | sort
}

# Files whose first line names an interpreter that matches.
scripts() {
	find . -type f ! -path './.git/*' ! -path './build*/*' ! -path '*/corpus/*' | sort | while read -r file; do
		head -n 1 "$file" 2>/dev/null | tr -d '\0' | grep -q "^#!.*$1" && echo "${file#./}"
	done
	true
}
