/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a command with its output thrown away, and prints what it took:
 *
 *     STATUS USER SYSTEM PEAK
 *
 * the exit status (-1: it was ended by a signal), seconds of the processor, and the most memory that
 * was its own at one time, in KiB.  This is a program, and a small one, because the kernel counts in
 * a process's peak what its parent had when it forked.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static double seconds(struct timeval time)
{
	return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static void run(char **command)
{
	int null = open("/dev/null", O_WRONLY);

	if (null < 0 || dup2(null, STDOUT_FILENO) < 0 || dup2(null, STDERR_FILENO) < 0)
		_exit(EXIT_FAILURE);
	execvp(command[0], command);
	_exit(EXIT_FAILURE);
}

int main(int argc, char **argv)
{
	struct rusage usage;
	int status;

	if (argc < 2) {
		fprintf(stderr, "usage: measure COMMAND...\n");
		return EXIT_FAILURE;
	}
	pid_t child = fork();

	if (child == 0)
		run(argv + 1);
	if (child < 0 || wait4(child, &status, 0, &usage) < 0) {
		perror("measure");
		return EXIT_FAILURE;
	}
	printf("%d %.3f %.3f %ld\n", WIFEXITED(status) ? WEXITSTATUS(status) : -1,
	       seconds(usage.ru_utime), seconds(usage.ru_stime), usage.ru_maxrss);
	return EXIT_SUCCESS;
}
