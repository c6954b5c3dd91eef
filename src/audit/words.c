/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names of causes, evidence, doubts and gaps, with what people are told about them. */
#include <mmureplay/audit.h>

struct named_text {
	const char *name, *text;
};

static const struct named_text causes[AUDIT_CAUSES] = {
	[CAUSE_NONE] = {NULL, ""},
	[CAUSE_NO_BREAK] = {"no-break", "the entry was valid all the time: it was overwritten, or "
					"its table freed, without being cleared first"},
	[CAUSE_NO_TLBI] = {"no-tlbi", "the entry was cleared, but nothing invalidated what CPUs "
				      "hold of it"},
	[CAUSE_TLBI_BEFORE_BREAK] = {"tlbi-before-break",
				     "the invalidation came while the entry was still valid: a CPU "
				     "may have cached it again"},
	[CAUSE_LAST_LEVEL_ONLY] = {"last-level-only",
				   "only last-level invalidations (VALE1, VAALE1) came, which leave "
				   "table entries in walk caches"},
	[CAUSE_WRONG_ADDRESS] = {"wrong-address", "the invalidation was of another address"},
	[CAUSE_WRONG_ASID] = {"wrong-asid", "the invalidation was for one ASID; walk caches hold "
					    "kernel table entries under any ASID"},
	[CAUSE_LOCAL_ONLY] = {"local-only", "the invalidation was heard by its own CPU only"},
	[CAUSE_TTL_MISMATCH] = {"ttl-mismatch",
				"the invalidation named another level (TTL), and so "
				"need not remove anything"},
	[CAUSE_GRANULE_MISMATCH] = {"granule-mismatch",
				    "the invalidation named another granule, and so need not remove "
				    "anything"},
	[CAUSE_NO_DSB] = {"no-dsb", "a barrier is missing: DSB between the clear and the "
				    "invalidation, or a full DSB ISH after it"},
	[CAUSE_NOT_FREED] = {"not-freed", "the entry was cleared, but the page was never freed"},
};

const char *audit_cause_name(enum audit_cause cause)
{
	return causes[cause].name;
}

const char *audit_cause_text(enum audit_cause cause)
{
	return causes[cause].text;
}

const char *audit_evidence_name(enum audit_evidence evidence)
{
	static const char *const names[] = {
		[EVIDENCE_OBSERVED] = "observed",
		[EVIDENCE_REPLAYED] = "replayed",
		[EVIDENCE_ASSUMED] = "assumed",
	};

	return names[evidence];
}

static const struct named_text doubts[AUDIT_DOUBTS] = {
	[DOUBT_EVENTS_LOST] = {"events-lost",
			       "events were lost in between; record with larger buffers"},
	[DOUBT_TLBI_UNTRACED] =
		{"tlbi-untraced",
		 "no TLBI instruction was traced; probe the TLBI sites of this kernel"},
	[DOUBT_SITE_UNTRACED] = {"site-untraced",
				 "TLBIs were traced, but never one in the function that should issue "
				 "it; probe its TLBI sites"},
	[DOUBT_BREAK_UNTRACED] = {"break-untraced",
				  "pmd_free_pte_page() was never seen, which clears, invalidates and "
				  "frees since v4.19; probe it, or fetch old=+0(%x0):x64 in "
				  "pmd_set_huge()"},
	[DOUBT_FREE_UNTRACED] = {"free-untraced",
				 "page frees were not traced; enable kmem:mm_page_free"},
	[DOUBT_UNMAP_UNTRACED] = {"unmap-untraced",
				  "the functions that undo such mappings were never seen; probe "
				  "iounmap() and the range clear below it"},
	[DOUBT_BEFORE_CAPTURE] = {"before-capture",
				  "it rests on what was there before the capture; start recording "
				  "earlier"},
	[DOUBT_RETURN_MISSING] = {"return-missing",
				  "the function's return was not seen, so it may have refused; probe "
				  "the return, with a larger maxactive"},
	[DOUBT_LEVEL_UNKNOWN] = {"level-unknown",
				 "whether pages or blocks were mapped is not known; probe "
				 "pmd_set_huge()"},
	[DOUBT_MEMORY_TYPE_UNKNOWN] =
		{"memory-type-unknown",
		 "which memory types these attribute indexes stand for differs from kernel to kernel, "
		 "and the capture does not show which this one is"},
	[DOUBT_VA_UNSURE] = {"va-unsure",
			     "the entry may be that of one of several addresses in the range; fetch "
			     "phys=%x1 in pmd_set_huge()"},
	[DOUBT_ORDER] =
		{"order",
		 "two CPUs did this at so nearly the same time that the clock cannot tell the "
		 "order; record with the clock global"},
	[DOUBT_HITS_MISSED] = {"hits-missed",
			       "the kernel missed hits of probes, as its kprobe_profile says; raise "
			       "maxactive of the return probes (r64:...)"},
	[DOUBT_UNIDENTIFIED] =
		{"unidentified",
		 "what some of the probes are, or what their TLBIs invalidate, is not known: what is "
		 "missing here may be among them; see the coverage"},
	[DOUBT_GEOMETRY_ASSUMED] =
		{"geometry-assumed",
		 "nothing in the capture shows the page size, and with another one "
		 "this is another entry, or none; give --granule"},
	[DOUBT_TIME_DISORDER] = {"time-disorder",
				 "the records are not in order of time; record with a global or mono "
				 "clock"},
};

