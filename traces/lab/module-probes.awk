# SPDX-License-Identifier: GPL-2.0-or-later
#
# From a disassembly of the scenario module: a probe for the function that injects faults, which bears
# the kernel's name, and one for each TLBI instruction.

BEGIN {
	print "p:lab/pmd_free_pte_page mmureplay_lab:pmd_free_pte_page pmdp=%x0 addr=%x1 old=+0(%x0):x64"
	print "r64:lab/pmd_free_pte_page_ret mmureplay_lab:pmd_free_pte_page ret=$retval"
}

/^[0-9a-f]+ <.*>:$/ {
	start = number($1)
	name = substr($2, 2, length($2) - 3)
	next
}

$3 == "tlbi" {
	sub(/,$/, "", $4)
	sub(/:$/, "", $1)
	printf "p:lab/%s_%d mmureplay_lab:%s+%d op=%%%s\n", $4, count[$4]++, name, number($1) - start, $5
}

function number(text, i, value)
{
	for (i = 1; i <= length(text); i++)
		value = value * 16 + index("0123456789abcdef", substr(text, i, 1)) - 1
	return value
}
