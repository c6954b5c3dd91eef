/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What makes a finding possible instead of certain. */
#include "audit/audit.h"

void doubt(struct finding *finding, enum audit_doubt doubt)
{
	doubt_because(finding, doubt, NULL, NULL);
}

void doubt_order(struct finding *finding, const struct mmu *mmu, const struct event_where *first,
		 const struct event_where *second)
{
	if (!mmu_order_is_certain(mmu, first, second))
		doubt_because(finding, DOUBT_ORDER, first, second);
}

void doubt_because(struct finding *finding, enum audit_doubt doubt, const struct event_where *event,
		   const struct event_where *other)
{
	struct finding_reason reason = {.doubt = doubt};

	for (uint32_t i = 0; i < finding->nr_reasons; i++)
		if (finding->reason[i].doubt == doubt)
			return;
	finding->certain = false;
	if (doubt == DOUBT_TIME_DISORDER && event && other) {
		reason.from = event->time < other->time ? event->time : other->time;
		reason.to = event->time < other->time ? other->time : event->time;
	}
	if (event)
		reason.event[0] = *event;
	if (other)
		reason.event[1] = *other;
	if (finding->nr_reasons < FINDING_REASONS)
		finding->reason[finding->nr_reasons++] = reason;
}

void doubt_purges(struct pending *pending, const struct mmu *mmu, const struct mmu_stale *stale)
{
	if (stale->kind != ENTRY_TABLE || mmu_facts(mmu)->assumed_flush < stale->since.order)
		return;
	pending->site_is_unknown = true;
	doubt(&pending->finding, DOUBT_SITE_UNTRACED);
}

void doubt_not(struct finding *finding, enum audit_doubt doubt)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < finding->nr_reasons; i++)
		if (finding->reason[i].doubt != doubt)
			finding->reason[kept++] = finding->reason[i];
	if (kept == 0 && finding->nr_reasons)
		finding->certain = true;
	finding->nr_reasons = kept;
}
