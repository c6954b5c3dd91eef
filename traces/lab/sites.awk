# SPDX-License-Identifier: GPL-2.0-or-later
#
# From what objdump disassembled: a kprobe line for each TLBI that invalidates kernel addresses.
#
#   objdump -d MODULE.ko | awk -v module=NAME -f sites.awk
#   objdump -D -b binary -m aarch64 Image | awk -f sites.awk System.map -
#
# Invalidations by ASID (VAE1IS, VALE1IS, ASIDE1IS) are of user addresses.

# System.map: the functions, in the order of their addresses. An image starts at a multiple of 2M, a
# little before _stext, which is the first address that /proc/kallsyms has.
FILENAME ~ /System\.map/ {
	if ($3 == "_stext") {
		first = number($1)
		base = first - first % 2097152
	}
	if ($2 ~ /^[TtWw]$/ && base) {
		start[symbols] = number($1) - base
		symbol[symbols++] = $3
		uses[$3]++
	}
	next
}

/^[0-9a-f]+ <.*>:$/ {
	function_start = number($1)
	function_name = $2
	gsub(/[<>:]/, "", function_name)
	next
}

$3 == "tlbi" && $4 ~ /^(r?vaal?e1(is|os)?|vmalle1(is|os)?),?$/ {
	operation = $4
	sub(/,$/, "", operation)
	sub(/:$/, "", $1)
	address = number($1)
	if (symbols) {
		i = find(address)
		function_name = symbol[i]
		function_start = start[i]
	}
	# Ambiguous names are refused.
	place = uses[function_name] > 1 ? "_stext+" address - (first - base) : function_name "+" address - function_start
	printf "p:%s/%s_%d %s%s%s\n", module == "" ? "tlbi" : "lab", operation, count[operation]++,
		module == "" ? "" : module ":", place, $5 ~ /^x[0-9]+$/ ? " op=%" $5 : ""
}

# The last symbol at or before an address; of several at one address, the last.
function find(address, low, high, middle)
{
	high = symbols - 1
	while (low < high) {
		middle = int((low + high + 1) / 2)
		if (start[middle] <= address)
			low = middle
		else
			high = middle - 1
	}
	return low
}

# The last eight hexadecimal digits: what a double holds, and enough for a difference.
function number(text, i, value)
{
	text = substr(text, length(text) > 8 ? length(text) - 7 : 1)
	for (i = 1; i <= length(text); i++)
		value = value * 16 + index("0123456789abcdef", substr(text, i, 1)) - 1
	return value
}