const char *audit_doubt_name(enum audit_doubt doubt)
{
	return doubts[doubt].name;
}

const char *audit_doubt_text(enum audit_doubt doubt)
{
	return doubts[doubt].text;
}

static const struct coverage_gap_info gaps[COVERAGE_GAPS] = {
	[GAP_NO_EVENTS] = {"no-events",
			   "no event that matters was recorded: there is no verdict. Probe ioremap, "
			   "iounmap, pmd_set_huge and the TLBI instructions (see RECORDING in "
			   "mmureplay(1))",
			   true},
	[GAP_TLBI_UNTRACED] =
		{"tlbi-untraced",
		 "no TLBI instruction was traced: what the kernel is known to do inside "
		 "the traced functions was assumed to have been done",
		 true},
	[GAP_FLUSHES_ASSUMED] =
		{"flushes-assumed",
		 "no TLBI was seen in some functions that are known to invalidate: that they did was "
		 "assumed. Probe their TLBI sites",
		 false},
	[GAP_EVENTS_LOST] = {"events-lost",
			     "events were lost: a break, an invalidation or an unmap may be among "
			     "them. Record with larger buffers",
			     true},
	[GAP_START_OVERWRITTEN] = {"start-overwritten",
				   "the ring buffer was overwritten: the start of the recording is "
				   "missing",
				   true},
	[GAP_TRUNCATED] = {"truncated", "the capture ends in the middle of something", true},
	[GAP_LOSSES_HIDDEN] = {"losses-hidden",
			       "this kind of text does not show lost events: look at the recording "
			       "itself",
			       false},
	[GAP_SAMPLED] = {"sampled",
			 "of some events only every n-th was recorded; record without -c and -F",
			 true},
	[GAP_SOME_TASKS] = {"some-tasks",
			    "only some tasks were recorded: what others mapped and invalidated is "
			    "missing. Record all of them (perf record -a)",
			    true},
	[GAP_UNREAD_LINES] = {"unread-lines", "lines were not understood", true},
	[GAP_NO_BLOCK_PROBE] = {"no-block-probe",
				"pmd_set_huge() was never seen: either nothing was mapped with "
				"blocks, or it is not probed and promotions cannot be seen",
				false},
	[GAP_BLOCK_SIZED] =
		{"block-sized-mappings",
		 "mappings were made that are large enough for blocks, and pmd_set_huge() was "
		 "never seen: whether that put blocks over tables is not known. Probe it",
		 true},
	[GAP_NO_MAP_PROBE] = {"no-map-probe",
			      "blocks were stored, and the mappings that they are part of were not "
			      "seen; probe ioremap_page_range() or ioremap_prot(), with the return",
			      true},
	[GAP_NO_UNMAP_PROBE] = {"no-unmap-probe",
				"no unmap was seen: either there was none, or iounmap() is not "
				"probed",
				false},
	[GAP_RETURNS_MISSING] = {"returns-missing",
				 "some returns were not seen; look at the third column of "
				 "kprobe_profile, and raise maxactive (r64:...)",
				 true},
	[GAP_HITS_MISSED] =
		{"hits-missed",
		 "the kernel missed hits of probes, as its kprobe_profile says: what they "
		 "would have told is not in the capture. Raise maxactive of the return "
		 "probes (r64:...)",
		 true},
	[GAP_NO_RETURNS] = {"no-returns",
			    "returns of pmd_set_huge() are not probed: whether it refused is not "
			    "known",
			    true},
	[GAP_FREES_UNTRACED] = {"frees-untraced",
				"page frees were not traced (kmem:mm_page_free): that a table's page "
				"was freed is taken from the function that should free it",
				false},
	[GAP_BREAK_UNTRACED] =
		{"break-untraced",
		 "pmd_free_pte_page() was never seen, in which kernels since v4.19 break "
		 "and free: it was not called, or it is not probed",
		 false},
	[GAP_UNSEEN_BREAKS] = {"unseen-breaks",
			       "page-table pages were freed, and what cleared and invalidated their "
			       "entries before was not seen, and so not judged. Probe "
			       "pmd_free_pte_page() and pud_free_pmd_page(), with their TLBIs",
			       true},
	[GAP_UNKNOWN_ENTRIES] = {"unknown-entries",
				 "blocks were stored where a table from before the capture may have "
				 "been; start recording earlier, or fetch old=+0(%x0):x64 in "
				 "pmd_set_huge()",
				 true},
	[GAP_UNPLACED] = {"unplaced-blocks",
			  "blocks were stored at addresses that are not known; probe "
			  "ioremap_page_range() or vmap_range_noflush()",
			  true},
	[GAP_UNJUDGED] =
		{"unjudged",
		 "addresses that were reused, mapped over or unmapped twice could not be judged: what "
		 "explains them may be among the lost events, or out of its place in time",
		 true},
	[GAP_ORDER_UNDECIDED] =
		{"order-undecided",
		 "two CPUs did something at so nearly the same time that the clock cannot tell the order, "
		 "and in the other order there would be a finding. Record with the clock global, or see "
		 "--clock-skew",
		 true},
	[GAP_TIME_DISORDER] = {"time-disorder",
			       "records are not in order of time; if these are several texts in one, "
			       "give each as a file of its own",
			       true},
	[GAP_UNEVEN] = {"uneven",
			"the files, recorded one after another, do not hold the same sorts of "
			"events: that an invalidation is missing in one was not taken for a fault, "
			"as it may not have been recorded. Run mmureplay once for each",
			true},
	[GAP_TOLD_TWICE] = {"told-twice",
			    "events were recorded by several instances or in several files; each "
			    "was taken once",
			    false},
	[GAP_BOOT_UNKNOWN] = {"boot-unknown",
			      "the files do not show that they are of one boot, nor the opposite: "
			      "were they not, nothing said here would hold",
			      false},
	[GAP_GEOMETRY_ASSUMED] = {"geometry-assumed",
				  "nothing in the capture shows the kernel's page size: 4K was "
				  "assumed; see --granule",
				  false},
	[GAP_GEOMETRY_WRONG] = {"geometry-wrong",
				"events do not go with the page size or the VA bits that were found "
				"out; see --granule and --va-bits",
				true},
	[GAP_NO_OPERANDS] =
		{"no-operands",
		 "TLBIs were recorded without their operands: which addresses they invalidated is not "
		 "known, and they were passed over. Fetch the register (op=%x0), which "
		 "mmureplay-probes(1) tells",
		 true},
	[GAP_UNIDENTIFIED] =
		{"unidentified",
		 "probes were hit of which neither a name nor an address tells what they are: each may be "
		 "a function or a TLBI that matters. Give the kernel's image (--vmlinux) or its "
		 "/proc/kallsyms (--kallsyms), or say with --event-map what they are",
		 true},
	[GAP_NOT_UNDERSTOOD] = {"not-understood",
				"events mean nothing to this program; see --event-map", false},
	[GAP_MISNAMED] = {"misnamed",
			  "probes are named for other instructions than the kernel's image has where "
			  "they are set: the image counts",
			  false},
	[GAP_UNPLACED_KERNEL] =
		{"kernel-unplaced",
		 "where KASLR put the kernel is not known, so that its image names no "
		 "addresses: give the /proc/kallsyms of that boot with --kallsyms, or "
		 "a file instead of standard input",
		 false},
	[GAP_UNPROBED] = {"unprobed",
			  "probes that this kernel needs were not there: what they would have shown "
			  "was not seen; see mmureplay-probes(1)",
			  true},
	[GAP_REFUSED] =
		{"refused",
		 "the kernel refused some of the probes that are for it: what they would have "
		 "shown is in no recording",
		 false},
	[GAP_UNHIT] =
		{"unhit",
		 "probes that this kernel needs were not there, or were never hit: this capture "
		 "does not tell which; see mmureplay-probes(1)",
		 false},
};

const struct coverage_gap_info *coverage_gap_info(enum coverage_gap gap)
{
	return &gaps[gap];
}
