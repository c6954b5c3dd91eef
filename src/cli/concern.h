/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether what happens concerns an address. */
#ifndef MMUREPLAY_CLI_CONCERN_H
#define MMUREPLAY_CLI_CONCERN_H

#include <stdbool.h>
#include <stdint.h>

#include <mmureplay/event.h>
#include <mmureplay/mmu.h>

/*
 * An address of the kernel's half is one that the tables translate, or that of an entry itself; a
 * lower one is a physical address, of memory that is mapped, or of a table.
 */
bool event_concerns(const struct mmu *mmu, const struct mmu_event *event, uint64_t address);
bool change_concerns(const struct mmu *mmu, const struct mmu_change *change, uint64_t address);

#endif
