/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "cli/progress.h"

enum {
	FIRST_SECONDS = 1,
	INTERVAL_US = 250000,
	MAX_DIGITS = 20
};

static const char start_of_line[] = "\rmmureplay: ";
static const char end_of_line[] = " records read";
static const char erase[] = "\r\033[K";

/* A signal handler can be told things through static variables only. */
static const volatile uint64_t *nr_records;
static volatile sig_atomic_t paused, shown;

/* Standard error is not to fail for a progress line. */
static void write_terminal(const char *text, size_t length)
{
	if (write(STDERR_FILENO, text, length) < 0)
		return;
}

/* Calls only what signal-safety(7) allows; that leaves printf() out. */
static void draw(int signal)
{
	char line[sizeof(start_of_line) + MAX_DIGITS + sizeof(end_of_line)];
	char *at = line + sizeof(line) - (sizeof(end_of_line) - 1);
	int kept_errno = errno;

	if (paused)
		return;
	uint64_t number = *nr_records;

	memcpy(at, end_of_line, sizeof(end_of_line) - 1);
	do
		*--at = (char)('0' + number % 10);
	while (number /= 10);
	at -= sizeof(start_of_line) - 1;
	memcpy(at, start_of_line, sizeof(start_of_line) - 1);
	write_terminal(at, (size_t)(line + sizeof(line) - at));
	shown = 1;
	errno = kept_errno;
}

static void set_timer(const struct itimerval *timer)
{
	/* Fails for values out of range only. */
	setitimer(ITIMER_REAL, timer, NULL);
}

void progress_start(const struct capture_info *capture)
{
	/* Reading goes on as if nothing had happened. */
	struct sigaction action = {.sa_handler = draw, .sa_flags = SA_RESTART};

	nr_records = &capture->nr_records;
	if (sigaction(SIGALRM, &action, NULL) != 0)
		return;
	set_timer(&(const struct itimerval){
		.it_value.tv_sec = FIRST_SECONDS,
		.it_interval.tv_usec = INTERVAL_US,
	});
}

void progress_pause(void)
{
	paused = 1;
	if (shown)
		write_terminal(erase, sizeof(erase) - 1);
	shown = 0;
}

void progress_resume(void)
{
	paused = 0;
}

void progress_stop(void)
{
	if (!nr_records)
		return;
	progress_pause();
	set_timer(&(const struct itimerval){0});
	nr_records = NULL;
}
