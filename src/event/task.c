/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "event/task.h"

void tasks_init(struct tasks *tasks, struct arena *arena)
{
	*tasks = (struct tasks){.arena = arena};
	pool_init(&tasks->task_pool, arena, sizeof(struct task));
	pool_init(&tasks->frame_pool, arena, sizeof(struct frame));
	pool_init(&tasks->waiting_pool, arena, sizeof(struct waiting));
}

void tasks_deinit(struct tasks *tasks)
{
	hash_deinit(&tasks->by_key);
}

struct task *task_get(struct tasks *tasks, const struct record *record)
{
	struct task *task = task_find(tasks, record);

	if (task)
		return task;
	task = pool_get(&tasks->task_pool);
	if (!task)
		return NULL;
	task->key = task_key(record);
	tasks->last_key = 0;
	if (hash_set(&tasks->by_key, task->key, task))
		return task;
	pool_put(&tasks->task_pool, task);
	return NULL;
}

struct frame *task_push(struct tasks *tasks, struct task *task, const struct frame *call)
{
	struct frame *frame = pool_copy(&tasks->frame_pool, call);

	if (!frame)
		return NULL;
	frame->task = task;
	task->frame[task->depth++] = frame;
	tasks->nr_frames++;
	frame_list_add(tasks, frame, LIST_OPEN);
	return frame;
}

void task_pop(struct tasks *tasks, struct task *task)
{
	struct frame *frame = task->frame[--task->depth];

	for (int id = 0; id < FRAME_LISTS; id++)
		frame_list_remove(tasks, frame, (enum frame_list_id)id);
	tasks->nr_frames--;
	pool_put(&tasks->frame_pool, frame);
	task->frame[task->depth] = NULL;
}

void task_put(struct tasks *tasks, struct task *task)
{
	if (task->depth)
		return;
	tasks->last_key = 0;
	hash_remove(&tasks->by_key, task->key);
	pool_put(&tasks->task_pool, task);
}

void waiting_add(struct waiting_list *list, struct waiting *waiting)
{
	waiting->next = NULL;
	if (list->last)
		list->last->next = waiting;
	else
		list->first = waiting;
	list->last = waiting;
}

void frame_list_add(struct tasks *tasks, struct frame *frame, enum frame_list_id id)
{
	struct frame_list *list = &tasks->list[id];

	frame->link[id] = (struct frame_link){.previous = list->last};
	if (list->last)
		list->last->link[id].next = frame;
	else
		list->first = frame;
	list->last = frame;
	frame->linked[id] = true;
}

void frame_list_remove(struct tasks *tasks, struct frame *frame, enum frame_list_id id)
{
	struct frame_list *list = &tasks->list[id];
	struct frame_link link = frame->link[id];

	if (!frame->linked[id])
		return;
	frame->linked[id] = false;
	if (link.previous)
		link.previous->link[id].next = link.next;
	else
		list->first = link.next;
	if (link.next)
		link.next->link[id].previous = link.previous;
	else
		list->last = link.previous;
}
