# SPDX-License-Identifier: GPL-2.0-or-later
#
# Takes out of a kernel source what keeps a block from being stored over a table that is still
# linked: the call that unlinks and frees the table, and the test of the old value. Linux 4.6 to
# 4.15 had neither. For mm/vmalloc.c and arch/arm64/mm/mmu.c of Linux 6.1 and 6.12.

# Promote as if the table had been unlinked and freed.
s/!p[mu]d_free_p[tm][ed]_page(p[mu]d, addr)/0/

# Store whatever was there before.
/^int p[mu]d_set_huge(/,/^}/s/if (!pgattr_change_is_safe(/if (0 \&\& !pgattr_change_is_safe(/
