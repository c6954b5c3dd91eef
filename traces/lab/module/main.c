// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * /proc/mmureplay-lab: write "prepare NAME" and "run NAME"; read truth.json.
 * /proc/mmureplay-lab-tables: the tables of the vmalloc range.
 */
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>

#include "lab.h"

#define TRUTH_FILE "mmureplay-lab"
#define TABLES_FILE "mmureplay-lab-tables"

static const struct lab_scenario *current_scenario;

static const struct lab_scenario *find(const char *name)
{
	static const struct lab_scenario *const themes[] = {lab_promote, lab_several, lab_inject,
							    lab_access};
	int i;

	for (i = 0; i < ARRAY_SIZE(themes); i++) {
		const struct lab_scenario *scenario;

		for (scenario = themes[i]; scenario->name; scenario++)
			if (!strcmp(scenario->name, name))
				return scenario;
	}
	return NULL;
}

static int command(char *text)
{
	char *verb = strsep(&text, " ");
	const struct lab_scenario *scenario = find(text ? strim(text) : "");

	if (!scenario)
		return -ENOENT;
	if (!strcmp(verb, "prepare")) {
		lab_release();
		lab_forget_ops();
		lab_forget_truth();
		if (scenario->prepare)
			scenario->prepare();
		return 0;
	}
	if (strcmp(verb, "run"))
		return -EINVAL;
	current_scenario = scenario;
	lab_watch_restart();
	lab_log_ops(true);
	scenario->run();
	lab_log_ops(false);
	return 0;
}

static ssize_t lab_write(struct file *file, const char __user *from, size_t size, loff_t *at)
{
	char text[64];
	int error;

	if (size >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, from, size))
		return -EFAULT;
	text[size] = 0;
	error = command(strim(text));
	return error ? error : size;
}

static int truth_show(struct seq_file *file, void *unused)
{
	lab_truth(file, current_scenario ? current_scenario->name : "none");
	return 0;
}

static int tables_show(struct seq_file *file, void *unused)
{
	lab_dump(file);
	return 0;
}

static int truth_open(struct inode *inode, struct file *file)
{
	return single_open_size(file, truth_show, NULL, 1 << 20);
}

static const struct proc_ops truth_ops = {
	.proc_open = truth_open,
	.proc_read = seq_read,
	.proc_write = lab_write,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
};

static int __init lab_init(void)
{
	int error = lab_symbols_init();

	if (error)
		return error;
	lab_tables_init();
	error = lab_watch_init();
	if (error)
		return error;
	proc_create(TRUTH_FILE, 0600, NULL, &truth_ops);
	proc_create_single(TABLES_FILE, 0400, NULL, tables_show);
	return 0;
}

static void __exit lab_exit(void)
{
	remove_proc_entry(TRUTH_FILE, NULL);
	remove_proc_entry(TABLES_FILE, NULL);
	lab_watch_exit();
	lab_release();
}

module_init(lab_init);
module_exit(lab_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Runs page-table scenarios and says what the kernel's own tables held");
