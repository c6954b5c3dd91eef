/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/perf/events.h"

void events_deinit(struct event_table *table)
{
	array_deinit(&table->events);
	array_deinit(&table->in_row);
	hash_deinit(&table->by_id);
	arena_deinit(&table->arena);
}

/* How far before a record's end its id is. */
static uint8_t tail_id_at(const struct perf_attr *attr)
{
	return attr->tail.id == NOWHERE ? NOWHERE : (uint8_t)(attr->tail.size - attr->tail.id);
}

struct perf_event *events_add(struct event_table *table, const struct perf_attr *attr)
{
	struct perf_event *event = arena_alloc(&table->arena, sizeof(*event));

	if (!event || !array_push(&table->events, event))
		return NULL;
	event->attr = *attr;
	if (table->events.count == 1) {
		table->id_at = attr->head.id;
		table->tail_id_at = tail_id_at(attr);
		table->anonymous = arena_alloc(&table->arena, sizeof(*table->anonymous));
		if (!table->anonymous)
			return NULL;
		table->anonymous->attr = *attr;
		table->anonymous->is_anonymous = true;
	} else {
		if (table->id_at != attr->head.id)
			table->id_at = NOWHERE;
		if (table->tail_id_at != tail_id_at(attr))
			table->tail_id_at = NOWHERE;
		if (!attr_same_layout(&table->events.at[0]->attr, attr))
			table->anonymous = NULL;
	}
	return event;
}

/* Adds the id to those in a row, if it is near enough. */
static bool add_in_row(struct event_table *table, uint64_t id, struct perf_event *event)
{
	enum {
		MOST = 16 * 1024
	};

	if (!table->in_row.count)
		table->first_id = id;
	uint64_t index = id - table->first_id;

	if (index >= MOST)
		return true;
	while (table->in_row.count <= index)
		if (!array_push(&table->in_row, NULL))
			return false;
	table->in_row.at[index] = event;
	return true;
}

bool events_add_id(struct event_table *table, uint64_t id, struct perf_event *event)
{
	struct event_id *entry = hash_get(&table->by_id, id);

	if (!entry) {
		entry = arena_alloc(&table->arena, sizeof(*entry));
		if (!entry || !hash_set(&table->by_id, id, entry))
			return false;
	}
	*entry = (struct event_id){event, CPU_UNKNOWN};
	return add_in_row(table, id, event);
}

struct event_id *events_find_id(const struct event_table *table, uint64_t id)
{
	return hash_get(&table->by_id, id);
}

static struct perf_event *find_event(struct event_table *table, uint64_t id)
{
	const struct event_id *entry = events_find_id(table, id);

	return entry ? entry->event : NULL;
}

struct perf_event *events_of_sample_slowly(struct event_table *table,
					   const struct perf_record *record, bool big_endian)
{
	struct perf_event *event = NULL;

	if (table->events.count < 2)
		return table->events.count ? table->events.at[0] : NULL;
	if (table->id_at != NOWHERE &&
	    record->size >= RECORD_HEADER_SIZE + table->id_at + sizeof(uint64_t))
		event = find_event(table, load_u64(record->data + RECORD_HEADER_SIZE + table->id_at,
						   big_endian));
	return event ? event : table->anonymous;
}

struct perf_event *events_of_other(struct event_table *table, const struct perf_record *record,
				   bool big_endian)
{
	struct perf_event *event = NULL;

	if (table->events.count < 2)
		return table->events.count ? table->events.at[0] : NULL;
	if (table->tail_id_at != NOWHERE && record->size - RECORD_HEADER_SIZE >= table->tail_id_at)
		event = find_event(table, load_u64(record->data + record->size - table->tail_id_at,
						   big_endian));
	/* What perf record makes up itself (who was running when it began) has the id 0. */
	return event ? event : table->events.at[0];
}
